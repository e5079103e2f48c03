#include "heap/path.h"

#include "heap/graph.h"
#include "heap/map.h"
#include "heap/refs.h"
#include "py/exc.h"

void
heap_path_done(HeapPath *p)
{
    AUTO_EXC ExcHold hold = exc_hold();
    Py_CLEAR(p->objects);
}

typedef struct Search {
    HeapMap map;  // its numbers are the queue
    uint32_t *parents;
    size_t room;
    uint32_t now;       // the one whose references are being visited
    uint32_t found;     // the target, or HEAP_MAP_NONE
    PyObject *targets;  // list
    uint32_t *roots;    // by number, for the first ones: which root it is
    // Those that were visited and not numbered yet: their places in the map are on the way from
    // memory meanwhile.
    struct {
        PyObject *child;
        uint32_t parent;
    } batch[HEAP_MAP_BATCH];
    size_t pending;
} Search;

enum { FOUND = 1 };

/* Whether the object itself is in the list; `in` would call `__eq__`. */
static bool
is_among(PyObject *list, PyObject *object)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++)
        if (PyList_GET_ITEM(list, i) == object)
            return true;
    return false;
}

/* Number the object if it is new: 0, FOUND where it is the target, or -1 without memory. */
static int
meet(Search *s, PyObject *object, uint32_t parent)
{
    uint32_t before = s->map.count;
    uint32_t number = heap_map_add(&s->map, object);
    if (number == HEAP_MAP_NONE)
        return -1;
    if (number < before)
        return 0;
    if (number >= s->room) {
        uint32_t *parents =
            PyMem_Realloc(s->parents, (size_t)s->map.room * sizeof *parents);
        if (parents == NULL)
            return -1;
        s->parents = parents;
        s->room = s->map.room;
    }
    s->parents[number] = parent;
    if (!is_among(s->targets, object))
        return 0;
    s->found = number;
    return FOUND;
}

/* Number the pending ones; returns as meet() does. */
static int
meet_pending(Search *s)
{
    size_t count = s->pending;
    s->pending = 0;
    for (size_t i = 0; i < count; i++)
        heap_map_expect_number(&s->map, s->batch[i].child);
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = meet(s, s->batch[i].child, s->batch[i].parent);
    return r;
}

static int
meet_child(PyObject *child, void *arg)
{
    Search *s = arg;
    heap_map_expect(&s->map, child);
    s->batch[s->pending].child = child;
    s->batch[s->pending++].parent = s->now;
    return s->pending < HEAP_MAP_BATCH ? 0 : meet_pending(s);
}

static int
search_init(Search *s, size_t roots, PyObject *targets)
{
    *s = (Search){ .found = HEAP_MAP_NONE, .targets = targets };
    s->roots = PyMem_Malloc((2 * roots + 1) * sizeof *s->roots);
    return s->roots == NULL || heap_map_init(&s->map, roots + heap_map_expected()) < 0 ? -1
                                                                                       : 0;
}

static void
search_done(Search *s)
{
    heap_map_done(&s->map);
    PyMem_Free(s->parents);
    PyMem_Free(s->roots);
}

/* A module and its dict are one step, as Python writes it. */
static int
meet_root(Search *s, const HeapRoots *roots, size_t i)
{
    PyObject *object = roots->items[i].object;
    uint32_t before = s->map.count;
    int r = meet(s, object, HEAP_MAP_NONE);
    if (r < 0 || s->map.count == before)
        return r;
    s->roots[before] = (uint32_t)i;
    return r == 0 && PyModule_Check(object) ? meet(s, PyModule_GetDict(object), before) : r;
}

/* 0, FOUND, or -1 without memory. */
static int
meet_roots(Search *s, const HeapRoots *roots)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < roots->count; i++)
        r = meet_root(s, roots, i);
    return r;
}

typedef enum Outcome { OVER, NO_MEMORY, INTERRUPTED } Outcome;

static Outcome
search(Search *s, const HeapWatch *watch)
{
    for (s->now = 0; s->now < s->map.count || s->pending > 0; s->now++) {
        int r = 0;
        if (s->now == s->map.count)
            r = meet_pending(s);
        heap_map_expect_object(&s->map, s->now);
        if (r == 0 && s->now < s->map.count)
            r = heap_refs_visit(s->map.objects[s->now], meet_child, s);
        if (r != 0)
            return r == FOUND ? OVER : NO_MEMORY;
        if (s->now % HEAP_WATCH_STEP == HEAP_WATCH_STEP - 1
            && heap_watch_interrupted(watch, s->now))
            return INTERRUPTED;
    }
    return OVER;
}

static uint32_t
length_of(const uint32_t *parents, uint32_t last)
{
    uint32_t length = 0;
    for (uint32_t i = last; i != HEAP_MAP_NONE; i = parents[i])
        length++;
    return length;
}

/* The objects from the first one to `last`, as a list.  Making that may start a collection, so
 * they get their references before. */
static PyObject *
collect(PyObject *const *objects, const uint32_t *parents, uint32_t last)
{
    for (uint32_t i = last; i != HEAP_MAP_NONE; i = parents[i])
        Py_INCREF(objects[i]);
    uint32_t left = length_of(parents, last);
    AUTO_DECREF PyObject *list = PyList_New(left);
    for (uint32_t i = last; i != HEAP_MAP_NONE; i = parents[i])
        if (list != NULL)
            PyList_SET_ITEM(list, --left, objects[i]);
        else
            Py_DECREF(objects[i]);
    return TAKE(list);
}

