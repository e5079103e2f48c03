#include "session/loop.h"

#include <signal.h>
#include <unistd.h>

#include "session/runner.h"
#include "testing_session.h"

static int ends[2];

/* A test's callback makes the pipe readable, so that each wait ends. */
static int
start(void **state)
{
    if (pipe(ends) < 0 || testing_session_start(state) < 0)
        return -1;
    AUTO_DECREF PyObject *end = PyLong_FromLong(ends[1]);
    if (end == NULL || PyDict_SetItemString(testing_namespace(), "end", end) < 0)
        return -1;
    testing_execute("seen = []\ndef finish(): os.write(end, b'x')\n");
    return 0;
}

static void
drain(void)
{
    char byte;
    assert_int_equal(read(ends[0], &byte, 1), 1);
}

static void
in_loop(const char *statements)
{
    session_runner_offer(session);
    testing_execute("import asyncio, signal\nloop = asyncio.get_event_loop()");
    testing_execute(statements);
}

static void
without_a_loop_it_waits_for_the_descriptors(void **state)
{
    assert_false(session_loop_is_needed(session));
    testing_execute("finish()");
    assert_int_equal(session_loop_run(session, ends, 1), 1);
    drain();
    testing_check("'asyncio' not in sys.modules");
    testing_execute("import asyncio");
}

static void
what_is_due_is_called_until_a_descriptor_is_ready(void **state)
{
    in_loop("async def work():\n    for i in range(3):\n        seen.append(i)\n"
            "        await asyncio.sleep(0.001)\n    finish()\n"
            "task = loop.create_task(work())");
    assert_true(session_loop_is_needed(session));
    assert_int_equal(session_loop_run(session, ends, 1), 1);
    drain();
    testing_check("seen == [0, 1, 2]");
}

static void
exit_in_a_callback_comes_out(void **state)
{
    in_loop("_ = loop.call_soon(sys.exit, 3)");
    assert_int_equal(session_loop_run(session, ends, 1), -1);
    testing_raised(PyExc_SystemExit);
}

static void
ctrl_c_in_a_callback_comes_out_when_that_is_over(void **state)
{
    in_loop("seen.clear()\ndef press():\n    signal.raise_signal(signal.SIGINT)\n"
            "    seen.append('on')\n_ = loop.call_soon(press)");
    assert_int_equal(session_loop_run(session, ends, 1), -1);
    testing_raised(PyExc_KeyboardInterrupt);
    testing_check("seen == ['on']");
    testing_check("signal.getsignal(signal.SIGINT) is signal.default_int_handler");
}

static void
ctrl_c_twice_ends_a_callback(void **state)
{
    in_loop("seen.clear()\ndef press():\n    signal.raise_signal(signal.SIGINT)\n"
            "    signal.raise_signal(signal.SIGINT)\n    seen.append('on')\n"
            "_ = loop.call_soon(press)");
    assert_int_equal(session_loop_run(session, ends, 1), -1);
    testing_raised(PyExc_KeyboardInterrupt);
    testing_check("seen == []");
    testing_check("signal.getsignal(signal.SIGINT) is signal.default_int_handler");
}

static void
a_signal_without_consequences_ends_the_wait(void **state)
{
    in_loop("_ = signal.signal(signal.SIGUSR1, lambda *a: seen.append('signal'))\n"
            "_ = loop.call_soon(signal.raise_signal, signal.SIGUSR1)");
    assert_int_equal(session_loop_run(session, ends, 1), 0);
    testing_check("seen[-1] == 'signal'");
}

static void
while_a_loop_is_running_it_only_waits(void **state)
{
    in_loop("seen.clear(); later = loop.call_soon(seen.append, 'early'); finish()");
    assert_true(session_runner_enter(session));
    assert_int_equal(session_loop_run(session, ends, 1), 1);
    session_runner_leave();
    testing_check("seen == []");
    assert_int_equal(session_loop_run(session, ends, 1), 1);
    drain();
    testing_check("seen == ['early']");
}

static int called;

static int
hook(void)
{
    called++;
    return 0;
}

static void
a_hook_is_called_beside_the_loop(void **state)
{
    PyOS_InputHook = hook;
    in_loop("_ = loop.call_later(0.001, finish)");
    assert_int_equal(session_loop_run(session, ends, 1), 1);
    PyOS_InputHook = NULL;
    drain();
    assert_true(called > 0);
}

static int
run_a_round(void)
{
    long paused = testing_pause();
    testing_execute("_ = loop.call_soon(seen.clear); finish()");
    testing_resume(paused);
    int r = session_loop_run(session, ends, 1);
    drain();
    return r < 0 ? -1 : 0;
}

/* asyncio itself does not survive failed allocations: a callback may be lost. */
static void
spare_asyncio(void)
{
    in_loop("import asyncio.runners\nasyncio.runners.forever = loop.run_forever");
    testing_spare("asyncio.runners", "forever");
    testing_execute("loop.run_forever = asyncio.runners.forever");
}

static void
survives_every_failed_allocation(void **state)
{
    spare_asyncio();
    TORTURE(run_a_round);
    PyOS_InputHook = hook;
    TORTURE(run_a_round);
    PyOS_InputHook = NULL;
    testing_check("signal.getsignal(signal.SIGINT) is signal.default_int_handler");
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    in_loop("pass");
    NO_REFLEAK_TORTURED(run_a_round);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(without_a_loop_it_waits_for_the_descriptors),
        SESSION_TEST(what_is_due_is_called_until_a_descriptor_is_ready),
        SESSION_TEST(exit_in_a_callback_comes_out),
        SESSION_TEST(ctrl_c_in_a_callback_comes_out_when_that_is_over),
        SESSION_TEST(ctrl_c_twice_ends_a_callback),
        SESSION_TEST(a_signal_without_consequences_ends_the_wait),
        SESSION_TEST(while_a_loop_is_running_it_only_waits),
        SESSION_TEST(a_hook_is_called_beside_the_loop),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, start, testing_session_stop);
}
