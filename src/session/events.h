/* session/events.h -- `get_ipython().events`: callbacks before and after each cell.
 *
 * pre_execute() and post_execute() surround all that the session executes as a cell,
 * pre_run_cell(info) and post_run_cell(result) what is not silent.  A callback that takes nothing
 * gets nothing.  What a callback raises is reported, and the session goes on.
 *
 * World: Python, GIL held.  Tests: tests/py/test_extensions.py,
 * tests/c/test_session_events.c
 */
#pragma once

#include "session/session.h"

/* The object, made at the first call.  Returns NULL with an exception set. */
CHECKED PyObject *session_events_get(Session *s);

/* Call the callbacks of `event` with `argument`, which may be NULL.  Nothing where nobody ever
 * asked for the object.  Never fails; runs user code.
 */
void session_events_trigger(Session *s, const char *event, PyObject *argument);
