/* session/output.h -- values displayed.
 *
 * World: Python, GIL held.  Tests: tests/py/test_prompt.py, tests/c/test_session_output.c
 */
#pragma once

#include "session/session.h"

/* Display `value` as the result of the present cell and keep it; None is neither. */
CHECKED int session_output_show(Session *s, PyObject *value);

/* Write `text` to sys.stdout; what its encoding lacks is written with backslashes. */
CHECKED int session_output_write(PyObject *text);

/* Have standard output written to its end, before something is written elsewhere.  Returns 0, or
 * -1 with an exception set.
 */
CHECKED int session_output_flush(void);

/* Have it written to its end and, on a terminal, the next text begin a row of its own.  Never fails;
 * keeps a pending exception.  Runs user code (the stream's `flush`).
 */
void session_output_begin_row(const Session *s);
