#include "run/boundary.h"

#include <stdbool.h>

#include "run/label.h"
#include "run/link.h"

/* Whether the value is a function of the namespace, or a class or an object of a class that
 * has one as its method. */
static bool
holds(PyObject *value, PyObject *namespace)
{
    if (PyFunction_Check(value))
        return PyFunction_GetGlobals(value) == namespace;
    PyTypeObject *type = PyType_Check(value) ? (PyTypeObject *)value : Py_TYPE(value);
    if (!(type->tp_flags & Py_TPFLAGS_HEAPTYPE) || type->tp_dict == NULL)
        return false;
    Py_ssize_t pos = 0;
    BORROWED PyObject *method;
    while (PyDict_Next(type->tp_dict, &pos, NULL, &method))
        if (PyFunction_Check(method) && PyFunction_GetGlobals(method) == namespace)
            return true;
    return false;
}

/* Whether a prompt name of the run holds its namespace, plainly there. */
static bool
proved_alive(const Run *r, PyObject *namespace)
{
    if (r->sequence == 0)
        return true;
    Py_ssize_t pos = 0;
    BORROWED PyObject *value;
    while (PyDict_Next(r->links, &pos, NULL, &value))
        if (holds(value, namespace))
            return true;
    return false;
}

/* Weak references to the modules of the runs that may be dead, as a list. */
static PyObject *
unproved(const RunLedger *l)
{
    AUTO_DECREF PyObject *refs = PyList_New(0);
    for (size_t i = 0; refs != NULL && i < l->count; i++) {
        const Run *r = l->runs[i];
        AUTO_DECREF PyObject *namespace = NULL;  // the module holds it: nothing ends here
        int alive = r->in_prompt ? 0 : run_ledger_namespace(r, &namespace);
        if (alive < 0)
            return NULL;
        if (alive == 0)
            continue;
        bool proved = proved_alive(r, namespace);
        if (!proved && PyList_Append(refs, r->module) < 0)
            return NULL;
    }
    return TAKE(refs);
}

/* Tidy up after the runs that are gone. */
static int
tidy(RunLedger *l)
{
    Run *r;
    for (int n = 0; (r = run_ledger_after(l, n)) != NULL;) {
        n = r->number;
        AUTO_DECREF PyObject *module = NULL;
        int alive = r->viewed ? run_ledger_module(r, &module) : 1;
        if (alive < 0 || (alive == 0 && run_label_remove(r) < 0))
            return -1;
    }
    run_ledger_trim(l);
    return 0;
}

int
run_boundary_free(RunLedger *l, int at_least)
{
    AUTO_DECREF PyObject *watched = unproved(l);
    if (watched == NULL || heap_collect(&l->collector, watched, at_least) < 0)
        return -1;
    if (PyList_GET_SIZE(watched) > 0)
        heap_collect_trim(&l->collector);
    return tidy(l);
}

int
run_boundary(RunLedger *l)
{
    return run_link_sync(l) < 0 ? -1 : run_boundary_free(l, HEAP_YOUNG);
}
