/* session/hooks.h -- sys.excepthook and its kin, from the text that ran.
 *
 * The interpreter's own read the file on disk, which may have been edited since.
 *
 * World: Python, GIL held.  Tests: tests/py/test_traceback.py, tests/c/test_session_hooks.c
 */
#pragma once

#include "session/session.h"

/* Set sys.excepthook, threading.excepthook and sys.unraisablehook.  Returns 0, or -1 with an exception set. */
CHECKED int session_hooks_install(Session *s);
