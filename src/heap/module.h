/* heap/module.h -- the module `mainspring`: why(), retained() and graph() for Python code.
 *
 * It knows nothing of sessions: who makes it says what roots there are beyond the interpreter's,
 * and who wants to know of long work.
 *
 * World: Python, GIL held.  Tests: tests/c/test_heap_module.c
 */
#pragma once

#include "heap/graph.h"
#include "heap/path.h"

typedef struct HeapAsker {
    /* Add the roots that come before the interpreter's own: 0, or -1 with an exception set. */
    int (*add_roots)(void *context, HeapRoots *roots);
    void *context;
    HeapWatch watch;
} HeapAsker;

/* Make the module; `asker` may be NULL.  Returns NULL with an exception set. */
CHECKED PyObject *heap_module_new(const HeapAsker *asker);

/* From now on nobody is asked for roots any more, and nobody told. */
void heap_module_detach(PyObject *module);

/* The chain to one of the objects in the list `targets`, as heap_path_find() has it.
 *
 * Returns NULL with an exception set.  Runs user code.
 */
CHECKED PyObject *heap_module_why(PyObject *module, PyObject *targets, uint32_t own);
