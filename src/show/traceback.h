/* show/traceback.h -- exceptions as text, by the standard library's traceback module.
 *
 * It asks `linecache` for the lines, which has the text that ran (py/linecache.h).
 *
 *     Plain    as the interpreter prints it
 *     Context  with the lines around each frame's
 *     Minimal  the last line alone
 *
 * World: Python, GIL held.  Tests: tests/py/test_traceback.py,
 * tests/c/test_show_traceback.c
 */
#pragma once

#include "py/ref.h"

typedef enum TracebackMode {
    TRACEBACK_PLAIN,
    TRACEBACK_CONTEXT,
    TRACEBACK_MINIMAL,
} TracebackMode;

/* Drop the leading frames of the traceback of `error` that are not of the file `filename`,
 * if any frame is.  Never fails.
 */
void traceback_start_at(PyObject *error, PyObject *filename);

/* The lines that would be printed for `error`, without their newlines.
 *
 * Returns a list of str, or NULL with an exception set.  Runs user code (`__str__`).
 */
CHECKED PyObject *traceback_lines(PyObject *error, TracebackMode mode);

/* Print `error` with its traceback to sys.stderr.
 *
 * A hostile exception is at least named.  Never fails.  Runs user code (`__str__`).
 */
void traceback_print(PyObject *error, TracebackMode mode);
