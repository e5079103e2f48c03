/* heap/roots.h -- where a chain of references may begin, with a name for each place.
 *
 * Whoever asks adds what he knows of first (the names at a prompt); the interpreter's own roots
 * come after it: frames of threads, signal handlers, modules, exit functions.  At the same
 * distance the root that was added first wins.
 *
 * World: Python, GIL held.  Tests: tests/c/test_heap_path.c
 */
#pragma once

#include "py/ref.h"

typedef struct HeapRoot {
    PyObject *object;
    PyObject *where;  // str: what kind of place it is, for people
    PyObject
        *name;  // str: how Python writes it; NULL: a dict whose keys are names themselves
} HeapRoot;

typedef struct HeapRoots {
    HeapRoot *items;
    size_t count;
    size_t room;
} HeapRoots;

/* Add one; `where` and `name` are UTF-8, `name` may be NULL.  Accepts a NULL object, which adds
 * nothing.  Returns 0, or -1 with an exception set.
 */
CHECKED int heap_roots_add(HeapRoots *r, PyObject *object, const char *where,
                           const char *name);

/* The same with texts that are objects. */
CHECKED int heap_roots_add_texts(HeapRoots *r, PyObject *object, PyObject *where,
                                 PyObject *name);

/* Add the interpreter's own.  Returns 0, or -1 with an exception set.
 * Runs user code (audit hooks; `__eq__` of exit functions that are objects with one).
 */
CHECKED int heap_roots_add_interpreter(HeapRoots *r);

/* Let go of them; all zeros may be released.  Keeps a pending exception.  Runs user code. */
void heap_roots_done(HeapRoots *r);

static inline void
heap_roots_done_slot(HeapRoots *r)
{
    heap_roots_done(r);
}
