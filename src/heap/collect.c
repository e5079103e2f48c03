#include "heap/collect.h"

#include <malloc.h>

#include "base/clock.h"
#include "py/call.h"
#include "py/compat.h"

// Below this a trim costs more than the memory is worth.
#define TRIM_BYTES ((size_t)16 << 20)

// Seconds that a user at a prompt does not notice.
#define NOTICEABLE 0.05

static int
any_alive(PyObject *watched)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(watched); i++) {
        PyObject *object = NULL;
        int alive = compat_weakref_get(PyList_GET_ITEM(watched, i), &object);
        if (alive == 1)
            Py_DECREF(object);
        if (alive != 0)
            return alive;
    }
    return 0;
}

static int
collect_generation(HeapCollector *c, PyObject *collect, int generation)
{
    double start = clock_monotonic();
    AUTO_DECREF PyObject *count = PyObject_CallFunction(collect, "i", generation);
    if (generation == HEAP_OLDEST)
        c->full_seconds = clock_monotonic() - start;
    return count == NULL ? -1 : 0;
}

int
heap_collect(HeapCollector *c, PyObject *watched, int at_least)
{
    AUTO_DECREF PyObject *collect = call_import("gc", "collect");
    if (collect == NULL)
        return -1;
    for (int generation = 0; generation <= HEAP_OLDEST; generation++) {
        int needed = generation <= at_least ? 1 : any_alive(watched);
        if (needed <= 0)
            return needed;
        if (generation >= at_least && collect_generation(c, collect, generation) < 0)
            return -1;
    }
    return 1;
}

bool
heap_collect_is_cheap(const HeapCollector *c)
{
    return c->full_seconds < NOTICEABLE;
}

void
heap_collect_trim(HeapCollector *c)
{
    if (mallinfo2().fordblks < c->free_after_trim + TRIM_BYTES)
        return;
    (void)malloc_trim(0);  // 0 means only that there was nothing to give back
    c->free_after_trim = mallinfo2().fordblks;
}
