/* session/guard.h -- what the session needs of the process, put back after each cell.
 *
 * Ctrl-C must reach the prompt: a cell or script that left another SIGINT handler, or none, is
 * told so in one line.  (pdb leaves one whenever it continues; that goes without saying.)
 *
 * Its output must be seen: a closed sys.stdin, stdout or stderr is opened again (streams.h).
 *
 * World: Python, GIL held.  Tests: tests/py/test_prompt.py
 */
#pragma once

#include "session/session.h"

/* Put back what the last cell changed.  Never fails; keeps a pending exception. */
void session_guard_restore(Session *s);
