/* session/registry.h -- magics that extensions and users register: callables by name.
 *
 * Only a deliberate registration gets here.  It takes the place of a native magic of its name for
 * as long as it is there.  The tables are Python dicts, as extensions know them; the native magics
 * are put in as callables whenever somebody looks, so they can be replaced but not lost.
 *
 * World: Python, GIL held.  Tests: tests/py/test_extensions.py,
 * tests/c/test_session_registry.c
 */
#pragma once

#include "session/magic.h"

/* {'line': {name: callable}, 'cell': {...}}, the native ones among them; the session's own dicts.
 *
 * Returns NULL with an exception set.
 */
CHECKED PyObject *session_registry_tables(Session *s);

/* The callable registered as the magic `name` of that way (MAGIC_LINE or MAGIC_CELL): 1 and a
 * new reference, 0 where there is none (a native one does not count), -1 with an exception set.
 */
CHECKED int session_registry_get(Session *s, PyObject *name, unsigned way,
                                 PyObject **ret_function);

/* The same as a question.  Never fails. */
bool session_registry_has(Session *s, const char *name, size_t length, unsigned way);

/* The names that are registered that way, sorted.  Returns NULL with an exception set. */
CHECKED PyObject *session_registry_names(Session *s, unsigned way);

/* Register a callable; `ways` are MAGIC_LINE, MAGIC_CELL or both.  Runs user code (the one that
 * it replaces may go).
 */
CHECKED int session_registry_put(Session *s, PyObject *name, unsigned ways,
                                 PyObject *function);

/* Call a registered magic: with its line, expanded unless it says that it does that itself, with
 * the cell if that is not NULL, and with `local_ns` if it wants it.
 *
 * Returns its value, or NULL with an exception set.  Runs user code.
 */
CHECKED PyObject *session_registry_call(Session *s, PyObject *function, PyObject *line,
                                        PyObject *cell);
