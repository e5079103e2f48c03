/* plain/terminal.h -- a line from the terminal, as its own line discipline edits it.
 *
 * A signal that arrives at any moment ends the wait: its handler runs at once, and what it
 * raises comes out here.  (Waiting in read() alone would miss one that comes just before.)
 * PyOS_InputHook runs while the user types nothing, so that windows stay alive.
 *
 * World: front, GIL held.  Tests: tests/py/test_guard.py, tests/py/test_prompt.py
 */
#pragma once

#include "py/ref.h"

/* Read a line with its newline from standard input, a terminal.
 *
 * Returns a str, empty at the end of the input; or NULL with an exception set.  Runs user code
 * (signal handlers, PyOS_InputHook).
 */
CHECKED PyObject *plain_terminal_read_line(void);
