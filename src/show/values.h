/* show/values.h -- the values of the variables of a traceback's frames, for its Verbose mode.
 *
 * World: Python, GIL held.  Tests: tests/c/test_show_traceback.c, tests/py/test_traceback.py
 */
#pragma once

#include "py/ref.h"

/* Give each FrameSummary of `stack` (a traceback.StackSummary) the values of its frame as `locals`,
 * a dict of short texts in the order of the variables.  Of a module's frame, and a class's, only
 * what the line names is taken.  After two seconds no more `__repr__` is called.
 *
 * Returns 0, or -1 with an exception set.  Runs user code (`__repr__`).
 */
CHECKED int values_attach(PyObject *stack, PyObject *traceback);
