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
    traceback_print(failed);
    session_say("the original exception:");
    return false;
}

/* The shell's attribute `name` where it is somebody else's: 1, 0 or -1. */
static int
find_override(Session *s, const char *name, PyObject **ret_function)
{
    AUTO_DECREF PyObject *function = NULL;
    int found = call_attr_get(s->shell, name, &function);
    if (found != 1
        || (PyCFunction_Check(function) && PyCFunction_GET_SELF(function) == s->shell))
        return found < 0 ? -1 : 0;
    *ret_function = TAKE(function);
    return 1;
}

static void
say_failed(const char *name)
{
    AUTO_DECREF PyObject *failed = exc_take();
    session_say("the %s() that took the place of the shell's failed: %s: %S", name,
                Py_TYPE(failed)->tp_name, failed);
}

/* Call an override while `error` is the exception being handled; whether it was one that did. */
static bool
call_override(Session *s, const char *name, PyObject *error, PyObject *args)
{
    AUTO_DECREF PyObject *function = NULL;
    int found = find_override(s, name, &function);
    if (found == 0)
        return false;
    AUTO_DECREF PyObject *outer = PyErr_GetHandledException();
    PyErr_SetHandledException(error);
    AUTO_DECREF PyObject *value =
        found < 0 || args == NULL ? NULL : PyObject_Call(function, args, NULL);
    PyErr_SetHandledException(outer == NULL ? Py_None : outer);
    if (value == NULL)
        say_failed(name);
    return value != NULL;
}

bool
session_failure_show_lines(Session *s, PyObject *error)
{
    AUTO_DECREF PyObject *function = NULL;
    if (find_override(s, "_showtraceback", &function) == 0)
        return false;
    AUTO_DECREF PyObject *lines = PyErr_Occurred() ? NULL : traceback_lines(error);
    AUTO_DECREF PyObject *args =
        lines == NULL ? NULL : Py_BuildValue("(OOO)", Py_TYPE(error), error, lines);
    return call_override(s, "_showtraceback", error, args);
}

bool
session_failure_show(Session *s, PyObject *error)
{
    if (show_by_handler(s, error))
        return true;
    AUTO_DECREF PyObject *nothing = PyTuple_New(0);
    bool syntax = PyErr_GivenExceptionMatches(error, PyExc_SyntaxError);
    return call_override(s, syntax ? "showsyntaxerror" : "showtraceback", error, nothing);
}
