/* session/holders.h -- what of a session may hold an object: the roots that it has names for.
 *
 * The outputs that are kept, the last error, the names at the prompt, what extensions
 * registered.  With these the module `mainspring`, which any code may import, answers why
 * something is alive.
 *
 * World: Python, GIL held.  Tests: tests/py/test_why.py
 */
#pragma once

#include "heap/graph.h"
#include "session/session.h"

/* Make the module `mainspring` and enter it in sys.modules.  Returns 0, or -1 with an exception
 * set.
 */
CHECKED int session_holders_install(Session *s);

/* Cut the module's tie to the session, which ends.  Never fails. */
void session_holders_detach(Session *s);

/* The watch for work over the heap: after a second a line on the terminal says how far it is. */
HeapWatch session_holders_watch(Session *s);

/* The chain to one of the objects of the list `targets`, a heap/chain.h; each of them has `own`
 * references that only this question needs.  Returns NULL with an exception set.
 * Runs user code.
 */
CHECKED PyObject *session_holders_why(Session *s, PyObject *targets, uint32_t own);
