/* session/host.h -- the shell object as extensions see it: the class that session/api.h's is made
 * of, with all that an extension may ask for or change.
 *
 * Attributes can be set on the shell object, also in the place of its methods.
 *
 * World: Python, GIL held.  Tests: tests/py/test_extensions.py, tests/c/test_session_host.c
 */
#pragma once

#include "session/session.h"

/* The shell object; `session` is NULL once that has ended. */
typedef struct Host {
    PyObject_HEAD Session *session;
    PyObject *attributes;  // its __dict__
} Host;

/* Make the class.  Returns NULL with an exception set. */
CHECKED PyObject *session_host_type_new(void);

/* The session of a shell object, or NULL with RuntimeError set once it has ended. */
Session *session_host_session(PyObject *shell);
