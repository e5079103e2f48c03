#include "heap/chain.h"

#include <stddef.h>

#include <structmember.h>

#include "heap/edge.h"
#include "heap/report.h"
#include "py/compat.h"

/* One hop: how it is written, what is there, and what is known beyond that. */
static int
add_hop(PyObject *hops, PyObject *text, PyObject *object, PyObject *note)
{
    AUTO_DECREF PyObject *type = heap_edge_type(object);
    AUTO_DECREF PyObject *remark =
        note != NULL ? Py_NewRef(note) : PyUnicode_FromString("");
    AUTO_DECREF PyObject *hop = type == NULL || remark == NULL || text == NULL
                                    ? NULL
                                    : PyTuple_Pack(3, text, type, remark);
    return hop == NULL ? -1 : PyList_Append(hops, hop);
}

/* The first hop: `*ret_next` is the object that the second one leaves from. */
static int
add_first(PyObject *hops, const HeapRoots *roots, const HeapPath *path,
          Py_ssize_t *ret_next)
{
    BORROWED PyObject *first = PyList_GET_ITEM(path->objects, 0);
    BORROWED PyObject *name =
        path->holder == HEAP_HELD_BY_ROOT ? roots->items[path->root].name : NULL;
    *ret_next = 0;
    if (name != NULL)
        return add_hop(hops, name, first, NULL);
    if (path->holder == HEAP_HELD_BY_HIDDEN) {
        AUTO_DECREF PyObject *type = heap_edge_type(first);
        AUTO_DECREF PyObject *text =
            type == NULL ? NULL : PyUnicode_FromFormat("<%U>", type);
        return add_hop(hops, text, first, NULL);
    }
    if (PyList_GET_SIZE(path->objects) > 1) {
        BORROWED PyObject *value = PyList_GET_ITEM(path->objects, 1);
        AUTO_DECREF PyObject *variable = heap_edge_variable(first, value);
        if (variable != NULL) {
            *ret_next = 1;
            return add_hop(hops, variable, value, NULL);
        }
    }
    AUTO_DECREF PyObject *globals = PyUnicode_FromString("globals()");
    return add_hop(hops, globals, first, NULL);
}

static PyObject *
make_hops(const HeapRoots *roots, const HeapPath *path)
{
    AUTO_DECREF PyObject *hops = PyList_New(0);
    Py_ssize_t at = 0;
    if (hops == NULL || (path->objects != NULL && add_first(hops, roots, path, &at) < 0))
        return NULL;
    while (path->objects != NULL && at + 1 < PyList_GET_SIZE(path->objects)) {
        __attribute__((cleanup(heap_edge_done_slot))) HeapEdge edge = { 0 };
        if (heap_edge_name(path->objects, at, &edge) < 0)
            return NULL;
        at += edge.length;
        if (add_hop(hops, edge.text, PyList_GET_ITEM(path->objects, at), edge.note) < 0)
            return NULL;
    }
    return PyList_AsTuple(hops);
}

static PyObject *
make_expression(PyObject *hops)
{
    AUTO_DECREF PyObject *texts = PyList_New(0);
    AUTO_DECREF PyObject *nothing = PyUnicode_FromString("");
    if (texts == NULL || nothing == NULL)
        return NULL;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(hops); i++)
        if (PyList_Append(texts, PyTuple_GET_ITEM(PyTuple_GET_ITEM(hops, i), 0)) < 0)
            return NULL;
    return PyUnicode_Join(nothing, texts);
}

static PyObject *
make_where(const HeapRoots *roots, const HeapPath *path)
{
    static const char *const texts[] = {
        [HEAP_HELD_BY_HIDDEN] = "held by the stack or by C code",
        [HEAP_HELD_BY_NOBODY] = "nothing holds it but this question",
        [HEAP_HELD_BY_GARBAGE] = "only garbage holds it, which a collection will free",
    };
    if (path->holder == HEAP_HELD_BY_ROOT)
        return Py_NewRef(roots->items[path->root].where);
    return PyUnicode_FromString(texts[path->holder]);
}

PyObject *
heap_chain_new(PyObject *type, const HeapRoots *roots, const HeapPath *path, PyObject *of)
{
    AUTO_DECREF PyObject *chain = PyType_GenericAlloc((PyTypeObject *)type, 0);
    if (chain == NULL)
        return NULL;
    HeapChain *c = (HeapChain *)chain;
    c->type_name = heap_edge_type(of);
    c->where = make_where(roots, path);
    c->hops = make_hops(roots, path);
    c->expression = c->hops == NULL ? NULL : make_expression(c->hops);
    return c->type_name == NULL || c->where == NULL || c->expression == NULL ? NULL
                                                                             : TAKE(chain);
}

static void
chain_dealloc(PyObject *self)
{
    HeapChain *c = (HeapChain *)self;
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(c->type_name);
    Py_XDECREF(c->where);
    Py_XDECREF(c->expression);
    Py_XDECREF(c->hops);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
chain_repr(PyObject *self)
{
    const HeapChain *c = (HeapChain *)self;
    return PyTuple_GET_SIZE(c->hops) == 0
               ? PyUnicode_FromFormat("<Chain: %U>", c->where)
               : PyUnicode_FromFormat("<Chain %U>", c->expression);
}

static PyObject *
chain_str(PyObject *self)
{
    return heap_report_text((HeapChain *)self);
}

static PyObject *
chain_iter(PyObject *self)
{
    return PyObject_GetIter(((HeapChain *)self)->hops);
}

static Py_ssize_t
chain_length(PyObject *self)
{
    return PyTuple_GET_SIZE(((HeapChain *)self)->hops);
}

static PyObject *
chain_json(PyObject *self, PyObject *unused)
{
    return heap_report_json((HeapChain *)self);
}

static PyObject *
chain_dot(PyObject *self, PyObject *unused)
{
    return heap_report_dot((HeapChain *)self);
}

static PyMethodDef methods[] = {
    { "json", chain_json, METH_NOARGS, "The chain as a JSON text." },
    { "dot", chain_dot, METH_NOARGS, "The chain as a picture, for Graphviz's dot." },
    { NULL, NULL, 0, NULL },
};

static PyMemberDef members[] = {
    { "type_name", T_OBJECT, offsetof(HeapChain, type_name), READONLY,
      "The type of the object that was asked about." },
    { "where", T_OBJECT, offsetof(HeapChain, where), READONLY,
      "What holds the first object of the chain." },
    { "expression", T_OBJECT, offsetof(HeapChain, expression), READONLY,
      "How Python writes the whole way." },
    { "hops", T_OBJECT, offsetof(HeapChain, hops), READONLY,
      "The hops: tuples of a text, the name of the type there, and a note." },
    { NULL, 0, 0, 0, NULL },
};

PyObject *
heap_chain_type_new(void)
{
    PyType_Slot slots[] = {
        { Py_tp_doc, (void *)"The shortest way from a named root to an object: its hops." },
        { Py_tp_dealloc, chain_dealloc },
        { Py_tp_repr, chain_repr },
        { Py_tp_str, chain_str },
        { Py_tp_iter, chain_iter },
        { Py_sq_length, chain_length },
        { Py_tp_methods, methods },
        { Py_tp_members, members },
        { 0, NULL },
    };
    PyType_Spec spec = { .name = "mainspring.Chain",
                         .basicsize = sizeof(HeapChain),
                         .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                         .slots = slots };
    return compat_type_new(&spec, NULL);
}
