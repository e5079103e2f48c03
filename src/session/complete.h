/* session/complete.h -- completion at the prompt: inspect/complete.h with the session's names and
 * magics.
 *
 * World: Python, GIL held.  Tests: tests/py/test_complete.py, tests/c/test_session_complete.c
 */
#pragma once

#include "inspect/complete.h"
#include "session/session.h"

/* Begin to complete `text` at the code point `cursor`.  The session outlives the completion.
 *
 * Returns as inspect_complete_new() does.
 */
CHECKED InspectCompletion *session_complete_start(Session *s, PyObject *text,
                                                  Py_ssize_t cursor);

/* Complete at once, as IPython's complete() does: (the text that is replaced, a list of what can
 * take its place).
 *
 * Returns NULL with an exception set.  Runs user code.
 */
CHECKED PyObject *session_complete_all(Session *s, PyObject *text, Py_ssize_t cursor);
