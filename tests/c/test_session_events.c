#include "session/events.h"

#include "testing_session.h"

static int
prepare(void **state)
{
    if (testing_session_start(state) < 0)
        return -1;
    testing_execute("calls = []\n"
                    "def bare(): calls.append(0)\n"
                    "def told(info): calls.append(type(info).__name__)\n"
                    "def broken(): raise LookupError(\"of mine\")\n");
    return 0;
}

static void
callbacks_are_called_around_a_cell_with_what_they_take(void **state)
{
    testing_execute("calls.clear()\n"
                    "ip.events.register('pre_run_cell', told)\n"
                    "ip.events.register('post_execute', bare)\n"
                    "ip.run_cell('1')");
    testing_check("calls == ['ExecutionInfo', 0]");
}

static void
one_that_raises_is_reported_and_the_next_called(void **state)
{
    testing_execute("calls.clear()\n"
                    "ip.events.register('pre_execute', broken)\n"
                    "ip.events.register('pre_execute', bare)\n"
                    "ip.run_cell('1')");
    testing_check("calls == [0]");
    testing_check("'LookupError' in said.getvalue()");
}

static void
one_that_was_unregistered_is_not_called(void **state)
{
    testing_execute("calls.clear()\n"
                    "ip.events.register('pre_execute', bare)\n"
                    "ip.events.unregister('pre_execute', bare)\n"
                    "ip.run_cell('1')");
    testing_check("calls == []");
}

/* Each is a piece of what extensions and cells do. */
static const char *const texts[] = {
    "ip.events.register('pre_execute', bare)\n"
    "ip.events.trigger('pre_execute')\n"
    "ip.events.unregister('pre_execute', bare)\n"
    "calls.clear()",
    "ip.events.register('post_run_cell', told)\n"
    "ip.events.trigger('post_run_cell', 5)\n"
    "calls.clear()",
    "ip.events.callbacks",
};

TORTURED_TEXTS_TESTS(texts)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(callbacks_are_called_around_a_cell_with_what_they_take),
        SESSION_TEST(one_that_raises_is_reported_and_the_next_called),
        SESSION_TEST(one_that_was_unregistered_is_not_called),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, prepare, testing_session_stop);
}
