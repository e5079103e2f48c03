/* What the case files cannot say; the rest is in tests/cases/expand.case. */
#include "input/expand.h"

#include <string.h>

#include "testing_alloc.h"

/* Every name is worth itself in brackets; `bad` is a failure, `un` cannot be resolved. */
static int
evaluate(const char *expression, size_t length, void *context, char **ret_text)
{
    if (length == 3 && memcmp(expression, "bad", 3) == 0)
        return -EIO;
    if (length == 2 && memcmp(expression, "un", 2) == 0)
        return 0;
    *(int *)context += 1;
    AUTO(buf_done) Buf value = { 0 };
    buf_add_text(&value, "[");
    buf_add(&value, expression, length);
    buf_add_text(&value, "]");
    int r = buf_take(&value, ret_text);
    return r < 0 ? r : 1;
}

static void
a_failure_ends_the_expansion(void **state)
{
    int count = 0;
    char *text = NULL;
    assert_int_equal(input_expand("$a $bad $c", 10, evaluate, &count, &text), -EIO);
    assert_int_equal(input_expand("$a {bad} $c", 11, evaluate, &count, &text), -EIO);
    assert_int_equal(count, 2);
    assert_null(text);
}

static void
reads_no_further_than_the_length(void **state)
{
    int count = 0;
    AUTO_FREE char *name = NULL, *brace = NULL, *dollar = NULL;
    assert_int_equal(input_expand("$ab", 2, evaluate, &count, &name), 0);
    assert_string_equal(name, "[a]");
    assert_int_equal(input_expand("{ab}", 3, evaluate, &count, &brace), 0);
    assert_string_equal(brace, "{ab");
    assert_int_equal(input_expand("$$a", 2, evaluate, &count, &dollar), 0);
    assert_string_equal(dollar, "$$");
}

static void
unresolved_text_is_looked_at_once(void **state)
{
    int count = 0;
    AUTO_FREE char *text = NULL;
    assert_int_equal(input_expand("{un} {{{un} {a{b}}", 18, evaluate, &count, &text), 0);
    assert_string_equal(text, "{un} {{un} [a{b}]");
    assert_int_equal(count, 1);
}

static int
expand(void)
{
    int count = 0;
    AUTO_FREE char *text = NULL;
    return input_expand("a $b.c {d} '$e' \"$un\"", 21, evaluate, &count, &text);
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE_PLAIN(expand);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_ends_the_expansion),
        cmocka_unit_test(reads_no_further_than_the_length),
        cmocka_unit_test(unresolved_text_is_looked_at_once),
        cmocka_unit_test(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
