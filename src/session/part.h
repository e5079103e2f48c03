/* session/part.h -- Python objects that stand for a part of the session, as `get_ipython().events`
 * does.
 *
 * A part refers to the shell object, through which it finds the session for as long as that
 * lasts, and to one object of its own.
 *
 * World: Python, GIL held.  Tests: tests/py/test_extensions.py, tests/c/test_session_part.c
 */
#pragma once

#include "session/session.h"

typedef struct Part {
    PyObject_HEAD PyObject *shell;
    PyObject *held;
} Part;

/* What parts of one type have in common; what is missing is NULL. */
typedef struct PartSpec {
    const char *name;
    const char *doc;
    PyMethodDef *methods;
    PyGetSetDef *members;
    ternaryfunc call;
} PartSpec;

/* Make a type.  Returns NULL with an exception set. */
CHECKED PyObject *session_part_type_new(const PartSpec *spec);

/* Make a part of the type `type`.  Returns NULL with an exception set. */
CHECKED PyObject *session_part_new(PyObject *type, PyObject *shell, PyObject *held);

/* Make a type and the only part of it.  Accepts NULL for `held`, with an exception set. */
CHECKED PyObject *session_part_new_single(const PartSpec *spec, PyObject *shell,
                                          PyObject *held);

/* The session, or NULL with RuntimeError set once it has ended. */
Session *session_part_session(PyObject *part);

/* What the part holds, valid as long as it.  Never fails. */
BORROWED PyObject *session_part_held(PyObject *part);
