/* session/result.h -- what `get_ipython().run_cell()` returns.
 *
 * World: Python, GIL held.  Tests: tests/py/test_api.py
 */
#pragma once

#include "py/ref.h"

/* Make the type ExecutionResult: `success`, `result`, `error_in_exec`, `execution_count` and
 * `raise_error()`.  Returns NULL with an exception set.
 */
CHECKED PyObject *session_result_type_new(void);

/* Make a result of that type for the cell `number`; `value` and `error` may be NULL.
 *
 * Returns NULL with an exception set.
 */
CHECKED PyObject *session_result_new(PyObject *type, int number, PyObject *value,
                                     PyObject *error);
