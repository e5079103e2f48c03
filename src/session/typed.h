/* session/typed.h -- files that are executed as if they were typed: `.ipy` and notebooks.
 *
 * The code cells of a notebook are executed in their order, whatever order they were last
 * executed in; tracebacks call the third of them `FILE.ipynb <cell 3>`.  Nothing is displayed.
 *
 * World: Python, GIL held.  Tests: tests/py/test_run_typed.py, tests/c/test_session_typed.c
 */
#pragma once

#include <stdbool.h>

#include "session/session.h"

/* Whether the name of the file says so. */
bool session_typed_is(PyObject *path);

/* Execute the file in the prompt's names, up to the first error.
 *
 * Returns 0, or -1 with an exception set: `ret_where` is the filename of the code that raised it
 * (for session_report()), or NULL where there was nothing to execute and the exception is one
 * line.  Runs user code.
 */
CHECKED int session_typed_execute(Session *s, PyObject *path, PyObject **ret_where);
