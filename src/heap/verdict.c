#include "heap/verdict.h"

#include <string.h>

// Objects that are reached before it is worth while to find out where walks end.
#define NEAR 128

/* The number of an object, which it gets if it is met for the first time, then with the count
 * `count`; HEAP_MAP_NONE when memory has ended. */
static uint32_t
meet(HeapVerdict *v, PyObject *object, Py_ssize_t count)
{
    size_t known = v->map.count;
    uint32_t number = heap_map_add(&v->map, object);
    if (number == HEAP_MAP_NONE) {
        v->exhausted = true;
        return HEAP_MAP_NONE;
    }
    if (number < known)
        return number;
    if (number >= v->room) {
        size_t room = v->map.room;
        Py_ssize_t *counts = PyMem_Realloc(v->counts, room * sizeof *counts);
        if (counts == NULL) {
            v->exhausted = true;
            return HEAP_MAP_NONE;
        }
        v->counts = counts;
        v->room = room;
    }
    v->counts[number] = count;
    return number;
}

static void
limit(HeapVerdict *v, PyObject *object)
{
    if (!v->exhausted)
        (void)meet(v, object, HEAP_ALIVE);  // the verdict is exhausted where that fails
}

static void
limit_values(HeapVerdict *v, PyObject *dict)
{
    Py_ssize_t pos = 0;
    BORROWED PyObject *value;
    while (PyDict_Next(dict, &pos, NULL, &value))
        if (PyObject_GC_IsTracked(value))
            limit(v, value);
}

/* The imported modules and their dicts. */
static void
limit_modules(HeapVerdict *v)
{
    BORROWED PyObject *modules = PyImport_GetModuleDict();
    limit(v, modules);
    Py_ssize_t pos = 0;
    BORROWED PyObject *module;
    while (PyDict_Next(modules, &pos, NULL, &module)) {
        limit(v, module);
        BORROWED PyObject *dict = PyModule_Check(module) ? PyModule_GetDict(module) : NULL;
        if (dict != NULL)
            limit(v, dict);
    }
}

static void
set_limits(HeapVerdict *v, const HeapLimits *limits, bool near)
{
    if (!near)
        limit_modules(v);
    if (limits->prompt != NULL)
        limit(v, limits->prompt);
    if (limits->prompt != NULL && !near)
        limit_values(v, limits->prompt);
    for (Py_ssize_t i = 0; limits->objects && i < PyTuple_GET_SIZE(limits->objects); i++)
        limit(v, PyTuple_GET_ITEM(limits->objects, i));
    v->limits = v->map.count;
}

/* sys.modules, or NULL where a key of it may have code of its own that is called by a look-up. */
static BORROWED PyObject *
plain_modules(HeapVerdict *v)
{
    if (v->knows_modules)
        return v->modules;
    BORROWED PyObject *modules = PyImport_GetModuleDict();
    bool plain = true;
    Py_ssize_t pos = 0;
    BORROWED PyObject *name;
    while (plain && PyDict_Next(modules, &pos, &name, NULL))
        plain = PyUnicode_CheckExact(name);
    v->knows_modules = true;
    v->modules = plain ? modules : NULL;
    return v->modules;
}

static bool
has_value(PyObject *dict, const void *wanted)
{
    Py_ssize_t pos = 0;
    BORROWED PyObject *value;
    while (PyDict_Next(dict, &pos, NULL, &value))
        if (value == wanted)
            return true;
    return false;
}

/* The module that a class says it is from, NULL where there is none to be found. */
static BORROWED PyObject *
module_of(HeapVerdict *v, const PyTypeObject *type)
{
    Py_ssize_t pos = 0;
    BORROWED PyObject *key;
    BORROWED PyObject *name;
    BORROWED PyObject *modules = type->tp_dict == NULL ? NULL : plain_modules(v);
    if (modules == NULL)
        return NULL;
    while (PyDict_Next(type->tp_dict, &pos, &key, &name))
        if (key == v->module_name)
            return PyUnicode_CheckExact(name) ? PyDict_GetItemWithError(modules, name)
                                              : NULL;
    return NULL;
}

