/* session/printer.h -- the `p` of `printer(obj, p, cycle)`: what a pretty printer registered for
 * a type writes to.
 *
 * It has the methods of IPython's; `breakable()` is always the blank, never a new row.
 *
 * World: Python, GIL held.  Tests: tests/py/test_extensions.py,
 * tests/c/test_session_printer.c
 */
#pragma once

#include "session/session.h"

/* The text that `function`, a pretty printer, writes for `value`.
 *
 * Returns a str, or NULL with an exception set.  Runs user code.
 */
CHECKED PyObject *session_printer_text(Session *s, PyObject *function, PyObject *value);
