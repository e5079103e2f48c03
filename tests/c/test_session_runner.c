#include "session/runner.h"

#include "py/exc.h"
#include "testing_session.h"

static PyObject *
await_text(const char *expression)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *coroutine = testing_evaluate(expression);
    testing_resume(paused);
    AUTO_DECREF PyObject *value = session_runner_await(session, coroutine);
    AUTO_EXC ExcHold hold = exc_hold();
    paused = testing_pause();
    AUTO_DECREF PyObject *none = PyObject_CallMethod(coroutine, "close", NULL);
    testing_resume(paused);
    return none == NULL ? NULL : TAKE(value);
}

static void
nothing_is_offered_before_asyncio_is_there(void **state)
{
    session_runner_offer(session);
    assert_null(session->loop);
    testing_check("'asyncio' not in sys.modules");
    assert_null(session_runner_loop(session));
    assert_false(session_runner_enter(session));
}

static void
the_loop_is_made_once_and_is_the_current_one(void **state)
{
    testing_execute(
        "import asyncio, contextvars\nvar = contextvars.ContextVar('var')\n"
        "async def work(value):\n    var.set(value)\n    await asyncio.sleep(0)\n"
        "    return asyncio.get_running_loop()\n");
    session_runner_offer(session);
    AUTO_DECREF PyObject *loop = session_runner_loop(session);
    assert_non_null(loop);
    AUTO_DECREF PyObject *current = testing_evaluate("asyncio.get_event_loop()");
    AUTO_DECREF PyObject *running = await_text("work(1)");
    assert_ptr_equal(loop, current);
    assert_ptr_equal(loop, running);
    testing_check("var.get() == 1");
    testing_execute("asyncio.set_event_loop(None)");
    session_runner_offer(session);
    AUTO_DECREF PyObject *again = testing_evaluate("asyncio.get_event_loop()");
    assert_ptr_equal(loop, again);
}

static void
what_is_awaited_may_fail_and_the_loop_goes_on(void **state)
{
    testing_execute("async def fail(): 1 / 0");
    assert_null(await_text("fail()"));
    testing_raised(PyExc_ZeroDivisionError);
    AUTO_DECREF PyObject *loop = await_text("work(2)");
    assert_ptr_equal(loop, session->loop);
}

static void
while_it_is_the_running_one_it_can_not_be_run(void **state)
{
    assert_true(session_runner_enter(session));
    testing_check("asyncio.get_running_loop() is not None");
    assert_null(session_runner_loop(session));
    assert_false(session_runner_enter(session));
    session_runner_leave();
    AUTO_DECREF PyObject *loop = session_runner_loop(session);
    assert_non_null(loop);
}

static void
it_says_what_is_due(void **state)
{
    AUTO_DECREF PyObject *loop = session_runner_loop(session);
    assert_int_equal(session_runner_due(loop), -1);
    testing_execute("timer = asyncio.get_event_loop().call_later(3600, print)");
    assert_in_range(session_runner_due(loop), 3590 * 1000, 3601 * 1000);
    testing_execute("now = asyncio.get_event_loop().call_soon(print)");
    assert_int_equal(session_runner_due(loop), 0);
    testing_execute("timer.cancel(); now.cancel(); del timer, now");
    AUTO_DECREF PyObject *none = await_text("work(3)");
    assert_true(session_runner_fd(loop) >= 0);
    assert_int_equal(session_runner_due(Py_None), SESSION_RUNNER_BLIND_MS);
    assert_int_equal(session_runner_fd(Py_None), -1);
}

static void
what_a_callback_fails_with_is_reported(void **state)
{
    testing_execute("_ = asyncio.get_event_loop().call_soon(lambda: {}['missing']); del _");
    AUTO_DECREF PyObject *loop = await_text("work(4)");
    testing_check("said.getvalue().startswith('Exception in callback')");
    testing_check("said.getvalue().endswith(\"KeyError: 'missing'\\n\")");
}

static void
a_closed_loop_is_replaced_and_the_end_closes_it(void **state)
{
    PyObject *closed = session->loop;
    testing_execute("asyncio.get_event_loop().close()");
    assert_null(session_runner_loop(session));
    AUTO_DECREF PyObject *loop = await_text("work(5)");
    assert_ptr_equal(loop, session->loop);
    assert_ptr_not_equal(loop, closed);
    assert_int_equal(session_runner_close(session), 0);
    AUTO_DECREF PyObject *is_closed = PyObject_CallMethod(loop, "is_closed", NULL);
    assert_ptr_equal(is_closed, Py_True);
    assert_null(session->loop);
    assert_int_equal(session_runner_close(session), 0);
}

/* asyncio itself does not survive failed allocations: a task that is not told waits for ever. */
static void
spare_asyncio(void)
{
    testing_execute("import asyncio.runners\nPlain = asyncio.Runner\n"
                    "def run_plain(self, *a, **o): return Plain.run(self, *a, **o)\n"
                    "def close_plain(self): return Plain.close(self)\n"
                    "def loop_plain(self): return Plain.get_loop(self)\n"
                    "asyncio.runners.run_plain = run_plain\n"
                    "asyncio.runners.close_plain = close_plain\n"
                    "asyncio.runners.loop_plain = loop_plain\n");
    testing_spare("asyncio.runners", "run_plain");
    testing_spare("asyncio.runners", "close_plain");
    testing_spare("asyncio.runners", "loop_plain");
    testing_execute(
        "class Spared(Plain):\n"
        "    def run(self, *a, **o): return asyncio.runners.run_plain(self, *a, **o)\n"
        "    def close(self): return asyncio.runners.close_plain(self)\n"
        "    def get_loop(self): return asyncio.runners.loop_plain(self)\n"
        "asyncio.Runner = Spared\n");
}

static int
await_once(void)
{
    AUTO_DECREF PyObject *loop = await_text("work(6)");
    return loop == NULL ? -1 : 0;
}

static int
offer_and_enter(void)
{
    session_runner_offer(session);
    if (session_runner_enter(session))
        session_runner_leave();
    AUTO_DECREF PyObject *loop = session_runner_loop(session);
    if (loop != NULL)
        (void)session_runner_due(loop);
    return 0;
}

static int
make_and_close(void)
{
    session_runner_offer(session);
    return session_runner_close(session);
}

static void
survives_every_failed_allocation(void **state)
{
    spare_asyncio();
    session_runner_offer(session);
    TORTURE(offer_and_enter);
    TORTURE(await_once);
    TORTURE(make_and_close);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    session_runner_offer(session);
    NO_REFLEAK_TORTURED(offer_and_enter);
    NO_REFLEAK_TORTURED(await_once);
    NO_REFLEAK(make_and_close);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(nothing_is_offered_before_asyncio_is_there),
        SESSION_TEST(the_loop_is_made_once_and_is_the_current_one),
        SESSION_TEST(what_is_awaited_may_fail_and_the_loop_goes_on),
        SESSION_TEST(while_it_is_the_running_one_it_can_not_be_run),
        SESSION_TEST(it_says_what_is_due),
        SESSION_TEST(what_a_callback_fails_with_is_reported),
        SESSION_TEST(a_closed_loop_is_replaced_and_the_end_closes_it),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, testing_session_start, testing_session_stop);
}
