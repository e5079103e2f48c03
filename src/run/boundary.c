#include "run/boundary.h"

#include <stdbool.h>

#include "run/label.h"
#include "run/link.h"
#include "run/remnant.h"

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

/* Add the weak references to what of the run may be dead: its module, its remnants. */
static int
watch(const Run *r, PyObject *refs)
{
    AUTO_DECREF PyObject *namespace = NULL;  // the module holds it: nothing ends here
    int alive = r->in_prompt ? 0 : run_ledger_namespace(r, &namespace);
    if (alive < 0
        || (alive == 1 && !proved_alive(r, namespace)
            && PyList_Append(refs, r->module) < 0))
        return -1;
    if (r->remnants == NULL)
        return 0;
    AUTO_DECREF PyObject *classes = PyDict_Values(r->remnants);
    return classes == NULL ? -1
                           : PyList_SetSlice(refs, PY_SSIZE_T_MAX, PY_SSIZE_T_MAX, classes);
}

/* Weak references to what may be dead of the runs, as a list. */
static PyObject *
unproved(const RunLedger *l)
{
    AUTO_DECREF PyObject *refs = PyList_New(0);
    for (size_t i = 0; refs != NULL && i < l->count; i++)
        if (!l->runs[i]->settled && watch(l->runs[i], refs) < 0)
            return NULL;
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
        bool left = r->viewed || r->remnants != NULL;
        int alive = left ? run_ledger_module(r, &module) : 1;
        if (alive == 0)
            alive = run_remnant_settle(l, r);
        if (alive < 0 || (alive == 0 && run_label_remove(r) < 0))
            return -1;
    }
    run_ledger_trim(l);
    return 0;
}

/* What was watched and outlived a collection of the whole heap is held by somebody: not again
 * before something of it changed. */
static int
settle(RunLedger *l, PyObject *watched)
{
    for (size_t i = 0; i < l->count; i++) {
        Run *r = l->runs[i];
        int among = r->module == NULL ? 0 : PySequence_Contains(watched, r->module);
        if (among < 0)
            return -1;
        r->settled |= among || r->remnants != NULL;
    }
    return 0;
}

void
run_boundary_unsettle(RunLedger *l)
{
    for (size_t i = 0; i < l->count; i++)
        l->runs[i]->settled = false;
}

int
run_boundary_free(RunLedger *l, int at_least)
{
    AUTO_DECREF PyObject *watched = unproved(l);
    int collected = watched == NULL ? -1 : heap_collect(&l->collector, watched, at_least);
    if (collected < 0 || (collected == 1 && settle(l, watched) < 0))
        return -1;
    if (PyList_GET_SIZE(watched) > 0)
        heap_collect_trim(&l->collector);
    return tidy(l);
}

int
run_boundary(RunLedger *l)
{
    run_boundary_unsettle(l);
    return run_link_sync(l) < 0 ? -1 : run_boundary_free(l, HEAP_YOUNG);
}
