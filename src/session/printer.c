#include "session/printer.h"

#include "py/compat.h"
#include "session/formatter.h"
#include "session/host.h"

typedef struct Printer {
    PyObject_HEAD PyObject *shell;
    PyObject *pieces;   // list of str
    PyObject *parents;  // the objects that are being printed, outermost first
    Py_ssize_t indent;
} Printer;

static int
printer_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((Printer *)self)->shell);
    Py_VISIT(((Printer *)self)->pieces);
    Py_VISIT(((Printer *)self)->parents);
    return 0;
}

static int
printer_clear(PyObject *self)
{
    Py_CLEAR(((Printer *)self)->shell);
    Py_CLEAR(((Printer *)self)->pieces);
    Py_CLEAR(((Printer *)self)->parents);
    return 0;
}

static void
printer_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    (void)printer_clear(self);  // always 0
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
write_text(PyObject *self, PyObject *text)
{
    if (!PyUnicode_Check(text))
        return PyErr_Format(PyExc_TypeError, "need a str, got %R", text);
    if (PyList_Append(((Printer *)self)->pieces, text) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *
printer_breakable(PyObject *self, PyObject *args)
{
    PyObject *separator = NULL;
    if (!PyArg_ParseTuple(args, "|U:breakable", &separator))
        return NULL;
    AUTO_DECREF PyObject *text =
        separator == NULL ? PyUnicode_FromString(" ") : Py_NewRef(separator);
    return text == NULL ? NULL : write_text(self, text);
}

static PyObject *
printer_break(PyObject *self, PyObject *unused)
{
    AUTO_DECREF PyObject *newline = PyUnicode_FromString("\n");
    AUTO_DECREF PyObject *text =
        newline == NULL
            ? NULL
            : PyObject_CallMethod(newline, "ljust", "n", ((Printer *)self)->indent + 1);
    return text == NULL ? NULL : write_text(self, text);
}

/* begin_group(indent, open) and end_group(dedent, close); `sign` says which. */
static PyObject *
change_group(PyObject *self, PyObject *args, int sign)
{
    Py_ssize_t indent = 0;
    PyObject *text = NULL;
    if (!PyArg_ParseTuple(args, "|nU:group", &indent, &text))
        return NULL;
    Printer *p = (Printer *)self;
    p->indent = Py_MAX(0, p->indent + sign * Py_MIN(indent, 1000));
    if (text == NULL)
        Py_RETURN_NONE;
    return write_text(self, text);
}

static PyObject *
printer_begin_group(PyObject *self, PyObject *args)
{
    return change_group(self, args, 1);
}

static PyObject *
printer_end_group(PyObject *self, PyObject *args)
{
    return change_group(self, args, -1);
}

/* `with p.group(indent, open, close)`: a context of begin_group() and end_group(). */
static PyObject *
printer_group(PyObject *self, PyObject *args)
{
    Py_ssize_t indent = 0;
    const char *open = "";
    const char *close = "";
    if (!PyArg_ParseTuple(args, "|nss:group", &indent, &open, &close))
        return NULL;
    AUTO_DECREF PyObject *module = PyImport_ImportModule("contextlib");
    AUTO_DECREF PyObject *stack =
        module == NULL ? NULL : PyObject_CallMethod(module, "ExitStack", NULL);
    AUTO_DECREF PyObject *none =
        stack == NULL ? NULL : PyObject_CallMethod(self, "begin_group", "ns", indent, open);
    AUTO_DECREF PyObject *end =
        none == NULL ? NULL : PyObject_GetAttrString(self, "end_group");
    AUTO_DECREF PyObject *same =
        end == NULL ? NULL
                    : PyObject_CallMethod(stack, "callback", "Ons", end, indent, close);
    return same == NULL ? NULL : TAKE(stack);
}

static PyObject *
printer_indent(PyObject *self, PyObject *args)
{
    Py_ssize_t indent = 0;
    return PyArg_ParseTuple(args, "n:indent", &indent) ? printer_group(self, args) : NULL;
}

static int
contains(PyObject *list, PyObject *object)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++)
        if (PyList_GET_ITEM(list, i) == object)
            return 1;
    return 0;
}

