#include "heap/dominator.h"

#include <string.h>

// Here objects go by their order in the search, the root being 0, but where `number` says so.
typedef struct Search {
    const HeapGraph *graph;
    uint32_t count;    // with the root
    uint32_t *order;   // by number: its order, 0 for what was not met
    uint32_t *number;  // by order
    uint32_t *parent;  // in the search tree; becomes the nearest dominator
    uint32_t *above;   // the same, compressed
    uint32_t *best;    // on the compressed way, who has the lowest semidominator
    uint32_t *lowest;  // the semidominator
    uint32_t *first;   // rows of the references turned round
    uint32_t *edges;
    uint32_t *waiting;  // a stack
} Search;

static int
search_init(Search *s, const HeapGraph *g)
{
    size_t n = (size_t)g->map.count + 2;
    *s = (Search){ .graph = g };
    uint32_t **const arrays[] = { &s->order, &s->number, &s->parent, &s->above,
                                  &s->best,  &s->lowest, &s->first,  &s->waiting };
    for (size_t i = 0; i < COUNT_OF(arrays); i++)
        if ((*arrays[i] = PyMem_Calloc(n, sizeof **arrays[i])) == NULL)
            return PyErr_NoMemory(), -1;
    s->edges = PyMem_Malloc(((size_t)g->edge_count + 1) * sizeof *s->edges);
    return s->edges == NULL ? PyErr_NoMemory(), -1 : 0;
}

static void
search_done(Search *s)
{
    uint32_t *const arrays[] = { s->order,  s->number, s->parent, s->above,  s->best,
                                 s->lowest, s->first,  s->edges,  s->waiting };
    for (size_t i = 0; i < COUNT_OF(arrays); i++)
        PyMem_Free(arrays[i]);
}

static void
meet(Search *s, uint32_t number, uint32_t parent)
{
    s->number[s->count] = number;
    s->order[number] = s->count;
    s->parent[s->count] = parent;
    s->count++;
}

/* All that one object leads to.  `above` is where each row was left. */
static void
search_from(Search *s, uint32_t start)
{
    const HeapGraph *g = s->graph;
    size_t depth = 0;
    meet(s, start, 0);
    s->waiting[depth++] = start;
    s->above[start] = g->first[start];
    while (depth > 0) {
        uint32_t number = s->waiting[depth - 1];
        uint32_t i = s->above[number];
        while (i < g->first[number + 1] && s->order[g->edges[i]] != 0)
            i++;
        s->above[number] = i + 1;
        if (i >= g->first[number + 1]) {
            depth--;
            continue;
        }
        uint32_t child = g->edges[i];
        meet(s, child, s->order[number]);
        s->above[child] = g->first[child];
        s->waiting[depth++] = child;
    }
}

/* Step 1. */
static void
search_all(Search *s)
{
    const HeapGraph *g = s->graph;
    s->count = 1;
    for (uint32_t i = 0; i < g->map.count; i++)
        if (g->outside[i] > 0 && s->order[i] == 0)
            search_from(s, i);
    for (uint32_t i = 1; i < s->count; i++)
        for (uint32_t k = g->first[s->number[i]]; k < g->first[s->number[i] + 1]; k++)
            s->first[s->order[g->edges[k]] + 1]++;
    for (uint32_t i = 0; i < s->count; i++)
        s->first[i + 1] += s->first[i];
    memset(s->waiting, 0, (size_t)s->count * sizeof *s->waiting);  // how full each row is
    for (uint32_t i = 1; i < s->count; i++)
        for (uint32_t k = g->first[s->number[i]]; k < g->first[s->number[i] + 1]; k++) {
            uint32_t to = s->order[g->edges[k]];
            s->edges[s->first[to] + s->waiting[to]++] = i;
        }
    for (uint32_t i = 0; i < s->count; i++)
        s->above[i] = s->parent[i];
}

/* Who has the lowest semidominator on the way from `v` up to what is not done yet, `v` and all
 * that is higher than or equal to `done` being done. */
static uint32_t
best_above(Search *s, uint32_t v, uint32_t done)
{
    if (s->above[v] < done)
        return s->best[v];
    size_t depth = 0;
    for (uint32_t u = v; s->above[u] >= done; u = s->above[u])
        s->waiting[depth++] = u;
    while (depth > 0) {
        uint32_t u = s->waiting[--depth];
        uint32_t up = s->above[u];
        if (s->lowest[s->best[up]] < s->lowest[s->best[u]])
            s->best[u] = s->best[up];
        s->above[u] = s->above[up];
    }
    return s->best[v];
}

static void
find_lowest(Search *s, uint32_t w)
{
    uint32_t lowest = s->graph->outside[s->number[w]] > 0 ? 0 : s->parent[w];
    for (uint32_t k = s->first[w]; lowest > 0 && k < s->first[w + 1]; k++) {
        uint32_t v = s->edges[k];
        uint32_t candidate = v <= w ? v : s->lowest[best_above(s, v, w + 1)];
        if (candidate < lowest)
            lowest = candidate;
    }
    s->lowest[w] = lowest;
    s->best[w] = w;
}

/* Steps 2 and 3; false after a Ctrl-C. */
static bool
find_dominators(Search *s, const HeapWatch *watch)
{
    for (uint32_t w = s->count; w-- > 1;) {
        find_lowest(s, w);
        if (w % HEAP_WATCH_STEP == 0 && heap_watch_interrupted(watch, s->count - w))
            return false;
    }
    for (uint32_t w = 1; w < s->count; w++)
        while (s->parent[w] > s->lowest[w])
            s->parent[w] = s->parent[s->parent[w]];
    return true;
}

/* Step 4. */
static void
add_up(const Search *s, HeapDominators *d)
{
    __attribute__((cleanup(heap_sizes_done_slot))) HeapSizes sizes = { 0 };
    for (uint32_t w = s->count; w-- > 1;) {
        uint32_t number = s->number[w];
        d->retained[number] += heap_graph_size(s->graph, &sizes, number);
        if (s->parent[w] == 0)
            continue;
        d->holder[number] = s->number[s->parent[w]];
        d->retained[d->holder[number]] += d->retained[number];
    }
}

int
heap_dominators_init(HeapDominators *d, const HeapGraph *g, const HeapWatch *watch)
{
    __attribute__((cleanup(search_done))) Search s;
    *d = (HeapDominators){ 0 };
    if (search_init(&s, g) < 0)
        return -1;
    search_all(&s);
    if (!find_dominators(&s, watch))
        return heap_watch_raise();
    size_t n = (size_t)g->map.count + 1;
    d->holder = PyMem_Malloc(n * sizeof *d->holder);
    d->retained = PyMem_Calloc(n, sizeof *d->retained);
    if (d->holder == NULL || d->retained == NULL) {
        heap_dominators_done(d);
        return PyErr_NoMemory(), -1;
    }
    for (size_t i = 0; i < n; i++)
        d->holder[i] = HEAP_MAP_NONE;
    add_up(&s, d);
    return 0;
}

void
heap_dominators_done(HeapDominators *d)
{
    PyMem_Free(d->holder);
    PyMem_Free(d->retained);
    *d = (HeapDominators){ 0 };
}
