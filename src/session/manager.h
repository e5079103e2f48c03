/* session/manager.h -- `get_ipython().magics_manager`: registering magics from Python.
 *
 * World: Python, GIL held.  Tests: tests/py/test_extensions.py,
 * tests/c/test_session_manager.c
 */
#pragma once

#include "session/session.h"

/* The object, made at the first call.  Returns NULL with an exception set. */
CHECKED PyObject *session_manager_get(Session *s);
