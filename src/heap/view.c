#include "heap/view.h"

#include <stdbool.h>

#include "heap/edge.h"
#include "heap/report.h"
#include "py/compat.h"

typedef struct View {
    PyObject ob_base;
    HeapGraph *graph;
    HeapDominators dominators;  // empty before the first question
} View;

PyObject *
heap_view_new(PyObject *type, const HeapWatch *watch)
{
    AUTO(heap_graph_free) HeapGraph *g = heap_graph_new(watch);
    AUTO_DECREF PyObject *view =
        g == NULL ? NULL : PyType_GenericAlloc((PyTypeObject *)type, 0);
    if (view != NULL)
        ((View *)view)->graph = TAKE(g);
    return TAKE(view);
}

static void
view_dealloc(PyObject *self)
{
    View *v = (View *)self;
    PyTypeObject *type = Py_TYPE(self);
    heap_dominators_done(&v->dominators);
    heap_graph_free(TAKE(v->graph));
    type->tp_free(self);
    Py_DECREF(type);
}

static Py_ssize_t
view_length(PyObject *self)
{
    return (Py_ssize_t)((View *)self)->graph->map.count;
}

static PyObject *
view_repr(PyObject *self)
{
    const HeapGraph *g = ((View *)self)->graph;
    char memory[HEAP_REPORT_BYTES];
    heap_report_bytes(heap_graph_memory(g), memory);
    return PyUnicode_FromFormat("<Graph of %u objects and %u references, in %s>",
                                g->map.count, g->edge_count, memory);
}

/* The object's number, or HEAP_MAP_NONE with ValueError set. */
static uint32_t
number_of(const View *v, PyObject *object)
{
    uint32_t number = heap_map_find(&v->graph->map, object);
    if (number == HEAP_MAP_NONE)
        PyErr_SetString(PyExc_ValueError, "the object is not in the snapshot: nothing that "
                                          "the collector knows referred to it");
    return number;
}

static int
find_dominators(View *v)
{
    return v->dominators.holder != NULL
               ? 0
               : heap_dominators_init(&v->dominators, v->graph, NULL);
}

static PyObject *
view_retained(PyObject *self, PyObject *object)
{
    View *v = (View *)self;
    uint32_t number = number_of(v, object);
    if (number == HEAP_MAP_NONE || find_dominators(v) < 0)
        return NULL;
    return PyLong_FromUnsignedLongLong(v->dominators.retained[number]);
}

static PyObject *
view_size(PyObject *self, PyObject *object)
{
    __attribute__((cleanup(heap_sizes_done_slot))) HeapSizes sizes = { 0 };
    const View *v = (View *)self;
    uint32_t number = number_of(v, object);
    return number == HEAP_MAP_NONE
               ? NULL
               : PyLong_FromSize_t(heap_graph_size(v->graph, &sizes, number));
}

static PyObject *
view_holder(PyObject *self, PyObject *object)
{
    View *v = (View *)self;
    uint32_t number = number_of(v, object);
    if (number == HEAP_MAP_NONE || find_dominators(v) < 0)
        return NULL;
    uint32_t holder = v->dominators.holder[number];
    return Py_NewRef(holder == HEAP_MAP_NONE ? Py_None
                                             : heap_graph_object(v->graph, holder));
}

static PyObject *
view_referrers(PyObject *self, PyObject *object)
{
    const View *v = (View *)self;
    const HeapGraph *g = v->graph;
    uint32_t number = number_of(v, object);
    AUTO_DECREF PyObject *list = number == HEAP_MAP_NONE ? NULL : PyList_New(0);
    for (uint32_t i = 0; list != NULL && i < g->map.count; i++) {
        bool refers = false;
        for (uint32_t k = g->first[i]; k < g->first[i + 1] && !refers; k++)
            refers = g->edges[k] == number;
        if (refers && PyList_Append(list, heap_graph_object(g, i)) < 0)
            return NULL;
    }
    return TAKE(list);
}

/* The numbers of the `count` objects that retain most, the largest first, in an array for
 * PyMem_Free(); `*ret_count` is how many there are. */
static uint32_t *
find_largest(const View *v, size_t count, size_t *ret_count)
{
    const uint64_t *retained = v->dominators.retained;
    size_t all = v->graph->map.count;
    uint32_t *best = PyMem_Malloc(((count < all ? count : all) + 1) * sizeof *best);
    size_t used = 0;
    if (best == NULL)
        return (uint32_t *)PyErr_NoMemory();
    for (uint32_t i = 0; i < all; i++) {
        if (used == count && (used == 0 || retained[i] <= retained[best[used - 1]]))
            continue;
        size_t at = used < count ? used++ : used - 1;
        for (; at > 0 && retained[best[at - 1]] < retained[i]; at--)
            best[at] = best[at - 1];
        best[at] = i;
    }
    *ret_count = used;
    return best;
}

static inline void
free_numbers(uint32_t **numbers)
{
    PyMem_Free(*numbers);
}

enum { USUAL_COUNT = 20, MOST = 10000 };

/* The optional argument `count` of a method, and what it asks for. */
static uint32_t *
largest_of_args(View *v, PyObject *args, size_t *ret_count)
{
    Py_ssize_t count = USUAL_COUNT;
    if (!PyArg_ParseTuple(args, "|n", &count))
        return NULL;
    if (count < 0 || count > MOST) {
        PyErr_Format(PyExc_ValueError, "count is between 0 and %d", MOST);
        return NULL;
    }
    return find_dominators(v) < 0 ? NULL : find_largest(v, (size_t)count, ret_count);
}

