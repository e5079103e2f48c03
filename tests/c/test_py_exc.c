#include "py/exc.h"

#include <errno.h>

#include "testing_python.h"

static void
taking_clears_and_raising_brings_it_back(void **state)
{
    PyErr_SetString(PyExc_ValueError, "one");
    AUTO_DECREF PyObject *error = exc_take();
    assert_non_null(error);
    assert_null(PyErr_Occurred());
    exc_raise_take(TAKE(error));
    assert_true(PyErr_ExceptionMatches(PyExc_ValueError));
    PyErr_Clear();
}

static void
taking_nothing_is_null(void **state)
{
    assert_null(exc_take());
}

static void
hold_and_fail_meanwhile(void)
{
    AUTO_EXC ExcHold hold = exc_hold();
    assert_null(PyErr_Occurred());
    PyErr_SetString(PyExc_TypeError, "meanwhile");
}

static void
a_held_exception_wins_over_a_later_one(void **state)
{
    PyErr_SetString(PyExc_ValueError, "one");
    hold_and_fail_meanwhile();
    assert_true(PyErr_ExceptionMatches(PyExc_ValueError));
    PyErr_Clear();
}

static void
holding_nothing_lets_a_later_one_through(void **state)
{
    hold_and_fail_meanwhile();
    assert_true(PyErr_ExceptionMatches(PyExc_TypeError));
    PyErr_Clear();
}

static void
errno_becomes_its_own_oserror(void **state)
{
    AUTO_DECREF PyObject *path = PyUnicode_FromString("/nowhere");
    assert_int_equal(exc_from_errno(-ENOENT, path), -1);
    assert_true(PyErr_ExceptionMatches(PyExc_FileNotFoundError));
    PyErr_Clear();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taking_clears_and_raising_brings_it_back),
        cmocka_unit_test(taking_nothing_is_null),
        cmocka_unit_test(a_held_exception_wins_over_a_later_one),
        cmocka_unit_test(holding_nothing_lets_a_later_one_through),
        cmocka_unit_test(errno_becomes_its_own_oserror),
    };
    return cmocka_run_group_tests(tests, testing_start, testing_stop);
}
