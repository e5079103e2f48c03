/* plain/pipe.h -- a line from standard input where that is a pipe or a file.
 *
 * It comes by way of sys.__stdin__, so that the prompt and input() share one buffer.  Until it
 * comes tasks and windows go on (session/loop.h).
 *
 * World: front, GIL held.  Tests: tests/py/test_loops.py, tests/py/test_prompt.py
 */
#pragma once

#include "session/session.h"

/* Read a line with its newline.
 *
 * Returns a str, empty at the end of the input or where the session is to exit; or NULL with an
 * exception set.  Runs user code (signal handlers, tasks, PyOS_InputHook).
 */
CHECKED PyObject *plain_pipe_read_line(Session *s);
