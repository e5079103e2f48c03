#include "heap/edge.h"

#include <stdbool.h>
#include <string.h>

#include "heap/frame.h"
#include "py/call.h"
#include "py/compat.h"
#include "py/vars.h"

void
heap_edge_done(HeapEdge *e)
{
    Py_CLEAR(e->text);
    Py_CLEAR(e->note);
}

/* The key with this very value: borrowed as long as the dict keeps it; NULL if there is none. */
static BORROWED PyObject *
key_of(PyObject *dict, PyObject *value)
{
    Py_ssize_t pos = 0;
    BORROWED PyObject *key;
    BORROWED PyObject *other;
    while (PyDict_Next(dict, &pos, &key, &other))
        if (other == value)
            return key;
    return NULL;
}

PyObject *
heap_edge_variable(PyObject *dict, PyObject *value)
{
    BORROWED PyObject *key = key_of(dict, value);
    return key != NULL && PyUnicode_CheckExact(key) ? Py_NewRef(key) : NULL;
}

PyObject *
heap_edge_type(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    if (!(type->tp_flags & Py_TPFLAGS_HEAPTYPE))
        return PyUnicode_FromString(type->tp_name);
    AUTO_DECREF PyObject *name = PyType_GetQualName(type);
    AUTO_DECREF PyObject *dict = compat_type_dict((PyObject *)type);
    BORROWED PyObject *module =
        dict == NULL ? NULL : PyDict_GetItemString(dict, "__module__");
    if (name == NULL)
        return NULL;
    if (module == NULL || !PyUnicode_Check(module)
        || PyUnicode_CompareWithASCIIString(module, "__main__") == 0
        || PyUnicode_CompareWithASCIIString(module, "builtins") == 0)
        return TAKE(name);
    return PyUnicode_FromFormat("%U.%U", module, name);
}

/* Whether the object's repr is its value, and short work. */
static bool
is_plain(PyObject *object)
{
    return PyUnicode_CheckExact(object) || PyLong_CheckExact(object)
           || PyBytes_CheckExact(object) || PyFloat_CheckExact(object)
           || PyBool_Check(object) || object == Py_None;
}

static bool
is_plain_tuple(PyObject *object)
{
    if (!PyTuple_CheckExact(object))
        return false;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(object); i++)
        if (!is_plain(PyTuple_GET_ITEM(object, i)))
            return false;
    return true;
}

enum { KEY_LENGTH = 60 };

static PyObject *
key_text(PyObject *key)
{
    if (is_plain(key) || is_plain_tuple(key)) {
        AUTO_DECREF PyObject *text = PyObject_Repr(key);
        if (text == NULL || PyUnicode_GET_LENGTH(text) <= KEY_LENGTH)
            return TAKE(text);
        AUTO_DECREF PyObject *head = PyUnicode_Substring(text, 0, KEY_LENGTH - 3);
        return head == NULL ? NULL : PyUnicode_FromFormat("%U...", head);
    }
    AUTO_DECREF PyObject *type = heap_edge_type(key);
    return type == NULL ? NULL : PyUnicode_FromFormat("<%U>", type);
}

/* `.name`, or what getattr() would need where the name is none that can be written so. */
static PyObject *
attribute_text(PyObject *name)
{
    if (PyUnicode_Check(name) && PyUnicode_IsIdentifier(name) == 1)
        return PyUnicode_FromFormat(".%U", name);
    AUTO_DECREF PyObject *key = key_text(name);
    return key == NULL ? NULL : PyUnicode_FromFormat(".__dict__[%U]", key);
}

// A reference to be named: from `parent` to `child`, and on to `next`, which may be NULL.
typedef struct Hop {
    PyObject *parent;
    PyObject *child;
    PyObject *next;
} Hop;

// Each of those below has 1 for a name that it found, 0, or -1 with an exception set.

static int
found_text(PyObject *text, HeapEdge *e)
{
    if (text == NULL)
        return -1;
    e->text = text;
    return 1;
}

static int
name_attribute(const Hop *h, HeapEdge *e)
{
    AUTO_DECREF PyObject *dict = vars_of(h->parent);
    if (dict == NULL)
        return 0;
    bool through = dict == h->child;
    BORROWED PyObject *key = !through          ? key_of(dict, h->child)
                             : h->next != NULL ? key_of(dict, h->next)
                                               : NULL;
    if (key == NULL)
        return through ? found_text(PyUnicode_FromString(".__dict__"), e) : 0;
    AUTO_DECREF PyObject *name = Py_NewRef(key);
    e->length = through ? 2 : 1;
    return found_text(attribute_text(name), e);
}

