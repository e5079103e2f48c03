/* obj?, obj?? and wildcards: %pinfo, %pinfo2, %psearch. */
#include "magic/table.h"
#include "py/call.h"
#include "session/cell.h"
#include "session/output.h"
#include "session/registry.h"
#include "session/report.h"

static int
write_field(const char *label, PyObject *text)
{
    if (text == NULL || text == Py_None)
        return 0;
    Py_ssize_t newline = PyUnicode_FindChar(text, '\n', 0, PyUnicode_GET_LENGTH(text), 1);
    AUTO_DECREF PyObject *layout =
        PyUnicode_FromString(newline >= 0 ? "%s\n%s\n" : "%-11s%s\n");
    AUTO_DECREF PyObject *parts = Py_BuildValue("(sO)", label, text);
    AUTO_DECREF PyObject *field =
        layout == NULL || parts == NULL ? NULL : PyUnicode_Format(layout, parts);
    return field == NULL ? -1 : session_output_write(field);
}

/* What a function of the inspect module says of `object`, or None where it can't. */
static PyObject *
ask_inspect(const char *function, PyObject *object)
{
    AUTO_DECREF PyObject *ask = call_import("inspect", function);
    if (ask == NULL)
        return NULL;
    AUTO_DECREF PyObject *answer = PyObject_CallOneArg(ask, object);
    if (answer != NULL)
        return TAKE(answer);
    if (!PyErr_ExceptionMatches(PyExc_TypeError)
        && !PyErr_ExceptionMatches(PyExc_ValueError)
        && !PyErr_ExceptionMatches(PyExc_OSError))
        return NULL;
    PyErr_Clear();  // inspect's way to say that there is none
    Py_RETURN_NONE;
}

static int
write_signature(PyObject *object)
{
    if (!PyCallable_Check(object))
        return 0;
    AUTO_DECREF PyObject *signature = ask_inspect("signature", object);
    AUTO_DECREF PyObject *name = NULL;
    if (signature == NULL || call_attr_get(object, "__name__", &name) < 0)
        return -1;
    if (signature == Py_None)
        return 0;
    AUTO_DECREF PyObject *text =
        PyUnicode_FromFormat("%S%S", name ? name : Py_None, signature);
    return text == NULL ? -1 : write_field("Signature:", text);
}

static int
write_kind(PyObject *object)
{
    AUTO_DECREF PyObject *type =
        PyObject_GetAttrString((PyObject *)Py_TYPE(object), "__name__");
    if (type == NULL || write_field("Type:", type) < 0)
        return -1;
    if (!PyList_CheckExact(object) && !PyDict_CheckExact(object)
        && !PyTuple_CheckExact(object) && !PyAnySet_CheckExact(object)
        && !PyUnicode_CheckExact(object))
        return 0;
    AUTO_DECREF PyObject *length = PyUnicode_FromFormat("%zd", PyObject_Size(object));
    return length == NULL ? -1 : write_field("Length:", length);
}

static int
write_object(PyObject *object, bool with_source)
{
    if (write_signature(object) < 0 || write_kind(object) < 0)
        return -1;
    AUTO_DECREF PyObject *file = ask_inspect("getfile", object);
    if (file == NULL || write_field("File:", file) < 0)
        return -1;
    AUTO_DECREF PyObject *source =
        with_source ? ask_inspect("getsource", object) : Py_NewRef(Py_None);
    if (source == NULL || source != Py_None)
        return source == NULL ? -1 : write_field("Source:", source);
    AUTO_DECREF PyObject *doc = ask_inspect("getdoc", object);
    return doc == NULL ? -1 : write_field("Docstring:", doc);
}

static int
write_magic(const Magic *m)
{
    AUTO_DECREF PyObject *text =
        PyUnicode_FromFormat("%%%s %s\n    %s\n", m->name, m->usage, m->summary);
    return text == NULL ? -1 : session_output_write(text);
}

/* What is known of a registered magic: that of its callable. */
static int
write_registered(PyObject *name, PyObject *function, bool with_source)
{
    AUTO_DECREF PyObject *text = PyUnicode_FromFormat("%%%U, registered\n", name);
    if (text == NULL || session_output_write(text) < 0)
        return -1;
    return write_object(function, with_source);
}

