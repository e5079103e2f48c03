/* session/formatter.h -- `get_ipython().display_formatter`: how values of a type are displayed.
 *
 * A terminal shows text/plain.  Functions for other MIME types can be registered, as in any
 * terminal, and are called by nobody.
 *
 * World: Python, GIL held.  Tests: tests/py/test_extensions.py,
 * tests/c/test_session_formatter.c
 */
#pragma once

#include "session/session.h"

/* The object, made at the first call.  Returns NULL with an exception set. */
CHECKED PyObject *session_formatter_get(Session *s);

/* The pretty printer registered for the value's type or one of its bases: 1 and a new reference,
 * 0 where there is none, -1 with an exception set.
 */
CHECKED int session_formatter_find(Session *s, PyObject *value, PyObject **ret_function);

/* The text that is displayed for `value`: by formatters['text/plain'], which somebody may have
 * replaced, or as usual.
 *
 * Returns a str, or None where the formatter has nothing to show, or NULL with an exception set.
 * Runs user code.
 */
CHECKED PyObject *session_formatter_text(Session *s, PyObject *value);
