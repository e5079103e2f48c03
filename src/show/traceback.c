#include "show/traceback.h"

#include "py/call.h"
#include "py/exc.h"

/* Whether the traceback entry is of code that was compiled as `filename`. */
static int
is_of_file(PyObject *entry, PyObject *filename)
{
    AUTO_DECREF PyObject *frame = PyObject_GetAttrString(entry, "tb_frame");
    if (frame == NULL)
        return -1;
    AUTO_DECREF PyObject *code = (PyObject *)PyFrame_GetCode((PyFrameObject *)frame);
    AUTO_DECREF PyObject *of = PyObject_GetAttrString(code, "co_filename");
    return of == NULL ? -1 : PyObject_RichCompareBool(of, filename, Py_EQ);
}

void
traceback_start_at(PyObject *error, PyObject *filename)
{
    AUTO_DECREF PyObject *entry = PyException_GetTraceback(error);
    while (entry != NULL && entry != Py_None) {
        int found = is_of_file(entry, filename);
        if (found == 1)
            found = PyException_SetTraceback(error, entry) < 0 ? -1 : 1;
        if (found != 0)
            break;
        Py_SETREF(entry, PyObject_GetAttrString(entry, "tb_next"));
    }
    PyErr_Clear();  // a broken entry: the traceback stays whole
}

enum { CONTEXT_BEFORE = 2, CONTEXT_AFTER = 2 };

static long
attribute_long(PyObject *object, const char *name)
{
    AUTO_DECREF PyObject *value = PyObject_GetAttrString(object, name);
    return value == NULL ? -1 : PyLong_AsLong(value);
}

/* The lines of the frame's file around its own, each with its number. */
static PyObject *
lines_around(PyObject *filename, long line)
{
    AUTO_DECREF PyObject *text = PyUnicode_FromString("");
    AUTO_DECREF PyObject *getlines =
        text == NULL ? NULL : call_import("linecache", "getlines");
    AUTO_DECREF PyObject *lines =
        getlines == NULL ? NULL : PyObject_CallOneArg(getlines, filename);
    if (lines == NULL)
        return NULL;
    if (!PyList_Check(lines))
        return PyErr_Format(PyExc_TypeError, "linecache has %R, no list", lines);
    long last = Py_MIN(line + CONTEXT_AFTER, (long)PyList_GET_SIZE(lines));
    for (long n = Py_MAX(line - CONTEXT_BEFORE, 1); n <= last; n++) {
        AUTO_DECREF PyObject *row = PyUnicode_FromFormat(
            n == line ? "---> %4ld %S" : "     %4ld %S", n, PyList_GET_ITEM(lines, n - 1));
        if (row == NULL)
            return NULL;
        Py_SETREF(text, PyUnicode_Concat(text, row));
        if (text == NULL)
            return NULL;
    }
    return TAKE(text);
}

/* StackSummary.format_frame_summary() of the Context mode; 3.13 has the option `colorize`. */
static PyObject *
format_with_context(PyObject *unused, PyObject *args, PyObject *options)
{
    PyObject *stack = NULL;
    PyObject *summary = NULL;
    if (!PyArg_ParseTuple(args, "OO", &stack, &summary))
        return NULL;
    AUTO_DECREF PyObject *filename = PyObject_GetAttrString(summary, "filename");
    AUTO_DECREF PyObject *name =
        filename == NULL ? NULL : PyObject_GetAttrString(summary, "name");
    long line = name == NULL ? -1 : attribute_long(summary, "lineno");
    if (PyErr_Occurred())
        return NULL;
    AUTO_DECREF PyObject *lines = lines_around(filename, line);
    return lines == NULL ? NULL
                         : PyUnicode_FromFormat("  File \"%S\", line %ld, in %S\n%U",
                                                filename, line, name, lines);
}

static PyMethodDef format_def = { "format_frame_summary",
                                  (PyCFunction)(void (*)(void))format_with_context,
                                  METH_VARARGS | METH_KEYWORDS, NULL };

