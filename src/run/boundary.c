#include "run/boundary.h"

#include <stdbool.h>
#include <string.h>

#include "heap/refs.h"
#include "run/label.h"
#include "run/link.h"
#include "run/remnant.h"

// Seconds: what a shorter run left is still young, and collected with the youngest.
#define SHORT_RUN 0.005

// Seconds that are not noticed after a cell.
#define NOTICEABLE 0.01

// Objects that may be looked at after a cell that let go of nothing that is a run's, plainly.
#define CELL_BUDGET 100000

// Bytes for which a collection of the whole heap may be noticed.
#define MUCH ((size_t)64 << 20)

// No script makes more objects that the collector tracks.
#define OBJECTS_PER_SECOND 2e7

/* Whether the value is a function of the namespace, or a class or an object of a class that
 * has one as its method. */
static bool
holds(PyObject *value, PyObject *namespace)
{
    if (PyFunction_Check(value))
        return PyFunction_GetGlobals(value) == namespace;
    PyTypeObject *type = PyType_Check(value) ? (PyTypeObject *)value : Py_TYPE(value);
    if (!(type->tp_flags & Py_TPFLAGS_HEAPTYPE) || type->tp_dict == NULL)
        return false;
    Py_ssize_t pos = 0;
    BORROWED PyObject *method;
    while (PyDict_Next(type->tp_dict, &pos, NULL, &method))
        if (PyFunction_Check(method) && PyFunction_GetGlobals(method) == namespace)
            return true;
    return false;
}

/* Whether a prompt name of the run holds its namespace, plainly there. */
static bool
proved_by_links(const Run *r, PyObject *namespace)
{
    Py_ssize_t pos = 0;
    BORROWED PyObject *value;
    while (PyDict_Next(r->links, &pos, NULL, &value))
        if (holds(value, namespace))
            return true;
    return false;
}

/* The globals of a function or method, or NULL. */
static BORROWED PyObject *
globals_of(PyObject *value)
{
    if (PyMethod_Check(value))
        value = PyMethod_GET_FUNCTION(value);
    return PyFunction_Check(value) ? PyFunction_GetGlobals(value) : NULL;
}

/* The runs that nothing proves alive so far. */
typedef struct Unproved {
    PyObject *namespaces;  // list
    int *numbers;          // of the runs, in the same order
    uintptr_t *proofs;     // what the verdict says of them
    size_t count;
} Unproved;

static void
unproved_done(Unproved *u)
{
    Py_CLEAR(u->namespaces);
    PyMem_Free(u->numbers);
    PyMem_Free(u->proofs);
}

/* Add the run if it may be dead: 0, or -1. */
static int
consider(Unproved *u, const Run *r)
{
    AUTO_DECREF PyObject *namespace = NULL;  // the module holds it: nothing ends here
    if (r->in_prompt || r->sequence == 0)
        return 0;
    int alive = run_ledger_namespace(r, &namespace);
    if (alive <= 0 || proved_by_links(r, namespace))
        return alive < 0 ? -1 : 0;
    u->numbers[PyList_GET_SIZE(u->namespaces)] = r->number;
    return PyList_Append(u->namespaces, namespace);
}

/* Strike out those of which a function is at the prompt under a name of the user's. */
static int
strike_out_kept(const RunLedger *l, Unproved *u)
{
    Py_ssize_t pos = 0;
    BORROWED PyObject *value;
    while (PyList_GET_SIZE(u->namespaces) > 0
           && PyDict_Next(l->prompt, &pos, NULL, &value)) {
        BORROWED PyObject *globals = globals_of(value);
        for (Py_ssize_t i = PyList_GET_SIZE(u->namespaces); globals != NULL && i-- > 0;) {
            if (PyList_GET_ITEM(u->namespaces, i) != globals)
                continue;
            Py_ssize_t after = PyList_GET_SIZE(u->namespaces) - i - 1;
            memmove(&u->numbers[i], &u->numbers[i + 1], (size_t)after * sizeof *u->numbers);
            if (PyList_SetSlice(u->namespaces, i, i + 1, NULL) < 0)
                return -1;
        }
    }
    return 0;
}

/* Find the runs that may be dead. */
static int
find_unproved(const RunLedger *l, Unproved *u)
{
    unproved_done(u);
    u->namespaces = PyList_New(0);
    u->numbers = PyMem_Malloc((l->count + 1) * sizeof *u->numbers);
    u->proofs = PyMem_Calloc(l->count + 1, sizeof *u->proofs);
    if (u->namespaces == NULL)
        return -1;
    if (u->numbers == NULL || u->proofs == NULL)
        return PyErr_NoMemory(), -1;
    for (size_t i = 0; i < l->count; i++)
        if (consider(u, l->runs[i]) < 0)
            return -1;
    if (strike_out_kept(l, u) < 0)
        return -1;
    u->count = (size_t)PyList_GET_SIZE(u->namespaces);
    return 0;
}

/* How many objects may be looked at: as many as the longest run can have made, and some. */
static size_t
full_budget(const RunLedger *l)
{
    double seconds = 0;
    for (size_t i = 0; i < l->count; i++)
        seconds = l->runs[i]->elapsed > seconds ? l->runs[i]->elapsed : seconds;
    return RUN_BOUNDARY_BUDGET + (size_t)(seconds * OBJECTS_PER_SECOND);
}

