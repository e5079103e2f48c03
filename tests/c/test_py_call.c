#include "py/call.h"

#include "testing_python.h"

static int
look_up_and_discard(void)
{
    AUTO_DECREF PyObject *dict = PyDict_New();
    AUTO_DECREF PyObject *key = PyUnicode_FromFormat("key %d", 7);
    if (dict == NULL || key == NULL || PyDict_SetItem(dict, key, key) < 0)
        return -1;
    PyObject *found = NULL;
    if (call_dict_get(dict, key, &found) < 0)
        return -1;
    Py_XDECREF(found);
    return call_dict_discard(dict, key) < 0 ? -1 : 0;
}

static void
not_found_and_failed_are_told_apart(void **state)
{
    AUTO_DECREF PyObject *dict = PyDict_New();
    AUTO_DECREF PyObject *list = PyList_New(0);
    PyObject *value = NULL;
    assert_int_equal(call_dict_get(dict, Py_None, &value), 0);
    assert_int_equal(call_dict_get(dict, list, &value), -1);
    assert_true(PyErr_ExceptionMatches(PyExc_TypeError));
    PyErr_Clear();
    assert_int_equal(call_dict_discard(dict, Py_None), 0);
    assert_int_equal(call_attr_get(dict, "nothing", &value), 0);
    assert_null(value);
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(look_up_and_discard);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    NO_REFLEAK_TORTURED(look_up_and_discard);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(not_found_and_failed_are_told_apart),
        cmocka_unit_test(survives_every_failed_allocation),
        cmocka_unit_test(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, testing_start, testing_stop);
}
