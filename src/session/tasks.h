/* session/tasks.h -- the session's one event loop: what cells await, and what goes on between
 * them.
 *
 * The loop is made when a cell awaits something, or when asyncio has been imported: then it is
 * the one that asyncio.get_event_loop() gives.  A prompt that waits on a terminal runs it
 * meanwhile.
 *
 * World: Python, GIL held.  Tests: tests/py/test_prompt.py, tests/py/test_term_tasks.py
 */
#pragma once

#include <stddef.h>

#include "session/session.h"

/* Run a coroutine to its end.  Returns its value, or NULL with an exception set.  Runs user code. */
CHECKED PyObject *session_tasks_await(Session *s, PyObject *coroutine);

/* Whether there is a loop that is not running: 1 or 0, or -1 with an exception set. */
CHECKED int session_tasks_can_run(Session *s);

/* Run the loop until one of the descriptors can be read, or `timeout` milliseconds have passed
 * (-1: for ever).  Returns 0, or -1 with an exception set, which a callback raised.  Runs user
 * code. */
CHECKED int session_tasks_run(Session *s, const int *fds, size_t count, int timeout);
