#include "heap/roots.h"

#include <signal.h>
#include <stdbool.h>

#include "heap/frame.h"
#include "py/call.h"
#include "py/exc.h"

void
heap_roots_done(HeapRoots *r)
{
    AUTO_EXC ExcHold hold = exc_hold();
    while (r->count > 0) {
        HeapRoot root = r->items[--r->count];
        Py_XDECREF(root.name);
        Py_XDECREF(root.where);
        Py_XDECREF(root.object);
    }
    PyMem_Free(r->items);
    *r = (HeapRoots){ 0 };
}

int
heap_roots_add_texts(HeapRoots *r, PyObject *object, PyObject *where, PyObject *name)
{
    if (object == NULL)
        return 0;
    if (r->count == r->room) {
        size_t room = r->room ? r->room * 2 : 64;
        HeapRoot *items = PyMem_Realloc(r->items, room * sizeof *items);
        if (items == NULL)
            return PyErr_NoMemory(), -1;
        r->items = items;
        r->room = room;
    }
    r->items[r->count++] = (HeapRoot){ .object = Py_NewRef(object),
                                       .where = Py_NewRef(where),
                                       .name = Py_XNewRef(name) };
    return 0;
}

int
heap_roots_add(HeapRoots *r, PyObject *object, const char *where, const char *name)
{
    if (object == NULL)
        return 0;
    AUTO_DECREF PyObject *where_text = PyUnicode_FromString(where);
    AUTO_DECREF PyObject *name_text = name == NULL ? NULL : PyUnicode_FromString(name);
    if (where_text == NULL || (name != NULL && name_text == NULL))
        return -1;
    return heap_roots_add_texts(r, object, where_text, name_text);
}

/* A module of sys.modules, or one of its attributes, without importing anything; NULL, without
 * an exception set, where there is none. */
static PyObject *
module_part(const char *module, const char *attribute)
{
    AUTO_DECREF PyObject *found =
        Py_XNewRef(PyDict_GetItemString(PyImport_GetModuleDict(), module));
    if (found == NULL || attribute == NULL)
        return TAKE(found);
    if (!PyModule_Check(found))
        return NULL;
    return Py_XNewRef(PyDict_GetItemString(PyModule_GetDict(found), attribute));
}

/* `thread 'Thread-1 (work)'`, or by its number where threading does not know it. */
static PyObject *
thread_name(PyObject *ident)
{
    AUTO_DECREF PyObject *active = module_part("threading", "_active");
    AUTO_DECREF PyObject *thread = NULL;
    AUTO_DECREF PyObject *name = NULL;
    if (active != NULL && PyDict_CheckExact(active)
        && call_dict_get(active, ident, &thread) < 0)
        return NULL;
    if (thread != NULL && call_attr_get(thread, "_name", &name) < 0)
        return NULL;
    if (name != NULL && PyUnicode_Check(name))
        return PyUnicode_FromFormat("thread '%U'", name);
    return PyUnicode_FromFormat("thread %S", ident);
}

static int
add_variables(HeapRoots *r, PyFrameObject *frame, PyObject *where)
{
    AUTO_DECREF PyObject *items = heap_frame_variables(frame);
    if (items == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items); i++) {
        BORROWED PyObject *item = PyList_GET_ITEM(items, i);
        if (heap_roots_add_texts(r, PyTuple_GET_ITEM(item, 1), where,
                                 PyTuple_GET_ITEM(item, 0))
            < 0)
            return -1;
    }
    return 0;
}

/* What a frame has: a function its variables, the body of a class its names. */
static int
add_locals(HeapRoots *r, PyFrameObject *frame, PyObject *globals, PyObject *where)
{
    AUTO_DECREF PyObject *code = (PyObject *)PyFrame_GetCode(frame);
    if (((PyCodeObject *)code)->co_flags & CO_OPTIMIZED)
        return add_variables(r, frame, where);
    AUTO_DECREF PyObject *locals = PyFrame_GetLocals(frame);
    if (locals == NULL || locals == globals)
        return locals == NULL ? -1 : 0;
    return heap_roots_add_texts(r, locals, where, NULL);
}

