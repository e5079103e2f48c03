#include "heap/map.h"

#include <stdbool.h>

enum { SMALLEST_BITS = 10 };

/* Objects are aligned to 16 bytes; the multiplier is 2^64 divided by the golden ratio. */
static size_t
slot_of(const HeapMap *m, PyObject *object)
{
    return (size_t)(((uintptr_t)object >> 4) * UINT64_C(0x9E3779B97F4A7C15)
                    >> (64 - m->bits));
}

static void
place(HeapMap *m, uint32_t number)
{
    size_t mask = ((size_t)1 << m->bits) - 1;
    size_t slot = slot_of(m, m->objects[number]);
    while (m->slots[slot] != 0)
        slot = (slot + 1) & mask;
    m->slots[slot] = number + 1;
}

/* Two thirds of the slots are used at most. */
static int
rehash(HeapMap *m, unsigned bits)
{
    uint32_t *slots = PyMem_Calloc((size_t)1 << bits, sizeof *slots);
    if (slots == NULL)
        return -1;
    PyMem_Free(m->slots);
    m->slots = slots;
    m->bits = bits;
    for (uint32_t i = 0; i < m->count; i++)
        place(m, i);
    return 0;
}

static int
make_room(HeapMap *m, size_t room)
{
    if (room >= HEAP_MAP_NONE)
        return -1;
    // NOLINTNEXTLINE(bugprone-sizeof-expression): the array is one of pointers.
    PyObject **objects = PyMem_Realloc(m->objects, room * sizeof *objects);
    if (objects == NULL)
        return -1;
    m->objects = objects;
    unsigned bits = m->bits > 0 ? m->bits : SMALLEST_BITS;
    while (((size_t)1 << bits) / 3 * 2 < room)
        bits++;
    if (bits != m->bits && rehash(m, bits) < 0)
        return -1;
    m->room = (uint32_t)room;
    return 0;
}

size_t
heap_map_expected(void)
{
    AUTO_DECREF PyObject *ask = Py_XNewRef(PySys_GetObject("getallocatedblocks"));
    AUTO_DECREF PyObject *blocks = ask == NULL ? NULL : PyObject_CallNoArgs(ask);
    size_t count = blocks == NULL ? 0 : PyLong_AsSize_t(blocks);
    bool known = !PyErr_Occurred() && count < UINT32_MAX / 2;
    PyErr_Clear();  // a number less
    return known ? count / 4 * 3 : 0;
}

int
heap_map_init(HeapMap *m, size_t expected)
{
    *m = (HeapMap){ 0 };
    if (make_room(m, expected < 256 ? 256 : expected) == 0)
        return 0;
    heap_map_done(m);
    return -1;
}

void
heap_map_done(HeapMap *m)
{
    PyMem_Free(m->objects);
    PyMem_Free(m->slots);
    *m = (HeapMap){ 0 };
}

void
heap_map_expect(const HeapMap *m, PyObject *object)
{
    __builtin_prefetch(&m->slots[slot_of(m, object)]);
}

void
heap_map_expect_number(const HeapMap *m, PyObject *object)
{
    uint32_t number = m->slots[slot_of(m, object)];
    if (number != 0)
        __builtin_prefetch(&m->objects[number - 1]);
}

uint32_t
heap_map_find(const HeapMap *m, PyObject *object)
{
    size_t mask = ((size_t)1 << m->bits) - 1;
    for (size_t slot = slot_of(m, object); m->slots[slot] != 0; slot = (slot + 1) & mask)
        if (m->objects[m->slots[slot] - 1] == object)
            return m->slots[slot] - 1;
    return HEAP_MAP_NONE;
}

uint32_t
heap_map_add(HeapMap *m, PyObject *object)
{
    size_t mask = ((size_t)1 << m->bits) - 1;
    size_t slot = slot_of(m, object);
    for (; m->slots[slot] != 0; slot = (slot + 1) & mask)
        if (m->objects[m->slots[slot] - 1] == object)
            return m->slots[slot] - 1;
    uint32_t number = m->count;
    if (number < m->room) {
        m->slots[slot] = number + 1;
    } else {
        if (make_room(m, (size_t)m->room + m->room / 2) < 0)
            return HEAP_MAP_NONE;
        m->objects[number] = object;
        place(m, number);
    }
    m->objects[number] = object;
    m->count++;
    return number;
}

size_t
heap_map_memory(const HeapMap *m)
{
    return (size_t)m->room * sizeof(PyObject *) + ((size_t)1 << m->bits) * sizeof *m->slots;
}
