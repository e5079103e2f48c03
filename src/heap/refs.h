/* heap/refs.h -- what an object refers to, and how large it is.
 *
 * World: Python, GIL held.  Tests: tests/c/test_heap_graph.c
 */
#pragma once

#include "py/ref.h"

/* Call `visit(child, arg)` for each reference that the object shows: what `tp_traverse` does, for
 * objects that the collector has untracked as well, and for code objects, which have none.
 *
 * Returns 0, or what `visit` returned if not 0.  Visits only: no allocation, no reference
 * counting.
 */
int heap_refs_visit(PyObject *object, visitproc visit, void *arg);

/* What a type's instances say of their size, kept so that it need not be looked up again. */
typedef struct HeapSizes {
    struct {
        PyTypeObject *type;  // borrowed: an instance is there while it is asked about
        PyObject *sizeof_method;
    } known[256];
} HeapSizes;

/* Release what was kept. */
void heap_sizes_done(HeapSizes *s);

/* The memory that the object takes, in bytes, its collector's head included; `references` is how
 * many it shows.  What is asked is the `__sizeof__` of the nearest built-in type of its class: it
 * knows the text of a str and the data of an array.  A class's own `__sizeof__`, which is the
 * user's code, is not called; its attributes count as a pointer each.  Never fails.
 */
size_t heap_sizes_of(HeapSizes *s, PyObject *object, size_t references);

static inline void
heap_sizes_done_slot(HeapSizes *s)
{
    heap_sizes_done(s);
}
