#include "session/formatter.h"

#include "py/call.h"
#include "session/part.h"
#include "session/printer.h"
#include "show/display.h"

#define PLAIN "text/plain"

/* A formatter holds its tables by name. */
static PyObject *
table_of(PyObject *formatter, const char *name)
{
    return PyMapping_GetItemString(session_part_held(formatter), name);
}

static bool
is_plain(PyObject *formatter)
{
    BORROWED PyObject *type =
        PyDict_GetItemString(session_part_held(formatter), "format_type");
    return type != NULL && PyUnicode_CompareWithASCIIString(type, PLAIN) == 0;
}

/* ('module', 'name') of a class, the key of what is registered by name. */
static PyObject *
deferred_key(PyObject *type)
{
    AUTO_DECREF PyObject *module = PyObject_GetAttrString(type, "__module__");
    AUTO_DECREF PyObject *name =
        module == NULL ? NULL : PyObject_GetAttrString(type, "__name__");
    return name == NULL ? NULL : PyTuple_Pack(2, module, name);
}

/* What is registered for the class itself, by itself or by name. */
static int
find_exactly(PyObject *formatter, PyObject *type, PyObject **ret_function)
{
    AUTO_DECREF PyObject *by_type = table_of(formatter, "type_printers");
    AUTO_DECREF PyObject *by_name =
        by_type == NULL ? NULL : table_of(formatter, "deferred_printers");
    if (by_name == NULL)
        return -1;
    int found = call_dict_get(by_type, type, ret_function);
    if (found != 0 || PyDict_GET_SIZE(by_name) == 0)
        return found;
    AUTO_DECREF PyObject *key = deferred_key(type);
    return key == NULL ? -1 : call_dict_get(by_name, key, ret_function);
}

static int
find_for_type(PyObject *formatter, PyTypeObject *type, PyObject **ret_function)
{
    AUTO_DECREF PyObject *bases = Py_XNewRef(type->tp_mro);
    Py_ssize_t count = bases == NULL ? 0 : PyTuple_GET_SIZE(bases);
    for (Py_ssize_t i = 0; i < count; i++) {
        int found = find_exactly(formatter, PyTuple_GET_ITEM(bases, i), ret_function);
        if (found != 0)
            return found;
    }
    return 0;
}

/* By identity first: singletons such as None and Ellipsis. */
static int
find_for_value(PyObject *formatter, PyObject *value, PyObject **ret_function)
{
    AUTO_DECREF PyObject *singletons = table_of(formatter, "singleton_printers");
    if (singletons == NULL)
        return -1;
    if (PyDict_GET_SIZE(singletons) > 0) {
        AUTO_DECREF PyObject *id = PyLong_FromVoidPtr(value);
        int found = id == NULL ? -1 : call_dict_get(singletons, id, ret_function);
        if (found != 0)
            return found;
    }
    return find_for_type(formatter, Py_TYPE(value), ret_function);
}

/* Register `function` in the table for `key` unless it is None; what was there is returned. */
static PyObject *
exchange(PyObject *formatter, const char *table, PyObject *key, PyObject *function)
{
    AUTO_DECREF PyObject *entries = table_of(formatter, table);
    AUTO_DECREF PyObject *old = NULL;
    if (entries == NULL || call_dict_get(entries, key, &old) < 0)
        return NULL;
    if (function != Py_None && !PyCallable_Check(function))
        return PyErr_Format(PyExc_TypeError, "need a callable, got %R", function);
    if (function != Py_None && PyDict_SetItem(entries, key, function) < 0)
        return NULL;
    return old != NULL ? TAKE(old) : Py_NewRef(Py_None);
}

/* 'package.module.Class' as the key ('package.module', 'Class'). */
static PyObject *
key_of_path(PyObject *path)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(path);
    Py_ssize_t dot = PyUnicode_FindChar(path, '.', 0, length, -1);
    if (dot < 0)
        return PyErr_Format(PyExc_ValueError, "need 'module.Class', got %R", path);
    AUTO_DECREF PyObject *module = PyUnicode_Substring(path, 0, dot);
    AUTO_DECREF PyObject *name = PyUnicode_Substring(path, dot + 1, length);
    return module == NULL || name == NULL ? NULL : PyTuple_Pack(2, module, name);
}

static PyObject *
formatter_for_type(PyObject *self, PyObject *args, PyObject *options)
{
    static char *names[] = { "typ", "func", NULL };
    PyObject *type = NULL;
    PyObject *function = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, options, "O|O:for_type", names, &type,
                                     &function))
        return NULL;
    if (!PyUnicode_Check(type))
        return exchange(self, "type_printers", type, function);
    AUTO_DECREF PyObject *key = key_of_path(type);
    return key == NULL ? NULL : exchange(self, "deferred_printers", key, function);
}

static PyObject *
formatter_for_type_by_name(PyObject *self, PyObject *args, PyObject *options)
{
    static char *names[] = { "type_module", "type_name", "func", NULL };
    PyObject *module = NULL;
    PyObject *name = NULL;
    PyObject *function = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, options, "UU|O:for_type_by_name", names, &module,
                                     &name, &function))
        return NULL;
    AUTO_DECREF PyObject *key = PyTuple_Pack(2, module, name);
    return key == NULL ? NULL : exchange(self, "deferred_printers", key, function);
}

