/* heap/map.h -- numbers for objects, by their addresses.
 *
 * Objects get 0, 1, 2 ... in the order in which they are added.  An object costs 8 bytes for its
 * address and 8 on average for its place in an open hash table of numbers.  No object is touched:
 * the map holds no references, and whoever keeps one across user code holds the objects himself.
 *
 * World: Python, GIL held; everything here allocates memory only, no objects.
 * Tests: tests/c/test_heap_map.c
 */
#pragma once

#include <stdint.h>

#include "py/ref.h"

typedef struct HeapMap {
    PyObject **objects;  // by number, borrowed
    uint32_t *slots;     // numbers plus one, 0: empty
    uint32_t count;
    uint32_t room;
    unsigned bits;  // there are 2^bits slots
} HeapMap;

#define HEAP_MAP_NONE UINT32_MAX

/* How many objects there are likely to be in the whole heap, from what the allocator says; 0 where
 * it does not know.  A map of that size costs only what of it is used.  Never fails.
 */
size_t heap_map_expected(void);

/* Make room for `expected` objects; more may come.  Returns 0, or -1 without an exception set. */
CHECKED int heap_map_init(HeapMap *m, size_t expected);

/* Release the memory; a map that is all zeros may be released.  Never fails. */
void heap_map_done(HeapMap *m);

/* The number of `object`, which it gets now if it has none; HEAP_MAP_NONE where there is no
 * memory for it, without an exception set.  Visits only: no object is allocated or counted.
 */
uint32_t heap_map_add(HeapMap *m, PyObject *object);

/* The number of `object`, or HEAP_MAP_NONE.  Never fails. */
uint32_t heap_map_find(const HeapMap *m, PyObject *object);

/* The memory that the map takes, in bytes. */
size_t heap_map_memory(const HeapMap *m);

// How many objects are worth waiting for together.
enum { HEAP_MAP_BATCH = 64 };

/* Have the processor fetch where the object's number is; then, some time later, the address that
 * it stands for.  A search that asks in batches does not wait for memory each time.
 */
void heap_map_expect(const HeapMap *m, PyObject *object);
void heap_map_expect_number(const HeapMap *m, PyObject *object);

/* Have it fetch an object that comes a little after `number`. */
static inline void
heap_map_expect_object(const HeapMap *m, uint32_t number)
{
    enum { AHEAD = 16 };
    if (m->count > AHEAD && number < m->count - AHEAD)
        __builtin_prefetch(m->objects[number + AHEAD]);
}

static inline void
heap_map_done_slot(HeapMap *m)
{
    heap_map_done(m);
}
