/* session/history_manager.h -- `get_ipython().history_manager`, as other programs use IPython's.
 *
 * World: Python, GIL held.  Tests: tests/py/test_history.py
 */
#pragma once

#include "session/session.h"

/* The manager, made when it is asked for.  Returns NULL with an exception set. */
CHECKED PyObject *session_history_manager_get(Session *s);
