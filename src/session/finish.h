/* session/finish.h -- the polite end of a session.
 *
 * 1. Pools of threads are told to end, and threads that are not daemons are joined, as the
 *    interpreter does; the user is told which ones he waits for, and Ctrl-C stops waiting.
 *    Then the history is saved.
 * 2. atexit functions are called, the last registered first.
 * 3. The prompt's module goes, then the live runs, newest first: what nothing else holds is
 *    finalized while its globals are intact.
 * 4. The interpreter ends; in a child that another thread forked, the process alone.
 *
 * Step 3 is an atexit function too, registered before any of the user's: it is called last.
 *
 * World: Python, GIL held.  Tests: tests/py/test_exit.py
 */
#pragma once

#include "session/session.h"

/* Register step 3.  Returns 0, or -1 with an exception set. */
CHECKED int session_finish_register(Session *s);

/* End the session and the interpreter.
 *
 * Returns the exit status of the process.  Where the user would not wait for a thread it does
 * not return: the process leaves at once.  Runs user code.
 */
int session_finish(Session *s);

/* End a child that a script or a cell forked, when that is over: it never comes back to the
 * prompt.  As the end of the session, with `status`.  Never returns.  Runs user code.
 */
_Noreturn void session_finish_child(Session *s, int status);
