/* session/result.h -- what `get_ipython().run_cell()` returns, and pre_run_cell callbacks get.
 *
 * World: Python, GIL held.  Tests: tests/py/test_extensions.py,
 * tests/c/test_session_result.c
 */
#pragma once

#include "session/session.h"

/* Borrowed, all of them. */
typedef struct SessionResultParts {
    PyObject *info;
    PyObject *value;  // what was displayed, or NULL
    PyObject *error;  // what was raised, or NULL
    int number;       // the cell's, or 0 where it has none
} SessionResultParts;

/* Make an ExecutionResult: `success`, `result`, `error_in_exec`, `execution_count`, `info` and
 * `raise_error()`.  Returns NULL with an exception set.
 */
CHECKED PyObject *session_result_new(Session *s, const SessionResultParts *parts);

/* Whether the cell of an ExecutionResult raised something.  Never fails. */
bool session_result_failed(PyObject *result);

/* Make an ExecutionInfo: `raw_cell`, `store_history`, `silent`, `shell_futures`, `cell_id`.
 *
 * Returns NULL with an exception set.
 */
CHECKED PyObject *session_result_info_new(Session *s, PyObject *text, bool store,
                                          bool silent);
