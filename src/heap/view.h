/* heap/view.h -- a snapshot of the heap as a Python object, `mainspring.Graph`.
 *
 * It holds every object of the snapshot until it goes; a collection in between frees nothing of
 * them.  What each one retains is found out for all at once, at the first question.
 *
 * World: Python, GIL held.  Tests: tests/c/test_heap_module.c
 */
#pragma once

#include "heap/dominator.h"

/* Make the class.  Returns NULL with an exception set. */
CHECKED PyObject *heap_view_type_new(void);

/* Take a snapshot.  `watch` is for this call, and for Ctrl-C later.
 *
 * Returns a Graph, or NULL with an exception set.  Runs user code (a collection).
 */
CHECKED PyObject *heap_view_new(PyObject *type, const HeapWatch *watch);