static PyObject *
formatter_pop(PyObject *self, PyObject *args)
{
    PyObject *type = NULL;
    PyObject *otherwise = NULL;
    if (!PyArg_ParseTuple(args, "O|O:pop", &type, &otherwise))
        return NULL;
    bool by_path = PyUnicode_Check(type);
    AUTO_DECREF PyObject *function = NULL;
    AUTO_DECREF PyObject *key = by_path ? key_of_path(type) : Py_NewRef(type);
    AUTO_DECREF PyObject *by_type = key == NULL ? NULL : table_of(self, "type_printers");
    AUTO_DECREF PyObject *by_name =
        by_type == NULL ? NULL : table_of(self, "deferred_printers");
    if (by_name == NULL)
        return NULL;
    int found = by_path ? call_dict_get(by_name, key, &function)
                        : find_exactly(self, type, &function);
    AUTO_DECREF PyObject *path =
        by_path || found != 1 ? Py_NewRef(key) : deferred_key(type);
    if (found < 0 || path == NULL || call_dict_discard(by_type, key) < 0
        || call_dict_discard(by_name, path) < 0)
        return NULL;
    if (found == 1 || otherwise != NULL)
        return found == 1 ? TAKE(function) : Py_NewRef(otherwise);
    return PyErr_Format(PyExc_KeyError, "No registered value for %R", type);
}

static PyObject *
formatter_lookup(PyObject *self, PyObject *value)
{
    AUTO_DECREF PyObject *function = NULL;
    int found = find_for_value(self, value, &function);
    if (found == 0)
        PyErr_Format(PyExc_KeyError, "No registered printer for %R", value);
    return found == 1 ? TAKE(function) : NULL;
}

static PyObject *
formatter_lookup_by_type(PyObject *self, PyObject *type)
{
    AUTO_DECREF PyObject *function = NULL;
    if (!PyType_Check(type))
        return PyErr_Format(PyExc_TypeError, "need a class, got %R", type);
    int found = find_for_type(self, (PyTypeObject *)type, &function);
    if (found == 0)
        PyErr_Format(PyExc_KeyError, "No registered printer for %R", type);
    return found == 1 ? TAKE(function) : NULL;
}

/* What the formatter makes of the value: a text for text/plain; for other MIME types what the
 * registered function returns, or None. */
static PyObject *
format(Session *s, PyObject *formatter, PyObject *value)
{
    AUTO_DECREF PyObject *function = NULL;
    int found = find_for_value(formatter, value, &function);
    if (found < 0)
        return NULL;
    if (found == 0)
        return is_plain(formatter) ? display_text(value) : Py_NewRef(Py_None);
    return is_plain(formatter) ? session_printer_text(s, function, value)
                               : PyObject_CallOneArg(function, value);
}

static PyObject *
formatter_call(PyObject *self, PyObject *args, PyObject *options)
{
    static char *names[] = { "obj", NULL };
    PyObject *value = NULL;
    Session *s = session_part_session(self);
    if (s == NULL || !PyArg_ParseTupleAndKeywords(args, options, "O:format", names, &value))
        return NULL;
    return format(s, self, value);
}

static PyObject *
get_table(PyObject *self, void *name)
{
    return table_of(self, name);
}

static PyMethodDef formatter_methods[] = {
    { "for_type", (PyCFunction)(void (*)(void))formatter_for_type,
      METH_VARARGS | METH_KEYWORDS,
      "Register a function for a class; returns the old one." },
    { "for_type_by_name", (PyCFunction)(void (*)(void))formatter_for_type_by_name,
      METH_VARARGS | METH_KEYWORDS, "The same for a class that need not be imported." },
    { "pop", formatter_pop, METH_VARARGS,
      "Unregister and return the function for a class." },
    { "lookup", formatter_lookup, METH_O, "The function for a value." },
    { "lookup_by_type", formatter_lookup_by_type, METH_O, "The function for a class." },
    { NULL, NULL, 0, NULL },
};

static PyGetSetDef formatter_members[] = {
    { "format_type", get_table, NULL, "The MIME type.", "format_type" },
    { "type_printers", get_table, NULL, "Functions by class.", "type_printers" },
    { "deferred_printers", get_table, NULL, "Functions by (module, name).",
      "deferred_printers" },
    { "singleton_printers", get_table, NULL, "Functions by id().", "singleton_printers" },
    { NULL, NULL, NULL, NULL, NULL },
};

static const PartSpec formatter_spec = {
    .name = "mainspring.Formatter",
    .doc = "How values are displayed as one MIME type.",
    .methods = formatter_methods,
    .members = formatter_members,
    .call = formatter_call,
};

