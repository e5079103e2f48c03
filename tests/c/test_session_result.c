#include "session/result.h"

#include "testing_session.h"

static void
a_result_says_what_was_shown_and_raised(void **state)
{
    testing_execute("good, bad = ip.run_cell('5'), ip.run_cell('x =')");
    testing_check("good.success and good.result == 5 and good.info.raw_cell == '5'");
    testing_check("not bad.success and repr(good) and repr(bad.info)");
}

static void
raise_error_raises_it(void **state)
{
    testing_execute("bad = ip.run_cell('1/0')\n"
                    "try: bad.raise_error()\n"
                    "except ZeroDivisionError: raised = True");
    testing_check("raised");
}

/* Each is a piece of what extensions and cells do. */
static const char *const texts[] = {
    "result = ip.run_cell('5')\n"
    "result.success, result.result, result.info.raw_cell, repr(result)\n"
    "del result",
};

TORTURED_TEXTS_TESTS(texts)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(a_result_says_what_was_shown_and_raised),
        SESSION_TEST(raise_error_raises_it),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, testing_session_start, testing_session_stop);
}
