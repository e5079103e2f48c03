/* session/streams.h -- sys.stdin, sys.stdout and sys.stderr outlast the scripts.
 *
 * A script may close or replace them, as many do that expect the process to end with them.
 * After it the session has its own again.
 *
 * World: Python, GIL held.  Tests: tests/py/test_streams.py, tests/c/test_session_streams.c
 */
#pragma once

#include "py/ref.h"

enum { SESSION_STREAMS = 3 };

typedef struct SessionStreams {
    PyObject *files[SESSION_STREAMS];  // NULL where sys has none
} SessionStreams;

/* The streams as they are now.  Never fails. */
SessionStreams session_streams_take(void);

/* Put `streams` back in the place of others, flushing those, and open anew what was closed; what
 * that was is noted in `said` (session_report_note()).
 *
 * Consumes what `streams` holds.  Never fails; keeps a pending exception.  Runs user code.
 */
void session_streams_restore(SessionStreams *streams, PyObject **said);

/* Let go of `streams` without putting them back. */
void session_streams_done(SessionStreams *streams);
