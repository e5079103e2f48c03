#include "session/host.h"

#include <stddef.h>
#include <string.h>

#include <structmember.h>

#include "py/call.h"
#include "py/compat.h"
#include "py/exc.h"
#include "session/cell.h"
#include "session/events.h"
#include "session/extensions.h"
#include "session/failure.h"
#include "session/formatter.h"
#include "session/history_manager.h"
#include "session/magic.h"
#include "session/manager.h"
#include "session/output.h"
#include "session/registry.h"
#include "session/report.h"
#include "session/system.h"
#include "session/transformers.h"
#include "show/traceback.h"

Session *
session_host_session(PyObject *shell)
{
    Session *s = ((Host *)shell)->session;
    if (s == NULL)
        PyErr_SetString(PyExc_RuntimeError, "the session has ended");
    return s;
}

typedef PyObject *(*PartGetter)(Session *);

/* The part whose number is in the closure. */
static PyObject *
get_part(PyObject *self, void *getter)
{
    static const PartGetter getters[] = { session_events_get, session_manager_get,
                                          session_extensions_get, session_formatter_get,
                                          session_history_manager_get };
    Session *s = session_host_session(self);
    return s == NULL ? NULL : getters[(size_t)getter](s);
}

/* A method of the magics manager that is the shell's too. */
static PyObject *
get_manager_method(PyObject *self, void *name)
{
    Session *s = session_host_session(self);
    AUTO_DECREF PyObject *manager = s == NULL ? NULL : session_manager_get(s);
    return manager == NULL ? NULL : PyObject_GetAttrString(manager, name);
}

static PyObject *
get_transformers(PyObject *self, void *kind)
{
    Session *s = session_host_session(self);
    return s == NULL ? NULL : session_transformers_get(s, (SessionTransform)(size_t)kind);
}

static int
set_transformers(PyObject *self, PyObject *list, void *kind)
{
    Session *s = session_host_session(self);
    return s == NULL ? -1
                     : session_transformers_set(s, (SessionTransform)(size_t)kind, list);
}

static PyObject *
get_displayhook(PyObject *self, void *closure)
{
    Session *s = session_host_session(self);
    return s == NULL ? NULL : Py_NewRef(s->displayhook);
}

static PyObject *
get_user_module(PyObject *self, void *closure)
{
    Session *s = session_host_session(self);
    return s == NULL ? NULL : Py_NewRef(s->module);
}

static PyObject *
get_colors(PyObject *self, void *closure)
{
    return PyUnicode_FromString("NoColor");
}

static PyObject *
find_magic(PyObject *self, PyObject *name, unsigned way)
{
    Session *s = session_host_session(self);
    AUTO_DECREF PyObject *tables = s == NULL ? NULL : session_registry_tables(s);
    AUTO_DECREF PyObject *table =
        tables == NULL
            ? NULL
            : PyMapping_GetItemString(tables, way == MAGIC_LINE ? "line" : "cell");
    AUTO_DECREF PyObject *function = NULL;
    if (table == NULL || call_dict_get(table, name, &function) < 0)
        return NULL;
    return function != NULL ? TAKE(function) : Py_NewRef(Py_None);
}

static PyObject *
host_find_line_magic(PyObject *self, PyObject *name)
{
    return find_magic(self, name, MAGIC_LINE);
}

static PyObject *
host_find_cell_magic(PyObject *self, PyObject *name)
{
    return find_magic(self, name, MAGIC_CELL);
}

static PyObject *
host_find_magic(PyObject *self, PyObject *args, PyObject *options)
{
    static char *names[] = { "magic_name", "magic_kind", NULL };
    PyObject *name = NULL;
    const char *kind = "line";
    if (!PyArg_ParseTupleAndKeywords(args, options, "U|s:find_magic", names, &name, &kind))
        return NULL;
    if (strcmp(kind, "line") != 0 && strcmp(kind, "cell") != 0)
        return PyErr_Format(PyExc_ValueError, "magic_kind is 'line' or 'cell', not '%s'",
                            kind);
    return find_magic(self, name, kind[0] == 'l' ? MAGIC_LINE : MAGIC_CELL);
}

/* magic('name rest'): the old way to call a line magic. */
static PyObject *
host_magic(PyObject *self, PyObject *line)
{
    Session *s = session_host_session(self);
    AUTO_DECREF PyObject *bare =
        s == NULL ? NULL : PyObject_CallMethod(line, "lstrip", "s", " %");
    AUTO_DECREF PyObject *parts =
        bare == NULL ? NULL : PyObject_CallMethod(bare, "partition", "s", " ");
    if (parts == NULL)
        return NULL;
    return magic_call(s, PyTuple_GET_ITEM(parts, 0), PyTuple_GET_ITEM(parts, 2), NULL);
}

