/* py/ref.h -- owned references that release themselves.
 *
 * World: Python, GIL held.
 */
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "base/attr.h"

static inline void
py_decref_slot(PyObject **slot)
{
    Py_XDECREF(*slot);
}

/* On every local that owns: released at the end of its scope. */
#define AUTO_DECREF                                                                        \
    __attribute__((cleanup(py_decref_slot), unused))  // clang needs `unused`
