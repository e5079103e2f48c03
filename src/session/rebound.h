/* session/rebound.h -- the values that a statement of the prompt is about to let go of.
 *
 * World: Python, GIL held.  Tests: tests/py/test_collector.py
 */
#pragma once

#include "session/session.h"

/* Suspect (heap/collect.h) what the prompt has now under the names that the statement, a tree,
 * deletes or assigns to.  Returns 0, or -1 with an exception set.
 */
CHECKED int session_rebound_note(Session *s, PyObject *statement);