/* Have `function` write the value, which is then among the parents of what it prints. */
static int
print_with(PyObject *self, PyObject *function, PyObject *value)
{
    Printer *p = (Printer *)self;
    bool cycle = contains(p->parents, value);
    Py_ssize_t depth = PyList_GET_SIZE(p->parents);
    if (PyList_Append(p->parents, value) < 0)
        return -1;
    AUTO_DECREF PyObject *none = PyObject_CallFunctionObjArgs(
        function, value, self, cycle ? Py_True : Py_False, NULL);
    if (none == NULL)
        return -1;
    return PyList_SetSlice(p->parents, depth, PyList_GET_SIZE(p->parents), NULL);
}

/* A value inside of another: by the printer for its type, or as it is displayed without one. */
static PyObject *
printer_pretty(PyObject *self, PyObject *value)
{
    Session *s = session_host_session(((Printer *)self)->shell);
    AUTO_DECREF PyObject *function = NULL;
    int found = s == NULL ? -1 : session_formatter_find(s, value, &function);
    if (found < 0)
        return NULL;
    if (found == 1) {
        if (print_with(self, function, value) < 0)
            return NULL;
        Py_RETURN_NONE;
    }
    AUTO_DECREF PyObject *text = PyObject_Repr(value);
    return text == NULL ? NULL : write_text(self, text);
}

static PyObject *
printer_flush(PyObject *self, PyObject *unused)
{
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    { "text", write_text, METH_O, "Write a text." },
    { "breakable", printer_breakable, METH_VARARGS, "Write a blank." },
    { "break_", printer_break, METH_NOARGS, "Begin a new row." },
    { "begin_group", printer_begin_group, METH_VARARGS,
      "Indent new rows, and write a text." },
    { "end_group", printer_end_group, METH_VARARGS, "Indent them less, and write a text." },
    { "group", printer_group, METH_VARARGS, "Both, as a context." },
    { "indent", printer_indent, METH_VARARGS, "Indent new rows in a context." },
    { "pretty", printer_pretty, METH_O, "Write a value." },
    { "flush", printer_flush, METH_NOARGS, "Nothing: all is written at once." },
    { NULL, NULL, 0, NULL },
};

static PyObject *
printer_type_new(void)
{
    PyType_Slot slots[] = {
        { Py_tp_doc, (void *)"What pretty printers write to." },
        { Py_tp_traverse, printer_traverse },
        { Py_tp_clear, printer_clear },
        { Py_tp_dealloc, printer_dealloc },
        { Py_tp_methods, methods },
        { 0, NULL },
    };
    PyType_Spec spec = { .name = "mainspring.RepresentationPrinter",
                         .basicsize = sizeof(Printer),
                         .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC
                                  | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                         .slots = slots };
    return compat_type_new(&spec, NULL);
}

PyObject *
session_printer_text(Session *s, PyObject *function, PyObject *value)
{
    if (s->printer_type == NULL)
        s->printer_type = printer_type_new();
    AUTO_DECREF PyObject *self =
        s->printer_type == NULL ? NULL
                                : PyType_GenericAlloc((PyTypeObject *)s->printer_type, 0);
    if (self == NULL)
        return NULL;
    Printer *p = (Printer *)self;
    p->shell = Py_NewRef(s->shell);
    p->pieces = PyList_New(0);
    p->parents = PyList_New(0);
    if (p->pieces == NULL || p->parents == NULL || print_with(self, function, value) < 0)
        return NULL;
    AUTO_DECREF PyObject *nothing = PyUnicode_FromString("");
    return nothing == NULL ? NULL : PyUnicode_Join(nothing, p->pieces);
}
