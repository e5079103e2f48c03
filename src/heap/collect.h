/* heap/collect.h -- freeing at a boundary exactly what nothing needs any more.
 *
 * A module's functions and its namespace hold each other, so that counting references never
 * frees a run, and a collection of the whole heap costs as much as all that the user has.  This
 * frees what some objects lead to at the cost of those:
 *
 * 1. The young generations are collected: what did not live long is gone.
 * 2. A verdict (heap/verdict.h) says which of the suspects, and of what they lead to, are dead.
 * 3. Each dead object that the collector tracks is untracked and tracked again, which moves it
 *    into the youngest generation; the namespaces last, so that what is cleared before them
 *    finds its globals.
 * 4. Our references are dropped, and the youngest generation is collected; the next one too where
 *    finalizers were called, for what they made may be a cycle around what it was made from.
 *
 * It is CPython itself that finds the objects dead once more, calls weak reference callbacks and
 * finalizers, sees to what they revive, and clears.  We never clear a dict and never call a
 * finalizer.  Between the first step of the verdict and the last one of 3 no Python code runs, no
 * reference count changes and no object is allocated.
 *
 * What would go wrong: a verdict that is mistaken costs the time of one young collection, or
 * misses garbage, and no more.  Inside a collection the lists of the generations are in use:
 * there nothing is done, and the suspects wait for the next boundary.
 *
 * A suspect is whatever may have lost its last reference: the namespace of a run, a value whose
 * name was deleted or rebound.  Old garbage elsewhere that points to it is a reference like any
 * other; only heap_collect_all() removes that.
 *
 * World: Python, GIL held.  Tests: tests/c/test_heap_collect.c
 */
#pragma once

#include <stdbool.h>

#include "heap/verdict.h"

typedef struct HeapCollector {
    PyObject *collect;       // gc.collect(), as the interpreter has it
    PyObject *suspects;      // list
    HeapLimits limits;       // owned here
    size_t free_after_trim;  // bytes that the C heap could not give back last time
    double pace;  // by clock_thread(), per byte, that a collection of the whole heap took
    double whole_at;        // when the last one ended, by clock_monotonic()
    double judged_seconds;  // what the last verdict took, by clock_thread()
    unsigned long freed;    // objects that were found dead
    bool finalizes;         // there was one with a finalizer among the last of them
    unsigned long whole;    // collections of the whole heap
    PyTypeObject *broken;   // see HeapVerdict; or NULL
} HeapCollector;

enum { HEAP_YOUNGEST = 0, HEAP_YOUNG = 1 };

/* Make ready, for a prompt whose namespace is the dict `prompt`, or NULL.  Returns 0, or -1 with
 * an exception set, and then heap_collector_done() is to be called as well.
 */
CHECKED int heap_collector_init(HeapCollector *c, PyObject *prompt);

/* Let go of all; a collector that is all zeros may be released.  Runs user code. */
void heap_collector_done(HeapCollector *c);

/* The object is alive in any case, and walks end there.  Returns 0, or -1 with an exception. */
CHECKED int heap_collector_limit(HeapCollector *c, PyObject *object);

/* The object may be about to lose its last reference: hold it until it has been judged.  One that
 * needs no judging is not held.  Accepts NULL; never fails.
 */
void heap_collector_suspect(HeapCollector *c, PyObject *object);

/* Free now the suspects that nobody else holds, as if they had never been suspected, with the
 * cycles that they lead to and that nobody else needs.
 *
 * Returns 0, or -1 with an exception set.  Runs user code.
 */
CHECKED int heap_collector_release(HeapCollector *c);

/* Let go of all suspects; there are none in a collector that is all zeros.  Runs user code. */
void heap_collector_acquit(HeapCollector *c);

/* Collect the generations up to this one, HEAP_YOUNGEST or HEAP_YOUNG.
 *
 * Returns 1; 0 inside a collection, where nothing was done and nothing else here may be done;
 * or -1 with an exception set.  Runs user code (finalizers, weak reference callbacks,
 * `gc.callbacks`).
 */
CHECKED int heap_collect_young(HeapCollector *c, int generation);

/* Judge the suspects and the dicts of the list `namespaces`, which is emptied, and free the dead.
 * At most `budget` objects are looked at.  What proves the n-th namespace alive goes to
 * ret_proofs[n], see heap_verdict_proof().  Suspects that are alive stay suspects.
 *
 * Returns 1 if anything was dead, 0 if not, or -1 with an exception set.  Runs user code.
 */
CHECKED int heap_collect_dead(HeapCollector *c, PyObject *namespaces, size_t budget,
                              uintptr_t *ret_proofs);

/* Collect the whole heap.  Returns 0, or -1 with an exception set.  Runs user code. */
CHECKED int heap_collect_all(HeapCollector *c);

/* Whether a collection of the whole heap would hardly be noticed after a run of so many seconds.
 * Never fails.
 */
bool heap_collect_all_is_cheap(const HeapCollector *c, double seconds);

/* Whether one would hardly be noticed, and the last one is so long ago that all of them together
 * take a twentieth of the time at most.  Never fails.
 */
bool heap_collect_all_is_due(const HeapCollector *c);

/* Give memory back to the system when much of the C heap is free.  Never fails. */
void heap_collect_trim(HeapCollector *c);