/* format(obj): ({'text/plain': text}, {}), as what displays it would show. */
static PyObject *
display_format(PyObject *self, PyObject *args, PyObject *options)
{
    static char *names[] = { "obj", "include", "exclude", NULL };
    PyObject *value = NULL;
    PyObject *include = Py_None;
    PyObject *exclude = Py_None;
    Session *s = session_part_session(self);
    if (s == NULL
        || !PyArg_ParseTupleAndKeywords(args, options, "O|OO:format", names, &value,
                                        &include, &exclude))
        return NULL;
    AUTO_DECREF PyObject *plain = PyUnicode_FromString(PLAIN);
    int wanted = plain == NULL        ? -1
                 : include == Py_None ? 1
                                      : PySequence_Contains(include, plain);
    int unwanted = wanted < 0           ? -1
                   : exclude == Py_None ? 0
                                        : PySequence_Contains(exclude, plain);
    AUTO_DECREF PyObject *text = unwanted < 0          ? NULL
                                 : wanted && !unwanted ? session_formatter_text(s, value)
                                                       : Py_NewRef(Py_None);
    if (text == NULL)
        return NULL;
    return text == Py_None ? Py_BuildValue("{}{}") : Py_BuildValue("{s:O}{}", PLAIN, text);
}

static PyObject *
get_formatters(PyObject *self, void *closure)
{
    return Py_NewRef(session_part_held(self));
}

static PyObject *
get_active_types(PyObject *self, void *closure)
{
    return Py_BuildValue("[s]", PLAIN);
}

static PyMethodDef display_methods[] = {
    { "format", (PyCFunction)(void (*)(void))display_format, METH_VARARGS | METH_KEYWORDS,
      "What is displayed for a value: ({MIME type: data}, {})." },
    { NULL, NULL, 0, NULL },
};

static PyGetSetDef display_members[] = {
    { "formatters", get_formatters, NULL, "The formatters by MIME type.", NULL },
    { "active_types", get_active_types, NULL, "The MIME types that are shown.", NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

static const PartSpec display_spec = {
    .name = "mainspring.DisplayFormatter",
    .doc = "How values are displayed.",
    .methods = display_methods,
    .members = display_members,
};

static int
add_formatter(Session *s, PyObject *formatters, PyObject *type, const char *mime)
{
    AUTO_DECREF PyObject *tables =
        Py_BuildValue("{s:s,s:{},s:{},s:{}}", "format_type", mime, "type_printers",
                      "deferred_printers", "singleton_printers");
    AUTO_DECREF PyObject *one =
        tables == NULL ? NULL : session_part_new(type, s->shell, tables);
    return one == NULL ? -1 : PyDict_SetItemString(formatters, mime, one);
}

/* The formatters by MIME type, as any terminal has them. */
static PyObject *
formatters_new(Session *s)
{
    static const char *const mimes[] = { PLAIN,
                                         "text/html",
                                         "text/markdown",
                                         "text/latex",
                                         "image/svg+xml",
                                         "image/png",
                                         "image/jpeg",
                                         "application/pdf",
                                         "application/json",
                                         "application/javascript" };
    AUTO_DECREF PyObject *type = session_part_type_new(&formatter_spec);
    AUTO_DECREF PyObject *formatters = type == NULL ? NULL : PyDict_New();
    for (size_t i = 0; formatters != NULL && i < COUNT_OF(mimes); i++)
        if (add_formatter(s, formatters, type, mimes[i]) < 0)
            return NULL;
    return TAKE(formatters);
}

PyObject *
session_formatter_get(Session *s)
{
    if (s->formatter == NULL) {
        AUTO_DECREF PyObject *formatters = formatters_new(s);
        s->formatter = session_part_new_single(&display_spec, s->shell, formatters);
    }
    return Py_XNewRef(s->formatter);
}

/* formatters['text/plain']: 1, or 0 where somebody deleted it. */
static int
plain_formatter(Session *s, PyObject **ret_formatter)
{
    AUTO_DECREF PyObject *key = PyUnicode_FromString(PLAIN);
    return key == NULL ? -1
                       : call_dict_get(session_part_held(s->formatter), key, ret_formatter);
}

static bool
is_ours(PyObject *formatter)
{
    return Py_TYPE(formatter)->tp_call == formatter_call;
}

int
session_formatter_find(Session *s, PyObject *value, PyObject **ret_function)
{
    AUTO_DECREF PyObject *formatter = NULL;
    int found = s->formatter == NULL ? 0 : plain_formatter(s, &formatter);
    if (found != 1 || !is_ours(formatter))
        return found < 0 ? -1 : 0;
    return find_for_value(formatter, value, ret_function);
}

PyObject *
session_formatter_text(Session *s, PyObject *value)
{
    AUTO_DECREF PyObject *formatter = NULL;
    int found = s->formatter == NULL ? 0 : plain_formatter(s, &formatter);
    if (found <= 0)
        return found < 0 ? NULL : display_text(value);
    if (is_ours(formatter))
        return format(s, formatter, value);
    AUTO_DECREF PyObject *text = PyObject_CallOneArg(formatter, value);
    if (text == NULL || text == Py_None || PyUnicode_Check(text))
        return TAKE(text);
    return PyErr_Format(PyExc_TypeError, "the formatter for " PLAIN " returned %R, no str",
                        text);
}