static PyObject *
view_largest(PyObject *self, PyObject *args)
{
    View *v = (View *)self;
    size_t count = 0;
    __attribute__((cleanup(free_numbers))) uint32_t *numbers =
        largest_of_args(v, args, &count);
    AUTO_DECREF PyObject *list = numbers == NULL ? NULL : PyList_New(0);
    for (size_t i = 0; list != NULL && i < count; i++) {
        AUTO_DECREF PyObject *pair =
            Py_BuildValue("(OK)", heap_graph_object(v->graph, numbers[i]),
                          (unsigned long long)v->dominators.retained[numbers[i]]);
        if (pair == NULL || PyList_Append(list, pair) < 0)
            return NULL;
    }
    return TAKE(list);
}

// The largest objects, the first one the largest, and where each one's holder is among them.
typedef struct Tree {
    const View *view;
    const uint32_t *numbers;
    size_t count;
} Tree;

/* The place of the nearest object that holds the one at place `i`, or -1. */
static long
holder_of(const Tree *t, size_t i)
{
    uint32_t holder = t->view->dominators.holder[t->numbers[i]];
    for (size_t k = 0; k < t->count; k++)
        if (t->numbers[k] == holder)
            return (long)k;
    return -1;
}

static PyObject *
json_row(const Tree *t, size_t i)
{
    BORROWED PyObject *object = heap_graph_object(t->view->graph, t->numbers[i]);
    AUTO_DECREF PyObject *type = heap_edge_type(object);
    AUTO_DECREF PyObject *quoted = type == NULL ? NULL : heap_report_quote(type);
    return quoted == NULL
               ? NULL
               : PyUnicode_FromFormat(
                   "{\"type\": %U, \"retained\": %llu, \"holder\": %ld}", quoted,
                   (unsigned long long)t->view->dominators.retained[t->numbers[i]],
                   holder_of(t, i));
}

static PyObject *
dot_row(const Tree *t, size_t i)
{
    char bytes[HEAP_REPORT_BYTES];
    heap_report_bytes((size_t)t->view->dominators.retained[t->numbers[i]], bytes);
    BORROWED PyObject *object = heap_graph_object(t->view->graph, t->numbers[i]);
    AUTO_DECREF PyObject *type = heap_edge_type(object);
    AUTO_DECREF PyObject *label =
        type == NULL ? NULL : PyUnicode_FromFormat("%U\n%s", type, bytes);
    AUTO_DECREF PyObject *quoted = label == NULL ? NULL : heap_report_quote(label);
    long holder = holder_of(t, i);
    if (quoted == NULL)
        return NULL;
    return holder < 0 ? PyUnicode_FromFormat("    %zu [label=%U]\n", i, quoted)
                      : PyUnicode_FromFormat("    %zu [label=%U]\n    %ld -> %zu\n", i,
                                             quoted, holder, i);
}

static PyObject *
tree_text(PyObject *self, PyObject *args, const char *between,
          PyObject *(*row)(const Tree *, size_t))
{
    View *v = (View *)self;
    size_t count = 0;
    __attribute__((cleanup(free_numbers))) uint32_t *numbers =
        largest_of_args(v, args, &count);
    AUTO_DECREF PyObject *rows = numbers == NULL ? NULL : PyList_New(0);
    const Tree tree = { .view = v, .numbers = numbers, .count = count };
    for (size_t i = 0; rows != NULL && i < count; i++) {
        AUTO_DECREF PyObject *text = row(&tree, i);
        if (text == NULL || PyList_Append(rows, text) < 0)
            return NULL;
    }
    AUTO_DECREF PyObject *separator = PyUnicode_FromString(between);
    return rows == NULL || separator == NULL ? NULL : PyUnicode_Join(separator, rows);
}

static PyObject *
view_json(PyObject *self, PyObject *args)
{
    const HeapGraph *g = ((View *)self)->graph;
    AUTO_DECREF PyObject *rows = tree_text(self, args, ", ", json_row);
    return rows == NULL ? NULL
                        : PyUnicode_FromFormat(
                            "{\"objects\": %u, \"references\": %u, \"largest\": [%U]}",
                            g->map.count, g->edge_count, rows);
}

static PyObject *
view_dot(PyObject *self, PyObject *args)
{
    AUTO_DECREF PyObject *rows = tree_text(self, args, "", dot_row);
    return rows == NULL
               ? NULL
               : PyUnicode_FromFormat("digraph heap {\n    node [shape=box]\n%U}", rows);
}

static PyMethodDef methods[] = {
    { "retained", view_retained, METH_O,
      "How many bytes would be freed if the object went." },
    { "size", view_size, METH_O, "How many bytes the object takes itself." },
    { "holder", view_holder, METH_O,
      "The nearest object that all ways to this one lead through, or None." },
    { "referrers", view_referrers, METH_O, "The objects that refer to it, as a list." },
    { "largest", view_largest, METH_VARARGS,
      "largest(count=20): what retains most, as a list of (object, bytes)." },
    { "json", view_json, METH_VARARGS,
      "json(count=20): what retains most, as a JSON text." },
    { "dot", view_dot, METH_VARARGS,
      "dot(count=20): what retains most, as a picture, for Graphviz's dot." },
    { NULL, NULL, 0, NULL },
};

PyObject *
heap_view_type_new(void)
{
    PyType_Slot slots[] = {
        { Py_tp_doc,
          (void *)"A snapshot of all objects, which it holds while it is there." },
        { Py_tp_dealloc, view_dealloc },
        { Py_tp_repr, view_repr },
        { Py_sq_length, view_length },
        { Py_tp_methods, methods },
        { 0, NULL },
    };
    PyType_Spec spec = { .name = "mainspring.Graph",
                         .basicsize = sizeof(View),
                         .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                         .slots = slots };
    return compat_type_new(&spec, NULL);
}
