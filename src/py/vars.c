#include "py/vars.h"

#include "py/compat.h"

PyObject *
vars_of(PyObject *object)
{
    if (PyType_Check(object)) {
        AUTO_DECREF PyObject *dict = compat_type_dict(object);
        PyErr_Clear();  // a class that is half made
        return TAKE(dict);
    }
    if (PyModule_Check(object))
        return Py_NewRef(PyModule_GetDict(object));
    PyTypeObject *type = Py_TYPE(object);
    if (type->tp_dictoffset == 0 && !(type->tp_flags & Py_TPFLAGS_MANAGED_DICT))
        return NULL;
    AUTO_DECREF PyObject *dict = PyObject_GenericGetDict(object, NULL);
    if (dict != NULL && PyDict_Check(dict))
        return TAKE(dict);
    PyErr_Clear();  // it has none at the moment
    return NULL;
}
