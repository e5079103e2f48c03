/* show/traceback.h -- exceptions as text, by the standard library's traceback module.
 *
 * It asks `linecache` for the lines, which has the text that ran (py/linecache.h).
 *
 *     Plain    as the interpreter prints it
 *     Context  with the lines around each frame's, and the failing expression marked
 *     Verbose  the same, with the values of the frame's variables (show/values.h)
 *     Minimal  the last line alone
 *
 * Where a mode fails the interpreter's own way is taken, and where that fails the exception is named.
 *
 * World: Python, GIL held.  Tests: tests/py/test_traceback.py,
 * tests/c/test_show_traceback.c
 */
#pragma once

#include "py/ref.h"

typedef enum TracebackMode {
    TRACEBACK_PLAIN,
    TRACEBACK_CONTEXT,
    TRACEBACK_VERBOSE,
    TRACEBACK_MINIMAL,
} TracebackMode;

/* Drop the leading frames of the traceback of `error` that are not of the file `filename`,
 * if any frame is.  Never fails.
 */
void traceback_start_at(PyObject *error, PyObject *filename);

/* The lines that would be printed for `error`, without their newlines.
 *
 * Returns a list of str, or NULL with an exception set.  Runs user code (`__str__`, `__repr__`).
 */
CHECKED PyObject *traceback_lines(PyObject *error, TracebackMode mode);

/* Print `error` with its traceback to sys.stderr, in colours where that is a terminal with them.
 *
 * A hostile exception is at least named.  Never fails.  Runs user code (`__str__`, `__repr__`).
 */
void traceback_print(PyObject *error, TracebackMode mode);
