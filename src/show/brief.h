/* show/brief.h -- a value as one short line, whatever it is.
 *
 * Lists, tuples, dicts, sets, str, bytes and numbers are shown up to a bound, so that a large one
 * costs no more than a small one.  Others have their `__repr__` called, for a tenth of a second at
 * most; one that raises, or takes longer, is named by its type.
 *
 * World: Python, GIL held.  Tests: tests/c/test_show_brief.c
 */
#pragma once

#include "py/ref.h"

/* The value's text.
 *
 * Returns a str, or NULL with KeyboardInterrupt (a Ctrl-C) or MemoryError set.  Runs user code.
 */
CHECKED PyObject *brief_text(PyObject *value);
