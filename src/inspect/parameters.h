/* inspect/parameters.h -- the parameters of a callable, without running any code: no default is
 * shown by its `__repr__`, no `__signature__` is asked for.
 *
 * Known are Python's functions and methods, what functools.wraps() covers, classes by their
 * `__init__` or `__new__`, instances by `__call__`, functools.partial, and what C code says of
 * itself.
 *
 * World: Python, GIL held.  Tests: tests/c/test_inspect_complete.c
 */
#pragma once

#include "py/ref.h"

/* The names that an argument can be given by, in their order.
 *
 * Returns a list of str, empty where they are not known, or NULL with an exception set.
 */
CHECKED PyObject *inspect_parameters_names(PyObject *callable);

/* The signature: `(a, b=2, *, c=…)`; a default is shown where it is of a plain built-in type and
 * short.
 *
 * Returns a str, None where it is not known, or NULL with an exception set.
 */
CHECKED PyObject *inspect_parameters_text(PyObject *callable);
