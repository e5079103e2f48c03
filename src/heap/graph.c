#include "heap/graph.h"

#include <string.h>

#include "heap/refs.h"
#include "py/call.h"
#include "py/exc.h"

void
heap_graph_free(HeapGraph *g)
{
    if (g == NULL)
        return;
    AUTO_EXC ExcHold hold = exc_hold();
    for (uint32_t i = g->map.count - g->held; i < g->map.count; i++) {
        heap_map_expect_object(&g->map, i);
        Py_DECREF(g->map.objects[i]);
    }
    Py_XDECREF(g->tracked);
    heap_map_done(&g->map);
    PyMem_Free(g->first);
    PyMem_Free(g->edges);
    PyMem_Free(g->outside);
    PyMem_Free(g);
}

typedef struct Builder {
    HeapGraph *graph;
    size_t first_room;
    size_t edge_room;
    PyObject *batch[HEAP_MAP_BATCH];  // visited, and not numbered yet
    uint32_t pending;
} Builder;

static int
grow(uint32_t **array, size_t *room, size_t wanted)
{
    if (wanted <= *room)
        return 0;
    size_t size = *room + *room / 2 > wanted ? *room + *room / 2 : wanted;
    if (size > UINT32_MAX)
        return -1;
    uint32_t *grown = PyMem_Realloc(*array, size * sizeof *grown);
    if (grown == NULL)
        return -1;
    *array = grown;
    *room = size;
    return 0;
}

/* Number the pending ones. */
static int
note_pending(Builder *b)
{
    HeapGraph *g = b->graph;
    if (grow(&g->edges, &b->edge_room, (size_t)g->edge_count + b->pending) < 0)
        return -1;
    for (uint32_t i = 0; i < b->pending; i++)
        heap_map_expect_number(&g->map, b->batch[i]);
    for (uint32_t i = 0; i < b->pending; i++) {
        uint32_t number = heap_map_add(&g->map, b->batch[i]);
        if (number == HEAP_MAP_NONE)
            return -1;
        g->edges[g->edge_count++] = number;
    }
    b->pending = 0;
    return 0;
}

static int
note_edge(PyObject *child, void *arg)
{
    Builder *b = arg;
    heap_map_expect(&b->graph->map, child);
    b->batch[b->pending++] = child;
    return b->pending < HEAP_MAP_BATCH ? 0 : note_pending(b);
}

/* The references of one object; where the queue ends, those that are pending go on it. */
static int
note_row(Builder *b, uint32_t number)
{
    HeapGraph *g = b->graph;
    if (grow(&g->first, &b->first_room, (size_t)g->map.count + 1) < 0)
        return -1;
    g->first[number] = g->edge_count + b->pending;
    heap_map_expect_object(&g->map, number);
    if (heap_refs_visit(g->map.objects[number], note_edge, b) != 0)
        return -1;
    return number + 1 < g->map.count ? 0 : note_pending(b);
}

typedef enum Outcome { WENT_WELL, NO_MEMORY, INTERRUPTED, REPLACED } Outcome;

/* Somebody put a function of his own into the module. */
static HeapGraph *
refuse(void)
{
    PyErr_SetString(PyExc_RuntimeError, "gc.get_objects is not the collector's own");
    return NULL;
}

/* Steps 1 (the collector's objects get their numbers) and 2. */
static Outcome
note_edges(Builder *b, size_t expected, const HeapWatch *watch)
{
    HeapGraph *g = b->graph;
    Py_ssize_t tracked = PyList_GET_SIZE(g->tracked);
    size_t likely = (size_t)tracked + (size_t)tracked / 2;
    if (heap_map_init(&g->map, Py_MAX(likely, expected)) < 0
        || grow(&g->edges, &b->edge_room, (size_t)tracked * 3 + 1024) < 0)
        return NO_MEMORY;
    for (Py_ssize_t i = 0; i < tracked; i++)
        if (heap_map_add(&g->map, PyList_GET_ITEM(g->tracked, i)) == HEAP_MAP_NONE)
            return NO_MEMORY;
    if (g->map.count != (size_t)tracked)
        return REPLACED;
    for (uint32_t i = 0; i < g->map.count; i++) {
        if (note_row(b, i) < 0)
            return NO_MEMORY;
        if (i % HEAP_WATCH_STEP == HEAP_WATCH_STEP - 1 && heap_watch_interrupted(watch, i))
            return INTERRUPTED;
    }
    if (grow(&g->first, &b->first_room, (size_t)g->map.count + 1) < 0)
        return NO_MEMORY;
    g->first[g->map.count] = g->edge_count;
    return WENT_WELL;
}