static PyObject *
host_register_post_execute(PyObject *self, PyObject *function)
{
    Session *s = session_host_session(self);
    AUTO_DECREF PyObject *events = s == NULL ? NULL : session_events_get(s);
    return events == NULL
               ? NULL
               : PyObject_CallMethod(events, "register", "sO", "post_execute", function);
}

static PyObject *
host_transform_cell(PyObject *self, PyObject *text)
{
    Session *s = session_host_session(self);
    return s == NULL ? NULL : session_cell_transform(s, text);
}

static PyObject *
host_var_expand(PyObject *self, PyObject *args)
{
    PyObject *text = NULL;
    int depth = 0;  // IPython's: which frame's variables are meant; ours are the prompt's
    Session *s = session_host_session(self);
    if (s == NULL || !PyArg_ParseTuple(args, "U|i:var_expand", &text, &depth))
        return NULL;
    return session_system_expand(s, text);
}

/* Where the front can't put a text behind the prompt it is written, to be copied. */
static PyObject *
host_set_next_input(PyObject *self, PyObject *args, PyObject *options)
{
    static char *names[] = { "s", "replace", NULL };
    PyObject *text = NULL;
    int replace = 0;  // a notebook's: in a terminal there is no other input to keep
    Session *s = session_host_session(self);
    if (s == NULL
        || !PyArg_ParseTupleAndKeywords(args, options, "U|p:set_next_input", names, &text,
                                        &replace))
        return NULL;
    AUTO_DECREF PyObject *line = PyUnicode_FromFormat("%U\n", text);
    bool able = s->front->set_next_input != NULL;
    int r = line == NULL ? -1
            : able       ? s->front->set_next_input(s, text)
                         : session_output_write(line);
    if (r < 0)
        return NULL;
    Py_RETURN_NONE;
}

/* Toolkits that run their windows while the terminal waits for a key, by a hook of their own. */
static PyObject *
host_enable_gui(PyObject *self, PyObject *args)
{
    static const char *const hooked[] = { "tk", "qt", "qt4", "qt5", "qt6" };
    const char *name = NULL;
    Session *s = session_host_session(self);
    if (s == NULL || !PyArg_ParseTuple(args, "|z:enable_gui", &name))
        return NULL;
    bool known = name == NULL;
    for (size_t i = 0; !known && i < COUNT_OF(hooked); i++)
        known = strcmp(name, hooked[i]) == 0;
    if (!known)
        return PyErr_Format(
            s->usage_error,
            "enable_gui: windows of '%s' don't live while the prompt waits, "
            "those of tk and qt do",
            name);
    Py_RETURN_NONE;
}

static PyObject *
host_set_custom_exc(PyObject *self, PyObject *args)
{
    PyObject *classes = NULL;
    PyObject *handler = NULL;
    Session *s = session_host_session(self);
    if (s == NULL || !PyArg_ParseTuple(args, "OO:set_custom_exc", &classes, &handler)
        || session_failure_set_handler(s, classes, handler == Py_None ? NULL : handler) < 0)
        return NULL;
    Py_RETURN_NONE;
}

/* The exception that is meant: the one given, the one being handled, or the last one; NULL,
 * without an exception set, where there is none. */
static PyObject *
wanted_error(Session *s, PyObject *given)
{
    if (given != Py_None) {
        AUTO_DECREF PyObject *error = PySequence_GetItem(given, 1);
        if (error == NULL || PyExceptionInstance_Check(error))
            return TAKE(error);
        return PyErr_Format(PyExc_TypeError, "%R is no (type, value, traceback)", given);
    }
    AUTO_DECREF PyObject *handled = PyErr_GetHandledException();
    if (handled != NULL && handled != Py_None)
        return TAKE(handled);
    return Py_XNewRef(s->last_error);
}

static PyObject *
host_get_exc_info(PyObject *self, PyObject *args)
{
    PyObject *given = Py_None;
    Session *s = session_host_session(self);
    if (s == NULL || !PyArg_ParseTuple(args, "|O:_get_exc_info", &given))
        return NULL;
    if (given != Py_None)
        return PySequence_Tuple(given);
    AUTO_DECREF PyObject *error = wanted_error(s, Py_None);
    if (error == NULL)
        return PyErr_Format(PyExc_ValueError, "No exception to find");
    AUTO_DECREF PyObject *traceback = PyException_GetTraceback(error);
    return PyTuple_Pack(3, Py_TYPE(error), error, traceback == NULL ? Py_None : traceback);
}

