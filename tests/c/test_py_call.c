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

static int
look_modules_up(void)
{
    AUTO_DECREF PyObject *name = PyUnicode_FromFormat("%s", "sys");
    AUTO_DECREF PyObject *module = NULL;
    AUTO_DECREF PyObject *own = NULL;
    if (name == NULL || call_module_get(name, &module) < 0)
        return -1;
    return call_module_own(module, "__name__", &own) < 0 ? -1 : 0;
}

static void
only_a_module_is_found_in_sys_modules(void **state)
{
    testing_execute("import sys; sys.modules['odd'] = 5");
    AUTO_DECREF PyObject *odd = testing_text("odd");
    AUTO_DECREF PyObject *sys = testing_text("sys");
    AUTO_DECREF PyObject *module = NULL;
    AUTO_DECREF PyObject *name = NULL;
    PyObject *none = NULL;
    assert_int_equal(call_module_get(odd, &none), 0);
    assert_int_equal(call_module_get(sys, &module), 1);
    assert_int_equal(call_module_own(module, "nothing", &none), 0);
    assert_int_equal(call_module_own(module, "__name__", &name), 1);
    assert_int_equal(PyUnicode_Compare(name, sys), 0);
    assert_null(none);
    testing_execute("del sys.modules['odd']");
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
    TORTURE(look_modules_up);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    NO_REFLEAK_TORTURED(look_up_and_discard);
    NO_REFLEAK_TORTURED(look_modules_up);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_module_is_found_in_sys_modules),
        cmocka_unit_test(not_found_and_failed_are_told_apart),
        cmocka_unit_test(survives_every_failed_allocation),
        cmocka_unit_test(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, testing_start, testing_stop);
}
