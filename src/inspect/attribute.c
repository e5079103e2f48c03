#include "inspect/attribute.h"

#include "py/call.h"
#include "py/vars.h"

/* Look `name` up in the dicts of the bases of `type`. */
static int
find_in_bases(PyTypeObject *type, PyObject *name, PyObject **ret_raw)
{
    AUTO_DECREF PyObject *bases = Py_XNewRef(type->tp_mro);
    if (bases == NULL)
        return 0;  // a class that is half made
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bases); i++) {
        AUTO_DECREF PyObject *dict = vars_of(PyTuple_GET_ITEM(bases, i));
        int found = dict == NULL ? 0 : call_dict_get(dict, name, ret_raw);
        if (found != 0)
            return found;
    }
    return 0;
}

static bool
is_data_descriptor(PyObject *raw)
{
    return Py_TYPE(raw)->tp_descr_get != NULL && Py_TYPE(raw)->tp_descr_set != NULL;
}

/* The attribute, and whether it lies in the object itself, a class's bases included. */
static int
find(PyObject *object, PyObject *name, PyObject **ret_raw, bool *ret_own)
{
    AUTO_DECREF PyObject *inherited = NULL;
    AUTO_DECREF PyObject *own = NULL;
    if (find_in_bases(Py_TYPE(object), name, &inherited) < 0)
        return -1;
    if (PyType_Check(object)) {
        if (find_in_bases((PyTypeObject *)object, name, &own) < 0)
            return -1;
    } else {
        AUTO_DECREF PyObject *dict = vars_of(object);
        if (dict != NULL && call_dict_get(dict, name, &own) < 0)
            return -1;
    }
    bool covered = own != NULL && inherited != NULL && !PyType_Check(object)
                   && is_data_descriptor(inherited);
    *ret_own = own != NULL && !covered;
    if (own == NULL && inherited == NULL)
        return 0;
    *ret_raw = *ret_own ? TAKE(own) : TAKE(inherited);
    return 1;
}

int
inspect_attribute_find(PyObject *object, PyObject *name, PyObject **ret_raw)
{
    bool own = false;
    return find(object, name, ret_raw, &own);
}

/* The function in a class or static method; their class has no code of the user's. */
static int
unwrap(PyObject *raw, PyObject *bound_to, PyObject **ret_value)
{
    AUTO_DECREF PyObject *function = PyObject_GetAttrString(raw, "__func__");
    if (function == NULL)
        return -1;
    *ret_value = bound_to == NULL ? TAKE(function) : PyMethod_New(function, bound_to);
    return *ret_value == NULL ? -1 : 1;
}

/* Read a slot: what C code does without asking anybody. */
static int
read_slot(PyObject *raw, PyObject *object, PyObject **ret_value)
{
    AUTO_DECREF PyObject *value =
        PyMemberDescr_Type.tp_descr_get(raw, object, (PyObject *)Py_TYPE(object));
    if (value == NULL && !PyErr_ExceptionMatches(PyExc_AttributeError)
        && !PyErr_ExceptionMatches(PyExc_TypeError))
        return -1;
    PyErr_Clear();  // it is empty, or another class's
    if (value == NULL)
        return 0;
    *ret_value = TAKE(value);
    return 1;
}

static bool
is_c_method(PyObject *raw)
{
    PyTypeObject *type = Py_TYPE(raw);
    return type == &PyMethodDescr_Type || type == &PyClassMethodDescr_Type
           || type == &PyWrapperDescr_Type;
}

/* The value of what lies in a class, for `object`; `instance` is false for the class itself. */
static int
bind(PyObject *raw, PyObject *object, bool instance, PyObject **ret_value)
{
    if (Py_IS_TYPE(raw, &PyStaticMethod_Type))
        return unwrap(raw, NULL, ret_value);
    if (Py_IS_TYPE(raw, &PyClassMethod_Type))
        return unwrap(raw, instance ? (PyObject *)Py_TYPE(object) : object, ret_value);
    if (Py_IS_TYPE(raw, &PyFunction_Type) && instance) {
        *ret_value = PyMethod_New(raw, object);
        return *ret_value == NULL ? -1 : 1;
    }
    if (Py_IS_TYPE(raw, &PyMemberDescr_Type) && instance)
        return read_slot(raw, object, ret_value);
    if (Py_TYPE(raw)->tp_descr_get != NULL && !is_c_method(raw)
        && !Py_IS_TYPE(raw, &PyFunction_Type) && !PyType_Check(raw))
        return 0;  // a property, or what its author made
    *ret_value = Py_NewRef(raw);
    return 1;
}

int
inspect_attribute_get(PyObject *object, PyObject *name, PyObject **ret_value)
{
    AUTO_DECREF PyObject *raw = NULL;
    bool own = false;
    int found = find(object, name, &raw, &own);
    if (found != 1)
        return found;
    if (own && !PyType_Check(object)) {
        *ret_value = TAKE(raw);
        return 1;
    }
    return bind(raw, object, !own, ret_value);
}

static int
visit_dict(PyObject *dict, InspectAttributeVisit visit, void *context)
{
    Py_ssize_t pos = 0;
    BORROWED PyObject *key;
    BORROWED PyObject *value;
    while (PyDict_Next(dict, &pos, &key, &value)) {
        if (!PyUnicode_Check(key))
            continue;
        AUTO_DECREF PyObject *name = PyUnicode_FromObject(key);
        AUTO_DECREF PyObject *raw = Py_NewRef(value);
        if (name == NULL || visit(name, raw, context) < 0)
            return -1;
    }
    return 0;
}

static int
visit_bases(PyTypeObject *type, InspectAttributeVisit visit, void *context)
{
    AUTO_DECREF PyObject *bases = Py_XNewRef(type->tp_mro);
    for (Py_ssize_t i = 0; bases != NULL && i < PyTuple_GET_SIZE(bases); i++) {
        AUTO_DECREF PyObject *dict = vars_of(PyTuple_GET_ITEM(bases, i));
        if (dict != NULL && visit_dict(dict, visit, context) < 0)
            return -1;
    }
    return 0;
}

int
inspect_attribute_each(PyObject *object, InspectAttributeVisit visit, void *context)
{
    if (PyType_Check(object))
        return visit_bases((PyTypeObject *)object, visit, context);
    AUTO_DECREF PyObject *dict = vars_of(object);
    if (dict != NULL && visit_dict(dict, visit, context) < 0)
        return -1;
    if (PyModule_CheckExact(object))
        return 0;  // as dir() has it
    return visit_bases(Py_TYPE(object), visit, context);
}

int
inspect_attribute_has_dir(PyObject *object)
{
    AUTO_DECREF PyObject *name = PyUnicode_InternFromString("__dir__");
    AUTO_DECREF PyObject *raw = NULL;
    if (name == NULL)
        return -1;
    if (PyModule_Check(object)) {
        int found = call_dict_get(PyModule_GetDict(object), name, &raw);
        if (found != 0)
            return found;
    }
    AUTO_DECREF PyObject *inherited = NULL;
    int found = find_in_bases(Py_TYPE(object), name, &inherited);
    return found <= 0 ? found : !is_c_method(inherited);
}
