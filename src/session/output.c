#include "session/output.h"

#include "py/call.h"
#include "py/exc.h"
#include "session/api.h"
#include "session/cache.h"
#include "session/formatter.h"
#include "session/history.h"

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
    AUTO_DECREF PyObject *plain =
        PyObject_CallMethod(bytes, "decode", "Os", encoding, "strict");
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

int
session_output_flush(void)
{
    AUTO_DECREF PyObject *out = Py_XNewRef(PySys_GetObject("stdout"));
    if (out == NULL || out == Py_None)
        return 0;
    AUTO_DECREF PyObject *none = PyObject_CallMethod(out, "flush", NULL);
    return none == NULL ? -1 : 0;
}

void
session_output_begin_row(const Session *s)
{
    AUTO_EXC ExcHold hold = exc_hold();
    if (session_output_flush() < 0)
        exc_drop();  // a broken standard output
    else if (s->front->begin_row != NULL)
        s->front->begin_row();
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
    session_history_add_output(s, text);
    if (s->front->begin_row != NULL)
        session_output_begin_row(s);
    return line == NULL ? -1 : session_output_write(line);
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
    if (print_value(s, value) < 0 || session_cache_keep(s, value) < 0)
        return -1;
    if (s->shown != NULL)
        Py_XSETREF(s->shown->value, Py_NewRef(value));
    return 0;
}