static int
name_key(const Hop *h, HeapEdge *e)
{
    if (!PyDict_Check(h->parent))
        return 0;
    AUTO_DECREF PyObject *key = Py_XNewRef(key_of(h->parent, h->child));
    if (key != NULL) {
        AUTO_DECREF PyObject *text = key_text(key);
        return found_text(text == NULL ? NULL : PyUnicode_FromFormat("[%U]", text), e);
    }
    Py_ssize_t pos = 0;
    BORROWED PyObject *other;
    while (PyDict_Next(h->parent, &pos, &other, NULL))
        if (other == h->child)
            return found_text(PyUnicode_FromString("<a key>"), e);
    return 0;
}

static int
name_index(const Hop *h, HeapEdge *e)
{
    bool list = PyList_Check(h->parent);
    if (!list && !PyTuple_Check(h->parent))
        return 0;
    Py_ssize_t size = Py_SIZE(h->parent);
    for (Py_ssize_t i = 0; i < size; i++)
        if ((list ? PyList_GET_ITEM(h->parent, i) : PyTuple_GET_ITEM(h->parent, i))
            == h->child)
            return found_text(PyUnicode_FromFormat("[%zd]", i), e);
    return 0;
}

/* A deque is a sequence; its type has no name in C. */
static int
name_deque_index(const Hop *h, HeapEdge *e)
{
    if (strcmp(Py_TYPE(h->parent)->tp_name, "collections.deque") != 0)
        return 0;
    Py_ssize_t size = PySequence_Size(h->parent);
    for (Py_ssize_t i = 0; i < size; i++) {
        AUTO_DECREF PyObject *item = PySequence_GetItem(h->parent, i);
        if (item == h->child)
            return found_text(PyUnicode_FromFormat("[%zd]", i), e);
    }
    PyErr_Clear();  // another thread took something out
    return 0;
}

static int
name_element(const Hop *h, HeapEdge *e)
{
    if (!PyAnySet_Check(h->parent))
        return 0;
    return found_text(PyUnicode_FromString("<an element>"), e);
}

/* `.__closure__[0]`, with the variable's name. */
static int
name_closure(const Hop *h, HeapEdge *e)
{
    if (!PyFunction_Check(h->parent) || h->next == NULL
        || PyFunction_GetClosure(h->parent) != h->child)
        return 0;
    AUTO_DECREF PyObject *names =
        PyCode_GetFreevars((PyCodeObject *)PyFunction_GetCode(h->parent));
    if (names == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(h->child); i++) {
        if (PyTuple_GET_ITEM(h->child, i) != h->next)
            continue;
        e->length = 2;
        if (i < PyTuple_GET_SIZE(names)) {
            e->note = PyUnicode_FromFormat("the variable %U", PyTuple_GET_ITEM(names, i));
            if (e->note == NULL)
                return -1;
        }
        return found_text(PyUnicode_FromFormat(".__closure__[%zd]", i), e);
    }
    return 0;
}

/* The variable of a frame with this value: 1 and its name, 0, or -1. */
static int
find_local(PyFrameObject *frame, PyObject *value, PyObject **ret_name)
{
    AUTO_DECREF PyObject *items = heap_frame_variables(frame);
    if (items == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items); i++) {
        BORROWED PyObject *item = PyList_GET_ITEM(items, i);
        if (PyTuple_GET_ITEM(item, 1) != value)
            continue;
        *ret_name = Py_NewRef(PyTuple_GET_ITEM(item, 0));
        return 1;
    }
    return 0;
}

/* A local of a frame; `access` says how to get to it. */
static int
name_local(PyObject *frame, const char *access, PyObject *value, HeapEdge *e)
{
    AUTO_DECREF PyObject *name = NULL;
    int found = find_local((PyFrameObject *)frame, value, &name);
    if (found <= 0)
        return found;
    AUTO_DECREF PyObject *key = key_text(name);
    return found_text(
        key == NULL ? NULL : PyUnicode_FromFormat("%s.f_locals[%U]", access, key), e);
}

/* A variable of a frame, or of the frame of a generator or a coroutine. */
static int
name_variable(const Hop *h, HeapEdge *e)
{
    if (PyFrame_Check(h->parent))
        return name_local(h->parent, "", h->child, e);
    const char *const access = PyGen_CheckExact(h->parent)        ? ".gi_frame"
                               : PyCoro_CheckExact(h->parent)     ? ".cr_frame"
                               : PyAsyncGen_CheckExact(h->parent) ? ".ag_frame"
                                                                  : NULL;
    if (access == NULL)
        return 0;
    AUTO_DECREF PyObject *frame = PyObject_GetAttrString(h->parent, access + 1);
    if (frame == NULL || !PyFrame_Check(frame)) {
        PyErr_Clear();  // it has ended
        return 0;
    }
    return name_local(frame, access, h->child, e);
}

