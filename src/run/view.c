#include "run/view.h"

#include "py/call.h"
#include "py/compat.h"

// Where a view's own dict keeps the weak reference; no name that a program could ask for.
#define MODULE_KEY " module"
#define CLASSES_KEY " classes"

/* The namespace behind the view: 1 and a new reference, 0 when the run is gone. */
static int
namespace_get(PyObject *view, PyObject **ret_namespace)
{
    AUTO_DECREF PyObject *key = PyUnicode_InternFromString(MODULE_KEY);
    AUTO_DECREF PyObject *ref = NULL;
    int found = key == NULL ? -1 : call_dict_get(PyModule_GetDict(view), key, &ref);
    if (found <= 0)
        return found;
    AUTO_DECREF PyObject *module = NULL;
    int alive = compat_weakref_get(ref, &module);
    if (alive == 1)
        *ret_namespace = Py_NewRef(PyModule_GetDict(module));
    return alive;
}

/* A class that outlived the run: 1 and a new reference, 0, or -1 with an exception set. */
static int
class_get(PyObject *view, PyObject *name, PyObject **ret_class)
{
    AUTO_DECREF PyObject *key = PyUnicode_InternFromString(CLASSES_KEY);
    AUTO_DECREF PyObject *classes = NULL;
    AUTO_DECREF PyObject *ref = NULL;
    int found = key == NULL ? -1 : call_dict_get(PyModule_GetDict(view), key, &classes);
    if (found == 1)
        found = call_dict_get(classes, name, &ref);
    return found == 1 ? compat_weakref_get(ref, ret_class) : found;
}

static int
answers_itself(PyObject *name)
{
    return PyUnicode_CompareWithASCIIString(name, "__name__") == 0
           || PyUnicode_CompareWithASCIIString(name, "__file__") == 0
           || PyUnicode_CompareWithASCIIString(name, "__spec__") == 0;
}

static PyObject *
view_getattro(PyObject *view, PyObject *name)
{
    if (answers_itself(name))
        return PyModule_Type.tp_getattro(view, name);
    AUTO_DECREF PyObject *namespace = NULL;
    int alive = namespace_get(view, &namespace);
    if (alive < 0)
        return NULL;
    if (alive == 1) {
        if (PyUnicode_CompareWithASCIIString(name, "__dict__") == 0)
            return TAKE(namespace);
        PyObject *value = NULL;
        int found = call_dict_get(namespace, name, &value);
        if (found != 0)
            return value;
    }
    if (alive == 0) {
        PyObject *class = NULL;
        int found = class_get(view, name, &class);
        if (found != 0)
            return class;
    }
    return PyModule_Type.tp_getattro(view, name);
}

static int
view_setattro(PyObject *view, PyObject *name, PyObject *value)
{
    AUTO_DECREF PyObject *namespace = NULL;
    int alive = answers_itself(name) ? 0 : namespace_get(view, &namespace);
    if (alive < 0)
        return -1;
    if (alive == 0)
        return PyModule_Type.tp_setattro(view, name, value);
    if (value != NULL)
        return PyDict_SetItem(namespace, name, value);
    int found = call_dict_discard(namespace, name);
    if (found == 0)
        PyErr_SetObject(PyExc_AttributeError, name);
    return found == 1 ? 0 : -1;
}

PyObject *
run_view_type_new(void)
{
    PyType_Slot slots[] = {
        { Py_tp_doc, (void *)"A superseded run of a script, held weakly." },
        { Py_tp_getattro, view_getattro },
        { Py_tp_setattro, view_setattro },
        { 0, NULL },
    };
    PyType_Spec spec = { .name = "mainspring.RunView",
                         .flags = Py_TPFLAGS_DEFAULT,
                         .slots = slots };
    return compat_type_new(&spec, (PyObject *)&PyModule_Type);
}

PyObject *
run_view_new(PyObject *type, PyObject *module, PyObject *key, PyObject *file,
             PyObject *classes)
{
    AUTO_DECREF PyObject *view = PyObject_CallOneArg(type, key);
    if (view == NULL)
        return NULL;
    AUTO_DECREF PyObject *ref = module == NULL ? NULL : PyWeakref_NewRef(module, NULL);
    BORROWED PyObject *own = PyModule_GetDict(view);
    if ((module != NULL && ref == NULL) || PyDict_SetItemString(own, "__file__", file) < 0
        || (ref != NULL && PyDict_SetItemString(own, MODULE_KEY, ref) < 0)
        || (classes != NULL && PyDict_SetItemString(own, CLASSES_KEY, classes) < 0))
        return NULL;
    return TAKE(view);
}
