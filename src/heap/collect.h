/* heap/collect.h -- freeing at a boundary what nothing needs any more.
 *
 * This is the one place that decides how much is collected, and when memory goes back to the
 * system.  The caller says of which objects it expects the end; the whole heap is collected
 * only when one of them outlives the young generations.
 *
 * World: Python, GIL held.  Tests: tests/c/test_heap_collect.c
 */
#pragma once

#include <stdbool.h>

#include "py/ref.h"

typedef struct HeapCollector {
    size_t free_after_trim;  // bytes that the C heap could not give back last time
    double full_seconds;     // what the last collection of the whole heap took
} HeapCollector;

enum { HEAP_YOUNGEST = 0, HEAP_YOUNG = 1, HEAP_OLDEST = 2 };

/* Collect the generations up to `at_least`, and one more as long as a weak reference of the list
 * `watched` is alive and there is one more.
 *
 * Works with `gc.disable()` as well.  Returns 1 if the whole heap was collected, 0 if less was
 * enough, or -1 with an exception set.
 * Runs user code (finalizers, weak reference callbacks, `gc.callbacks`).
 */
CHECKED int heap_collect(HeapCollector *c, PyObject *watched, int at_least);

/* Whether a collection of the whole heap would hardly be noticed.  Never fails. */
bool heap_collect_is_cheap(const HeapCollector *c);

/* Give memory back to the system when much of the C heap is free.  Never fails. */
void heap_collect_trim(HeapCollector *c);