/* Steps 3 and 4.  Each object that the list holds has one more reference, the list's; the graph
 * has taken its own only after counting. */
static Outcome
count_outside(HeapGraph *g)
{
    uint32_t count = g->map.count;
    uint32_t tracked = (uint32_t)PyList_GET_SIZE(g->tracked);
    g->outside = PyMem_Calloc((size_t)count + 1, sizeof *g->outside);
    if (g->outside == NULL)
        return NO_MEMORY;
    for (uint32_t i = 0; i < tracked; i++)
        g->outside[i] = 1;
    enum { AHEAD = 32 };
    for (uint32_t i = 0; i < g->edge_count; i++) {
        if (i + AHEAD < g->edge_count)
            __builtin_prefetch(&g->outside[g->edges[i + AHEAD]], 1);
        g->outside[g->edges[i]]++;
    }
    for (uint32_t i = 0; i < count; i++) {
        heap_map_expect_object(&g->map, i);
        Py_ssize_t more = Py_REFCNT(g->map.objects[i]) - (Py_ssize_t)g->outside[i];
        g->outside[i] = more <= 0 ? 0 : more > INT32_MAX ? INT32_MAX : (uint32_t)more;
        if (i >= tracked)
            Py_INCREF(g->map.objects[i]);
    }
    g->held = count - tracked;
    return WENT_WELL;
}

HeapGraph *
heap_graph_new(const HeapWatch *watch)
{
    AUTO(heap_graph_free) HeapGraph *g = PyMem_Calloc(1, sizeof *g);
    if (g == NULL)
        return (HeapGraph *)PyErr_NoMemory();
    size_t expected = heap_map_expected();
    AUTO_DECREF PyObject *get_objects = call_import("gc", "get_objects");
    g->tracked = get_objects == NULL ? NULL : PyObject_CallNoArgs(get_objects);
    if (g->tracked == NULL)
        return NULL;
    if (!PyList_CheckExact(g->tracked))
        return refuse();
    Builder b = { .graph = g };
    Outcome outcome = note_edges(&b, expected, watch);
    if (outcome == WENT_WELL)
        outcome = count_outside(g);
    if (outcome == WENT_WELL)
        return TAKE(g);
    heap_graph_free(TAKE(g));
    if (outcome == INTERRUPTED)
        (void)heap_watch_raise();  // always -1
    else if (outcome == REPLACED)
        return refuse();
    else
        (void)PyErr_NoMemory();  // always NULL
    return NULL;
}

size_t
heap_graph_memory(const HeapGraph *g)
{
    return sizeof *g + heap_map_memory(&g->map)
           + ((size_t)g->map.count * 2 + g->edge_count) * sizeof(uint32_t)
           + (size_t)PyList_GET_SIZE(g->tracked) * sizeof(PyObject *);
}

size_t
heap_graph_size(const HeapGraph *g, HeapSizes *sizes, uint32_t number)
{
    return heap_sizes_of(sizes, g->map.objects[number],
                         g->first[number + 1] - g->first[number]);
}

// What is known of an object while it is asked what would go.
// From CUT on the bits count how many of the holder's references to it are cut.
enum { SEEN = 1, GONE = 2, CUT = 4, MOST_CUTS = 252 };

/* A walk over the graph: who is marked SEEN, and who of them waits for his row to be read. */
typedef struct Walk {
    const HeapGraph *graph;
    uint8_t *marks;
    uint32_t *waiting;
    size_t depth;
    uint32_t holder;  // or HEAP_MAP_NONE
} Walk;

static int
walk_init(Walk *w, const HeapGraph *g)
{
    *w = (Walk){ .graph = g, .holder = HEAP_MAP_NONE };
    w->marks = PyMem_Calloc((size_t)g->map.count + 1, sizeof *w->marks);
    w->waiting = PyMem_Malloc(((size_t)g->map.count + 1) * sizeof *w->waiting);
    return w->marks == NULL || w->waiting == NULL ? -1 : 0;
}

