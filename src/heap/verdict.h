/* heap/verdict.h -- which of some objects, and of what they lead to, nothing else needs.
 *
 * What CPython's deduce_unreachable() decides for a generation, this decides for the objects
 * that some roots lead to, at the cost of those objects and not of the heap:
 *
 * 1. Reach.  From the roots follow tp_traverse() to every object that the collector tracks.  An
 *    object gets its reference count when it is first seen, less one for each reference that is
 *    met then and later; the caller's own references to the roots are taken off as well.
 * 2. Prove.  What has a count left is needed by something that was not reached: a frame, C code,
 *    an object outside.  That and all it leads to is alive.
 * 3. The rest is dead: only the rest itself refers to it.
 *
 * The walk does not enter what is alive in any case; it would only lead all over the heap: the
 * modules in sys.modules and their dicts, the session's objects, the values of the prompt's
 * namespace, static types, and classes that their module has (`sys.modules[T.__module__]` holds
 * T).  A reference from there is one that is not explained, and so keeps what it refers to.
 *
 * Where walks end is a matter of cost alone.  Finding all of it out takes longer than a walk of a
 * few objects: where only a few are likely that is tried first, with an end at the prompt and at
 * classes, and counts if it does reach no more than a few.
 *
 * Contracts.  No Python code runs, no reference count changes and no object is allocated from
 * the first step until the caller is through with the result; the objects in it are borrowed.
 * Where memory or the budget of objects ends before the walk does, all is alive.
 *
 * What would go wrong: a tp_traverse() that leaves references out makes dead objects look alive
 * (as it does to the collector).  One that reports references which it does not hold could make
 * live objects look dead; where a count becomes negative by that, `broken` names a type and all
 * is alive.  Else the caller's act is CPython's own collection, which judges by itself, and
 * trusts the same tp_traverse().
 *
 * World: Python, GIL held.  Tests: tests/c/test_heap_verdict.c, tests/py/test_collector.py
 */
#pragma once

#include <stdbool.h>

#include "heap/map.h"

/* Where a walk ends.  All borrowed. */
typedef struct HeapLimits {
    PyObject *prompt;       // dict that is alive with its values, or NULL
    PyObject *objects;      // tuple of objects that are alive, or NULL
    PyObject *module_name;  // the interned '__module__'
    size_t budget;          // objects that may be reached
    bool near;              // it is likely that only a few are
} HeapLimits;

typedef struct HeapVerdict {
    HeapMap map;         // every object that was met; first those at which walks end
    Py_ssize_t *counts;  // by number: references that are not explained, or HEAP_ALIVE
    size_t room;         // of `counts`
    size_t limits;       // so many objects are of the first kind
    size_t budget;
    uint32_t *roots;  // numbers, in the order of the caller's list
    size_t root_count;
    uintptr_t
        *proofs;  // of the objects that were first met as roots: what proves them alive
    size_t proof_count;    // the first of them is number `limits`
    size_t dead_roots;     // of those
    bool exhausted;        // memory or the budget ended: all is alive
    PyTypeObject *broken;  // borrowed: a type whose tp_traverse() reports too much, or NULL
    bool knows_modules;    // this was found out:
    PyObject *modules;     // borrowed: sys.modules, NULL where looking it up may run code
    PyObject *module_name;  // borrowed: the interned '__module__'
    PyObject *overdrawn;    // borrowed: more references to it were reported than it has
} HeapVerdict;

#define HEAP_ALIVE PY_SSIZE_T_MAX

/* Judge the objects of the list `roots`, of which the list holds the caller's only references,
 * one for each time that it has an object.
 *
 * Never fails: see `exhausted` and `broken`.  Visits only: no allocation of objects, no
 * reference counting.
 */
void heap_verdict_init(HeapVerdict *v, PyObject *roots, const HeapLimits *limits);

/* Release the memory.  Never fails. */
void heap_verdict_done(HeapVerdict *v);

/* What proves the root with this index in `roots` alive, as a number that is not 0: another one
 * means that something else does.  0 where the root is dead.
 */
uintptr_t heap_verdict_proof(const HeapVerdict *v, size_t root);

/* Whether any root is dead. */
bool heap_verdict_any_dead(const HeapVerdict *v);

/* Whether the object with this number is dead. */
bool heap_verdict_is_dead(const HeapVerdict *v, uint32_t number);

static inline void
heap_verdict_done_slot(HeapVerdict *v)
{
    heap_verdict_done(v);
}