/* Its last lines, without the traceback. */
static PyObject *
exception_only(PyObject *error)
{
    AUTO_DECREF PyObject *format = call_import("traceback", "format_exception_only");
    AUTO_DECREF PyObject *parts =
        format == NULL ? NULL : PyObject_CallOneArg(format, error);
    AUTO_DECREF PyObject *nothing = PyUnicode_FromString("");
    return parts == NULL || nothing == NULL ? NULL : PyUnicode_Join(nothing, parts);
}

static PyObject *
host_get_exception_only(PyObject *self, PyObject *args)
{
    PyObject *given = Py_None;
    Session *s = session_host_session(self);
    if (s == NULL || !PyArg_ParseTuple(args, "|O:get_exception_only", &given))
        return NULL;
    AUTO_DECREF PyObject *error = wanted_error(s, given);
    if (error == NULL)
        return PyErr_Occurred() ? NULL
                                : PyErr_Format(PyExc_ValueError, "No exception to find");
    return exception_only(error);
}

/* Show the error with the given traceback, or its own, less `offset` entries. */
static int
show(Session *s, PyObject *error, PyObject *given, Py_ssize_t offset)
{
    AUTO_DECREF PyObject *own = PyException_GetTraceback(error);
    AUTO_DECREF PyObject *entry =
        given == Py_None ? Py_XNewRef(own) : PySequence_GetItem(given, 2);
    if (entry == NULL && PyErr_Occurred())
        return -1;
    while (offset-- > 0 && entry != NULL && entry != Py_None) {
        AUTO_DECREF PyObject *next = PyObject_GetAttrString(entry, "tb_next");
        if (next == NULL)
            return -1;
        if (next == Py_None)
            break;
        Py_SETREF(entry, TAKE(next));
    }
    if (PyException_SetTraceback(error, entry == NULL ? Py_None : entry) < 0)
        return -1;
    session_report_show(s, error);
    return PyException_SetTraceback(error, own == NULL ? Py_None : own);
}

static PyObject *
host_showtraceback(PyObject *self, PyObject *args, PyObject *options)
{
    static char *names[] = {
        "exc_tuple", "filename", "tb_offset", "exception_only", "running_compiled_code",
        NULL
    };
    PyObject *given = Py_None;
    PyObject *filename = NULL;
    PyObject *offset = Py_None;
    int only = 0;
    int compiled = 0;  // with `filename` IPython's: which of its own frames it leaves out
    Session *s = session_host_session(self);
    if (s == NULL
        || !PyArg_ParseTupleAndKeywords(args, options, "|OOOpp:showtraceback", names,
                                        &given, &filename, &offset, &only, &compiled))
        return NULL;
    Py_ssize_t skipped =
        offset == Py_None ? 0 : PyNumber_AsSsize_t(offset, PyExc_OverflowError);
    AUTO_DECREF PyObject *error = PyErr_Occurred() ? NULL : wanted_error(s, given);
    if (error == NULL && PyErr_Occurred())
        return NULL;
    if (error == NULL) {
        session_say("no traceback: nothing has failed yet");
        Py_RETURN_NONE;
    }
    AUTO_DECREF PyObject *text = only ? exception_only(error) : NULL;
    if (only && text != NULL)
        session_say("%U", text);
    if (only ? text == NULL : show(s, error, given, skipped) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *
host_showsyntaxerror(PyObject *self, PyObject *args, PyObject *options)
{
    static char *names[] = { "filename", "running_compiled_code", NULL };
    PyObject *filename = NULL;
    int compiled = 0;
    if (!PyArg_ParseTupleAndKeywords(args, options, "|Op:showsyntaxerror", names, &filename,
                                     &compiled))
        return NULL;
    AUTO_DECREF PyObject *nothing = PyTuple_New(0);
    return nothing == NULL ? NULL : host_showtraceback(self, nothing, NULL);
}

/* _showtraceback(type, value, lines): the lines go to standard error. */
static PyObject *
host_show_lines(PyObject *self, PyObject *args)
{
    PyObject *type = NULL;
    PyObject *value = NULL;
    PyObject *lines = NULL;
    if (!PyArg_ParseTuple(args, "OOO:_showtraceback", &type, &value, &lines))
        return NULL;
    AUTO_DECREF PyObject *newline = PyUnicode_FromString("\n");
    AUTO_DECREF PyObject *text = newline == NULL          ? NULL
                                 : PyUnicode_Check(lines) ? Py_NewRef(lines)
                                                          : PyUnicode_Join(newline, lines);
    if (text == NULL)
        return NULL;
    session_say("%U", text);
    Py_RETURN_NONE;
}

static PyObject *
host_instance(PyObject *type, PyObject *args, PyObject *options)
{
    return PyObject_GetAttrString(type, "_instance");
}

static PyObject *
host_initialized(PyObject *type, PyObject *unused)
{
    Py_RETURN_TRUE;
}

static int
host_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((Host *)self)->attributes);
    return 0;
}

