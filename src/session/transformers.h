/* session/transformers.h -- what extensions do to a cell before it is executed: functions on its
 * lines, before and after shell syntax becomes Python, and visitors of its tree.
 *
 * World: Python, GIL held.  Tests: tests/py/test_extensions.py,
 * tests/c/test_session_transformers.c
 */
#pragma once

#include "session/session.h"

/* The list of that kind, made at the first call.  Returns NULL with an exception set. */
CHECKED PyObject *session_transformers_get(Session *s, SessionTransform kind);

/* Put another list in its place; NULL empties it.  Returns -1 with TypeError set if it is none. */
CHECKED int session_transformers_set(Session *s, SessionTransform kind, PyObject *list);

/* The text after the functions of that kind, each called with a list of lines.
 *
 * Returns a str, or NULL with an exception set.  Runs user code.
 */
CHECKED PyObject *session_transformers_text(Session *s, SessionTransform kind,
                                            PyObject *text);

/* The tree after the visitors.  One that raises is told of and taken out of the list.
 *
 * Returns a tree, or NULL with an exception set.  Runs user code.
 */
CHECKED PyObject *session_transformers_tree(Session *s, PyObject *tree);