/* 1 when a named root leads to a target, 0 when none does, -1 with an exception set. */
static int
find_named(const HeapRoots *roots, PyObject *targets, const HeapWatch *watch,
           HeapPath *ret_path)
{
    __attribute__((cleanup(search_done))) Search s;
    int r = search_init(&s, roots->count, targets);
    if (r == 0)
        r = meet_roots(&s, roots);
    Outcome outcome = r < 0 ? NO_MEMORY : r == FOUND ? OVER : search(&s, watch);
    if (outcome == INTERRUPTED)
        return heap_watch_raise();
    if (outcome == NO_MEMORY)
        return PyErr_NoMemory(), -1;
    if (s.found == HEAP_MAP_NONE)
        return 0;
    uint32_t first = s.found;
    while (s.parents[first] != HEAP_MAP_NONE)
        first = s.parents[first];
    AUTO_DECREF PyObject *objects = collect(s.map.objects, s.parents, s.found);
    if (objects == NULL)
        return -1;
    *ret_path = (HeapPath){ .holder = HEAP_HELD_BY_ROOT,
                            .root = s.roots[first],
                            .objects = TAKE(objects) };
    return 1;
}

// The search over a snapshot; numbers are the snapshot's.
typedef struct Hidden {
    const HeapGraph *graph;
    uint32_t *parents;  // by number; itself: not met
    uint32_t *queue;
    uint32_t count;
} Hidden;

static int
hidden_init(Hidden *h, const HeapGraph *g)
{
    *h = (Hidden){ .graph = g };
    h->parents = PyMem_Malloc(((size_t)g->map.count + 1) * sizeof *h->parents);
    h->queue = PyMem_Malloc(((size_t)g->map.count + 1) * sizeof *h->queue);
    if (h->parents == NULL || h->queue == NULL)
        return PyErr_NoMemory(), -1;
    for (uint32_t i = 0; i < g->map.count; i++)
        h->parents[i] = i;
    return 0;
}

static void
hidden_done(Hidden *h)
{
    PyMem_Free(h->parents);
    PyMem_Free(h->queue);
}

static void
hidden_meet(Hidden *h, uint32_t number, uint32_t parent)
{
    if (h->parents[number] != number)
        return;
    h->parents[number] = parent;
    h->queue[h->count++] = number;
}

/* Whether the object is held from outside by more than the question; the lists of targets and
 * of the snapshot are the question's. */
static bool
is_held(const HeapGraph *g, uint32_t number, PyObject *targets, uint32_t own)
{
    BORROWED PyObject *object = heap_graph_object(g, number);
    return object != targets && g->outside[number] > (is_among(targets, object) ? own : 0);
}

/* Everything else that holds something: 1 and the way, or 0. */
static int
search_hidden(Hidden *h, PyObject *targets, uint32_t own, HeapPath *ret_path)
{
    const HeapGraph *g = h->graph;
    for (uint32_t i = 0; i < g->map.count; i++)
        if (is_held(g, i, targets, own))
            hidden_meet(h, i, HEAP_MAP_NONE);
    for (uint32_t at = 0; at < h->count; at++) {
        uint32_t number = h->queue[at];
        if (is_among(targets, heap_graph_object(g, number))) {
            ret_path->objects = collect(g->map.objects, h->parents, number);
            ret_path->holder = HEAP_HELD_BY_HIDDEN;
            return ret_path->objects == NULL ? -1 : 1;
        }
        if (heap_graph_object(g, number) == targets)
            continue;
        for (uint32_t k = g->first[number]; k < g->first[number + 1]; k++)
            hidden_meet(h, g->edges[k], number);
    }
    return 0;
}

/* Whether anybody but the question refers to a target. */
static bool
has_referrer(const HeapGraph *g, PyObject *targets)
{
    for (uint32_t i = 0; i < g->map.count; i++) {
        if (heap_graph_object(g, i) == targets)
            continue;
        for (uint32_t k = g->first[i]; k < g->first[i + 1]; k++)
            if (is_among(targets, heap_graph_object(g, g->edges[k])))
                return true;
    }
    return false;
}

static int
find_hidden(PyObject *targets, uint32_t own, const HeapWatch *watch, HeapPath *ret_path)
{
    AUTO(heap_graph_free) HeapGraph *g = heap_graph_new(watch);
    __attribute__((cleanup(hidden_done))) Hidden h = { 0 };
    if (g == NULL || hidden_init(&h, g) < 0)
        return -1;
    HeapPath path = { .holder = HEAP_HELD_BY_NOBODY };
    if (search_hidden(&h, targets, own, &path) < 0)
        return -1;
    if (path.objects == NULL && has_referrer(g, targets))
        path.holder = HEAP_HELD_BY_GARBAGE;
    *ret_path = path;
    return 0;
}

int
heap_path_find(const HeapRoots *roots, PyObject *targets, uint32_t own,
               const HeapWatch *watch, HeapPath *ret_path)
{
    int found = find_named(roots, targets, watch, ret_path);
    return found != 0 ? (found < 0 ? -1 : 0) : find_hidden(targets, own, watch, ret_path);
}