static int
host_clear(PyObject *self)
{
    Py_CLEAR(((Host *)self)->attributes);
    return 0;
}

static void
host_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    (void)host_clear(self);  // always 0
    type->tp_free(self);
    Py_DECREF(type);
}

#define WITH_KEYWORDS(function)                                                            \
    (PyCFunction)(void (*)(void))(function), METH_VARARGS | METH_KEYWORDS

static PyMethodDef methods[] = {
    { "find_magic", WITH_KEYWORDS(host_find_magic), "The callable of a magic, or None." },
    { "find_line_magic", host_find_line_magic, METH_O, "That of a line magic, or None." },
    { "find_cell_magic", host_find_cell_magic, METH_O, "That of a cell magic, or None." },
    { "magic", host_magic, METH_O, "Call a line magic: 'name rest'." },
    { "register_post_execute", host_register_post_execute, METH_O,
      "Have a function called after each cell." },
    { "transform_cell", host_transform_cell, METH_O,
      "The Python that a cell's text means." },
    { "var_expand", host_var_expand, METH_VARARGS,
      "A text with $var and {expr} expanded." },
    { "set_next_input", WITH_KEYWORDS(host_set_next_input),
      "Have the next input begin with a text." },
    { "enable_gui", host_enable_gui, METH_VARARGS,
      "Whether windows of a toolkit live while the prompt waits: nothing, or UsageError." },
    { "set_custom_exc", host_set_custom_exc, METH_VARARGS,
      "Have a function show exceptions of some classes." },
    { "showtraceback", WITH_KEYWORDS(host_showtraceback),
      "Show the exception being handled." },
    { "showsyntaxerror", WITH_KEYWORDS(host_showsyntaxerror), "The same." },
    { "_showtraceback", host_show_lines, METH_VARARGS, "Write the lines of a traceback." },
    { "_get_exc_info", host_get_exc_info, METH_VARARGS,
      "(type, value, traceback) of the exception that is meant." },
    { "get_exception_only", host_get_exception_only, METH_VARARGS,
      "Its text without the traceback." },
    { "instance", WITH_KEYWORDS(host_instance) | METH_CLASS, "The shell." },
    { "initialized", host_initialized, METH_NOARGS | METH_CLASS,
      "Whether there is one: True." },
    { NULL, NULL, 0, NULL },
};

static PyGetSetDef members[] = {
    { "events", get_part, NULL, "Callbacks before and after each cell.", (void *)0 },
    { "magics_manager", get_part, NULL, "The magics that there are.", (void *)1 },
    { "extension_manager", get_part, NULL, "The loaded extensions.", (void *)2 },
    { "display_formatter", get_part, NULL, "How values are displayed.", (void *)3 },
    { "history_manager", get_part, NULL, "What was typed, now and earlier.", (void *)4 },
    { "register_magics", get_manager_method, NULL, "Register what `magics` tables name.",
      "register" },
    { "register_magic_function", get_manager_method, NULL,
      "Register a function as a magic.", "register_function" },
    { "define_magic", get_manager_method, NULL,
      "Register a function of the shell and the line.", "define_magic" },
    { "input_transformers_cleanup", get_transformers, set_transformers,
      "Functions on a cell's lines as typed.", (void *)TRANSFORM_CLEANUP },
    { "input_transformers_post", get_transformers, set_transformers,
      "Functions on a cell's lines as Python.", (void *)TRANSFORM_POST },
    { "ast_transformers", get_transformers, set_transformers, "Visitors of a cell's tree.",
      (void *)TRANSFORM_TREE },
    { "displayhook", get_displayhook, NULL, "What displays a value as Out[N].", NULL },
    { "user_module", get_user_module, NULL, "The prompt's module.", NULL },
    { "colors", get_colors, NULL, "'NoColor'.", NULL },
    { "__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

static PyMemberDef offsets[] = {
    { "__dictoffset__", T_PYSSIZET, offsetof(Host, attributes), READONLY, NULL },
    { NULL, 0, 0, 0, NULL },
};

PyObject *
session_host_type_new(void)
{
    PyType_Slot slots[] = {
        { Py_tp_doc, (void *)"The interactive shell, as extensions see it." },
        { Py_tp_traverse, host_traverse },
        { Py_tp_clear, host_clear },
        { Py_tp_dealloc, host_dealloc },
        { Py_tp_methods, methods },
        { Py_tp_getset, members },
        { Py_tp_members, offsets },
        { 0, NULL },
    };
    PyType_Spec spec = { .name = "mainspring.InteractiveShell",
                         .basicsize = sizeof(Host),
                         .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC
                                  | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                         .slots = slots };
    return compat_type_new(&spec, NULL);
}
