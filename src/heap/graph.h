/* heap/graph.h -- a snapshot of all objects, and of what refers to what.
 *
 * The snapshot has every object that the collector knows, and every one that can be reached from
 * these (str, bytes, code, arrays).  An object is a number, its references a row of numbers in
 * one array: some 40 bytes an object and 4 a reference.  It is made in these steps:
 *  1. ask the collector for the list of its objects; that list holds them;
 *  2. go through the objects by number and write down the references that each one shows; who is
 *     met for the first time gets the next number.  Nothing runs meanwhile but `tp_traverse`;
 *  3. take a reference to each object that the list does not hold;
 *  4. compare each reference count with the references that were seen.  An object that has more
 *     is held from outside: by the C stack, by a running frame, by C code that shows nothing.
 *
 * From step 3 on all objects live as long as the snapshot, so numbers stay true while other code
 * runs; the snapshot is what keeps them, and should be short-lived.
 *
 * "Retained by X" is all that can be reached from outside with X, and can't without.
 *
 * World: Python, GIL held.  Tests: tests/c/test_heap_graph.c
 */
#pragma once

#include "heap/map.h"
#include "heap/refs.h"
#include "heap/watch.h"

typedef struct HeapGraph {
    HeapMap map;
    PyObject *tracked;  // list: the objects with the first numbers
    uint32_t held;      // how many of the others are ours to release
    uint32_t *first;    // where each object's row begins; one more ends the last row
    uint32_t *edges;
    uint32_t edge_count;
    uint32_t *outside;  // by number: references that nobody shows
} HeapGraph;

/* Take a snapshot; `watch` may be NULL.
 *
 * Returns it, or NULL with an exception set (KeyboardInterrupt after a Ctrl-C).
 * Runs user code at its beginning (a collection may begin) and when it fails.
 */
CHECKED HeapGraph *heap_graph_new(const HeapWatch *watch);

/* Let go of all objects.  Accepts NULL; keeps a pending exception.  Runs user code. */
void heap_graph_free(HeapGraph *g);
DEFINE_AUTO(HeapGraph *, heap_graph_free)

/* What is taken for gone, in a question what would go with it. */
typedef struct HeapGone {
    PyObject *objects;   // list: these
    PyObject *unlisted;  // list of objects that hold nothing, in this question; or NULL
    PyObject *holder;    // an object; of its references to ...
    PyObject *values;    // ... each of these, one does not count: a list; or both NULL
} HeapGone;

typedef struct HeapAmount {
    size_t objects;
    size_t bytes;
} HeapAmount;

/* How much goes when `gone` goes, itself included.  Returns 0, or -1 with an exception set. */
CHECKED int heap_graph_retained(const HeapGraph *g, const HeapGone *gone,
                                HeapAmount *ret_amount);

/* The size of one object of the graph in bytes.  Never fails. */
size_t heap_graph_size(const HeapGraph *g, HeapSizes *sizes, uint32_t number);

/* The memory that the snapshot itself takes, in bytes. */
size_t heap_graph_memory(const HeapGraph *g);

static inline PyObject *
heap_graph_object(const HeapGraph *g, uint32_t number)
{
    return g->map.objects[number];
}
