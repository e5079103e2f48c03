/* session/extensions.h -- modules with `load_ipython_extension(ip)`.
 *
 * The magics that a module registers while it loads go when it is unloaded; its events and
 * whatever else it did are for its own `unload_ipython_extension(ip)` to undo.
 *
 * World: Python, GIL held.  Tests: tests/py/test_extensions.py,
 * tests/c/test_session_extensions.c
 */
#pragma once

#include "session/session.h"

typedef enum ExtensionOutcome {
    EXTENSION_DONE,
    EXTENSION_LOADED,       // it already is
    EXTENSION_NOT_LOADED,   // it isn't
    EXTENSION_NO_FUNCTION,  // the module has no function to call
} ExtensionOutcome;

/* `get_ipython().extension_manager`, made at the first call.  Returns NULL with an exception set. */
CHECKED PyObject *session_extensions_get(Session *s);

/* Import the module `name` and call its `load_ipython_extension`.  Where that raises, the magics
 * that it registered are gone.
 *
 * Returns an outcome, or -1 with an exception set.  Runs user code.
 */
CHECKED int session_extensions_load(Session *s, PyObject *name);

/* Call its `unload_ipython_extension`, and unregister its magics.  The same returns. */
CHECKED int session_extensions_unload(Session *s, PyObject *name);

/* Unload it as far as it can be, import it anew and load it.  The same returns. */
CHECKED int session_extensions_reload(Session *s, PyObject *name);
