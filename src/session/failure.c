#include "session/failure.h"

#include "py/call.h"
#include "py/exc.h"
#include "session/report.h"
#include "show/traceback.h"

int
session_failure_set_handler(Session *s, PyObject *classes, PyObject *handler)
{
    if (!PyTuple_Check(classes)) {
        PyErr_SetString(PyExc_TypeError, "the exceptions are a tuple of classes");
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(classes); i++)
        if (!PyExceptionClass_Check(PyTuple_GET_ITEM(classes, i))) {
            PyErr_Format(PyExc_TypeError, "%R is no exception class",
                         PyTuple_GET_ITEM(classes, i));
            return -1;
        }
    AUTO_DECREF PyObject *old_classes = s->handled_classes;
    AUTO_DECREF PyObject *old_handler = s->handler;
    s->handled_classes = handler == NULL ? NULL : Py_NewRef(classes);
    s->handler = Py_XNewRef(handler);
    return 0;
}

static PyObject *
call_handler(Session *s, PyObject *error)
{
    AUTO_DECREF PyObject *traceback = PyException_GetTraceback(error);
    AUTO_DECREF PyObject *handler = Py_NewRef(s->handler);
    AUTO_DECREF PyObject *args = Py_BuildValue("(OOOO)", s->shell, Py_TYPE(error), error,
                                               traceback == NULL ? Py_None : traceback);
    AUTO_DECREF PyObject *options = Py_BuildValue("{s:O}", "tb_offset", Py_None);
    return args == NULL || options == NULL ? NULL : PyObject_Call(handler, args, options);
}

/* The handler set for the error's class; one that fails is unset. */
static bool
show_by_handler(Session *s, PyObject *error)
{
    if (s->handler == NULL || !PyErr_GivenExceptionMatches(error, s->handled_classes))
        return false;
    AUTO_DECREF PyObject *value = call_handler(s, error);
    if (value != NULL)
        return true;
    AUTO_DECREF PyObject *failed = exc_take();
    AUTO_DECREF PyObject *classes = TAKE(s->handled_classes);
    AUTO_DECREF PyObject *handler = TAKE(s->handler);
    session_say("the handler set by set_custom_exc() failed and is unset:");
    traceback_print(failed, s->traceback_mode);
    session_say("the original exception:");
    return false;
}

/* The shell's attribute `name` where it is somebody else's, or NULL.  Never fails. */
static PyObject *
find_override(Session *s, const char *name)
{
    AUTO_DECREF PyObject *function = NULL;
    if (call_attr_get(s->shell, name, &function) < 0)
        PyErr_Clear();  // a property that raises: it shows nothing
    bool ours = function != NULL && PyCFunction_Check(function)
                && PyCFunction_GET_SELF(function) == s->shell;
    return ours ? NULL : TAKE(function);
}

static void
say_failed(const char *name)
{
    AUTO_DECREF PyObject *failed = exc_take();
    session_say("the %s() that took the place of the shell's failed: %s: %S", name,
                Py_TYPE(failed)->tp_name, failed);
}

/* Call an override while `error` is the exception being handled: whether it could be.  Accepts
 * NULL for `args`, with an exception set. */
static bool
call_override(const char *name, PyObject *function, PyObject *error, PyObject *args)
{
    AUTO_DECREF PyObject *outer = PyErr_GetHandledException();
    PyErr_SetHandledException(error);
    AUTO_DECREF PyObject *value = args == NULL ? NULL : PyObject_Call(function, args, NULL);
    PyErr_SetHandledException(outer == NULL ? Py_None : outer);
    if (value == NULL)
        say_failed(name);
    return value != NULL;
}

bool
session_failure_show_lines(Session *s, PyObject *error)
{
    AUTO_DECREF PyObject *function = find_override(s, "_showtraceback");
    if (function == NULL)
        return false;
    AUTO_DECREF PyObject *lines = traceback_lines(error, s->traceback_mode);
    AUTO_DECREF PyObject *args =
        lines == NULL ? NULL : Py_BuildValue("(OOO)", Py_TYPE(error), error, lines);
    return call_override("_showtraceback", function, error, args);
}

bool
session_failure_show(Session *s, PyObject *error)
{
    if (show_by_handler(s, error))
        return true;
    bool syntax = PyErr_GivenExceptionMatches(error, PyExc_SyntaxError);
    const char *name = syntax ? "showsyntaxerror" : "showtraceback";
    AUTO_DECREF PyObject *function = find_override(s, name);
    if (function == NULL)
        return false;
    AUTO_DECREF PyObject *nothing = PyTuple_New(0);
    return call_override(name, function, error, nothing);
}
