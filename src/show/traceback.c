#include "show/traceback.h"

#include <stdbool.h>

#include "py/call.h"
#include "py/exc.h"
#include "show/color.h"
#include "show/values.h"

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
enum { MARGIN = 4 };  // of a line that the interpreter shows

static long
attribute_long(PyObject *object, const char *name)
{
    AUTO_DECREF PyObject *value = PyObject_GetAttrString(object, name);
    return value == NULL ? -1 : PyLong_AsLong(value);
}

/* The lines of the file, as linecache has them. */
static PyObject *
lines_of(PyObject *filename)
{
    AUTO_DECREF PyObject *getlines = call_import("linecache", "getlines");
    AUTO_DECREF PyObject *lines =
        getlines == NULL ? NULL : PyObject_CallOneArg(getlines, filename);
    if (lines == NULL || PyList_Check(lines))
        return TAKE(lines);
    return PyErr_Format(PyExc_TypeError, "linecache has %R, no list", lines);
}

/* The marks below the failing expression as the interpreter sets them, `    ~~^~~`, or None. */
static PyObject *
marks_of(PyObject *plain)
{
    AUTO_DECREF PyObject *rows = PyUnicode_Splitlines(plain, 0);
    if (rows == NULL || PyList_GET_SIZE(rows) < 3)
        return rows == NULL ? NULL : Py_NewRef(Py_None);
    BORROWED PyObject *row = PyList_GET_ITEM(rows, 2);
    Py_ssize_t length = PyUnicode_GET_LENGTH(row);
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 c = PyUnicode_READ_CHAR(row, i);
        if (c != '^' && c != '~' && !Py_UNICODE_ISSPACE(c))
            Py_RETURN_NONE;
    }
    return PyUnicode_Substring(row, Py_MIN(MARGIN, length), length);
}

/* The row with the marks, below a line of the file. */
static PyObject *
marks_row(PyObject *line, PyObject *marks)
{
    Py_ssize_t indent = 0;
    while (indent < PyUnicode_GET_LENGTH(line)
           && Py_UNICODE_ISSPACE(PyUnicode_READ_CHAR(line, indent)))
        indent++;
    AUTO_DECREF PyObject *blanks = PyUnicode_Substring(line, 0, indent);
    return blanks == NULL ? NULL : PyUnicode_FromFormat("          %U%U\n", blanks, marks);
}

static int
add_text(PyObject **text, STOLEN PyObject *more)
{
    AUTO_DECREF PyObject *part = more;
    if (part == NULL)
        return -1;
    Py_SETREF(*text, PyUnicode_Concat(*text, part));
    return *text == NULL ? -1 : 0;
}

static PyObject *
line_row(PyObject *line, long n, bool here)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(line);
    bool ends = length > 0 && PyUnicode_READ_CHAR(line, length - 1) == '\n';
    return PyUnicode_FromFormat(here ? "---> %4ld %U%s" : "     %4ld %U%s", n, line,
                                ends ? "" : "\n");
}

/* The lines of the frame's file around its own, each with its number, and the marks below that. */
static PyObject *
lines_around(PyObject *filename, long line, PyObject *marks)
{
    AUTO_DECREF PyObject *text = PyUnicode_FromString("");
    AUTO_DECREF PyObject *lines = text == NULL ? NULL : lines_of(filename);
    if (lines == NULL)
        return NULL;
    long last = Py_MIN(line + CONTEXT_AFTER, (long)PyList_GET_SIZE(lines));
    for (long n = Py_MAX(line - CONTEXT_BEFORE, 1); n <= last; n++) {
        AUTO_DECREF PyObject *row = PyObject_Str(PyList_GET_ITEM(lines, n - 1));
        if (row == NULL || add_text(&text, line_row(row, n, n == line)) < 0)
            return NULL;
        if (n == line && marks != Py_None && add_text(&text, marks_row(row, marks)) < 0)
            return NULL;
    }
    return TAKE(text);
}

/* The frame as the interpreter shows it. */
static PyObject *
format_plain(PyObject *stack, PyObject *summary)
{
    AUTO_DECREF PyObject *base = call_import("traceback", "StackSummary");
    AUTO_DECREF PyObject *text =
        base == NULL
            ? NULL
            : PyObject_CallMethod(base, "format_frame_summary", "OO", stack, summary);
    if (text == NULL || PyUnicode_Check(text))
        return TAKE(text);
    return PyErr_Format(PyExc_TypeError, "a frame is shown as %R, no text", text);
}

/* The values that values_attach() has put there. */
static PyObject *
format_values(PyObject *summary)
{
    AUTO_DECREF PyObject *text = PyUnicode_FromString("");
    AUTO_DECREF PyObject *values =
        text == NULL ? NULL : PyObject_GetAttrString(summary, "locals");
    if (values == NULL || !PyDict_Check(values))
        return values == NULL ? NULL : TAKE(text);
    Py_ssize_t pos = 0;
    BORROWED PyObject *name;
    BORROWED PyObject *value;
    while (PyDict_Next(values, &pos, &name, &value))
        if (add_text(&text, PyUnicode_FromFormat("          %S = %S\n", name, value)) < 0)
            return NULL;
    return TAKE(text);
}

