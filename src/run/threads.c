#include "run/threads.h"

#include "py/call.h"
#include "py/compat.h"
#include "py/exc.h"

// Partial functions and methods of one another, before the function itself.
enum { WRAPPERS = 8 };

/* The threads that are alive, but for the one that asks; none where nobody imported threading. */
static PyObject *
find_alive(void)
{
    AUTO_DECREF PyObject *name = PyUnicode_InternFromString("threading");
    AUTO_DECREF PyObject *threading = NULL;
    int found =
        name == NULL ? -1 : call_dict_get(PyImport_GetModuleDict(), name, &threading);
    if (found <= 0 || threading == Py_None)
        return found < 0 ? NULL : PyList_New(0);
    AUTO_DECREF PyObject *all = PyObject_CallMethod(threading, "enumerate", NULL);
    AUTO_DECREF PyObject *own =
        all == NULL ? NULL : PyObject_CallMethod(threading, "current_thread", NULL);
    if (own != NULL && !PyList_Check(all))
        PyErr_SetString(PyExc_TypeError, "threading.enumerate() gives no list");
    AUTO_DECREF PyObject *others = PyErr_Occurred() ? NULL : PyList_New(0);
    for (Py_ssize_t i = 0; others != NULL && i < PyList_GET_SIZE(all); i++)
        if (PyList_GET_ITEM(all, i) != own
            && PyList_Append(others, PyList_GET_ITEM(all, i)) < 0)
            return NULL;
    return TAKE(others);
}

/* Whether one of the weak references in the list, which may be NULL, leads to `thread`. */
static bool
leads_to(PyObject *references, PyObject *thread)
{
    for (Py_ssize_t i = 0; references != NULL && i < PyList_GET_SIZE(references); i++) {
        AUTO_DECREF PyObject *object = NULL;
        if (compat_weakref_get(PyList_GET_ITEM(references, i), &object) == 1
            && object == thread)
            return true;
    }
    return false;
}

static PyObject *
references_to(PyObject *threads)
{
    AUTO_DECREF PyObject *references = PyList_New(0);
    for (Py_ssize_t i = 0; references != NULL && i < PyList_GET_SIZE(threads); i++) {
        AUTO_DECREF PyObject *one = PyWeakref_NewRef(PyList_GET_ITEM(threads, i), NULL);
        if (one == NULL || PyList_Append(references, one) < 0)
            return NULL;
    }
    return TAKE(references);
}

PyObject *
run_threads_note(void)
{
    AUTO_DECREF PyObject *threads = find_alive();
    AUTO_DECREF PyObject *references = threads == NULL ? NULL : references_to(threads);
    if (references == NULL)
        exc_drop();  // threading is in pieces: nobody is told of threads
    return TAKE(references);
}

static bool
is_kept(const RunLedger *l, PyObject *thread)
{
    for (size_t i = 0; i < l->count; i++)
        if (leads_to(l->runs[i]->threads, thread))
            return true;
    return false;
}

void
run_threads_keep(const RunLedger *l, Run *r, PyObject *before)
{
    AUTO_DECREF PyObject *threads = before == NULL ? NULL : find_alive();
    for (Py_ssize_t i = 0; threads != NULL && i < PyList_GET_SIZE(threads); i++) {
        BORROWED PyObject *thread = PyList_GET_ITEM(threads, i);
        if (leads_to(before, thread) || is_kept(l, thread))
            continue;
        AUTO_DECREF PyObject *one = PyWeakref_NewRef(thread, NULL);
        if (one == NULL || (r->threads == NULL && (r->threads = PyList_New(0)) == NULL)
            || PyList_Append(r->threads, one) < 0)
            break;
    }
    if (PyErr_Occurred())
        exc_drop();  // as above
}

/* The globals of a function, through what may be around it; NULL where it has none. */
static PyObject *
globals_of(PyObject *callable)
{
    AUTO_DECREF PyObject *now = Py_NewRef(callable);
    for (int i = 0; i < WRAPPERS; i++) {
        if (PyFunction_Check(now))
            return Py_NewRef(PyFunction_GET_GLOBALS(now));
        AUTO_DECREF PyObject *inner = NULL;
        if (call_attr_get(now, PyMethod_Check(now) ? "__func__" : "func", &inner) != 1)
            break;
        Py_SETREF(now, TAKE(inner));
    }
    PyErr_Clear();  // an attribute that raises: not a function's
    return NULL;
}

/* The globals of the attribute `name`, where that is a function. */
static PyObject *
globals_at(PyObject *thread, const char *name)
{
    AUTO_DECREF PyObject *function = NULL;
    if (call_attr_get(thread, name, &function) < 0)
        PyErr_Clear();  // a property that raises: no function
    return function == NULL ? NULL : globals_of(function);
}

/* Whether the thread executes a function with these globals: its own `run()`, its target, or
 * a timer's function. */
static bool
executes_in(PyObject *thread, PyObject *namespace)
{
    static const char *const names[] = { "run", "_target", "function" };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        AUTO_DECREF PyObject *globals = globals_at(thread, names[i]);
        if (globals == namespace)
            return true;
    }
    return false;
}

/* The run in whose namespace the thread executes a function: its number, 0 where there is none,
 * or -1. */
static int
number_by_function(const RunLedger *l, PyObject *thread)
{
    BORROWED Run *r;
    for (int n = 0; (r = run_ledger_after(l, n)) != NULL;) {
        n = r->number;
        AUTO_DECREF PyObject *namespace = NULL;
        int alive = run_ledger_namespace(r, &namespace);
        if (alive < 0)
            return -1;
        if (alive == 1 && executes_in(thread, namespace))
            return n;
    }
    return 0;
}

PyObject *
run_threads_list(const RunLedger *l, const Run *r)
{
    int own = r->number;
    AUTO_DECREF PyObject *kept = Py_XNewRef(r->threads);
    AUTO_DECREF PyObject *threads = find_alive();
    AUTO_DECREF PyObject *result = threads == NULL ? NULL : PyList_New(0);
    for (Py_ssize_t i = 0; result != NULL && i < PyList_GET_SIZE(threads); i++) {
        BORROWED PyObject *thread = PyList_GET_ITEM(threads, i);
        int number = number_by_function(l, thread);
        bool is_its = number == own || (number == 0 && leads_to(kept, thread));
        if (number < 0 || (is_its && PyList_Append(result, thread) < 0))
            return NULL;
    }
    return TAKE(result);
}
