/* session/macro.h -- a text that is executed when its name is typed.
 *
 * World: Python, GIL held.  Tests: tests/py/test_history.py, tests/c/test_session_history.c
 */
#pragma once

#include "session/session.h"

/* Make a macro of `text`, a str.  Returns NULL with an exception set. */
CHECKED PyObject *session_macro_new(Session *s, PyObject *text);

/* The text of a macro, valid as long as it; NULL for any other object.  Never fails. */
BORROWED PyObject *session_macro_text(const Session *s, PyObject *object);

/* What the cell `text` is to be executed as: the text of the macro whose name it is, or itself.
 *
 * Returns NULL with an exception set.
 */
CHECKED PyObject *session_macro_expand(Session *s, PyObject *text);
