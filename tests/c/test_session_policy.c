#include "session/policy.h"

#include "testing_python.h"

static int
start(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    testing_spare_library();
    return 0;
}

static void
without_asyncio_nothing_is_done(void **state)
{
    SessionPolicy p;
    session_policy_enter(&p);
    session_policy_leave(&p);
    testing_execute("import sys");
    testing_check("'asyncio' not in sys.modules");
}

static void
what_a_script_imports_and_sets_is_not_the_prompt_s(void **state)
{
    SessionPolicy p;
    session_policy_enter(&p);
    testing_execute(
        "import asyncio, asyncio.events as events\nmine = asyncio.new_event_loop()\n"
        "asyncio.set_event_loop(mine)\n");
    session_policy_leave(&p);
    testing_execute("asyncio.set_event_loop(asyncio.new_event_loop())");
    testing_check("asyncio.get_event_loop() is not mine");
    testing_execute("asyncio.get_event_loop().close(); mine.close(); del mine");
}

static void
the_current_and_the_running_loop_are_put_aside(void **state)
{
    testing_execute("mine = asyncio.new_event_loop(); asyncio.set_event_loop(mine)\n"
                    "events._set_running_loop(mine)");
    SessionPolicy p;
    session_policy_enter(&p);
    testing_execute("async def work(): return 6 * 7\nanswer = asyncio.run(work())");
    testing_check("answer == 42");
    session_policy_leave(&p);
    testing_check("asyncio.get_running_loop() is mine");
    testing_execute("events._set_running_loop(None)");
    testing_check("asyncio.get_event_loop() is mine");
    testing_execute("asyncio.set_event_loop(None); mine.close(); del mine");
}

static void
an_exception_is_kept(void **state)
{
    SessionPolicy p;
    session_policy_enter(&p);
    PyErr_SetString(PyExc_KeyError, "kept");
    session_policy_leave(&p);
    testing_raised(PyExc_KeyError);
}

static int
enter_and_leave(void)
{
    SessionPolicy p;
    session_policy_enter(&p);
    session_policy_leave(&p);
    return 0;
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(enter_and_leave);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    NO_REFLEAK_TORTURED(enter_and_leave);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_asyncio_nothing_is_done),
        cmocka_unit_test(what_a_script_imports_and_sets_is_not_the_prompt_s),
        cmocka_unit_test(the_current_and_the_running_loop_are_put_aside),
        cmocka_unit_test(an_exception_is_kept),
        cmocka_unit_test(survives_every_failed_allocation),
        cmocka_unit_test(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, start, testing_stop);
}