/* Whether the globals are those of a module that has a better name for them. */
static bool
are_a_modules(PyObject *globals)
{
    BORROWED PyObject *name = PyDict_GetItemString(globals, "__name__");
    AUTO_DECREF PyObject *module = NULL;
    if (name == NULL || !PyUnicode_CheckExact(name)
        || call_dict_get(PyImport_GetModuleDict(), name, &module) <= 0)
        return false;
    return PyModule_Check(module) && PyModule_GetDict(module) == globals;
}

static int
add_frame(HeapRoots *r, PyFrameObject *frame, PyObject *thread)
{
    AUTO_DECREF PyObject *code = (PyObject *)PyFrame_GetCode(frame);
    BORROWED PyCodeObject *c = (PyCodeObject *)code;
    AUTO_DECREF PyObject *where =
        PyUnicode_FromFormat("%U, %U() at %U, line %d", thread, c->co_qualname,
                             c->co_filename, PyFrame_GetLineNumber(frame));
    AUTO_DECREF PyObject *globals = where == NULL ? NULL : PyFrame_GetGlobals(frame);
    AUTO_DECREF PyObject *name = PyUnicode_FromString("f_globals");
    if (globals == NULL || name == NULL || add_locals(r, frame, globals, where) < 0)
        return -1;
    if (!PyDict_Check(globals) || are_a_modules(globals))
        return 0;
    return heap_roots_add_texts(r, globals, where, name);
}

static int
add_thread(HeapRoots *r, PyObject *ident, PyObject *top)
{
    AUTO_DECREF PyObject *thread = thread_name(ident);
    AUTO_DECREF PyObject *frame = thread == NULL ? NULL : Py_NewRef(top);
    while (frame != NULL) {
        if (add_frame(r, (PyFrameObject *)frame, thread) < 0)
            return -1;
        Py_SETREF(frame, (PyObject *)PyFrame_GetBack((PyFrameObject *)frame));
    }
    return thread == NULL ? -1 : 0;
}

static int
add_threads(HeapRoots *r)
{
    AUTO_DECREF PyObject *current = call_import("sys", "_current_frames");
    AUTO_DECREF PyObject *frames = current == NULL ? NULL : PyObject_CallNoArgs(current);
    AUTO_DECREF PyObject *items =
        frames == NULL || !PyDict_Check(frames) ? PyList_New(0) : PyDict_Items(frames);
    if (frames == NULL || items == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items); i++) {
        BORROWED PyObject *item = PyList_GET_ITEM(items, i);
        BORROWED PyObject *top = PyTuple_GET_ITEM(item, 1);
        if (PyFrame_Check(top) && add_thread(r, PyTuple_GET_ITEM(item, 0), top) < 0)
            return -1;
    }
    return 0;
}

// Equal to nothing; notes what it is compared with.
typedef struct Probe {
    PyObject ob_base;
    PyObject *seen;  // list
} Probe;

static PyObject *
probe_compare(PyObject *self, PyObject *other, int operator)
{
    if (PyList_Append(((Probe *)self)->seen, other) < 0)
        return NULL;
    Py_RETURN_FALSE;
}

static void
probe_dealloc(PyObject *self)
{
    Py_DECREF(((Probe *)self)->seen);
    PyObject_Free(self);
}

// A class made for each question would be garbage after each.
static PyTypeObject probe_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "mainspring.Probe",
    .tp_basicsize = sizeof(Probe),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_dealloc = probe_dealloc,
    .tp_richcompare = probe_compare,
    .tp_hash = PyObject_HashNotImplemented,
};

static PyObject *
exit_function_name(PyObject *function)
{
    if (PyFunction_Check(function))
        return Py_NewRef(((PyFunctionObject *)function)->func_qualname);
    return PyUnicode_FromFormat("<%s>", Py_TYPE(function)->tp_name);
}

