/* session/api.h -- the session as Python code sees it: `get_ipython()`.
 *
 * World: Python, GIL held.  Tests: tests/py/test_api.py, tests/c/test_session_api.c
 */
#pragma once

#include "session/session.h"

/* Make the shell object and the builtins that lead to it: `get_ipython`, `__mainspring__` (which
 * transformed input calls), `exit`, `quit`, `__IPYTHON__`; and `sys.displayhook`, `sys.ps1`.
 *
 * Returns 0, or -1 with an exception set.
 */
CHECKED int session_api_install(Session *s);

/* Cut the shell object's tie to the session: calls raise RuntimeError from then on. */
void session_api_detach(Session *s);

/* Whether `value` is the builtin `exit` or `quit`, which ends the session when displayed. */
bool session_api_is_quitter(PyObject *value);
