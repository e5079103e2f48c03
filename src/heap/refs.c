#include "heap/refs.h"

#include <stdbool.h>

#include "py/call.h"
#include "py/compat.h"

static int
visit_code(PyObject *object, visitproc visit, void *arg)
{
    PyCodeObject *code = (PyCodeObject *)object;
    Py_VISIT(code->co_consts);
    Py_VISIT(code->co_names);
    Py_VISIT(code->co_exceptiontable);
    Py_VISIT(code->co_localsplusnames);
    Py_VISIT(code->co_localspluskinds);
    Py_VISIT(code->co_filename);
    Py_VISIT(code->co_name);
    Py_VISIT(code->co_qualname);
    Py_VISIT(code->co_linetable);
    return 0;
}

int
heap_refs_visit(PyObject *object, visitproc visit, void *arg)
{
    if (PyCode_Check(object))
        return visit_code(object, visit, arg);
    if (!PyObject_IS_GC(object))
        return 0;
    return Py_TYPE(object)->tp_traverse(object, visit, arg);
}

void
heap_sizes_done(HeapSizes *s)
{
    for (size_t i = 0; i < COUNT_OF(s->known); i++)
        Py_CLEAR(s->known[i].sizeof_method);
}

/* A type that is written in C, and that nobody can put a function of his own into. */
static bool
is_built_in(PyTypeObject *type)
{
    return !(type->tp_flags & Py_TPFLAGS_HEAPTYPE)
           || (type->tp_flags & Py_TPFLAGS_IMMUTABLETYPE);
}

/* The `__sizeof__` of the nearest built-in type that has one; NULL, without an exception set,
 * where there is none, or no memory to look. */
static PyObject *
find_sizeof(PyTypeObject *type)
{
    AUTO_DECREF PyObject *name = PyUnicode_InternFromString("__sizeof__");
    for (Py_ssize_t i = 0;
         name != NULL && type->tp_mro != NULL && i < PyTuple_GET_SIZE(type->tp_mro); i++) {
        BORROWED PyObject *base = PyTuple_GET_ITEM(type->tp_mro, i);
        if (!is_built_in((PyTypeObject *)base))
            continue;
        AUTO_DECREF PyObject *dict = compat_type_dict(base);
        AUTO_DECREF PyObject *method = NULL;
        if (dict == NULL || call_dict_get(dict, name, &method) < 0)
            break;
        if (method != NULL)
            return TAKE(method);
    }
    PyErr_Clear();  // its basic size will do
    return NULL;
}

static BORROWED PyObject *
sizeof_method(HeapSizes *s, PyTypeObject *type)
{
    size_t slot = ((uintptr_t)type >> 4) % COUNT_OF(s->known);
    if (s->known[slot].type != type) {
        s->known[slot].type = type;
        Py_XSETREF(s->known[slot].sizeof_method, find_sizeof(type));
    }
    return s->known[slot].sizeof_method;
}

static size_t
basic_size(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    bool sized = type->tp_itemsize > 0 && !PyLong_Check(object);  // 3.12 hides an int's
    Py_ssize_t items = sized ? Py_SIZE(object) : 0;
    return (size_t)(type->tp_basicsize + Py_ABS(items) * type->tp_itemsize);
}

static size_t
ask(HeapSizes *s, PyObject *object)
{
    BORROWED PyObject *method = sizeof_method(s, Py_TYPE(object));
    AUTO_DECREF PyObject *size =
        method == NULL ? NULL : PyObject_CallOneArg(method, object);
    size_t bytes = size == NULL ? 0 : PyLong_AsSize_t(size);
    if (!PyErr_Occurred() && size != NULL)
        return bytes;
    PyErr_Clear();  // no memory for a number, or an object that is half made
    return basic_size(object);
}

enum { COLLECTOR_HEAD = 16, ATTRIBUTES_HEAD = 16 };

size_t
heap_sizes_of(HeapSizes *s, PyObject *object, size_t references)
{
    PyTypeObject *type = Py_TYPE(object);
    size_t head = PyObject_IS_GC(object) ? COLLECTOR_HEAD : 0;
    if (type == &PyTuple_Type || type == &PyBytes_Type || type == &PyFloat_Type)
        return head + basic_size(object);
    if (type == &PyList_Type)
        return head + sizeof(PyListObject)
               + (size_t)((PyListObject *)object)->allocated * sizeof(PyObject *);
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT)
        head +=
            ATTRIBUTES_HEAD + (references > 0 ? references - 1 : 0) * sizeof(PyObject *);
    return head + ask(s, object);
}
