/* term/loop.h -- the session at a terminal: its prompt, edited by term/line.
 *
 * While the prompt waits the interpreter is free for other threads.  It is taken for signal
 * handlers, for the tasks of the session's event loop, for PyOS_InputHook and for completion.
 * input() and all else that asks PyOS_Readline is edited the same way, unless the module
 * `readline` was imported: then that has its way, as in `python3`.
 *
 * World: front, GIL held.  Tests: tests/py/test_term_*.py
 */
#pragma once

#include <stdbool.h>

#include "session/session.h"

/* The front for a session on the terminal that standard input and output are.  Never fails. */
const SessionFront *term_loop_front(void);
