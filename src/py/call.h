/* py/call.h -- calls into the standard library by name.
 *
 * World: Python, GIL held.  Tests: tests/c/test_py_call.c
 */
#pragma once

#include "py/ref.h"

/* Import `module` and take its attribute `name`.
 *
 * Returns the attribute, or NULL with an exception set.  Runs user code (an import).
 */
CHECKED PyObject *call_import(const char *module, const char *name);

/* Look `key` up in the dict `dict`: 1 and a new reference, 0 when it is not there, or -1 with
 * an exception set.  Runs user code only where a key of the dict has an `__eq__` of its own.
 */
CHECKED int call_dict_get(PyObject *dict, PyObject *key, PyObject **ret_value);

/* Delete `key` from the dict `dict`: 1 if it was there, 0 if not, -1 with an exception set.
 * Runs user code (the value may go).
 */
CHECKED int call_dict_discard(PyObject *dict, PyObject *key);

/* Look the attribute `name` up: 1 and a new reference, 0 when there is none, or -1 with an
 * exception other than AttributeError set.  Runs user code (`__getattr__`).
 */
CHECKED int call_attr_get(PyObject *object, const char *name, PyObject **ret_value);

/* Look up sys.modules[name], where that is a module: 1 and a new reference, 0 where it is none,
 * or -1 with an exception set.
 */
CHECKED int call_module_get(PyObject *name, PyObject **ret_module);

/* The same for `name` in the module's own dict: what it is bound to there. */
CHECKED int call_module_own(PyObject *module, const char *name, PyObject **ret_value);

/* Whether the object is exactly of the class `name` of an imported `module`: 1, 0, or -1 with an
 * exception set. */
CHECKED int call_is_exactly(PyObject *object, const char *module, const char *name);
