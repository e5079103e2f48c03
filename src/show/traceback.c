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

PyObject *
traceback_lines(PyObject *error)
{
    AUTO_DECREF PyObject *format = call_import("traceback", "format_exception");
    AUTO_DECREF PyObject *parts = format == NULL ? NULL : PyObject_CallOneArg(format, error);
    AUTO_DECREF PyObject *nothing = PyUnicode_FromString("");
    AUTO_DECREF PyObject *text =
        parts == NULL || nothing == NULL ? NULL : PyUnicode_Join(nothing, parts);
    return text == NULL ? NULL : PyUnicode_Splitlines(text, 0);
}

static int
print_formatted(PyObject *error)
{
    AUTO_DECREF PyObject *print = call_import("traceback", "print_exception");
    if (print == NULL)
        return -1;
    AUTO_DECREF PyObject *none = PyObject_CallOneArg(print, error);
    return none == NULL ? -1 : 0;
}

void
traceback_print(PyObject *error)
{
    AUTO_EXC ExcHold hold = exc_hold();
    if (print_formatted(error) == 0)
        return;
    PyErr_Clear();
    BORROWED PyObject *err = PySys_GetObject("stderr");
    AUTO_DECREF PyObject *file = Py_XNewRef(err);
    AUTO_DECREF PyObject *line =
        PyUnicode_FromFormat("%s: (its traceback can't be shown)\n", Py_TYPE(error)->tp_name);
    if (file == NULL || line == NULL || PyFile_WriteObject(line, file, Py_PRINT_RAW) < 0)
        PyErr_Clear();  // a broken standard error: nobody to tell
}
