#include "run/label.h"

#include <stdbool.h>

#include "py/call.h"
#include "py/compat.h"
#include "py/exc.h"
#include "run/view.h"

/* The last part of the path's first `length` characters, without its suffix. */
static PyObject *
stem_before(PyObject *path, Py_ssize_t length)
{
    Py_ssize_t start = PyUnicode_FindChar(path, '/', 0, length, -1) + 1;
    Py_ssize_t dot = PyUnicode_FindChar(path, '.', start, length, -1);
    AUTO_DECREF PyObject *stem =
        PyUnicode_Substring(path, start, dot > start ? dot : length);
    bool main = stem != NULL && PyUnicode_CompareWithASCIIString(stem, "__main__") == 0;
    // A package, folder or zip file is known by its own name.
    return main && start > 1 ? stem_before(path, start - 1) : TAKE(stem);
}

PyObject *
run_label_key(const Run *r)
{
    AUTO_DECREF PyObject *stem = stem_before(r->path, PyUnicode_GET_LENGTH(r->path));
    AUTO_DECREF PyObject *point = PyUnicode_FromString(".");
    AUTO_DECREF PyObject *line = PyUnicode_FromString("_");
    if (stem == NULL || point == NULL || line == NULL)
        return NULL;
    AUTO_DECREF PyObject *plain = PyUnicode_Replace(stem, point, line, -1);
    return plain == NULL ? NULL : PyUnicode_FromFormat("%U <run %d>", plain, r->number);
}

int
run_label_show(const RunLedger *l, Run *r, PyObject *module, PyObject *key)
{
    if (r->viewed)
        return 0;
    AUTO_DECREF PyObject *view =
        run_view_new(l->view_type, module, key, r->source->filename, r->remnants);
    if (view == NULL || PyDict_SetItem(PyImport_GetModuleDict(), key, view) < 0)
        return -1;
    r->viewed = true;
    return 0;
}

static int
set_function_module(PyObject *function, PyObject *namespace, PyObject *key)
{
    if (PyFunction_GetGlobals(function) != namespace)
        return 0;
    BORROWED PyObject *module = PyFunction_GetModule(function);
    // functools.wraps() may have given it another's.
    if (module == NULL || !PyUnicode_Check(module)
        || PyUnicode_CompareWithASCIIString(module, "__main__") != 0)
        return 0;
    return PyObject_SetAttrString(function, "__module__", key);
}

/* The function in a classmethod or staticmethod, or the value itself. */
static PyObject *
unwrap_method(PyObject *value)
{
    if (!PyObject_TypeCheck(value, &PyClassMethod_Type)
        && !PyObject_TypeCheck(value, &PyStaticMethod_Type))
        return Py_NewRef(value);
    return PyObject_GetAttrString(value, "__func__");
}

int
run_label_says_main(PyObject *dict, const char *name)
{
    AUTO_DECREF PyObject *key = PyUnicode_InternFromString(name);
    AUTO_DECREF PyObject *value = NULL;
    if (key == NULL || call_dict_get(dict, key, &value) < 0)
        return -1;
    return value != NULL && PyUnicode_Check(value)
           && PyUnicode_CompareWithASCIIString(value, "__main__") == 0;
}

/* Whether the methods in `items` tell that the class is from another `__main__`: some are, none
 * is of `namespace`.  Methods that a library put there tell nothing. */
static int
is_of_another_main(PyObject *items, PyObject *namespace)
{
    int another = 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items); i++) {
        BORROWED PyObject *value = PyTuple_GET_ITEM(PyList_GET_ITEM(items, i), 1);
        if (!PyFunction_Check(value))
            continue;
        if (PyFunction_GetGlobals(value) == namespace)
            return 0;
        int main = run_label_says_main(PyFunction_GetGlobals(value), "__name__");
        if (main < 0)
            return -1;
        another |= main;
    }
    return another;
}

static int label_value(PyObject *value, PyObject *namespace, PyObject *key);

/* Label what is in a class that is the run's. */
static int
label_items(PyObject *items, PyObject *namespace, PyObject *key)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items); i++) {
        AUTO_DECREF PyObject *value =
            unwrap_method(PyTuple_GET_ITEM(PyList_GET_ITEM(items, i), 1));
        if (value == NULL || label_value(value, namespace, key) < 0)
            return -1;
    }
    return 0;
}

/* Back to `__main__`, so that the class is labelled again after a failure in it. */
static void
unlabel_class(PyObject *type)
{
    AUTO_EXC ExcHold hold = exc_hold();
    AUTO_DECREF PyObject *main = PyUnicode_InternFromString("__main__");
    if (main == NULL || compat_type_set_module(type, main) < 0)
        PyErr_Clear();  // no memory for that: the class is labelled, something in it is not
}

static int
label_class(PyObject *type, PyObject *namespace, PyObject *key)
{
    // The dict itself: no metaclass is asked.  A copy, for labelling changes it.
    AUTO_DECREF PyObject *dict = compat_type_dict(type);
    AUTO_DECREF PyObject *items = dict == NULL ? NULL : PyDict_Items(dict);
    if (items == NULL)
        return -1;
    int main = run_label_says_main(dict, "__module__");
    int another = main == 1 ? is_of_another_main(items, namespace) : 0;
    if (main <= 0 || another != 0)
        return main < 0 || another < 0 ? -1 : 0;
    // The class first: it may be in itself.
    if (compat_type_set_module(type, key) < 0)
        return -1;
    int labelled = label_items(items, namespace, key);
    if (labelled < 0)
        unlabel_class(type);
    return labelled;
}

static int
label_value(PyObject *value, PyObject *namespace, PyObject *key)
{
    if (PyFunction_Check(value))
        return set_function_module(value, namespace, key);
    if (!PyType_Check(value) || !(((PyTypeObject *)value)->tp_flags & Py_TPFLAGS_HEAPTYPE))
        return 0;
    if (Py_EnterRecursiveCall(" while labelling a class"))
        return -1;
    int r = label_class(value, namespace, key);
    Py_LeaveRecursiveCall();
    return r;
}

int
run_label_value(const RunLedger *l, Run *r, PyObject *value)
{
    if (!PyFunction_Check(value) && !PyType_Check(value))
        return 0;
    AUTO_DECREF PyObject *module = NULL;
    int alive = run_ledger_module(r, &module);
    if (alive <= 0)
        return alive;
    AUTO_DECREF PyObject *key = run_label_key(r);
    if (key == NULL || run_label_show(l, r, module, key) < 0)
        return -1;
    return label_value(value, PyModule_GetDict(module), key);
}

int
run_label_all(const RunLedger *l, Run *r)
{
    AUTO_DECREF PyObject *module = NULL;
    int alive = run_ledger_module(r, &module);
    if (alive <= 0)
        return alive;
    AUTO_DECREF PyObject *key = run_label_key(r);
    AUTO_DECREF PyObject *values = PyDict_Values(PyModule_GetDict(module));
    if (key == NULL || values == NULL || run_label_show(l, r, module, key) < 0)
        return -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(values); i++)
        if (label_value(PyList_GET_ITEM(values, i), PyModule_GetDict(module), key) < 0)
            return -1;
    r->labelled = true;
    return 0;
}

int
run_label_remove(Run *r)
{
    if (!r->viewed)
        return 0;
    AUTO_DECREF PyObject *key = run_label_key(r);
    if (key == NULL)
        return -1;
    r->viewed = false;
    return call_dict_discard(PyImport_GetModuleDict(), key) < 0 ? -1 : 0;
}
