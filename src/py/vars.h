/* py/vars.h -- the dict of an object's own attributes, past all that its class says.
 *
 * World: Python, GIL held.  Tests: tests/c/test_inspect_attribute.c
 */
#pragma once

#include "py/ref.h"

/* The dict of a class, a module or an instance, or NULL without an exception set.  An object that
 * keeps its attributes without a dict is given one, as vars() would.  What it says is for reading:
 * a class's may not be changed.  Never fails.
 */
PyObject *vars_of(PyObject *object);
