/* session/guard.h -- what the session needs of the process, put back after each cell and run.
 *
 * After a script, all that it left changed is put back; after a cell, only what would keep the
 * prompt from working, for a user may well replace sys.stdout or sys.displayhook on purpose.
 *
 *     what                                            script   cell
 *     descriptors 0, 1, 2; the terminal's modes         x        x
 *     Ctrl-C (the SIGINT handler)                       x        x
 *     sys.stdin, stdout, stderr closed                  x        x
 *     the same replaced or deleted,
 *     sys.excepthook, trace, profile, the wakeup fd     x
 *
 * One line says what was put back.
 *
 * World: Python, GIL held.  Tests: tests/py/test_guard.py, tests/c/test_session_guard.c
 */
#pragma once

#include <stdbool.h>
#include <termios.h>

#include "session/session.h"
#include "session/streams.h"

enum { GUARD_FDS = 3 };

/* Which file a descriptor is. */
typedef struct GuardFile {
    dev_t device;
    ino_t inode;
    bool open;
} GuardFile;

/* The process as it was before a cell or run. */
typedef struct SessionGuard {
    SessionStreams streams;
    GuardFile files[GUARD_FDS];
    PyObject *interrupt;  // the SIGINT handler of the cell or run that this one is within
    PyObject *except_hook;
    PyObject *trace;
    PyObject *profile;
    struct termios modes;
    bool terminal;  // `modes` are a terminal's
} SessionGuard;

/* Keep duplicates of descriptors 0-2 for the life of the session, and take SIGTERM and SIGHUP:
 * they end it politely, though not a forked child.  Returns 0, or -1 with an exception set.
 */
CHECKED int session_guard_start(Session *s);

/* Note how things are.  Never fails. */
void session_guard_enter(SessionGuard *g);

/* Whether sys.excepthook is another one since: an error of the script's is for it.  Never fails. */
bool session_guard_is_hooked(const SessionGuard *g);

/* Put back what changed since, as above; `script` after a run.  Keeps a pending exception.
 * Runs user code (what is replaced may go).
 */
void session_guard_leave(Session *s, SessionGuard *g, bool script);
