#include "run/remnant.h"

#include "py/call.h"
#include "py/compat.h"
#include "run/label.h"

/* Whether the dict of a class has a function of the namespace, by which it holds that. */
static bool
has_function_of(PyObject *dict, PyObject *namespace)
{
    Py_ssize_t pos = 0;
    BORROWED PyObject *value;
    while (namespace != NULL && PyDict_Next(dict, &pos, NULL, &value))
        if (PyFunction_Check(value) && PyFunction_GetGlobals(value) == namespace)
            return true;
    return false;
}

/* Whether `value` is a class made in `__main__` that does not hold the namespace, NULL for one
 * that is gone. */
static int
is_remnant(PyObject *value, PyObject *namespace)
{
    if (!PyType_Check(value) || !(((PyTypeObject *)value)->tp_flags & Py_TPFLAGS_HEAPTYPE))
        return 0;
    AUTO_DECREF PyObject *dict = compat_type_dict(value);
    if (dict == NULL)
        return -1;
    int main = run_label_says_main(dict, "__module__");
    return main == 1 ? !has_function_of(dict, namespace) : main;
}

int
run_remnant_note(Run *r, PyObject *name, PyObject *value)
{
    AUTO_DECREF PyObject *namespace = NULL;
    if (run_ledger_namespace(r, &namespace) < 0)
        return -1;
    int remnant = is_remnant(value, namespace);
    if (remnant <= 0)
        return remnant;
    if (r->remnants == NULL && (r->remnants = PyDict_New()) == NULL)
        return -1;
    AUTO_DECREF PyObject *ref = PyWeakref_NewRef(value, NULL);
    return ref == NULL ? -1 : PyDict_SetItem(r->remnants, name, ref);
}

/* Label the class behind one reference: 1 if it is there. */
static int
settle_one(PyObject *ref, PyObject *key)
{
    AUTO_DECREF PyObject *type = NULL;
    int alive = compat_weakref_get(ref, &type);
    if (alive != 1)
        return alive;
    return compat_type_set_module(type, key) < 0 ? -1 : 1;
}

int
run_remnant_settle(const RunLedger *l, Run *r)
{
    if (r->remnants == NULL)
        return 0;
    AUTO_DECREF PyObject *key = run_label_key(r);
    AUTO_DECREF PyObject *refs = PyDict_Values(r->remnants);
    if (key == NULL || refs == NULL)
        return -1;
    int any = 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(refs); i++) {
        int alive = settle_one(PyList_GET_ITEM(refs, i), key);
        if (alive < 0)
            return -1;
        any |= alive;
    }
    if (any)
        return run_label_show(l, r, NULL, key) < 0 ? -1 : 1;
    Py_CLEAR(r->remnants);
    return 0;
}
