/* What the case files cannot say; the rest is in tests/cases/{transform,automagic}.case. */
#include "input/transform.h"

#include <string.h>

#include "input/paste.h"
#include "testing_alloc.h"

static void
assert_transformed(const char *text, size_t length, const char *expected)
{
    AUTO_FREE char *result = NULL;
    assert_int_equal(input_transform(text, length, NULL, &result), 0);
    assert_string_equal(result, expected);
}

static void
newlines_stay_as_they_are(void **state)
{
    assert_transformed("", 0, "");
    assert_transformed("x", 1, "x");
    assert_transformed("!a", 2, "__mainspring__.system('a')");
    assert_transformed("!a\r\nx\r", 6, "__mainspring__.system('a')\r\nx\r");
    assert_transformed("!a b", 2, "__mainspring__.system('a')");
}

static const char *session;

static int
take_code(void)
{
    size_t length = 0;
    AUTO_FREE char *code = NULL;
    return input_paste_code(session, strlen(session), &code, &length);
}

static void
assert_code(const char *text, const char *expected)
{
    size_t length = 0;
    AUTO_FREE char *code = NULL;
    assert_int_equal(input_paste_code(text, strlen(text), &code, &length), 0);
    assert_string_equal(code, expected);
    assert_int_equal(length, strlen(expected));
    session = text;
    TORTURE_PLAIN(take_code);
}

static void
what_a_session_wrote_is_left_out_of_its_code(void **state)
{
    assert_code(">>> a\narray([0,\n       1])\n\n>>> if a:\n...     b\n...\n3\n>>> ",
                "a\nif a:\n    b\n\n");
    assert_code(
        "In [1]: def f():\n   ...:     return 1\n   ...: \n\nIn [2]: f()\nOut[2]: 1\n",
        "def f():\n    return 1\n\nf()\n");
    assert_code(">>> x = '''a\nb\n'''\n", "x = '''a\nb\n'''\n");
    assert_code("x = 1\n>>> y\n", "x = 1\n>>> y\n");
    assert_code("  x\n\n  y\n", "x\n\ny\n");
    assert_code("def f():\n...     return 1\n", "def f():\n    return 1\n");
}

static void
control_characters_are_escaped(void **state)
{
    assert_transformed("!\x1b\x7f\t\xc3\xa9'", 7,
                       "__mainspring__.system('\\x1b\\x7f\\t\xc3\xa9\\'')");
}

static void
a_nul_is_refused(void **state)
{
    char *result = NULL;
    assert_int_equal(input_transform("x\0y", 3, NULL, &result), -EINVAL);
    assert_null(result);
}

static void
plain_python_needs_nothing(void **state)
{
    static const char *const plain[] = { "", "x = a % b", "if x:\n    '%time'\n",
                                         "x = [\n!a]" };
    static const char *const shell[] = { "%time", "x\n!ls", "x?", "  x", ">>> x", "%%a\n" };
    for (size_t i = 0; i < COUNT_OF(plain); i++)
        assert_false(input_transform_needed(plain[i], strlen(plain[i]), NULL));
    for (size_t i = 0; i < COUNT_OF(shell); i++)
        assert_true(input_transform_needed(shell[i], strlen(shell[i]), NULL));
}

static int
transform_everything(void)
{
    AUTO_FREE char *lines = NULL, *cell = NULL;
    const char *text = ">>> x = %a b\n... !c \\\n... d\n... e?\n";
    int r = input_transform(text, strlen(text), NULL, &lines);
    return r < 0 ? r : input_transform("%%a b\nc", 7, NULL, &cell);
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE_PLAIN(transform_everything);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(newlines_stay_as_they_are),
        cmocka_unit_test(what_a_session_wrote_is_left_out_of_its_code),
        cmocka_unit_test(control_characters_are_escaped),
        cmocka_unit_test(a_nul_is_refused),
        cmocka_unit_test(plain_python_needs_nothing),
        cmocka_unit_test(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
