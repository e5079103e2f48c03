/* py/compat.h -- CPython 3.11 to 3.13 under one set of names.
 *
 * The only place that looks at PY_VERSION_HEX.  World: Python, GIL held.
 */
#pragma once

#include "py/ref.h"

#include <opcode.h>

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

/* Which of a code object's names an instruction reads as a global: its index, or -1. */
static inline int
compat_global_read(int opcode, int argument)
{
    switch (opcode) {
    case LOAD_GLOBAL:
        return argument >> 1;
    case LOAD_NAME:
#ifdef LOAD_FROM_DICT_OR_GLOBALS
    case LOAD_FROM_DICT_OR_GLOBALS:
#endif
        return argument;
    default:
        return -1;
    }
}

/* Whether an instruction only holds the higher bits of the next one's argument. */
static inline int
compat_extends_argument(int opcode)
{
    return opcode == EXTENDED_ARG;
}

/* Make a class; `base` may be NULL.  3.11 fails without an exception where there is no memory
 * for the copy of the name. */
static inline PyObject *
compat_type_new(PyType_Spec *spec, PyObject *base)
{
    PyObject *type = PyType_FromSpecWithBases(spec, base);
    if (type == NULL && !PyErr_Occurred())
        return PyErr_NoMemory();
    return type;
}

/* What is in a class itself, past any metaclass: its dict, which only type attribute setting may
 * change. */
static inline PyObject *
compat_type_dict(PyObject *type)
{
#if PY_VERSION_HEX >= 0x030C0000
    return PyType_GetDict((PyTypeObject *)type);
#else
    return Py_XNewRef(((PyTypeObject *)type)->tp_dict);
#endif
}

/* Set a class's `__module__`, past any metaclass; 3.13 forgets the class's line with it. */
static inline int
compat_type_set_module(PyObject *type, PyObject *module)
{
    PyObject *name = PyUnicode_InternFromString("__module__");
    if (name == NULL)
        return -1;
#if PY_VERSION_HEX >= 0x030D0000
    PyObject *line_name = PyUnicode_InternFromString("__firstlineno__");
    PyObject *line = NULL;
    int r = line_name == NULL ? -1 : PyObject_GetOptionalAttr(type, line_name, &line);
    if (r >= 0)
        r = PyType_Type.tp_setattro(type, name, module);
    if (r >= 0 && line != NULL)
        r = PyType_Type.tp_setattro(type, line_name, line);
    Py_XDECREF(line);
    Py_XDECREF(line_name);
#else
    int r = PyType_Type.tp_setattro(type, name, module);
#endif
    Py_DECREF(name);
    return r < 0 ? -1 : 0;
}
