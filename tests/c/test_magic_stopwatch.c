#include "magic/stopwatch.h"

#include "testing.h"

static void
time_does_not_go_back(void **state)
{
    Stopwatch start = stopwatch_read();
    Stopwatch end = stopwatch_read();
    assert_true(end.wall >= start.wall && end.user >= start.user);
}

static void
spans_are_added_up(void **state)
{
    Stopwatch sum = { .wall = 1, .user = 1, .system = 1 };
    stopwatch_add(&sum, (Stopwatch){ 1, 2, 3 }, (Stopwatch){ 2, 4, 6 });
    assert_true(sum.wall == 2 && sum.user == 3 && sum.system == 4);
}

static void
seconds_have_the_unit_that_makes_them_readable(void **state)
{
    static const struct {
        double seconds;
        const char *text;
    } cases[] = { { 0, "0 ns" },    { 2e-6, "2 us" },      { 0.0125, "12.5 ms" },
                  { 1.5, "1.5 s" }, { 61.5, "1min 1.5s" }, { 3600, "60min 0s" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[STOPWATCH_TEXT];
        stopwatch_format(cases[i].seconds, text);
        assert_string_equal(text, cases[i].text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_does_not_go_back),
        cmocka_unit_test(spans_are_added_up),
        cmocka_unit_test(seconds_have_the_unit_that_makes_them_readable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
