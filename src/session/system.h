/* session/system.h -- shell commands: `!cmd`, `x = !cmd`.
 *
 * World: Python, GIL held.  Tests: tests/py/test_prompt.py, tests/c/test_session_system.c
 */
#pragma once

#include "session/session.h"

/* Expand `$var` and `{expr}` in `line` from the prompt's names.
 *
 * Returns a str, or NULL with an exception set.  Runs user code.
 */
CHECKED PyObject *session_system_expand(Session *s, PyObject *line);

/* The same for one expression, as input/expand.h and input/words.h ask for it: an
 * InputEvaluate, `context` being the session.  Returns -EINTR with KeyboardInterrupt set.
 */
int session_system_evaluate(const char *expression, size_t length, void *context,
                            char **ret_text);

/* Run `command` in the user's shell, on our own terminal; `_exit_code` gets its status, negative
 * for a signal.  Returns 0, or -1 with an exception set.
 */
CHECKED int session_system_run(Session *s, PyObject *command);

/* Run `command` and return the lines that it wrote, a list of str; `_exit_code` as above. */
CHECKED PyObject *session_system_lines(Session *s, PyObject *command);