/* traceback.StackSummary with our way to show a frame. */
static PyObject *
context_stack_type(void)
{
    AUTO_DECREF PyObject *base = call_import("traceback", "StackSummary");
    AUTO_DECREF PyObject *function =
        base == NULL ? NULL : PyCFunction_New(&format_def, NULL);
    AUTO_DECREF PyObject *method = function == NULL ? NULL : PyInstanceMethod_New(function);
    if (method == NULL)
        return NULL;
    return PyObject_CallFunction((PyObject *)&PyType_Type, "s(O){sO}", "ContextSummary",
                                 base, "format_frame_summary", method);
}

/* Have the stack of a TracebackException, and of those it tells of, shown with context. */
static int
show_context(PyObject *told, PyObject *type)
{
    static const char *const others[] = { "__cause__", "__context__" };
    if (told == Py_None)
        return 0;
    AUTO_DECREF PyObject *stack = PyObject_GetAttrString(told, "stack");
    if (stack == NULL || PyObject_SetAttrString(stack, "__class__", type) < 0)
        return -1;
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        AUTO_DECREF PyObject *other = PyObject_GetAttrString(told, others[i]);
        if (other == NULL || Py_EnterRecursiveCall(" while printing a traceback"))
            return -1;
        int r = show_context(other, type);
        Py_LeaveRecursiveCall();
        if (r < 0)
            return -1;
    }
    return 0;
}

/* The text of the error in the mode; its parts as a list or generator of str. */
static PyObject *
format(PyObject *error, TracebackMode mode)
{
    AUTO_DECREF PyObject *type = call_import("traceback", "TracebackException");
    AUTO_DECREF PyObject *make =
        type == NULL ? NULL : PyObject_GetAttrString(type, "from_exception");
    AUTO_DECREF PyObject *told = make == NULL ? NULL : PyObject_CallOneArg(make, error);
    if (told == NULL)
        return NULL;
    if (mode == TRACEBACK_CONTEXT) {
        AUTO_DECREF PyObject *stack_type = context_stack_type();
        if (stack_type == NULL || show_context(told, stack_type) < 0)
            return NULL;
    }
    const char *method = mode == TRACEBACK_MINIMAL ? "format_exception_only" : "format";
    return PyObject_CallMethod(told, method, NULL);
}

static PyObject *
format_text(PyObject *error, TracebackMode mode)
{
    AUTO_DECREF PyObject *parts = format(error, mode);
    AUTO_DECREF PyObject *nothing = PyUnicode_FromString("");
    return parts == NULL || nothing == NULL ? NULL : PyUnicode_Join(nothing, parts);
}

PyObject *
traceback_lines(PyObject *error, TracebackMode mode)
{
    AUTO_DECREF PyObject *text = format_text(error, mode);
    return text == NULL ? NULL : PyUnicode_Splitlines(text, 0);
}

static int
print_formatted(PyObject *error, TracebackMode mode)
{
    AUTO_DECREF PyObject *text = format_text(error, mode);
    AUTO_DECREF PyObject *err = Py_XNewRef(PySys_GetObject("stderr"));
    if (text == NULL || err == NULL)
        return -1;
    return err == Py_None ? 0 : PyFile_WriteObject(text, err, Py_PRINT_RAW);
}

void
traceback_print(PyObject *error, TracebackMode mode)
{
    AUTO_EXC ExcHold hold = exc_hold();
    if (print_formatted(error, mode) == 0)
        return;
    PyErr_Clear();
    AUTO_DECREF PyObject *err = Py_XNewRef(PySys_GetObject("stderr"));
    AUTO_DECREF PyObject *line = PyUnicode_FromFormat(
        "%s: (its traceback can't be shown)\n", Py_TYPE(error)->tp_name);
    if (err == NULL || line == NULL || PyFile_WriteObject(line, err, Py_PRINT_RAW) < 0)
        PyErr_Clear();  // a broken standard error: nobody to tell
}
