#include "heap/module.h"

#include "heap/chain.h"
#include "heap/view.h"

typedef struct State {
    HeapAsker asker;
    PyObject *chain_type;
    PyObject *view_type;
} State;

static int
state_traverse(PyObject *module, visitproc visit, void *arg)
{
    State *s = PyModule_GetState(module);
    Py_VISIT(s->chain_type);
    Py_VISIT(s->view_type);
    return 0;
}

static int
state_clear(PyObject *module)
{
    State *s = PyModule_GetState(module);
    Py_CLEAR(s->chain_type);
    Py_CLEAR(s->view_type);
    return 0;
}

static void
state_free(void *module)
{
    (void)state_clear(module);  // always 0
}

static PyObject *
make_chain(PyObject *module, const HeapRoots *roots, const HeapPath *path,
           PyObject *targets)
{
    const State *s = PyModule_GetState(module);
    Py_ssize_t last = path->objects == NULL ? 0 : PyList_GET_SIZE(path->objects) - 1;
    BORROWED PyObject *of = path->objects == NULL ? PyList_GET_ITEM(targets, 0)
                                                  : PyList_GET_ITEM(path->objects, last);
    return heap_chain_new(s->chain_type, roots, path, of);
}

PyObject *
heap_module_why(PyObject *module, PyObject *targets, uint32_t own)
{
    const State *s = PyModule_GetState(module);
    __attribute__((cleanup(heap_roots_done_slot))) HeapRoots roots = { 0 };
    __attribute__((cleanup(heap_path_done_slot))) HeapPath path = { 0 };
    if (s->asker.add_roots != NULL && s->asker.add_roots(s->asker.context, &roots) < 0)
        return NULL;
    if (heap_roots_add_interpreter(&roots) < 0)
        return NULL;
    int r = heap_path_find(&roots, targets, own, &s->asker.watch, &path);
    heap_watch_over(&s->asker.watch);
    return r < 0 ? NULL : make_chain(module, &roots, &path, targets);
}

static PyObject *
module_why(PyObject *module, PyObject *object)
{
    enum { ON_THE_STACK = 1 };
    AUTO_DECREF PyObject *targets = Py_BuildValue("[O]", object);
    return targets == NULL ? NULL : heap_module_why(module, targets, ON_THE_STACK);
}

static PyObject *
module_retained(PyObject *module, PyObject *object)
{
    const State *s = PyModule_GetState(module);
    AUTO_DECREF PyObject *objects = Py_BuildValue("[O]", object);
    AUTO(heap_graph_free)
    HeapGraph *g = objects == NULL ? NULL : heap_graph_new(&s->asker.watch);
    HeapAmount amount = { 0 };
    if (g == NULL || heap_graph_retained(g, &(HeapGone){ .objects = objects }, &amount) < 0)
        return NULL;
    return PyLong_FromSize_t(amount.bytes);
}

static PyObject *
module_graph(PyObject *module, PyObject *unused)
{
    const State *s = PyModule_GetState(module);
    AUTO_DECREF PyObject *view = heap_view_new(s->view_type, &s->asker.watch);
    heap_watch_over(&s->asker.watch);
    return TAKE(view);
}

static PyMethodDef methods[] = {
    { "why", module_why, METH_O,
      "why(object) -> Chain\n\nThe shortest way from a named root to the object." },
    { "retained", module_retained, METH_O,
      "retained(object) -> int\n\nHow many bytes would be freed if the object went." },
    { "graph", module_graph, METH_NOARGS,
      "graph() -> Graph\n\nA snapshot of all objects; it keeps them until it goes "
      "itself." },
    { NULL, NULL, 0, NULL },
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "mainspring",
    .m_doc = "What holds an object, and what it holds.",
    .m_size = sizeof(State),
    .m_methods = methods,
    .m_traverse = state_traverse,
    .m_clear = state_clear,
    .m_free = state_free,
};

PyObject *
heap_module_new(const HeapAsker *asker)
{
    AUTO_DECREF PyObject *module = PyModule_Create(&definition);
    if (module == NULL)
        return NULL;
    State *s = PyModule_GetState(module);
    if (asker != NULL)
        s->asker = *asker;
    s->chain_type = heap_chain_type_new();
    s->view_type = s->chain_type == NULL ? NULL : heap_view_type_new();
    if (s->view_type == NULL || PyModule_AddObjectRef(module, "Chain", s->chain_type) < 0
        || PyModule_AddObjectRef(module, "Graph", s->view_type) < 0)
        return NULL;
    return TAKE(module);
}

void
heap_module_detach(PyObject *module)
{
    State *s = PyModule_GetState(module);
    s->asker = (HeapAsker){ 0 };
}
