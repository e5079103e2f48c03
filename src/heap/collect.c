#include "heap/collect.h"

#include <malloc.h>

#include "base/clock.h"
#include "base/memory.h"
#include "py/call.h"
#include "py/exc.h"

// Below this a trim costs more than the memory is worth.
#define TRIM_BYTES ((size_t)16 << 20)

// Seconds that a user at a prompt does not notice, and the part of a run that he doesn't.
#define NOTICEABLE 0.05
#define NOTICEABLE_PART 0.1

// The part of all time that such collections take at most where nothing asks for them.
#define DUE_PART 0.05

// Suspects that are looked at after a statement; the others are judged with the cell.
#define LATEST 64

// Objects that are looked at before a value is let go of: freeing as many takes as long.
#define RELEASE_BUDGET 100000

// Seconds per resident byte that a collection of the whole heap takes, before one was measured.
#define USUAL_PACE 5e-10

int
heap_collector_init(HeapCollector *c, PyObject *prompt)
{
    c->pace = USUAL_PACE;
    c->limits.prompt = Py_XNewRef(prompt);
    c->limits.module_name = PyUnicode_InternFromString("__module__");
    c->limits.objects = c->limits.module_name == NULL ? NULL : PyTuple_New(0);
    c->suspects = c->limits.objects == NULL ? NULL : PyList_New(0);
    c->collect = c->suspects == NULL ? NULL : call_import("gc", "collect");
    return c->collect == NULL ? -1 : 0;
}

void
heap_collector_done(HeapCollector *c)
{
    AUTO_EXC ExcHold hold = exc_hold();
    Py_CLEAR(c->suspects);
    Py_CLEAR(c->limits.objects);
    Py_CLEAR(c->limits.prompt);
    Py_CLEAR(c->limits.module_name);
    Py_CLEAR(c->collect);
    Py_CLEAR(c->broken);
}

int
heap_collector_limit(HeapCollector *c, PyObject *object)
{
    AUTO_DECREF PyObject *one = PyTuple_Pack(1, object);
    AUTO_DECREF PyObject *all =
        one == NULL ? NULL : PySequence_Concat(c->limits.objects, one);
    if (all == NULL)
        return -1;
    Py_XSETREF(c->limits.objects, TAKE(all));
    return 0;
}

/* Whether the object is among the latest suspects: a name and its link let go of it together. */
static bool
is_suspect(const HeapCollector *c, PyObject *object)
{
    Py_ssize_t count = PyList_GET_SIZE(c->suspects);
    for (Py_ssize_t i = count; i-- > 0 && i >= count - LATEST;)
        if (PyList_GET_ITEM(c->suspects, i) == object)
            return true;
    return false;
}

void
heap_collector_suspect(HeapCollector *c, PyObject *object)
{
    if (object == NULL || !PyObject_GC_IsTracked(object) || is_suspect(c, object))
        return;
    AUTO_EXC ExcHold hold = exc_hold();
    if (PyList_Append(c->suspects, object) < 0)
        PyErr_Clear();  // no memory: it is left to the collections of the interpreter
}

void
heap_collector_acquit(HeapCollector *c)
{
    AUTO_EXC ExcHold hold = exc_hold();
    if (c->suspects != NULL && PyList_SetSlice(c->suspects, 0, PY_SSIZE_T_MAX, NULL) < 0)
        PyErr_Clear();  // no memory: they go at the next boundary
}

/* Call gc.collect(): how many objects it found dead, or -1. */
static Py_ssize_t
collect_generation(const HeapCollector *c, int generation)
{
    AUTO_DECREF PyObject *count = PyObject_CallFunction(c->collect, "i", generation);
    return count == NULL ? -1 : PyLong_AsSsize_t(count);
}

int
heap_collect_young(HeapCollector *c, int generation)
{
    BORROWED PyObject *canary = PyList_New(1);
    if (canary == NULL)
        return -1;
    PyList_SET_ITEM(canary, 0, canary);  // held by itself alone: any collection finds it
    Py_ssize_t found = collect_generation(c, generation);
    return found < 0 ? -1 : found > 0;
}

/* Move the dead among the objects with these numbers into the youngest generation. */
static void
renew(HeapCollector *c, const HeapVerdict *v, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++) {
        if (!heap_verdict_is_dead(v, (uint32_t)i))
            continue;
        BORROWED PyObject *object = v->map.objects[i];
        c->freed++;
        c->finalizes |= Py_TYPE(object)->tp_finalize != NULL;
        if (!PyObject_GC_IsTracked(object))
            continue;
        PyObject_GC_UnTrack(object);
        PyObject_GC_Track(object);
    }
}

/* Move all the dead there, roots last. */
static void
renew_dead(HeapCollector *c, const HeapVerdict *v)
{
    size_t roots_end = v->limits + v->proof_count;
    c->finalizes = false;
    renew(c, v, roots_end, v->map.count);
    renew(c, v, v->limits, roots_end);
}

/* Keep what is alive of the suspects, which are the first `count` of the roots. */
static int
keep_suspects(HeapCollector *c, const HeapVerdict *v, PyObject *roots, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (heap_verdict_proof(v, i) != 0
            && PyList_Append(c->suspects, PyList_GET_ITEM(roots, (Py_ssize_t)i)) < 0)
            return -1;
    return 0;
}

