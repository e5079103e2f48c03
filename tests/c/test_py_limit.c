#include "py/limit.h"

#include "testing_python.h"

static PyObject *
call(const char *name)
{
    AUTO_DECREF PyObject *function = testing_evaluate(name);
    return PyObject_CallNoArgs(function);
}

static int
start(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    testing_execute("import time, _signal\n"
                    "def sleep(): time.sleep(10 ** 6)\n"
                    "def loop():\n    while True: pass\n"
                    "def swallow():\n"
                    "    for i in range(3):\n"
                    "        try: sleep()\n"
                    "        except BaseException: pass\n"
                    "    sleep()\n"
                    "def fail(): raise KeyError\n"
                    "def interrupted(): raise KeyboardInterrupt\n"
                    "def quick(): return 1\n");
    return 0;
}

static void
ends(const char *function)
{
    Limit limit = { 0 };
    limit_enter(&limit, 0.01);
    AUTO_DECREF PyObject *value = call(function);
    assert_null(value);
    assert_true(limit_leave(&limit));
    assert_null(PyErr_Occurred());
}

static void
code_that_sleeps_or_loops_for_ever_ends(void **state)
{
    ends("sleep");
    ends("loop");
}

static void
code_that_swallows_the_end_is_told_again(void **state)
{
    ends("swallow");
}

static void
other_exceptions_are_left_alone(void **state)
{
    Limit limit = { 0 };
    limit_enter(&limit, 1000);
    AUTO_DECREF PyObject *value = call("fail");
    assert_null(value);
    assert_false(limit_leave(&limit));
    testing_raised(PyExc_KeyError);
    limit_enter(&limit, 1000);
    AUTO_DECREF PyObject *other = call("interrupted");
    assert_null(other);
    assert_false(limit_leave(&limit));
    testing_raised(PyExc_KeyboardInterrupt);
    assert_false(limit_leave(&limit));
}

static void
limits_nest(void **state)
{
    AUTO(limit_leave) Limit outer = { 0 };
    limit_enter(&outer, 0.3);
    ends("sleep");
    AUTO_DECREF PyObject *value = call("sleep");
    assert_null(value);
    assert_true(limit_leave(&outer));
}

static int
limited(void)
{
    AUTO(limit_leave) Limit limit = { 0 };
    limit_enter(&limit, 1000);
    (void)limit_leave(&limit);  // where there was no memory there was no limit
    return 0;
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(limited);
    NO_REFLEAK(limited);
    NO_REFLEAK_TORTURED(limited);
    assert_null(PyErr_Occurred());
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_that_sleeps_or_loops_for_ever_ends),
        cmocka_unit_test(code_that_swallows_the_end_is_told_again),
        cmocka_unit_test(other_exceptions_are_left_alone),
        cmocka_unit_test(limits_nest),
        cmocka_unit_test(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, start, testing_stop);
}
