#include "py/call.h"

PyObject *
call_import(const char *module, const char *name)
{
    AUTO_DECREF PyObject *m = PyImport_ImportModule(module);
    return m == NULL ? NULL : PyObject_GetAttrString(m, name);
}

int
call_dict_get(PyObject *dict, PyObject *key, PyObject **ret_value)
{
    BORROWED PyObject *value = PyDict_GetItemWithError(dict, key);
    if (value == NULL)
        return PyErr_Occurred() ? -1 : 0;
    *ret_value = Py_NewRef(value);
    return 1;
}

int
call_dict_discard(PyObject *dict, PyObject *key)
{
    int found = PyDict_Contains(dict, key);
    if (found != 1)
        return found;
    return PyDict_DelItem(dict, key) < 0 ? -1 : 1;
}

int
call_attr_get(PyObject *object, const char *name, PyObject **ret_value)
{
    AUTO_DECREF PyObject *value = PyObject_GetAttrString(object, name);
    if (value == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError))
            return -1;
        PyErr_Clear();
        return 0;
    }
    *ret_value = TAKE(value);
    return 1;
}

int
call_module_get(PyObject *name, PyObject **ret_module)
{
    AUTO_DECREF PyObject *value = NULL;
    int found = call_dict_get(PyImport_GetModuleDict(), name, &value);
    if (found <= 0 || !PyModule_Check(value))
        return found < 0 ? -1 : 0;
    *ret_module = TAKE(value);
    return 1;
}

int
call_module_own(PyObject *module, const char *name, PyObject **ret_value)
{
    AUTO_DECREF PyObject *key = PyUnicode_InternFromString(name);
    return key == NULL ? -1 : call_dict_get(PyModule_GetDict(module), key, ret_value);
}

int
call_is_exactly(PyObject *object, const char *module, const char *name)
{
    AUTO_DECREF PyObject *key = PyUnicode_FromString(module);
    AUTO_DECREF PyObject *imported = NULL;
    AUTO_DECREF PyObject *type = NULL;
    int found = key == NULL ? -1 : call_module_get(key, &imported);
    if (found == 1)
        found = call_module_own(imported, name, &type);
    return found != 1 ? found : (PyObject *)Py_TYPE(object) == type;
}
