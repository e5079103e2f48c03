/* session/threads.h -- the threads that runs left, in words.
 *
 * World: Python, GIL held.  Tests: tests/py/test_run_threads.py
 */
#pragma once

#include "session/session.h"

/* The names of the threads of `r` that are alive, `'reader', 'timer' (daemon)`; those that are
 * not daemons alone with `blocking`.
 *
 * Returns a str, empty where there are none, or NULL with an exception set.  Runs user code.
 */
CHECKED PyObject *session_threads_text(Session *s, const Run *r, bool blocking);

/* Tell the user, once for each run other than `now`, of the threads that it left and that are no
 * daemons: they hold it, and the session's end waits for them.  Never fails; keeps a pending
 * exception.  Runs user code.
 */
void session_threads_tell(Session *s, const Run *now);