/* Help on the magic that the line names, with or without its `%`: 1, 0 where it names none. */
static int
help_on_magic(Session *s, PyObject *line, bool with_source)
{
    AUTO_DECREF PyObject *name = PyObject_CallMethod(line, "lstrip", "s", "%");
    Py_ssize_t length = 0;
    const char *text = name == NULL ? NULL : PyUnicode_AsUTF8AndSize(name, &length);
    if (text == NULL)
        return -1;
    AUTO_DECREF PyObject *function = NULL;
    int found = session_registry_get(s, name, MAGIC_LINE, &function);
    if (found == 0)
        found = session_registry_get(s, name, MAGIC_CELL, &function);
    if (found != 0)
        return found < 0 || write_registered(name, function, with_source) < 0 ? -1 : 1;
    const Magic *m = magic_find(s, text, (size_t)length);
    if (m == NULL)
        return 0;
    return write_magic(m) < 0 ? -1 : 1;
}

static PyObject *
evaluate(Session *s, PyObject *line)
{
    AUTO_DECREF PyObject *filename = PyUnicode_FromString("<help>");
    AUTO_DECREF PyObject *code =
        filename == NULL ? NULL : session_cell_compile(s, line, filename, "eval");
    return code == NULL ? NULL : session_cell_evaluate(s, code);
}

static PyObject *
help_on_line(Session *s, const MagicCall *call, bool with_source)
{
    AUTO_DECREF PyObject *object = evaluate(s, call->line);
    if (object == NULL && PyErr_ExceptionMatches(PyExc_KeyboardInterrupt))
        return NULL;
    if (object == NULL) {
        PyErr_Clear();  // it is said below, in one line
        int found = help_on_magic(s, call->line, with_source);
        if (found < 0)
            return NULL;
        if (found == 0)
            session_say("no object %U", call->line);
        Py_RETURN_NONE;
    }
    if (write_object(object, with_source) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *
pinfo_run(Session *s, const MagicCall *call)
{
    return help_on_line(s, call, false);
}

static PyObject *
pinfo2_run(Session *s, const MagicCall *call)
{
    return help_on_line(s, call, true);
}

const Magic magic_pinfo = {
    .name = "pinfo",
    .usage = "OBJECT",
    .summary = "What an object is: signature, type, file, docstring; also OBJECT?",
    .flags = MAGIC_LINE | MAGIC_RAW,
    .run = pinfo_run,
};

const Magic magic_pinfo2 = {
    .name = "pinfo2",
    .usage = "OBJECT",
    .summary = "The same with its source, as it ran; also OBJECT??",
    .flags = MAGIC_LINE | MAGIC_RAW,
    .run = pinfo2_run,
};

/* The names that the pattern's last part is matched with: of the object before the last dot, or
 * of the prompt. */
static PyObject *
candidates(Session *s, PyObject *owner)
{
    if (owner == NULL)
        return PyDict_Keys(s->namespace);
    AUTO_DECREF PyObject *object = evaluate(s, owner);
    return object == NULL ? NULL : PyObject_Dir(object);
}

static PyObject *
psearch_run(Session *s, const MagicCall *call)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(call->line);
    Py_ssize_t dot = PyUnicode_FindChar(call->line, '.', 0, length, -1);
    AUTO_DECREF PyObject *owner = dot > 0 ? PyUnicode_Substring(call->line, 0, dot) : NULL;
    AUTO_DECREF PyObject *pattern = PyUnicode_Substring(call->line, dot + 1, length);
    AUTO_DECREF PyObject *filter =
        PyErr_Occurred() ? NULL : call_import("fnmatch", "filter");
    AUTO_DECREF PyObject *names = filter == NULL ? NULL : candidates(s, owner);
    if (names == NULL)
        return NULL;
    AUTO_DECREF PyObject *found =
        PyObject_CallFunctionObjArgs(filter, names, pattern, NULL);
    if (found == NULL || PyList_Sort(found) < 0)
        return NULL;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(found); i++) {
        AUTO_DECREF PyObject *row =
            owner == NULL
                ? PyUnicode_FromFormat("%U\n", PyList_GET_ITEM(found, i))
                : PyUnicode_FromFormat("%U.%U\n", owner, PyList_GET_ITEM(found, i));
        if (row == NULL || session_output_write(row) < 0)
            return NULL;
    }
    if (PyList_GET_SIZE(found) == 0)
        session_say("no name matches %U", call->line);
    Py_RETURN_NONE;
}

const Magic magic_psearch = {
    .name = "psearch",
    .usage = "PATTERN",
    .summary = "The names that a pattern with * and ? matches; also np.*load*?",
    .flags = MAGIC_LINE | MAGIC_RAW,
    .run = psearch_run,
};
