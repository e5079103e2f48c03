/* session/process.h -- worker processes that multiprocessing starts afresh (spawn, forkserver).
 *
 * Such a worker executes the file that `__main__.__file__` names, and imports from it what was
 * pickled by reference.  At the prompt that is the script whose function starts the worker, or
 * else the latest run.  What no script has (typed at the prompt, or of a superseded run) could
 * only fail in the worker, and a Pool would wait for it for ever: it is refused when it is
 * pickled, as is a script that is gone or no longer compiles when a worker is started.
 *
 * World: Python, GIL held.  Tests: tests/py/test_processes.py,
 * tests/c/test_session_process.c
 */
#pragma once

#include "session/session.h"

/* Have what multiprocessing pickles looked at, once it is imported; cheap before each statement.
 *
 * Returns 0, or -1 with an exception set.
 */
CHECKED int session_process_watch(Session *s);

/* The path that `__main__` has for whoever asks for it now, which may be multiprocessing.
 *
 * Returns 1 and the path, 0 when there is none, or -1 with an exception set: OSError or
 * SyntaxError where multiprocessing asks and no worker could start.
 */
CHECKED int session_process_path(Session *s, PyObject **ret_path);
