/* py/compat.h -- CPython 3.11 to 3.13 under one set of names.
 *
 * The only place that looks at PY_VERSION_HEX.  World: Python, GIL held.
 */
#pragma once

#include "py/ref.h"

#if PY_VERSION_HEX < 0x030B0000
#    error "mainspring needs CPython 3.11 or newer"
#endif

/* The pending exception, normalised and with its traceback, or NULL; it is cleared. */
static inline PyObject *
compat_exception_take(void)
{
#if PY_VERSION_HEX >= 0x030C0000
    return PyErr_GetRaisedException();
#else
    PyObject *type = NULL;
    PyObject *value = NULL;
    PyObject *traceback = NULL;
    PyErr_Fetch(&type, &value, &traceback);
    if (type == NULL)
        return NULL;
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback != NULL && value != NULL)
        (void)PyException_SetTraceback(value, traceback);  // a traceback object: can't fail
    Py_XDECREF(traceback);
    Py_DECREF(type);
    return value;
#endif
}

/* Raise `value`.  Consumes it. */
static inline void
compat_exception_raise_take(STOLEN PyObject *value)
{
#if PY_VERSION_HEX >= 0x030C0000
    PyErr_SetRaisedException(value);
#else
    PyErr_Restore(Py_NewRef(Py_TYPE(value)), value, PyException_GetTraceback(value));
#endif
}

/* The object that a weak reference leads to: 1 and a new reference, 0 when it is dead. */
static inline int
compat_weakref_get(PyObject *ref, PyObject **ret_object)
{
#if PY_VERSION_HEX >= 0x030D0000
    return PyWeakref_GetRef(ref, ret_object);
#else
    BORROWED PyObject *object = PyWeakref_GetObject(ref);
    if (object == NULL)
        return -1;
    if (object == Py_None)
        return 0;
    *ret_object = Py_NewRef(object);
    return 1;
#endif
}
