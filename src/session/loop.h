/* session/loop.h -- what goes on while a prompt waits for its user.
 *
 * A front that has nothing to do calls session_loop_run() with the descriptors that it waits for.
 * Until one of them is readable
 *
 * 1. the session's event loop runs (session/runner.h), a round whenever anything of it is due: a
 *    callback, a timer, a descriptor; what was written to sys.stdout is flushed after it;
 * 2. PyOS_InputHook is called, so that windows stay alive.  A hook that waits for standard input
 *    returns as soon as there is anything to do, for that leads to all that is waited for meanwhile
 *    (session/loan.h).  Within a callback of a hook's it is called again if it is tkinter's: others
 *    (Qt's) can't be.  What a callback of theirs raises is reported, as long as sys.excepthook is
 *    the interpreter's: Qt would end the process;
 * 3. otherwise the process sleeps, without the GIL.
 *
 * Ctrl-C is the prompt's.  While a callback of 1 or 2 executes it raises nothing there: when that
 * is over, KeyboardInterrupt comes out here.  Pressed again meanwhile it does interrupt the
 * callback.  (A front that has ISIG off hears of it by its terminal, once the callback is over.)
 * SystemExit in a task comes out here too, as it comes out of asyncio.run(); other exceptions
 * are reported.  A child that a callback forks is told to exit.
 *
 * World: Python, GIL held, main thread.  Elsewhere, and while an event loop is running already
 * (a prompt within a coroutine), it only waits.
 * Tests: tests/py/test_loops.py, tests/c/test_session_loop.c
 */
#pragma once

#include "session/session.h"

/* Whether anything but the front's descriptors is to be waited for.  As long as nothing of Python
 * runs that does not change, so a front may poll() them itself and leave the GIL alone.  Never
 * fails.
 */
bool session_loop_is_needed(const Session *s);

/* Whether PyOS_InputHook is there and may be called from here.  Never fails. */
bool session_loop_has_hook(const Session *s);

/* Wait until one of `count` descriptors is readable (or at its end, or closed).
 *
 * Returns 1 when one is; 0 when a signal came whose handler raised nothing, a callback has
 * used the terminal, or the session is to exit (`s->exiting`); -1 with an exception set.  Runs user code.
 */
CHECKED int session_loop_run(Session *s, const int *fds, size_t count);