/* StackSummary.format_frame_summary() of the modes with context; 3.13 has the option `colorize`. */
static PyObject *
format_with_context(PyObject *unused, PyObject *args, PyObject *options)
{
    PyObject *stack = NULL;
    PyObject *summary = NULL;
    if (!PyArg_ParseTuple(args, "OO", &stack, &summary))
        return NULL;
    AUTO_DECREF PyObject *plain = format_plain(stack, summary);
    AUTO_DECREF PyObject *marks = plain == NULL ? NULL : marks_of(plain);
    AUTO_DECREF PyObject *filename =
        marks == NULL ? NULL : PyObject_GetAttrString(summary, "filename");
    AUTO_DECREF PyObject *name =
        filename == NULL ? NULL : PyObject_GetAttrString(summary, "name");
    long line = name == NULL ? -1 : attribute_long(summary, "lineno");
    if (PyErr_Occurred())
        return NULL;
    AUTO_DECREF PyObject *lines = lines_around(filename, line, marks);
    AUTO_DECREF PyObject *values = lines == NULL ? NULL : format_values(summary);
    return values == NULL ? NULL
                          : PyUnicode_FromFormat("  File \"%S\", line %ld, in %S\n%U%U",
                                                 filename, line, name, lines, values);
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

/* How the frames of an exception, and of those that it tells of, are shown. */
typedef struct Showing {
    PyObject *type;  // of the stack
    bool values;
} Showing;

static int show_context(PyObject *told, PyObject *error, const Showing *how);

/* The same for the exceptions in a group. */
static int
show_group(PyObject *told, PyObject *error, const Showing *how)
{
    AUTO_DECREF PyObject *inner = NULL;
    AUTO_DECREF PyObject *errors = NULL;
    int found = call_attr_get(told, "exceptions", &inner);
    if (found == 1 && PyList_Check(inner))
        found = call_attr_get(error, "exceptions", &errors);
    if (found != 1 || errors == NULL || !PyTuple_Check(errors))
        return found < 0 ? -1 : 0;
    Py_ssize_t count = Py_MIN(PyList_GET_SIZE(inner), PyTuple_GET_SIZE(errors));
    for (Py_ssize_t i = 0; i < count; i++) {
        AUTO_DECREF PyObject *one = Py_NewRef(PyList_GET_ITEM(inner, i));
        if (show_context(one, PyTuple_GET_ITEM(errors, i), how) < 0)
            return -1;
    }
    return 0;
}

static int
show_stack(PyObject *told, PyObject *error, const Showing *how)
{
    AUTO_DECREF PyObject *stack = PyObject_GetAttrString(told, "stack");
    if (stack == NULL || PyObject_SetAttrString(stack, "__class__", how->type) < 0)
        return -1;
    if (!how->values || !PyExceptionInstance_Check(error) || !PyList_Check(stack))
        return 0;
    AUTO_DECREF PyObject *traceback = PyException_GetTraceback(error);
    return values_attach(stack, traceback);
}

/* Have the stack of a TracebackException, and of those it tells of, shown that way. */
static int
show_context(PyObject *told, PyObject *error, const Showing *how)
{
    static const char *const others[] = { "__cause__", "__context__" };
    if (told == Py_None)
        return 0;
    if (show_stack(told, error, how) < 0
        || Py_EnterRecursiveCall(" while printing a traceback"))
        return -1;
    int r = show_group(told, error, how);
    for (size_t i = 0; i < COUNT_OF(others) && r == 0; i++) {
        AUTO_DECREF PyObject *other = PyObject_GetAttrString(told, others[i]);
        AUTO_DECREF PyObject *its =
            other == NULL ? NULL : PyObject_GetAttrString(error, others[i]);
        r = its == NULL ? -1 : show_context(other, its, how);
    }
    Py_LeaveRecursiveCall();
    return r;
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
    if (mode == TRACEBACK_CONTEXT || mode == TRACEBACK_VERBOSE) {
        AUTO_DECREF PyObject *stack_type = context_stack_type();
        const Showing how = { .type = stack_type, .values = mode == TRACEBACK_VERBOSE };
        if (stack_type == NULL || show_context(told, error, &how) < 0)
            return NULL;
    }
    const char *method = mode == TRACEBACK_MINIMAL ? "format_exception_only" : "format";
    return PyObject_CallMethod(told, method, NULL);
}

static PyObject *
join_format(PyObject *error, TracebackMode mode)
{
    AUTO_DECREF PyObject *parts = format(error, mode);
    AUTO_DECREF PyObject *nothing = PyUnicode_FromString("");
    return parts == NULL || nothing == NULL ? NULL : PyUnicode_Join(nothing, parts);
}

/* The text in the mode, or plain where that can't be had. */
static PyObject *
format_text(PyObject *error, TracebackMode mode)
{
    AUTO_DECREF PyObject *text = join_format(error, mode);
    bool again = text == NULL && mode != TRACEBACK_PLAIN
                 && !PyErr_ExceptionMatches(PyExc_MemoryError);
    if (!again)
        return TAKE(text);
    PyErr_Clear();  // Ctrl-C ended the values, or a frame is not as it should be
    return join_format(error, TRACEBACK_PLAIN);
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
    if (err == Py_None)
        return 0;
    AUTO_DECREF PyObject *shown =
        color_is_wanted(err) ? color_traceback(text) : Py_NewRef(text);
    return shown == NULL ? -1 : PyFile_WriteObject(shown, err, Py_PRINT_RAW);
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
