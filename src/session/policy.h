/* session/policy.h -- a script has asyncio to itself, as in an interpreter of its own.
 *
 * While it runs no event loop is current or running, whatever the prompt has: a script that takes
 * the current loop, runs and closes it (or calls asyncio.run(), also where the code that runs it
 * is a coroutine itself) does that with its own.  The prompt's is current again after it.
 *
 * World: Python, GIL held.  Tests: tests/py/test_loops.py, tests/c/test_session_policy.c
 */
#pragma once

#include "py/ref.h"

typedef struct SessionPolicy {
    PyObject *policy;   // asyncio's of before, or NULL
    PyObject *running;  // the event loop that ran, or NULL
} SessionPolicy;

/* Give asyncio, if it is there, a policy as new.  Never fails.  Runs user code (a policy's). */
void session_policy_enter(SessionPolicy *p);

/* Put back what was.  Never fails; keeps a pending exception.  Runs user code (a loop may go). */
void session_policy_leave(SessionPolicy *p);
