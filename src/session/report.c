#include "session/report.h"

#include <stdarg.h>

#include "py/call.h"
#include "py/exc.h"
#include "session/failure.h"
#include "session/output.h"
#include "show/traceback.h"

void
session_say(const char *format, ...)
{
    AUTO_EXC ExcHold hold = exc_hold();
    va_list arguments;
    va_start(arguments, format);
    AUTO_DECREF PyObject *message = PyUnicode_FromFormatV(format, arguments);
    va_end(arguments);
    BORROWED PyObject *err = PySys_GetObject("stderr");
    if (message == NULL || err == NULL || err == Py_None) {
        PyErr_Clear();  // nobody to tell
        return;
    }
    AUTO_DECREF PyObject *line = PyUnicode_FromFormat("%U\n", message);
    AUTO_DECREF PyObject *file = Py_NewRef(err);
    if (line == NULL || PyFile_WriteObject(line, file, Py_PRINT_RAW) < 0)
        exc_drop();  // a broken standard error: nobody to tell
}

void
session_report_note(PyObject **list, const char *what)
{
    AUTO_DECREF PyObject *text = *list == NULL
                                     ? PyUnicode_FromString(what)
                                     : PyUnicode_FromFormat("%U, %s", *list, what);
    if (text == NULL)
        PyErr_Clear();  // no memory to say it: what it is about is done all the same
    else
        Py_XSETREF(*list, TAKE(text));
}

int
session_exit_status(PyObject *error)
{
    AUTO_DECREF PyObject *code = PyObject_GetAttrString(error, "code");
    if (code == NULL) {
        PyErr_Clear();  // a subclass without it: an end all the same
        return 1;
    }
    if (code == Py_None)
        return 0;
    if (PyLong_Check(code)) {
        long status = PyLong_AsLong(code);
        PyErr_Clear();  // beyond C's long: -1, as the interpreter has it
        return (int)status;
    }
    session_say("%S", code);
    return 1;
}

/* The user's own sys.excepthook, or NULL where it is the interpreter's. */
static PyObject *
user_hook(void)
{
    BORROWED PyObject *hook = PySys_GetObject("excepthook");
    BORROWED PyObject *plain = PySys_GetObject("__excepthook__");
    return hook == NULL || hook == plain ? NULL : Py_NewRef(hook);
}

static int
call_hook(PyObject *hook, PyObject *error)
{
    AUTO_DECREF PyObject *traceback = PyException_GetTraceback(error);
    AUTO_DECREF PyObject *none = PyObject_CallFunctionObjArgs(
        hook, (PyObject *)Py_TYPE(error), error, traceback ? traceback : Py_None, NULL);
    return none == NULL ? -1 : 0;
}

void
session_report_show(Session *s, PyObject *error)
{
    session_output_begin_row(s);
    if (PyErr_GivenExceptionMatches(error, s->usage_error)) {
        session_say("UsageError: %S", error);
        return;
    }
    int left = call_is_exactly(error, "bdb", "BdbQuit");
    if (left < 0)
        exc_drop();  // no memory to find out
    if (left == 1) {
        session_say("bdb.BdbQuit: left the debugger (%%tb shows where)");
        return;
    }
    if (session_failure_show_lines(s, error))
        return;
    AUTO_DECREF PyObject *hook = user_hook();
    if (hook != NULL && call_hook(hook, error) == 0)
        return;
    if (PyErr_Occurred()) {
        AUTO_DECREF PyObject *failed = exc_take();
        session_say("sys.excepthook failed: %S", failed);
    }
    traceback_print(error, s->traceback_mode);
}

void
session_report(Session *s, PyObject *filename)
{
    AUTO_DECREF PyObject *error = exc_take();
    if (error == NULL)
        return;
    if (PyErr_GivenExceptionMatches(error, PyExc_SystemExit)) {
        s->exiting = true;
        s->exit_status = session_exit_status(error);
        return;
    }
    if (filename != NULL)
        traceback_start_at(error, filename);
    bool usage = PyErr_GivenExceptionMatches(error, s->usage_error);
    if (!usage)  // a slip: the error that %tb is to show is the one before
        session_keep_error(s, error);
    if (usage || !session_failure_show(s, error))
        session_report_show(s, error);
}
