/* session/size.h -- what values take in memory, as far as they say so themselves.
 *
 * A value counts with its own bytes, buffers included (bytes, arrays), not with what it refers to:
 * a list of large objects is small.  So these figures are a lower bound, and cost no walk.
 *
 * World: Python, GIL held.  Tests: tests/py/test_output_cache.py, tests/py/test_traceback.py
 */
#pragma once

#include "py/ref.h"

/* The bytes of one value, without asking the user's code.  Never fails. */
size_t session_size_of(PyObject *value);

/* What the traceback of an exception holds. */
typedef struct SessionHeld {
    int frames;    // of functions: a module's names are not the traceback's alone
    size_t bytes;  // of the values in them, each once
} SessionHeld;

/* Add up what the frames of `error`, and of the exceptions before it, hold.  Returns 0, or -1 with
 * an exception set. */
CHECKED int session_size_of_frames(PyObject *error, SessionHeld *ret_held);
