/* session/failure.h -- what extensions do about the showing of exceptions.
 *
 * A handler set for some classes comes first; then `showtraceback` (for syntax errors
 * `showsyntaxerror`) and `_showtraceback` of the shell object, where somebody put another
 * function in the place of ours.
 *
 * World: Python, GIL held.  Tests: tests/py/test_extensions.py,
 * tests/c/test_session_failure.c
 */
#pragma once

#include "session/session.h"

/* Have `handler(shell, type, value, traceback, tb_offset=None)` called for cells that end with an
 * exception of `classes`, a tuple.  NULL for `handler`: none is called any more.
 *
 * Returns 0, or -1 with TypeError set.  Runs user code (the old one may go).
 */
CHECKED int session_failure_set_handler(Session *s, PyObject *classes, PyObject *handler);

/* Have an extension show `error`, which a cell ended with: whether one did.  What goes wrong is
 * told of, and the error is for the caller to show.  Runs user code.
 */
bool session_failure_show(Session *s, PyObject *error);

/* The same for the last step alone, `_showtraceback(type, value, lines)`. */
bool session_failure_show_lines(Session *s, PyObject *error);