/* Have the roots judged: 1 if any object is dead, which is in the youngest generation now. */
static int
judge(HeapCollector *c, PyObject *roots, size_t suspects, uintptr_t *ret_proofs)
{
    double start = clock_thread();
    __attribute__((cleanup(heap_verdict_done_slot))) HeapVerdict v;
    heap_verdict_init(&v, roots, &c->limits);
    bool dead = heap_verdict_any_dead(&v);
    if (dead)
        renew_dead(c, &v);
    AUTO_DECREF PyObject *broken = Py_XNewRef(v.broken);
    for (size_t i = suspects; i < (size_t)PyList_GET_SIZE(roots); i++)
        ret_proofs[i - suspects] = heap_verdict_proof(&v, i);
    if (broken != NULL)
        Py_XSETREF(c->broken, (PyTypeObject *)TAKE(broken));
    c->judged_seconds = clock_thread() - start;
    return keep_suspects(c, &v, roots, suspects) < 0 ? -1 : dead;
}

int
heap_collect_dead(HeapCollector *c, PyObject *namespaces, size_t budget,
                  uintptr_t *ret_proofs)
{
    AUTO_DECREF PyObject *fresh = PyList_New(0);
    Py_ssize_t suspects = PyList_GET_SIZE(c->suspects);
    if (fresh == NULL || PyList_SetSlice(c->suspects, suspects, suspects, namespaces) < 0
        || PyList_SetSlice(namespaces, 0, PY_SSIZE_T_MAX, NULL) < 0)
        return -1;
    AUTO_DECREF PyObject *roots = c->suspects;
    c->suspects = TAKE(fresh);
    c->limits.budget = budget;
    c->limits.near = PyList_GET_SIZE(roots) == suspects;  // a run is not
    int dead = judge(c, roots, (size_t)suspects, ret_proofs);
    Py_CLEAR(roots);
    if (dead <= 0)
        return dead;
    if (collect_generation(c, HEAP_YOUNGEST) < 0)
        return -1;
    return c->finalizes && collect_generation(c, HEAP_YOUNG) < 0 ? -1 : 1;
}

int
heap_collect_all(HeapCollector *c)
{
    size_t resident = memory_resident();
    double start = clock_thread();
    Py_ssize_t found = collect_generation(c, 2);
    c->whole_at = clock_monotonic();
    if (resident > 0)
        c->pace = (clock_thread() - start) / (double)resident;
    c->whole++;
    return found < 0 ? -1 : 0;
}

static int
is_tracked(PyObject *object, void *context)
{
    return PyObject_GC_IsTracked(object);
}

/* Whether the object leads to others that may be in cycles. */
static bool
leads_on(PyObject *object)
{
    traverseproc traverse = Py_TYPE(object)->tp_traverse;
    return traverse != NULL && traverse(object, is_tracked, NULL) != 0;
}

/* Let go of the latest suspects that only the collector holds; of those that lead to others only where
 * `all`.  Returns whether there are any of them left, or -1. */
static int
let_go(HeapCollector *c, bool all)
{
    int left = 0;
    Py_ssize_t count = PyList_GET_SIZE(c->suspects);
    for (Py_ssize_t i = count; i-- > 0 && i >= count - LATEST;) {
        if (i >= PyList_GET_SIZE(c->suspects))  // user code has let go of some meanwhile
            continue;
        BORROWED PyObject *suspect = PyList_GET_ITEM(c->suspects, i);
        if (Py_REFCNT(suspect) > 1)
            continue;
        if (!all && leads_on(suspect))
            left = 1;
        else if (PyList_SetSlice(c->suspects, i, i + 1, NULL) < 0)
            return -1;
    }
    return left;
}

int
heap_collector_release(HeapCollector *c)
{
    AUTO_EXC ExcHold hold = exc_hold();
    int left = let_go(c, false);
    if (left <= 0)
        return left;
    AUTO_DECREF PyObject *none = PyList_New(0);
    int outside = none == NULL ? -1 : heap_collect_young(c, HEAP_YOUNGEST);
    if (outside < 0
        || (outside == 1 && heap_collect_dead(c, none, RELEASE_BUDGET, NULL) < 0))
        return -1;
    return let_go(c, true);
}

static double
cost_of_all(const HeapCollector *c)
{
    return c->pace * (double)memory_resident();
}

bool
heap_collect_all_is_cheap(const HeapCollector *c, double seconds)
{
    double cost = cost_of_all(c);
    return cost < NOTICEABLE || cost < NOTICEABLE_PART * seconds;
}

bool
heap_collect_all_is_due(const HeapCollector *c)
{
    double cost = cost_of_all(c);
    return cost < NOTICEABLE && clock_monotonic() - c->whole_at > cost / DUE_PART;
}

void
heap_collect_trim(HeapCollector *c)
{
    if (mallinfo2().fordblks < c->free_after_trim + TRIM_BYTES)
        return;
    (void)malloc_trim(0);  // 0 means only that there was nothing to give back
    c->free_after_trim = mallinfo2().fordblks;
}
