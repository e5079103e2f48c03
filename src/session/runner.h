/* session/runner.h -- the session's event loop, asyncio's: one for its life.
 *
 * It is made when it is first needed (nothing here imports asyncio before), and shared by
 * top-level await and by whatever asks for the current event loop at the prompt.  A task that a
 * cell made goes on in later cells that await, and while the prompt waits (session/loop.h).
 *
 * An awaited cell is executed as asyncio.run() does it, but that the loop lives on: Ctrl-C cancels
 * the cell's coroutine alone, and context variables that it sets are set in later cells.
 * asyncio.run() itself makes and closes a loop of its own, as ever.
 *
 * What a task or a callback fails with is reported as text by the loop's exception handler, unless
 * the user sets another one.  A loop that the user closes is replaced by a new one.  A forked
 * child neither has the loop nor disturbs the parent's.
 *
 * World: Python, GIL held.  Tests: tests/py/test_loops.py, tests/c/test_session_runner.c
 */
#pragma once

#include "session/session.h"

/* Once asyncio was imported, have the session's loop be the current one, unless another one is;
 * cheap before each statement.  Never fails.  Runs user code (an event loop policy's).
 */
void session_runner_offer(Session *s);

/* Execute a coroutine of the prompt's on the loop.
 *
 * Returns its value, or NULL with an exception set.  Runs user code.
 */
CHECKED PyObject *session_runner_await(Session *s, PyObject *coroutine);

/* Have the session's loop be the running one, for a statement that doesn't await in a cell that
 * does, so that it can make tasks: whether it is now, for session_runner_leave() to end.  Never
 * fails.
 */
bool session_runner_enter(Session *s);
void session_runner_leave(void);

/* The loop where it is open and may be run from here: not in another thread, not while a loop is
 * running.  NULL where there is none.  Never fails.
 */
PyObject *session_runner_loop(Session *s);

/* The descriptor that is readable when one of the loop's is, or -1 where it has none (uvloop).
 * Never fails. */
int session_runner_fd(PyObject *loop);

/* A loop that can't be asked what it waits for has its round so often. */
enum { SESSION_RUNNER_BLIND_MS = 20 };

/* Milliseconds until a callback or a timer of the loop is due: 0 for now, -1 for never.  Never
 * fails. */
int session_runner_due(PyObject *loop);

/* Give up a loop that is broken, without closing it.  Keeps a pending exception. */
void session_runner_drop(Session *s);

/* Cancel what is pending, wait for it and close the loop, as asyncio.run() does at its end; there
 * may be none.  Returns 0, or -1 with an exception set.  Runs user code.
 */
CHECKED int session_runner_close(Session *s);
