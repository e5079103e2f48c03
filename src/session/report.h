/* session/report.h -- telling the user what went wrong, once.
 *
 * World: Python, GIL held.  Tests: tests/py/test_prompt.py, tests/c/test_session_report.c
 */
#pragma once

#include "session/session.h"

/* Report the pending exception and clear it.  SystemExit asks the session to exit instead.
 *
 * `filename` is that of the cell it came through: frames before the cell's own are left out.
 * NULL leaves all in.  Runs user code (`sys.excepthook`).
 */
void session_report(Session *s, PyObject *filename);

/* Show `error`, an exception object, as a failed cell's is shown; nothing else happens.  Runs user
 * code (`sys.excepthook`). */
void session_report_show(Session *s, PyObject *error);

/* Write one line of the shell's own to standard error; the format is PyUnicode_FromFormat's.  Never
 * fails. */
void session_say(const char *format, ...);

/* The exit status that SystemExit's code stands for; a text goes to standard error. */
int session_exit_status(PyObject *error);

/* Add `what` to the text `*list`, after a comma; NULL is the empty list.  Never fails. */
void session_report_note(PyObject **list, const char *what);
