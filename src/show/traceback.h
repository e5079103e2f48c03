/* show/traceback.h -- exceptions as text, by the standard library's traceback module.
 *
 * It asks `linecache` for the lines, which has the text that ran (py/linecache.h).
 *
 * World: Python, GIL held.  Tests: tests/py/test_prompt.py
 */
#pragma once

#include "py/ref.h"

/* Drop the leading frames of the traceback of `error` that are not of the file `filename`,
 * if any frame is.  Never fails.
 */
void traceback_start_at(PyObject *error, PyObject *filename);

/* The lines that would be printed for `error`, without their newlines.
 *
 * Returns a list of str, or NULL with an exception set.  Runs user code (`__str__`).
 */
CHECKED PyObject *traceback_lines(PyObject *error);

/* Print `error` with its traceback to sys.stderr, as the interpreter does.
 *
 * A hostile exception is at least named.  Never fails.  Runs user code (`__str__`).
 */
void traceback_print(PyObject *error);
