/* session/output.h -- values displayed and kept: Out, _, __, ___, _N.
 *
 * World: Python, GIL held.  Tests: tests/py/test_prompt.py
 */
#pragma once

#include "session/session.h"

/* Display `value` as the result of the present cell and keep it; None is neither. */
CHECKED int session_output_show(Session *s, PyObject *value);

/* Write `text` to sys.stdout; what its encoding lacks is written with backslashes. */
CHECKED int session_output_write(PyObject *text);

/* After a cell: give up `_` if the user bound it himself.  Runs user code (a value may go). */
void session_output_settle(Session *s);

/* Forget all outputs and the names that hold them.  Runs user code. */
CHECKED int session_output_clear(Session *s);
