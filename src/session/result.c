#include "session/result.h"

#include "py/compat.h"

typedef struct SessionResult {
    PyObject_HEAD PyObject *info;
    PyObject *error;
    PyObject *value;
    int number;  // 0 for a cell without one
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
    int number = ((SessionResult *)self)->number;
    return number > 0 ? PyLong_FromLong(number) : Py_NewRef(Py_None);
}

static PyObject *
get_info(PyObject *self, void *closure)
{
    return Py_NewRef(((SessionResult *)self)->info);
}

/* A cell that could not be executed ends with a syntax error; here it is one of `error_in_exec`. */
static PyObject *
get_error_before(PyObject *self, void *closure)
{
    Py_RETURN_NONE;
}

static PyObject *
result_repr(PyObject *self)
{
    SessionResult *r = (SessionResult *)self;
    AUTO_DECREF PyObject *number = get_number(self, NULL);
    if (number == NULL)
        return NULL;
    return PyUnicode_FromFormat("<ExecutionResult of cell %S: %R>", number,
                                r->error != NULL   ? r->error
                                : r->value != NULL ? r->value
                                                   : Py_None);
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
    Py_VISIT(((SessionResult *)self)->info);
    Py_VISIT(((SessionResult *)self)->error);
    Py_VISIT(((SessionResult *)self)->value);
    return 0;
}

static int
result_clear(PyObject *self)
{
    Py_CLEAR(((SessionResult *)self)->info);
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
    { "error_before_exec", get_error_before, NULL, "None.", NULL },
    { "info", get_info, NULL, "What was to be executed.", NULL },
    { "result", get_result, NULL, "The value that was displayed, or None.", NULL },
    { "execution_count", get_number, NULL, "The number of the cell, or None.", NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

static PyMethodDef result_methods[] = {
    { "raise_error", result_raise_error, METH_NOARGS,
      "Raise what was raised, if anything." },
    { NULL, NULL, 0, NULL },
};

static PyObject *
result_type_new(void)
{
    PyType_Slot slots[] = {
        { Py_tp_doc, (void *)"What run_cell() returns." },
        { Py_tp_traverse, result_traverse },
        { Py_tp_clear, result_clear },
        { Py_tp_dealloc, result_dealloc },
        { Py_tp_repr, result_repr },
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
session_result_new(Session *s, const SessionResultParts *parts)
{
    if (s->result_type == NULL)
        s->result_type = result_type_new();
    AUTO_DECREF PyObject *object =
        s->result_type == NULL ? NULL
                               : PyType_GenericAlloc((PyTypeObject *)s->result_type, 0);
    if (object == NULL)
        return NULL;
    SessionResult *r = (SessionResult *)object;
    r->number = parts->number;
    r->info = Py_NewRef(parts->info);
    r->value = Py_XNewRef(parts->value);
    r->error = Py_XNewRef(parts->error);
    return TAKE(object);
}

bool
session_result_failed(PyObject *result)
{
    return ((SessionResult *)result)->error != NULL;
}

static PyObject *
info_type_new(void)
{
    PyStructSequence_Field fields[] = {
        { "raw_cell", "The text as it was given." },
        { "store_history", "Whether it gets a number and is kept in In." },
        { "silent", "Whether nothing is displayed." },
        { "shell_futures", "Whether `from __future__` lasts." },
        { "cell_id", "None." },
        { NULL, NULL },
    };
    PyStructSequence_Desc description = { .name = "mainspring.ExecutionInfo",
                                          .doc = "What is to be executed.",
                                          .fields = fields,
                                          .n_in_sequence = COUNT_OF(fields) - 1 };
    PyTypeObject *type = PyStructSequence_NewType(&description);
    if (type == NULL && !PyErr_Occurred())
        return PyErr_NoMemory();
    return (PyObject *)type;
}

PyObject *
session_result_info_new(Session *s, PyObject *text, bool store, bool silent)
{
    if (s->info_type == NULL)
        s->info_type = info_type_new();
    AUTO_DECREF PyObject *info =
        s->info_type == NULL ? NULL : PyStructSequence_New((PyTypeObject *)s->info_type);
    if (info == NULL)
        return NULL;
    PyStructSequence_SetItem(info, 0, Py_NewRef(text));
    PyStructSequence_SetItem(info, 1, PyBool_FromLong(store));
    PyStructSequence_SetItem(info, 2, PyBool_FromLong(silent));
    PyStructSequence_SetItem(info, 3, PyBool_FromLong(true));
    PyStructSequence_SetItem(info, 4, Py_NewRef(Py_None));
    return TAKE(info);
}