/* Whether the class is alive because its module has it. */
static bool
is_at_home(HeapVerdict *v, const PyTypeObject *type)
{
    BORROWED PyObject *module = module_of(v, type);
    if (module == NULL || !PyModule_Check(module))
        return false;
    BORROWED PyObject *dict = PyModule_GetDict(module);
    return dict != NULL && has_value(dict, type);
}

/* A tp_traverse() callback, step 1.  Visits only: no allocation, no reference counting. */
static int
visit_reference(PyObject *object, void *context)
{
    HeapVerdict *v = context;
    if (!PyObject_GC_IsTracked(object))
        return 0;
    size_t known = v->map.count;
    uint32_t number = meet(v, object, Py_REFCNT(object));
    if (number == HEAP_MAP_NONE)
        return 1;
    Py_ssize_t *count = &v->counts[number];
    if (number == known && PyType_Check(object) && is_at_home(v, (PyTypeObject *)object))
        *count = HEAP_ALIVE;
    if (*count == HEAP_ALIVE)
        return 0;
    if (*count == 0) {
        v->overdrawn = object;
        return 1;
    }
    --*count;
    return 0;
}

static int
follow(HeapVerdict *v, uint32_t number, visitproc visit)
{
    BORROWED PyObject *object = v->map.objects[number];
    traverseproc traverse = Py_TYPE(object)->tp_traverse;
    return traverse == NULL ? 0 : traverse(object, visit, v);
}

/* Whether a type is the interpreter's own, of those that it has had for ever. */
static bool
is_builtin(const PyTypeObject *type)
{
    return !(type->tp_flags & Py_TPFLAGS_HEAPTYPE) && strchr(type->tp_name, '.') == NULL;
}

static int
visit_overdrawn(PyObject *object, void *context)
{
    const HeapVerdict *v = context;
    return object == v->overdrawn;
}

/* More references to an object were reported than it has.  Which type reports too much can't be
 * seen; of those that report any, what did not come with the interpreter is the likeliest. */
static void
blame(HeapVerdict *v)
{
    for (size_t i = v->limits; i < v->map.count; i++) {
        PyTypeObject *type = Py_TYPE(v->map.objects[i]);
        if (v->counts[i] == HEAP_ALIVE || follow(v, (uint32_t)i, visit_overdrawn) == 0)
            continue;
        if (v->broken == NULL || is_builtin(v->broken))
            v->broken = type;
    }
}

static void
add_roots(HeapVerdict *v, PyObject *roots)
{
    size_t count = (size_t)PyList_GET_SIZE(roots);
    v->roots = PyMem_Malloc((count + 1) * sizeof *v->roots);
    v->proofs = PyMem_Calloc(count + 1, sizeof *v->proofs);
    v->exhausted |= v->roots == NULL || v->proofs == NULL;
    for (size_t i = 0; i < count && !v->exhausted; i++) {
        BORROWED PyObject *root = PyList_GET_ITEM(roots, (Py_ssize_t)i);
        uint32_t number = meet(v, root, Py_REFCNT(root));
        if (number == HEAP_MAP_NONE)
            return;
        if (v->counts[number] != HEAP_ALIVE)
            v->counts[number]--;
        if (PyType_Check(root) && is_at_home(v, (PyTypeObject *)root))
            v->counts[number] = HEAP_ALIVE;
        v->roots[v->root_count++] = number;
    }
    v->proof_count = v->map.count - v->limits;
    for (size_t i = 0; i < v->proof_count && !v->exhausted; i++) {
        v->proofs[i] = v->counts[v->limits + i] == HEAP_ALIVE;
        v->dead_roots += v->proofs[i] == 0;
    }
}

static void
reach(HeapVerdict *v)
{
    for (size_t i = v->limits; i < v->map.count && !v->exhausted; i++) {
        if (i - v->limits > v->budget)
            v->exhausted = true;
        else if (v->counts[i] != HEAP_ALIVE && follow(v, (uint32_t)i, visit_reference) != 0)
            return;
    }
}

