#include "run/label.h"

#include "py/call.h"
#include "py/compat.h"
#include "run/view.h"

/* `s <run 3>` for the script `/folder/s.py`. */
static PyObject *
label_key(const Run *r)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(r->path);
    Py_ssize_t start = PyUnicode_FindChar(r->path, '/', 0, length, -1) + 1;
    Py_ssize_t dot = PyUnicode_FindChar(r->path, '.', start, length, -1);
    AUTO_DECREF PyObject *stem =
        PyUnicode_Substring(r->path, start, dot > start ? dot : length);
    AUTO_DECREF PyObject *point = PyUnicode_FromString(".");
    AUTO_DECREF PyObject *line = PyUnicode_FromString("_");
    if (stem == NULL || point == NULL || line == NULL)
        return NULL;
    AUTO_DECREF PyObject *plain = PyUnicode_Replace(stem, point, line, -1);
    return plain == NULL ? NULL : PyUnicode_FromFormat("%U <run %d>", plain, r->number);
}

/* Have the view of the run, whose module is `module`, in sys.modules. */
static int
show_view(const RunLedger *l, Run *r, PyObject *module, PyObject *key)
{
    if (r->viewed)
        return 0;
    AUTO_DECREF PyObject *view = run_view_new(l->view_type, module, key, r->source->filename);
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

/* Whether the class says that it is from `__main__` and its methods, if it has any, are of the
 * namespace.  `items` is a list of what is in it. */
static int
is_of_namespace(PyObject *type, PyObject *items, PyObject *namespace)
{
    AUTO_DECREF PyObject *module = NULL;
    int found = call_attr_get(type, "__module__", &module);
    if (found < 0)
        return -1;
    if (found == 0 || !PyUnicode_Check(module)
        || PyUnicode_CompareWithASCIIString(module, "__main__") != 0)
        return 0;
    int mine = 1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items); i++) {
        BORROWED PyObject *value = PyTuple_GET_ITEM(PyList_GET_ITEM(items, i), 1);
        if (!PyFunction_Check(value))
            continue;
        if (PyFunction_GetGlobals(value) == namespace)
            return 1;
        mine = 0;  // until a method of the namespace's own is found
    }
    return mine;
}

static int label_value(PyObject *value, PyObject *namespace, PyObject *key);

/* What is in the class, as a list of pairs; a copy, for renaming changes the class.  Asked past
 * any metaclass, whose answer could be of any kind. */
static PyObject *
class_items(PyObject *type)
{
    AUTO_DECREF PyObject *name = PyUnicode_InternFromString("__dict__");
    AUTO_DECREF PyObject *dict =
        name == NULL ? NULL : PyType_Type.tp_getattro(type, name);
    return dict == NULL ? NULL : PyMapping_Items(dict);
}

static int
label_class(PyObject *type, PyObject *namespace, PyObject *key)
{
    AUTO_DECREF PyObject *items = class_items(type);
    int mine = items == NULL ? -1 : is_of_namespace(type, items, namespace);
    if (mine <= 0)
        return mine;
    if (compat_type_set_module(type, key) < 0)
        return -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items); i++) {
        AUTO_DECREF PyObject *value =
            unwrap_method(PyTuple_GET_ITEM(PyList_GET_ITEM(items, i), 1));
        if (value == NULL || label_value(value, namespace, key) < 0)
            return -1;
    }
    return 0;
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
    AUTO_DECREF PyObject *key = label_key(r);
    if (key == NULL || show_view(l, r, module, key) < 0)
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
    AUTO_DECREF PyObject *key = label_key(r);
    AUTO_DECREF PyObject *values = PyDict_Values(PyModule_GetDict(module));
    if (key == NULL || values == NULL || show_view(l, r, module, key) < 0)
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
    AUTO_DECREF PyObject *key = label_key(r);
    if (key == NULL)
        return -1;
    r->viewed = false;
    return call_dict_discard(PyImport_GetModuleDict(), key) < 0 ? -1 : 0;
}