/* Judge and free until nothing more is found dead; the unproved are those that are alive then. */
static int
free_dead(RunLedger *l, Unproved *u, size_t budget)
{
    for (int freed = 1; freed == 1;) {
        if (find_unproved(l, u) < 0)
            return -1;
        if (u->count == 0 && PyList_GET_SIZE(l->collector.suspects) == 0)
            return 0;
        freed = heap_collect_dead(&l->collector, u->namespaces, budget, u->proofs);
        if (freed == 1)
            freed = heap_collect_young(&l->collector, HEAP_YOUNGEST);
        if (freed < 0)
            return -1;
    }
    return 0;
}

/* Judge and free, and have the suspects no longer in view: proofs are compared without them. */
static int
settle(RunLedger *l, Unproved *u, size_t budget)
{
    bool suspects = PyList_GET_SIZE(l->collector.suspects) > 0;
    if (free_dead(l, u, budget) < 0)
        return -1;
    heap_collector_acquit(&l->collector);
    return suspects && u->count > 0 ? free_dead(l, u, budget) : 0;
}

/* Whether a run is held by something else than when the whole heap was last collected. */
static bool
has_new_holder(const RunLedger *l, const Unproved *u)
{
    for (size_t i = 0; i < u->count; i++) {
        BORROWED const Run *r = run_ledger_find(l, u->numbers[i]);
        if (r != NULL && r->proof != u->proofs[i])
            return true;
    }
    return false;
}

static void
note_proofs(const RunLedger *l, const Unproved *u)
{
    for (size_t i = 0; i < u->count; i++) {
        BORROWED Run *r = run_ledger_find(l, u->numbers[i]);
        if (r != NULL)
            r->proof = u->proofs[i];
    }
}

/* The memory that the values of the run's names take themselves, in bytes. */
static size_t
bytes_of(const Run *r)
{
    AUTO_DECREF PyObject *namespace = NULL;
    if (run_ledger_namespace(r, &namespace) != 1)
        return 0;
    __attribute__((cleanup(heap_sizes_done_slot))) HeapSizes sizes = { 0 };
    size_t bytes = 0;
    Py_ssize_t pos = 0;
    BORROWED PyObject *value;
    while (PyDict_Next(namespace, &pos, NULL, &value)) {
        AUTO_DECREF PyObject *held = Py_NewRef(value);
        bytes += heap_sizes_of(&sizes, held, 0);
    }
    return bytes;
}

/* Whether the runs have so much that it is worth a pause to know. */
static bool
holds_much(const RunLedger *l, const Unproved *u)
{
    size_t bytes = 0;
    for (size_t i = 0; i < u->count; i++) {
        BORROWED const Run *r = run_ledger_find(l, u->numbers[i]);
        bytes += r == NULL ? 0 : bytes_of(r);
    }
    return bytes > MUCH;
}

/* Whether what holds a run may be old garbage, and finding out costs little for what it brings. */
static bool
is_worth_a_look(const RunLedger *l, const Unproved *u, double seconds)
{
    if (u->count == 0)
        return false;
    return heap_collect_all_is_due(&l->collector)
           || (has_new_holder(l, u)
               && (heap_collect_all_is_cheap(&l->collector, seconds) || holds_much(l, u)));
}

static int
free_pinned(RunLedger *l, Unproved *u, size_t budget, double seconds)
{
    if (!is_worth_a_look(l, u, seconds))
        return 0;
    if (heap_collect_all(&l->collector) < 0 || settle(l, u, budget) < 0)
        return -1;
    note_proofs(l, u);
    return 0;
}

/* Tidy up after the runs that are gone. */
static int
tidy(RunLedger *l)
{
    Run *r;
    for (int n = 0; (r = run_ledger_after(l, n)) != NULL;) {
        n = r->number;
        AUTO_DECREF PyObject *module = NULL;
        bool left = r->viewed || r->remnants != NULL;
        int alive = left ? run_ledger_module(r, &module) : 1;
        if (alive == 0)
            alive = run_remnant_settle(l, r);
        if (alive < 0 || (alive == 0 && run_label_remove(r) < 0))
            return -1;
    }
    run_ledger_trim(l);
    return 0;
}

/* Free and tidy up; the youngest `generation` is collected first. */
static int
free_and_tidy(RunLedger *l, int generation, size_t budget, double seconds)
{
    __attribute__((cleanup(unproved_done))) Unproved u = { 0 };
    unsigned long before = l->collector.freed;
    int collected = heap_collect_young(&l->collector, generation);
    if (collected < 0)
        return -1;
    if (collected == 1
        && (settle(l, &u, budget) < 0 || free_pinned(l, &u, budget, seconds) < 0))
        return -1;
    if (l->collector.freed != before)
        heap_collect_trim(&l->collector);
    return tidy(l);
}

int
run_boundary(RunLedger *l)
{
    return run_link_sync(l) < 0 ? -1 : free_and_tidy(l, HEAP_YOUNG, full_budget(l), 0);
}

int
run_boundary_after_run(RunLedger *l, double seconds)
{
    int generation = seconds < SHORT_RUN ? HEAP_YOUNGEST : HEAP_YOUNG;
    return free_and_tidy(l, generation, full_budget(l), seconds);
}

/* Whether a run is held in a way that a cell may have ended. */
static int
any_unproved(const RunLedger *l)
{
    __attribute__((cleanup(unproved_done))) Unproved u = { 0 };
    return find_unproved(l, &u) < 0 ? -1 : u.count > 0;
}

int
run_boundary_after_cell(RunLedger *l, bool rebound)
{
    int any = rebound || PyList_GET_SIZE(l->collector.suspects) > 0;
    if (!any && l->collector.judged_seconds < NOTICEABLE)
        any = any_unproved(l);
    size_t budget = rebound ? full_budget(l) : CELL_BUDGET;
    return any == 1 ? free_and_tidy(l, HEAP_YOUNGEST, budget, 0) : any;
}