/* Whoever is compared with it may keep it, so it is an object like others. */
static PyObject *
probe_new(PyObject *seen)
{
    Probe *probe = PyType_Ready(&probe_type) < 0 ? NULL : PyObject_New(Probe, &probe_type);
    if (probe != NULL)
        probe->seen = Py_NewRef(seen);
    return (PyObject *)probe;
}

/* `atexit` has no list of its functions, and shows them to nobody.  But atexit.unregister()
 * compares each with what it is given, and our probe is equal to none of them. */
static int
add_exit_functions(HeapRoots *r)
{
    AUTO_DECREF PyObject *seen = PyList_New(0);
    AUTO_DECREF PyObject *probe = seen == NULL ? NULL : probe_new(seen);
    AUTO_DECREF PyObject *unregister =
        probe == NULL ? NULL : call_import("atexit", "unregister");
    AUTO_DECREF PyObject *none =
        unregister == NULL ? NULL : PyObject_CallOneArg(unregister, probe);
    AUTO_DECREF PyObject *where = PyUnicode_FromString("called at exit, by atexit");
    if (none == NULL || where == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(seen); i++) {
        AUTO_DECREF PyObject *name = exit_function_name(PyList_GET_ITEM(seen, i));
        if (name == NULL
            || heap_roots_add_texts(r, PyList_GET_ITEM(seen, i), where, name) < 0)
            return -1;
    }
    return 0;
}

static int
add_signal_handler(HeapRoots *r, PyObject *getsignal, int number)
{
    AUTO_DECREF PyObject *handler = PyObject_CallFunction(getsignal, "i", number);
    if (handler == NULL) {
        PyErr_Clear();  // a number between those of the signals
        return 0;
    }
    if (handler == Py_None || PyLong_Check(handler))
        return 0;
    const char *name = sigabbrev_np(number);
    AUTO_DECREF PyObject *where = PyUnicode_FromString("a signal handler");
    AUTO_DECREF PyObject *text =
        name == NULL ? PyUnicode_FromFormat("signal.getsignal(%d)", number)
                     : PyUnicode_FromFormat("signal.getsignal(signal.SIG%s)", name);
    return where == NULL || text == NULL ? -1
                                         : heap_roots_add_texts(r, handler, where, text);
}

static int
add_signal_handlers(HeapRoots *r)
{
    AUTO_DECREF PyObject *getsignal = call_import("_signal", "getsignal");
    if (getsignal == NULL)
        return -1;
    for (int i = 1; i < NSIG; i++)
        if (add_signal_handler(r, getsignal, i) < 0)
            return -1;
    return 0;
}

static int
add_module(HeapRoots *r, PyObject *key, PyObject *module)
{
    AUTO_DECREF PyObject *where = PyUnicode_FromString("a module");
    bool plain = PyUnicode_CompareWithASCIIString(key, "__main__") != 0
                 && PyUnicode_FindChar(key, '<', 0, PyUnicode_GET_LENGTH(key), 1) < 0;
    AUTO_DECREF PyObject *name =
        plain ? Py_NewRef(key) : PyUnicode_FromFormat("sys.modules['%U']", key);
    return where == NULL || name == NULL ? -1
                                         : heap_roots_add_texts(r, module, where, name);
}

static int
add_modules(HeapRoots *r)
{
    AUTO_DECREF PyObject *modules = PyDict_Copy(PyImport_GetModuleDict());
    Py_ssize_t pos = 0;
    BORROWED PyObject *key;
    BORROWED PyObject *module;
    while (modules != NULL && PyDict_Next(modules, &pos, &key, &module))
        if (PyUnicode_Check(key) && module != Py_None && add_module(r, key, module) < 0)
            return -1;
    return modules == NULL ? -1 : 0;
}

int
heap_roots_add_interpreter(HeapRoots *r)
{
    return add_threads(r) < 0 || add_signal_handlers(r) < 0 || add_modules(r) < 0
                   || add_exit_functions(r) < 0
               ? -1
               : 0;
}
