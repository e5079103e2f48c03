#include "session/macro.h"

#include <stddef.h>

#include <structmember.h>

#include "py/call.h"
#include "py/compat.h"

typedef struct Macro {
    PyObject_HEAD PyObject *value;
} Macro;

static void
macro_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_CLEAR(((Macro *)self)->value);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
macro_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<macro: %R>", ((Macro *)self)->value);
}

static PyObject *
macro_str(PyObject *self)
{
    return Py_NewRef(((Macro *)self)->value);
}

static PyMemberDef members[] = {
    { "value", T_OBJECT, offsetof(Macro, value), READONLY, "Its text." },
    { NULL, 0, 0, 0, NULL },
};

static PyObject *
type_new(void)
{
    PyType_Slot slots[] = {
        { Py_tp_doc, (void *)"A text that is executed when its name is typed." },
        { Py_tp_dealloc, macro_dealloc },
        { Py_tp_repr, macro_repr },
        { Py_tp_str, macro_str },
        { Py_tp_members, members },
        { 0, NULL },
    };
    PyType_Spec spec = { .name = "mainspring.Macro",
                         .basicsize = sizeof(Macro),
                         .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                         .slots = slots };
    return compat_type_new(&spec, NULL);
}

PyObject *
session_macro_new(Session *s, PyObject *text)
{
    if (s->macro_type == NULL)
        s->macro_type = type_new();
    if (s->macro_type == NULL)
        return NULL;
    AUTO_DECREF PyObject *macro = PyType_GenericAlloc((PyTypeObject *)s->macro_type, 0);
    if (macro != NULL)
        ((Macro *)macro)->value = Py_NewRef(text);
    return TAKE(macro);
}

PyObject *
session_macro_text(const Session *s, PyObject *object)
{
    bool is_one = object != NULL && (PyObject *)Py_TYPE(object) == s->macro_type;
    return is_one ? ((Macro *)object)->value : NULL;
}

PyObject *
session_macro_expand(Session *s, PyObject *text)
{
    if (s->macro_type == NULL)
        return Py_NewRef(text);
    AUTO_DECREF PyObject *name = PyObject_CallMethod(text, "strip", NULL);
    AUTO_DECREF PyObject *value = NULL;
    if (name == NULL || call_dict_get(s->namespace, name, &value) < 0)
        return NULL;
    BORROWED PyObject *expanded = session_macro_text(s, value);
    return Py_NewRef(expanded != NULL ? expanded : text);
}
