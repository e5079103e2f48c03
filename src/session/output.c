#include "session/output.h"

#include "py/call.h"
#include "session/api.h"
#include "session/formatter.h"

/* Write with backslashes what the stream can't encode, as sys.displayhook does. */
static int
write_escaped(PyObject *out, PyObject *text)
{
    AUTO_DECREF PyObject *encoding = PyObject_GetAttrString(out, "encoding");
    if (encoding == NULL)
        return -1;
    AUTO_DECREF PyObject *bytes =
        PyObject_CallMethod(text, "encode", "Os", encoding, "backslashreplace");
    if (bytes == NULL)
        return -1;
    AUTO_DECREF PyObject *plain = PyObject_CallMethod(bytes, "decode", "Os", encoding, "strict");
    return plain == NULL ? -1 : PyFile_WriteObject(plain, out, Py_PRINT_RAW);
}

int
session_output_write(PyObject *text)
{
    AUTO_DECREF PyObject *out = Py_XNewRef(PySys_GetObject("stdout"));
    if (out == NULL || out == Py_None)
        return 0;
    if (PyFile_WriteObject(text, out, Py_PRINT_RAW) == 0)
        return 0;
    if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError))
        return -1;
    PyErr_Clear();
    return write_escaped(out, text);
}

static int
print_value(Session *s, PyObject *value)
{
    AUTO_DECREF PyObject *text = session_formatter_text(s, value);
    if (text == NULL || text == Py_None)
        return text == NULL ? -1 : 0;
    Py_ssize_t newline = PyUnicode_FindChar(text, '\n', 0, PyUnicode_GET_LENGTH(text), 1);
    if (newline == -2)
        return -1;
    AUTO_DECREF PyObject *line = PyUnicode_FromFormat(
        newline >= 0 ? "Out[%d]: \n%U\n" : "Out[%d]: %U\n", s->count, text);
    return line == NULL ? -1 : session_output_write(line);
}

/* Whether `_` is the shell's: it is what the shell put there, or nobody has it. */
static int
owns_underscore(const Session *s)
{
    AUTO_DECREF PyObject *name = PyUnicode_InternFromString("_");
    AUTO_DECREF PyObject *now = NULL;
    if (name == NULL || call_dict_get(s->namespace, name, &now) < 0)
        return -1;
    int shadowed = PyDict_Contains(PyEval_GetBuiltins(), name);
    return shadowed != 0 ? (shadowed < 0 ? -1 : 0) : now == NULL || now == s->underscore;
}

/* `_` moves to `__`, `__` to `___`. */
static int
shift_names(Session *s, PyObject *value)
{
    PyObject *ns = s->namespace;
    AUTO_DECREF PyObject *one = Py_XNewRef(PyDict_GetItemString(ns, "_"));
    AUTO_DECREF PyObject *two = Py_XNewRef(PyDict_GetItemString(ns, "__"));
    if ((two != NULL && PyDict_SetItemString(ns, "___", two) < 0)
        || (one != NULL && PyDict_SetItemString(ns, "__", one) < 0)
        || PyDict_SetItemString(ns, "_", value) < 0)
        return -1;
    Py_XSETREF(s->underscore, Py_NewRef(value));
    return 0;
}

static int
keep(Session *s, PyObject *value)
{
    AUTO_DECREF PyObject *number = PyLong_FromLong(s->count);
    AUTO_DECREF PyObject *name = PyUnicode_FromFormat("_%d", s->count);
    if (number == NULL || name == NULL || PyDict_SetItem(s->outputs, number, value) < 0
        || PyDict_SetItem(s->namespace, name, value) < 0)
        return -1;
    int owned = owns_underscore(s);
    return owned == 1 ? shift_names(s, value) : owned;
}

int
session_output_show(Session *s, PyObject *value)
{
    if (value == Py_None || s->quiet)
        return 0;
    if (session_api_is_quitter(value)) {
        PyErr_SetNone(PyExc_SystemExit);
        return -1;
    }
    if (print_value(s, value) < 0 || keep(s, value) < 0)
        return -1;
    if (s->shown != NULL)
        Py_XSETREF(s->shown->value, Py_NewRef(value));
    return 0;
}

void
session_output_settle(Session *s)
{
    BORROWED PyObject *now = PyDict_GetItemString(s->namespace, "_");
    if (now != s->underscore)
        Py_CLEAR(s->underscore);
}

/* Delete the prompt's names for one output. */
static int
forget(Session *s, PyObject *number)
{
    AUTO_DECREF PyObject *name = PyUnicode_FromFormat("_%S", number);
    return name == NULL || call_dict_discard(s->namespace, name) < 0 ? -1 : 0;
}

int
session_output_clear(Session *s)
{
    AUTO_DECREF PyObject *numbers = PyDict_Keys(s->outputs);
    AUTO_DECREF PyObject *empty = PyUnicode_FromString("");
    if (numbers == NULL || empty == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(numbers); i++)
        if (forget(s, PyList_GET_ITEM(numbers, i)) < 0)
            return -1;
    PyDict_Clear(s->outputs);
    if (PyDict_SetItemString(s->namespace, "__", empty) < 0
        || PyDict_SetItemString(s->namespace, "___", empty) < 0
        || PyDict_SetItemString(s->namespace, "_", empty) < 0)
        return -1;
    Py_XSETREF(s->underscore, TAKE(empty));
    return 0;
}
