/* inspect/complete.h -- what the text at a cursor could go on with.
 *
 * For a terminal and for a kernel: it knows neither keys nor menus.  What is found comes in
 * batches.  The first ones are made of what lies in memory and on disk, and run no code of the
 * user's: no property, no `__getattr__`, no `__repr__`.  The last ones ask those who have something
 * to say themselves: a class's `__dir__`, `_ipython_key_completions_`, within a limit of time.
 *
 *     AUTO(inspect_complete_free) InspectCompletion *c = inspect_complete_new(scope, text, cursor);
 *     while (c != NULL && (more = inspect_complete_next(c, 0.05)) == 1)
 *         paint(inspect_complete_found(c));
 *
 * Ctrl-C ends each step.  Offsets are in code points.
 *
 * World: Python, GIL held.  Tests: tests/c/test_inspect_complete.c, tests/py/test_complete.py
 */
#pragma once

#include <stdbool.h>

#include "inspect/candidates.h"

typedef struct InspectCompletion InspectCompletion;

/* Where it looks.  What it points to stays valid as long as the completion. */
typedef struct InspectScope {
    PyObject *namespace;  // the prompt's names, an exact dict
    PyObject *modules;    // a dict, where the engine keeps what sys.path has
    bool fuzzy;           // the letters typed may lie apart
    bool automagic;       // a line may begin with a magic's name alone
    void *context;
    /* The names of all magics that can be called with (`cell`) or without a cell: a list of str,
     * or NULL with an exception set.  NULL: there are none. */
    PyObject *(*magics)(void *context, bool cell);
    /* What follows the name of a magic: str, or None where that is not known. */
    PyObject *(*usage)(void *context, PyObject *name);
} InspectScope;

/* Begin to complete `text` at the code point `cursor`.
 *
 * Returns the completion, with nothing found yet, or NULL with an exception set.
 */
CHECKED InspectCompletion *inspect_complete_new(const InspectScope *scope, PyObject *text,
                                                Py_ssize_t cursor);

/* Look for `seconds`, about.  What asks the user's code begins with a call of its own, and ends
 * when the time is over.
 *
 * Returns 1 where more may come, 0 at the end, or -1 with an exception set (KeyboardInterrupt), and
 * what was found stays.  Runs user code, but not in the first call.
 */
CHECKED int inspect_complete_next(InspectCompletion *c, double seconds);

/* What was found so far, in order.  Valid up to the next call for `c`. */
const InspectCandidates *inspect_complete_found(const InspectCompletion *c);

/* What a candidate takes the place of, in code points. */
void inspect_complete_range(const InspectCompletion *c, Py_ssize_t *ret_start,
                            Py_ssize_t *ret_end);

/* The signature of the candidate `i`, or None where it has none that is known.
 *
 * Returns a str or None, or NULL with an exception set.
 */
CHECKED PyObject *inspect_complete_signature(const InspectCompletion *c, size_t i);

/* Accepts NULL.  Keeps a pending exception. */
void inspect_complete_free(InspectCompletion *c);
DEFINE_AUTO(InspectCompletion *, inspect_complete_free)
