#include "session/hooks.h"

#include "py/call.h"
#include "py/exc.h"
#include "session/report.h"
#include "show/traceback.h"

#define CAPSULE "mainspring.hooks"

/* The mode that the session prints in, Plain once that has ended. */
static TracebackMode
mode_of(PyObject *capsule)
{
    const Session *s = PyCapsule_GetPointer(capsule, CAPSULE);
    if (s == NULL)
        PyErr_Clear();  // not ours: nobody else calls these
    return s == NULL ? TRACEBACK_PLAIN : s->traceback_mode;
}

static PyObject *
except_hook(PyObject *capsule, PyObject *args)
{
    PyObject *type = NULL;
    PyObject *value = NULL;
    PyObject *traceback = NULL;
    if (!PyArg_ParseTuple(args, "OOO:excepthook", &type, &value, &traceback))
        return NULL;
    if (!PyExceptionInstance_Check(value))
        return PyErr_Format(PyExc_TypeError, "excepthook: %R is no exception", value);
    if (traceback != Py_None && PyException_SetTraceback(value, traceback) < 0)
        return NULL;
    traceback_print(value, mode_of(capsule));
    Py_RETURN_NONE;
}

/* Say what comes before the traceback: `format` has one %S for `object`. */
static int
print_with_title(PyObject *capsule, const char *format, PyObject *object, PyObject *error)
{
    AUTO_DECREF PyObject *title = PyUnicode_FromFormat(format, object);
    if (title == NULL)
        return -1;
    session_say("%U", title);
    if (error != Py_None)
        traceback_print(error, mode_of(capsule));
    return 0;
}

/* A thread that ended with an exception; SystemExit is a way to end one. */
static PyObject *
thread_hook(PyObject *capsule, PyObject *args)
{
    AUTO_DECREF PyObject *error = PyObject_GetAttrString(args, "exc_value");
    AUTO_DECREF PyObject *thread =
        error == NULL ? NULL : PyObject_GetAttrString(args, "thread");
    if (thread == NULL)
        return NULL;
    if (PyErr_GivenExceptionMatches(error, PyExc_SystemExit))
        Py_RETURN_NONE;
    AUTO_DECREF PyObject *name = thread == Py_None ? PyUnicode_FromString("that has ended")
                                                   : PyObject_GetAttrString(thread, "name");
    if (name == NULL
        || print_with_title(capsule, "Exception in thread %S:", name, error) < 0)
        return NULL;
    Py_RETURN_NONE;
}

/* What could not be raised anywhere: in a finalizer, a callback. */
static PyObject *
unraisable_hook(PyObject *capsule, PyObject *args)
{
    AUTO_DECREF PyObject *error = PyObject_GetAttrString(args, "exc_value");
    AUTO_DECREF PyObject *message =
        error == NULL ? NULL : PyObject_GetAttrString(args, "err_msg");
    AUTO_DECREF PyObject *object =
        message == NULL ? NULL : PyObject_GetAttrString(args, "object");
    if (object == NULL)
        return NULL;
    AUTO_DECREF PyObject *start = message == Py_None
                                      ? PyUnicode_FromString("Exception ignored in")
                                      : Py_NewRef(message);
    if (start == NULL)
        return NULL;
    AUTO_DECREF PyObject *what = object == Py_None ? NULL : PyObject_Repr(object);
    PyErr_Clear();  // an object that can't be shown: the message says enough
    AUTO_DECREF PyObject *title = what == NULL
                                      ? PyUnicode_FromFormat("%S:", start)
                                      : PyUnicode_FromFormat("%S: %U", start, what);
    if (title == NULL || print_with_title(capsule, "%S", title, error) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyMethodDef except_def = { "excepthook", except_hook, METH_VARARGS,
                                  "Print an exception with the text that ran." };
static PyMethodDef thread_def = { "excepthook", thread_hook, METH_O,
                                  "Print the exception that ended a thread." };
static PyMethodDef unraisable_def = { "unraisablehook", unraisable_hook, METH_O,
                                      "Print an exception that could not be raised." };

static PyObject *
hook_new(Session *s, PyMethodDef *definition)
{
    AUTO_DECREF PyObject *capsule = PyCapsule_New(s, CAPSULE, NULL);
    return capsule == NULL ? NULL : PyCFunction_New(definition, capsule);
}

/* threading takes its excepthook from `_thread` when it is imported: no need to do that now. */
static int
install_for_threads(PyObject *hook)
{
    AUTO_DECREF PyObject *name = PyUnicode_InternFromString("threading");
    AUTO_DECREF PyObject *threading = NULL;
    if (name == NULL || call_dict_get(PyImport_GetModuleDict(), name, &threading) < 0)
        return -1;
    if (threading != NULL)
        return PyObject_SetAttrString(threading, "excepthook", hook);
    AUTO_DECREF PyObject *low = PyImport_ImportModule("_thread");
    return low == NULL ? -1 : PyObject_SetAttrString(low, "_excepthook", hook);
}

int
session_hooks_install(Session *s)
{
    AUTO_DECREF PyObject *except = hook_new(s, &except_def);
    AUTO_DECREF PyObject *thread = hook_new(s, &thread_def);
    AUTO_DECREF PyObject *unraisable = hook_new(s, &unraisable_def);
    // As the interpreter's own too: `code` and others ask whether the user has one of his.
    if (except == NULL || thread == NULL || unraisable == NULL
        || PySys_SetObject("excepthook", except) < 0
        || PySys_SetObject("__excepthook__", except) < 0 || install_for_threads(thread) < 0)
        return -1;
    return PySys_SetObject("unraisablehook", unraisable);
}
