#include "show/display.h"

#include "py/call.h"

// Columns that a row may have, "Out[123]: " included.
enum { DISPLAY_WIDTH = 79, DISPLAY_PREFIX = 10 };

static int
is_container(PyObject *value)
{
    return PyDict_CheckExact(value) || PyList_CheckExact(value) || PyTuple_CheckExact(value)
           || PyAnySet_CheckExact(value);
}

/* The value in rows, in the order that it has. */
static PyObject *
in_rows(PyObject *value)
{
    AUTO_DECREF PyObject *pformat = call_import("pprint", "pformat");
    AUTO_DECREF PyObject *arguments = pformat == NULL ? NULL : PyTuple_Pack(1, value);
    AUTO_DECREF PyObject *options =
        arguments == NULL
            ? NULL
            : Py_BuildValue("{s:i,s:O}", "width", DISPLAY_WIDTH, "sort_dicts", Py_False);
    return options == NULL ? NULL : PyObject_Call(pformat, arguments, options);
}

PyObject *
display_text(PyObject *value)
{
    AUTO_DECREF PyObject *text = PyObject_Repr(value);
    if (text == NULL || !is_container(value)
        || PyUnicode_GET_LENGTH(text) <= DISPLAY_WIDTH - DISPLAY_PREFIX)
        return TAKE(text);
    return in_rows(value);
}
