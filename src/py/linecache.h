/* py/linecache.h -- the text that ran, where tracebacks and `inspect` look for it.
 *
 * An entry made here has no modification time, so `linecache.checkcache()` leaves it alone:
 * what the file on disk says meanwhile does not matter.
 *
 * World: Python, GIL held.  Tests: tests/c/test_py_linecache.c
 */
#pragma once

#include "py/ref.h"

/* Make `linecache` answer with `text` (a str) for `filename`.
 *
 * Returns 0, or -1 with an exception set.
 */
CHECKED int linecache_set(PyObject *filename, PyObject *text);

/* Forget `filename`.  Returns 0, or -1 with an exception set. */
CHECKED int linecache_discard(PyObject *filename);
