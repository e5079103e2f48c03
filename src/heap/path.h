/* heap/path.h -- the shortest way from a named root to an object.
 *
 * One breadth-first search forwards from the roots: objects are numbered in the order in which
 * they are met, so that the numbers are the queue, and each has the number of who led to it.  It
 * ends at the object, and visits no more than it needs: some 24 bytes an object, and nothing
 * stays.  Nothing runs meanwhile but `tp_traverse`.
 *
 * What no named root leads to may be held by references that nobody shows: the evaluation stack,
 * C code.  A second search, over a snapshot (heap/graph.h), begins at each object that has more
 * references than known holders.
 *
 * World: Python, GIL held.  Tests: tests/c/test_heap_path.c
 */
#pragma once

#include "heap/roots.h"
#include "heap/watch.h"

typedef enum HeapHolder {
    HEAP_HELD_BY_ROOT,    // `root` says which
    HEAP_HELD_BY_HIDDEN,  // the first object is held by the stack or by C code
    HEAP_HELD_BY_NOBODY,  // but by who asks
    HEAP_HELD_BY_GARBAGE  // by objects that wait to be collected
} HeapHolder;

typedef struct HeapPath {
    HeapHolder holder;
    size_t root;        // the number of the root
    PyObject *objects;  // list: from the first one to the one that was asked about; or NULL
} HeapPath;

/* Find the shortest way to one of the objects of the list `targets`, each of which has `own`
 * references that only this question needs (that list's not counted).  `watch` may be NULL.
 *
 * Returns 0, or -1 with an exception set (KeyboardInterrupt after a Ctrl-C).
 * Runs user code (the handler of SIGINT; a collection).
 */
CHECKED int heap_path_find(const HeapRoots *roots, PyObject *targets, uint32_t own,
                           const HeapWatch *watch, HeapPath *ret_path);

/* Let go of it; all zeros may be released.  Keeps a pending exception.  Runs user code. */
void heap_path_done(HeapPath *p);

static inline void
heap_path_done_slot(HeapPath *p)
{
    heap_path_done(p);
}
