/* plain/terminal.h -- a line from the terminal, as its own line discipline edits it.
 *
 * Until it comes tasks and windows go on (session/loop.h).  A signal that arrives at any moment
 * ends the wait: its handler runs at once, and what it raises comes out here.  (Waiting in read()
 * alone would miss one that comes just before.)
 *
 * World: front, GIL held.  Tests: tests/py/test_guard.py, tests/py/test_loops.py
 */
#pragma once

#include "session/session.h"

/* Read a line with its newline from standard input, a terminal.
 *
 * Returns a str, empty at the end of the input or where the session is to exit; or NULL with an
 * exception set.  Runs user code (signal handlers, tasks, PyOS_InputHook).
 */
CHECKED PyObject *plain_terminal_read_line(Session *s);
