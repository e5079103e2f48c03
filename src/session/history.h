/* session/history.h -- what the session tells its history (hist/journal.h).
 *
 * Each stored cell is noted before it is executed, so that it is there when the cell never ends;
 * what it displayed and ran follows at its end.  A cell that begins with a blank is not noted, nor
 * is what it runs.  Nothing here is a reason for a cell to fail: one line says once why the history
 * can't be written, and once that it can again.
 *
 * World: Python, GIL held.  Tests: tests/py/test_history.py, tests/c/test_session_history.c
 */
#pragma once

#include "session/session.h"

/* Have a journal in memory alone.  Returns 0, or -1 with an exception set. */
CHECKED int session_history_start(Session *s);

/* Keep a file too, where the environment says: from before the first cell on.  Touches no file;
 * where there is no home for one, the journal in memory has to do.  Returns 0, or -1 with an
 * exception set.
 */
CHECKED int session_history_keep(Session *s);

/* Note the cell `s->count`, as typed and as Python (NULL where it isn't).  Keeps a pending
 * exception; never fails. */
void session_history_add_input(Session *s, PyObject *typed, PyObject *source);

/* Note what that cell displayed, where this is wanted.  Never fails. */
void session_history_add_output(Session *s, PyObject *text);

/* Note a run that is over.  Keeps a pending exception; never fails. */
void session_history_add_run(Session *s, const Run *run);

/* Save what was noted.  Never fails. */
void session_history_save(Session *s);

/* Save for the last time, and say how much could not be.  Never fails. */
void session_history_end(Session *s);