// What built-in types compute for an attribute, without running anybody's code.
static const char *const computed[] = {
    "__self__",        "__func__",     "__wrapped__",  "__closure__",
    "__code__",        "__defaults__", "__globals__",  "__kwdefaults__",
    "__annotations__", "__name__",     "__qualname__", "__bases__",
    "__module__",      "__doc__",      "__objclass__", "__traceback__",
    "__context__",     "__cause__",    "args",         "cell_contents",
    "tb_frame",        "tb_next",      "f_back",       "f_code",
    "f_globals",       "f_builtins",   "f_trace",      "gi_code",
    "gi_yieldfrom",    "cr_await",     "ag_await",     "_coro",
    "_callbacks",      "_exception",   "_result",      "_context",
    "_loop",           "_fut_waiter",  "co_consts",    "co_names",
};

static bool
is_computed(PyObject *name)
{
    for (size_t i = 0; i < COUNT_OF(computed); i++)
        if (PyUnicode_CompareWithASCIIString(name, computed[i]) == 0)
            return true;
    return false;
}

/* Whether reading the descriptor from the object gives the child; only descriptors that are
 * written in C and known to do no more are read. */
static bool
gives(PyObject *name, PyObject *descriptor, const Hop *h)
{
    PyTypeObject *type = Py_TYPE(descriptor);
    if (type != &PyMemberDescr_Type && (type != &PyGetSetDescr_Type || !is_computed(name)))
        return false;
    AUTO_DECREF PyObject *value =
        type->tp_descr_get(descriptor, h->parent, (PyObject *)Py_TYPE(h->parent));
    PyErr_Clear();  // an empty slot
    return value == h->child;
}

/* A slot of a class, a member of a built-in type. */
static int
name_member(const Hop *h, HeapEdge *e)
{
    AUTO_DECREF PyObject *mro = Py_XNewRef(Py_TYPE(h->parent)->tp_mro);
    for (Py_ssize_t i = 0; mro != NULL && i < PyTuple_GET_SIZE(mro); i++) {
        AUTO_DECREF PyObject *dict = compat_type_dict(PyTuple_GET_ITEM(mro, i));
        AUTO_DECREF PyObject *items = dict == NULL ? NULL : PyDict_Items(dict);
        if (items == NULL)
            return -1;
        for (Py_ssize_t k = 0; k < PyList_GET_SIZE(items); k++) {
            BORROWED PyObject *item = PyList_GET_ITEM(items, k);
            BORROWED PyObject *name = PyTuple_GET_ITEM(item, 0);
            if (PyUnicode_Check(name) && gives(name, PyTuple_GET_ITEM(item, 1), h))
                return found_text(PyUnicode_FromFormat(".%U", name), e);
        }
    }
    return 0;
}

static int
name_class(const Hop *h, HeapEdge *e)
{
    if ((PyObject *)Py_TYPE(h->parent) != h->child)
        return 0;
    return found_text(PyUnicode_FromString(".__class__"), e);
}

/* What the collector is shown and Python is not. */
static int
name_inside(const Hop *h, HeapEdge *e)
{
    if (strcmp(Py_TYPE(h->parent)->tp_name, "functools._lru_cache_wrapper") == 0)
        return found_text(PyUnicode_FromString("<its cache>"), e);
    AUTO_DECREF PyObject *type = heap_edge_type(h->parent);
    return found_text(type == NULL ? NULL : PyUnicode_FromFormat("<inside %U>", type), e);
}

int
heap_edge_name(PyObject *path, Py_ssize_t at, HeapEdge *ret_edge)
{
    static int (*const ways[])(const Hop *, HeapEdge *) = {
        name_closure, name_attribute, name_key,     name_index,       name_member,
        name_class,   name_variable,  name_element, name_deque_index, name_inside,
    };
    const Hop hop = { .parent = PyList_GET_ITEM(path, at),
                      .child = PyList_GET_ITEM(path, at + 1),
                      .next = at + 2 < PyList_GET_SIZE(path) ? PyList_GET_ITEM(path, at + 2)
                                                             : NULL };
    __attribute__((cleanup(heap_edge_done_slot))) HeapEdge edge = { .length = 1 };
    int found = 0;
    for (size_t i = 0; found == 0 && i < COUNT_OF(ways); i++)
        found = ways[i](&hop, &edge);
    if (found < 0)
        return -1;
    *ret_edge = (HeapEdge){ TAKE(edge.text), TAKE(edge.note), edge.length };
    return 0;
}
