#include "input/lex.h"

#include <string.h>

#include "testing.h"

/* The kinds of the tokens of `text`, a letter each, in the order of LexKind. */
static const char *
kinds(const char *text)
{
    static char letters[256];
    InputLex lex;
    InputToken token;
    size_t count = 0;
    input_lex_init(&lex, text, strlen(text), 0);
    while (input_lex_next(&lex, &token) && count + 1 < sizeof letters)
        letters[count++] = " \\n#akns()+!"[token.kind];
    letters[count] = '\0';
    return letters;
}

static InputToken
first_token(const char *text)
{
    InputLex lex;
    InputToken token = { 0 };
    input_lex_init(&lex, text, strlen(text), 0);
    assert_true(input_lex_next(&lex, &token));
    return token;
}

static void
assert_string_token(const char *text, size_t end, unsigned flags)
{
    InputToken token = first_token(text);
    assert_int_equal(token.kind, LEX_STRING);
    assert_int_equal(token.end, end);
    assert_int_equal(token.flags, flags);
}

static void
every_kind_of_token_is_told(void **state)
{
    assert_string_equal(kinds("def f(x):  # c\n"), "k a(a)+ #n");
    assert_string_equal(kinds("x = \\\n[1, 'a']\r\n"), "a + \\(n+ s)n");
    assert_string_equal(kinds("a?!$\\b"), "a!!!!a");
    assert_string_equal(kinds("match x"), "a a");
    assert_string_equal(kinds("a\\"), "a\\");
}

static void
operators_are_as_long_as_they_can_be(void **state)
{
    assert_string_equal(kinds("a**=b//c->d:=e...f<>g"), "a+a+a+a+a+a+a");
    assert_int_equal(first_token(">>=1").end, 3);
    assert_int_equal(first_token("..1").end, 1);
}

static void
numbers_end_where_python_ends_them(void **state)
{
    static const char *const whole[] = { "0",       "1_000", "0x_fF", "0b10", "0o17",
                                         "1.5e-3j", "1.",    ".5",    "1e5",  "0777" };
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        InputToken token = first_token(whole[i]);
        assert_int_equal(token.kind, LEX_NUMBER);
        assert_int_equal(token.end, strlen(whole[i]));
    }
    assert_string_equal(kinds("1if"), "nk");
    assert_string_equal(kinds("1e"), "na");
    assert_string_equal(kinds("1_"), "na");
}

static void
strings_have_prefixes(void **state)
{
    assert_string_token("'a'", 3, 0);
    assert_string_token("rB'\\''", 6, LEX_RAW | LEX_BYTES);
    assert_string_token("F\"{x}\"x", 6, LEX_FORMAT);
    assert_string_token("u'''a'b\n''' ", 11, LEX_TRIPLE);
    assert_string_token("''''a'''", 8, LEX_TRIPLE);
    assert_string_equal(kinds("bf'a' ur'a' xx'a'"), "as as as");
}

static void
an_open_string_says_whether_more_text_can_close_it(void **state)
{
    unsigned closable = LEX_UNTERMINATED | LEX_UNFINISHED;
    assert_string_token("'a\nb'", 2, LEX_UNTERMINATED);
    assert_string_token("'a", 2, LEX_UNTERMINATED);
    assert_string_token("'a\\\\", 4, LEX_UNTERMINATED);
    assert_string_token("'a\\", 3, closable);
    assert_string_token("'a\\\r\n", 5, closable);
    assert_string_token("\"\"\"a\n", 5, closable | LEX_TRIPLE);
}

static void
any_byte_is_some_token(void **state)
{
    for (int c = 0; c < 256; c++) {
        char text[] = { (char)c };
        InputLex lex;
        InputToken token;
        input_lex_init(&lex, text, 1, 0);
        assert_true(input_lex_next(&lex, &token));
        assert_int_equal(token.end, 1);
        assert_false(input_lex_next(&lex, &token));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_token_is_told),
        cmocka_unit_test(operators_are_as_long_as_they_can_be),
        cmocka_unit_test(numbers_end_where_python_ends_them),
        cmocka_unit_test(strings_have_prefixes),
        cmocka_unit_test(an_open_string_says_whether_more_text_can_close_it),
        cmocka_unit_test(any_byte_is_some_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