static void
walk_done(Walk *w)
{
    PyMem_Free(w->marks);
    PyMem_Free(w->waiting);
}

static inline void
meet(Walk *w, uint32_t number)
{
    if (w->marks[number] & (SEEN | GONE))
        return;
    w->marks[number] |= SEEN;
    w->waiting[w->depth++] = number;
}

/* The holder's references: as many to each object as are cut do not count. */
static void
meet_uncut(Walk *w, uint32_t number)
{
    if (w->marks[number] >= CUT)
        w->marks[number] -= CUT;
    else
        meet(w, number);
}

/* Meet all that the waiting ones lead to. */
static void
walk(Walk *w)
{
    const HeapGraph *g = w->graph;
    while (w->depth > 0) {
        uint32_t number = w->waiting[--w->depth];
        for (uint32_t i = g->first[number]; i < g->first[number + 1]; i++)
            if (number == w->holder)
                meet_uncut(w, g->edges[i]);
            else
                meet(w, g->edges[i]);
    }
}

static void
mark_list(Walk *w, PyObject *list, uint8_t mark)
{
    for (Py_ssize_t i = 0; list != NULL && i < PyList_GET_SIZE(list); i++) {
        uint32_t number = heap_map_find(&w->graph->map, PyList_GET_ITEM(list, i));
        if (number == HEAP_MAP_NONE)
            continue;
        if (mark != CUT)
            w->marks[number] |= mark;
        else if (w->marks[number] < MOST_CUTS)
            w->marks[number] += CUT;
    }
}

/* The lists of the question hold what they name, but that is no holder. */
static void
mark_question(Walk *w, const HeapGone *gone)
{
    PyObject *const lists[] = { gone->objects, gone->unlisted, gone->values };
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        uint32_t number =
            lists[i] == NULL ? HEAP_MAP_NONE : heap_map_find(&w->graph->map, lists[i]);
        if (number != HEAP_MAP_NONE)
            w->marks[number] |= GONE;
    }
    mark_list(w, gone->objects, GONE);
    mark_list(w, gone->unlisted, GONE);
    mark_list(w, gone->values, CUT);
    if (gone->holder != NULL)
        w->holder = heap_map_find(&w->graph->map, gone->holder);
}

/* Add up the waiting ones, and those that they lead to and nobody else does. */
static HeapAmount
add_up(Walk *w)
{
    __attribute__((cleanup(heap_sizes_done_slot))) HeapSizes sizes = { 0 };
    const HeapGraph *g = w->graph;
    HeapAmount amount = { 0 };
    while (w->depth > 0) {
        uint32_t number = w->waiting[--w->depth];
        amount.objects++;
        amount.bytes += heap_graph_size(g, &sizes, number);
        for (uint32_t i = g->first[number]; i < g->first[number + 1]; i++)
            meet(w, g->edges[i]);
    }
    return amount;
}

/* Have the objects of the list wait that nothing else leads to. */
static void
meet_list(Walk *w, PyObject *list)
{
    for (Py_ssize_t i = 0; list != NULL && i < PyList_GET_SIZE(list); i++) {
        uint32_t number = heap_map_find(&w->graph->map, PyList_GET_ITEM(list, i));
        if (number != HEAP_MAP_NONE)
            meet(w, number);
    }
}

int
heap_graph_retained(const HeapGraph *g, const HeapGone *gone, HeapAmount *ret_amount)
{
    __attribute__((cleanup(walk_done))) Walk w;
    if (walk_init(&w, g) < 0)
        return PyErr_NoMemory(), -1;
    mark_question(&w, gone);
    for (uint32_t i = 0; i < g->map.count; i++)
        if (g->outside[i] > 0)
            meet(&w, i);
    walk(&w);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(gone->objects); i++) {
        uint32_t number = heap_map_find(&g->map, PyList_GET_ITEM(gone->objects, i));
        if (number != HEAP_MAP_NONE)
            w.marks[number] &= (uint8_t)~GONE;
    }
    meet_list(&w, gone->objects);
    meet_list(&w, gone->values);
    *ret_amount = add_up(&w);
    return 0;
}
