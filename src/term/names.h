/* term/names.h -- what a name or an attribute at the cursor could be, without running code.
 *
 * Names are looked up in the prompt's namespace and in builtins; attributes in instance dicts
 * and in the dicts of classes, so that no property, no `__getattr__` and no `__dir__` runs.
 *
 * World: front, GIL held.  Tests: tests/py/test_term_menu.py
 */
#pragma once

#include "session/session.h"
#include "term/line.h"

/* Find the candidates at `cursor`, sorted; names with an underscore in front only where one was
 * typed.  Returns 0, or -1 with an exception set. */
CHECKED int names_complete(Session *s, const char *text, size_t cursor,
                           LineCandidates *ret_candidates);
