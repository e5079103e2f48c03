/* heap/watch.h -- long work over the heap: told about, and ended by Ctrl-C.
 *
 * While borrowed references to everything are about, no signal handler may run: it is user code.
 * So work over the heap asks only whether there was a Ctrl-C, gives up what it has, and raises
 * KeyboardInterrupt after that.
 *
 * World: Python, GIL held.  Tests: tests/c/test_heap_graph.c, tests/c/test_heap_path.c
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "py/ref.h"

typedef struct HeapWatch {
    /* Tell somebody that so many objects were looked at, or with HEAP_WATCH_OVER that it is
     * over; NULL: nobody wants to know.  It may call nothing of Python.
     */
    void (*tell)(void *context, size_t objects);
    void *context;
} HeapWatch;

enum { HEAP_WATCH_STEP = 1 << 16 };  // objects between two looks
#define HEAP_WATCH_OVER SIZE_MAX

/* Tell of the progress, and say whether to give up; `watch` may be NULL.  To be asked every
 * HEAP_WATCH_STEP objects.  Visits only: no allocation, no reference counting.
 */
bool heap_watch_interrupted(const HeapWatch *watch, size_t objects);

/* Raise what the Ctrl-C means, now that nothing borrowed is left.
 *
 * Returns -1, always.  Runs user code (the handler of SIGINT).
 */
int heap_watch_raise(void);

/* Tell that the work is over.  `watch` may be NULL.  Never fails. */
void heap_watch_over(const HeapWatch *watch);
