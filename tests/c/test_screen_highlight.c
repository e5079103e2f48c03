#include "screen/highlight.h"

#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "screen/theme.h"
#include "testing.h"

enum { NOWHERE = 1000 };

/* A letter for the style of each byte, in the order of ScreenStyle. */
static const char *
styles(const char *text, size_t cursor)
{
    static char letters[256];
    unsigned char numbers[256];
    size_t length = strlen(text);
    screen_highlight(text, length, (ScreenPart){ 0, length, cursor }, numbers);
    for (size_t i = 0; i < length; i++)
        letters[i] = "_..kcbd@sn#o%!=....."[numbers[i]];
    letters[length] = '\0';
    return letters;
}

static void
python_is_coloured_by_its_tokens(void **state)
{
    assert_string_equal(styles("def f(x): # c", NOWHERE), "kkk_do_oo_###");
    assert_string_equal(styles("if None: 'a'+12", NOWHERE), "kk_cccco_ssson"
                                                            "n");
    assert_string_equal(styles("len(a.len)", NOWHERE), "bbbo_o___o");
    assert_string_equal(styles("@a.b\nx @ y", NOWHERE), "@@@@___o__");
}

static void
brackets_at_the_cursor_are_marked_with_their_partners(void **state)
{
    assert_string_equal(styles("(a[1])", 0), "=_ono=");
    assert_string_equal(styles("(a[1])", 6), "=_ono=");
    assert_string_equal(styles("(a[1])", 3), "o_=n=o");
    assert_string_equal(styles("(a]", NOWHERE), "o_!");
}

static void
strings_without_an_end_are_errors_unless_more_can_come(void **state)
{
    assert_string_equal(styles("'abc", NOWHERE), "!!!!");
    assert_string_equal(styles("'abc", 0), "!!!!");
    assert_string_equal(styles("'abc", 4), "ssss");  // it is being typed
    assert_string_equal(styles("x('abc)\n1", 4), "_osssss_n");
    assert_string_equal(styles("'''a\nb", NOWHERE), "ssssss");
}

static void
lines_of_the_shell_s_own_are_marked(void **state)
{
    assert_string_equal(styles("%run x", NOWHERE), "%%%%__");
    assert_string_equal(styles("!ls", NOWHERE), "%__");
    assert_string_equal(styles("len?", NOWHERE), "___%");
    assert_string_equal(styles("x = !ls\n12", NOWHERE), "__o_%___nn");
}

static void
a_part_is_coloured_as_in_the_whole(void **state)
{
    const char *text = "x = 1\ny = '''a\nb\n'''\nz = 2\n";
    unsigned char whole[64], part[64];
    memset(part, 99, sizeof part);
    screen_highlight(text, strlen(text), (ScreenPart){ 0, strlen(text), NOWHERE }, whole);
    screen_highlight(text, strlen(text), (ScreenPart){ 14, 15, NOWHERE }, part);
    assert_int_equal(part[0], 99);
    assert_memory_equal(part + 6, whole + 6, 14);
    assert_int_equal(part[strlen(text) - 2], 99);
}

/* The text before `from` stays, and others follow it: from where the first call said they are
 * coloured as in the whole. */
static void
compare_from(const char *text, size_t from, const char *follows)
{
    char other[128];
    unsigned char whole[128], part[128];
    size_t begin =
        screen_highlight(text, strlen(text), (ScreenPart){ from, from, NOWHERE, 0 }, part);
    assert_true(begin <= from);
    size_t length =
        (size_t)snprintf(other, sizeof other, "%.*s%s", (int)from, text, follows);
    screen_highlight(other, length, (ScreenPart){ 0, length, NOWHERE, 0 }, whole);
    screen_highlight(other, length, (ScreenPart){ from, length, NOWHERE, begin }, part);
    assert_memory_equal(part + begin, whole + begin, length - begin);
}

static void
where_a_line_began_the_next_call_may_begin(void **state)
{
    static const char *const texts[] = {
        "x = 1\ny = '''a\nb\n'''\nz = 2\n",
        "def f(a,\n      b):\n    return (a\n  + b)\n@g\ndef h(): pass\n",
        "%%bash\necho 'a\nls\n",
        "!ls \\\n -l\nx = !ls\nlen?\n%run 'a\nf(\n\n\n",
    };
    static const char *const follow[] = { "", "x", ")", "'''", "\n", "# c\n", "\"\\\n1" };
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        for (size_t from = 0; from <= strlen(texts[i]); from++)
            for (size_t j = 0; j < COUNT_OF(follow); j++)
                compare_from(texts[i], from, follow[j]);
    unsigned char styles[128];
    size_t length = strlen(texts[0]);
    const ScreenPart last = { length - 2, length, NOWHERE, 0 };
    assert_int_equal(screen_highlight(texts[0], length, last, styles), length - 6);
}

static void
deep_brackets_are_no_trouble(void **state)
{
    char text[4000];
    unsigned char numbers[4000];
    memset(text, '(', 2000);
    memset(text + 2000, ')', 2000);
    screen_highlight(text, sizeof text, (ScreenPart){ 0, sizeof text, sizeof text },
                     numbers);
    assert_int_equal(numbers[0], STYLE_MATCH);
    assert_int_equal(numbers[3999], STYLE_MATCH);
    screen_highlight(text, 0, (ScreenPart){ 0 }, numbers);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(python_is_coloured_by_its_tokens),
        cmocka_unit_test(brackets_at_the_cursor_are_marked_with_their_partners),
        cmocka_unit_test(strings_without_an_end_are_errors_unless_more_can_come),
        cmocka_unit_test(lines_of_the_shell_s_own_are_marked),
        cmocka_unit_test(a_part_is_coloured_as_in_the_whole),
        cmocka_unit_test(where_a_line_began_the_next_call_may_begin),
        cmocka_unit_test(deep_brackets_are_no_trouble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
