#include "session/result.h"

#include "py/compat.h"

typedef struct SessionResult {
    PyObject_HEAD
    PyObject *error;
    PyObject *value;
    int number;
} SessionResult;

static PyObject *
get_success(PyObject *self, void *closure)
{
    return PyBool_FromLong(((SessionResult *)self)->error == NULL);
}

static PyObject *
get_error(PyObject *self, void *closure)
{
    PyObject *error = ((SessionResult *)self)->error;
    return Py_NewRef(error ? error : Py_None);
}

static PyObject *
get_result(PyObject *self, void *closure)
{
    PyObject *value = ((SessionResult *)self)->value;
    return Py_NewRef(value ? value : Py_None);
}

static PyObject *
get_number(PyObject *self, void *closure)
{
    return PyLong_FromLong(((SessionResult *)self)->number);
}

static PyObject *
result_raise_error(PyObject *self, PyObject *unused)
{
    PyObject *error = ((SessionResult *)self)->error;
    if (error == NULL)
        Py_RETURN_NONE;
    PyErr_SetObject((PyObject *)Py_TYPE(error), error);
    return NULL;
}

static int
result_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((SessionResult *)self)->error);
    Py_VISIT(((SessionResult *)self)->value);
    return 0;
}

static int
result_clear(PyObject *self)
{
    Py_CLEAR(((SessionResult *)self)->error);
    Py_CLEAR(((SessionResult *)self)->value);
    return 0;
}

static void
result_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    (void)result_clear(self);  // always 0
    type->tp_free(self);
    Py_DECREF(type);
}

static PyGetSetDef result_members[] = {
    { "success", get_success, NULL, "Whether nothing was raised.", NULL },
    { "error_in_exec", get_error, NULL, "What was raised, or None.", NULL },
    { "result", get_result, NULL, "The value that was displayed, or None.", NULL },
    { "execution_count", get_number, NULL, "The number of the cell.", NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

static PyMethodDef result_methods[] = {
    { "raise_error", result_raise_error, METH_NOARGS, "Raise what was raised, if anything." },
    { NULL, NULL, 0, NULL },
};

PyObject *
session_result_type_new(void)
{
    PyType_Slot slots[] = {
        { Py_tp_doc, (void *)"What run_cell() returns." },
        { Py_tp_traverse, result_traverse },
        { Py_tp_clear, result_clear },
        { Py_tp_dealloc, result_dealloc },
        { Py_tp_getset, result_members },
        { Py_tp_methods, result_methods },
        { 0, NULL },
    };
    PyType_Spec spec = { .name = "mainspring.ExecutionResult",
                         .basicsize = sizeof(SessionResult),
                         .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC
                             | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                         .slots = slots };
    return compat_type_new(&spec, NULL);
}

PyObject *
session_result_new(PyObject *type, int number, PyObject *value, PyObject *error)
{
    AUTO_DECREF PyObject *object = PyType_GenericAlloc((PyTypeObject *)type, 0);
    if (object == NULL)
        return NULL;
    SessionResult *r = (SessionResult *)object;
    r->number = number;
    r->value = Py_XNewRef(value);
    r->error = Py_XNewRef(error);
    return TAKE(object);
}
