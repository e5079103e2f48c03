/* heap/collect.h -- freeing at a boundary what nothing needs any more.
 *
 * This is the one place that decides how much is collected, and when memory goes back to the
 * system.  The caller says of which objects it expects the end; the young generations are
 * collected first, and the whole heap only when one of those objects outlived that.
 *
 * World: Python, GIL held.  Tests: tests/c/test_heap_collect.c
 */
#pragma once

#include "py/ref.h"

typedef struct HeapCollector {
    size_t free_after_trim;  // bytes that the C heap could not give back last time
} HeapCollector;

/* Collect the young generations, and all of the heap where a weak reference of the list
 * `watched` is still alive after that.
 *
 * Works with `gc.disable()` as well.  Returns 0, or -1 with an exception set.
 * Runs user code (finalizers, weak reference callbacks, `gc.callbacks`).
 */
CHECKED int heap_collect(PyObject *watched);

/* Give memory back to the system when much of the C heap is free.  Never fails. */
void heap_collect_trim(HeapCollector *c);