/* What step 2 has still to follow, and from where it came. */
typedef struct Search {
    HeapVerdict *verdict;
    uint32_t *pending;
    size_t count;
    uintptr_t proof;
} Search;

static void
mark_live(Search *s, uint32_t number)
{
    HeapVerdict *v = s->verdict;
    v->counts[number] = HEAP_ALIVE;
    s->pending[s->count++] = number;
    if (number - v->limits < v->proof_count) {
        v->proofs[number - v->limits] = s->proof;
        v->dead_roots--;
    }
}

/* A tp_traverse() callback, step 2.  Visits only: no allocation, no reference counting. */
static int
visit_live(PyObject *object, void *context)
{
    Search *s = context;
    uint32_t number = heap_map_find(&s->verdict->map, object);
    if (number != HEAP_MAP_NONE && s->verdict->counts[number] != HEAP_ALIVE)
        mark_live(s, number);
    return 0;
}

/* The object with this number is needed from outside: it is alive, and what it leads to. */
static void
prove(Search *s, uint32_t number)
{
    HeapVerdict *v = s->verdict;
    s->proof = (uintptr_t)v->map.objects[number] + (uintptr_t)v->counts[number];
    mark_live(s, number);
    while (s->count > 0) {
        BORROWED PyObject *object = v->map.objects[s->pending[--s->count]];
        traverseproc traverse = Py_TYPE(object)->tp_traverse;
        if (traverse != NULL)
            (void)traverse(object, visit_live, s);  // visit_live() never ends it
    }
}

static void
prove_all(HeapVerdict *v)
{
    Search s = { .verdict = v,
                 .pending = PyMem_Malloc((v->map.count + 1) * sizeof *s.pending) };
    v->exhausted = s.pending == NULL;
    for (size_t i = v->limits; i < v->map.count && !v->exhausted && v->dead_roots > 0; i++)
        if (v->counts[i] != 0 && v->counts[i] != HEAP_ALIVE)
            prove(&s, (uint32_t)i);
    PyMem_Free(s.pending);
}

/* Walk from the roots, and say what is dead. */
static void
judge(HeapVerdict *v, PyObject *roots, const HeapLimits *limits, bool near)
{
    *v = (HeapVerdict){ .budget = near ? NEAR : limits->budget };
    v->module_name = limits->module_name;
    v->exhausted = heap_map_init(&v->map, 0) < 0;
    set_limits(v, limits, near);
    add_roots(v, roots);
    reach(v);
    if (v->overdrawn != NULL)
        blame(v);
    else if (!v->exhausted)
        prove_all(v);
}

void
heap_verdict_init(HeapVerdict *v, PyObject *roots, const HeapLimits *limits)
{
    bool near = limits->near && limits->budget > NEAR;
    judge(v, roots, limits, near);
    if (!near || !v->exhausted)
        return;
    heap_verdict_done(v);
    judge(v, roots, limits, false);
}

void
heap_verdict_done(HeapVerdict *v)
{
    heap_map_done(&v->map);
    PyMem_Free(v->counts);
    PyMem_Free(v->roots);
    PyMem_Free(v->proofs);
    *v = (HeapVerdict){ 0 };
}

static bool
is_void(const HeapVerdict *v)
{
    return v->exhausted || v->overdrawn != NULL;
}

uintptr_t
heap_verdict_proof(const HeapVerdict *v, size_t root)
{
    if (is_void(v) || v->roots[root] < v->limits)
        return 1;
    return v->proofs[v->roots[root] - v->limits];
}

bool
heap_verdict_any_dead(const HeapVerdict *v)
{
    return !is_void(v) && v->dead_roots > 0;
}

bool
heap_verdict_is_dead(const HeapVerdict *v, uint32_t number)
{
    return heap_verdict_any_dead(v) && v->counts[number] == 0;
}
