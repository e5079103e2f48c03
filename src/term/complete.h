/* term/complete.h -- completion (session/complete.h) as the editor asks for it.
 *
 * World: Python, GIL held.  Tests: tests/py/test_term_menu.py
 */
#pragma once

#include "session/session.h"
#include "term/line.h"

/* Find what could be meant at `cursor`, a byte of `text`.  What takes longer than a moment is left
 * out; Ctrl-C ends it earlier, and is no error.
 *
 * Returns 0, or -1 with an exception set.  Runs user code (a class's `__dir__`).
 */
CHECKED int term_complete(Session *s, const char *text, size_t length, size_t cursor,
                          LineCandidates *ret_candidates);
