#include "session/events.h"

#include "py/call.h"
#include "py/exc.h"
#include "session/part.h"
#include "session/report.h"

/* The callbacks of the event `name`: a list, or NULL with KeyError set. */
static PyObject *
callbacks_of(PyObject *self, PyObject *name)
{
    return PyObject_GetItem(session_part_held(self), name);
}

static PyObject *
events_register(PyObject *self, PyObject *args, PyObject *options)
{
    static char *names[] = { "event", "function", NULL };
    PyObject *event = NULL;
    PyObject *function = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, options, "UO:register", names, &event,
                                     &function))
        return NULL;
    if (!PyCallable_Check(function))
        return PyErr_Format(PyExc_TypeError, "Need a callable, got %R", function);
    AUTO_DECREF PyObject *callbacks = callbacks_of(self, event);
    int known = callbacks == NULL ? -1 : PySequence_Contains(callbacks, function);
    if (known < 0)
        return NULL;
    if (known == 0) {
        AUTO_DECREF PyObject *none =
            PyObject_CallMethod(callbacks, "append", "O", function);
        return TAKE(none);
    }
    Py_RETURN_NONE;
}

static PyObject *
events_unregister(PyObject *self, PyObject *args, PyObject *options)
{
    static char *names[] = { "event", "function", NULL };
    PyObject *event = NULL;
    PyObject *function = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, options, "UO:unregister", names, &event,
                                     &function))
        return NULL;
    AUTO_DECREF PyObject *callbacks = callbacks_of(self, event);
    int known = callbacks == NULL ? -1 : PySequence_Contains(callbacks, function);
    if (known < 0)
        return NULL;
    if (known == 0)
        return PyErr_Format(PyExc_ValueError,
                            "Function %R is not registered as a %U callback", function,
                            event);
    return PyObject_CallMethod(callbacks, "remove", "O", function);
}

/* Whether a callable that isn't a function takes no argument, by its signature. */
static int
signature_is_empty(PyObject *callable)
{
    AUTO_DECREF PyObject *ask = call_import("inspect", "signature");
    AUTO_DECREF PyObject *signature =
        ask == NULL ? NULL : PyObject_CallOneArg(ask, callable);
    AUTO_DECREF PyObject *parameters =
        signature == NULL ? NULL : PyObject_GetAttrString(signature, "parameters");
    Py_ssize_t count = parameters == NULL ? -1 : PyObject_Size(parameters);
    PyErr_Clear();  // it has no signature: it is called with what there is
    return count == 0;
}

static bool
takes_nothing(PyObject *callable)
{
    bool bound = PyMethod_Check(callable);
    BORROWED PyObject *function = bound ? PyMethod_GET_FUNCTION(callable) : callable;
    if (!PyFunction_Check(function))
        return signature_is_empty(callable);
    const PyCodeObject *code = (PyCodeObject *)PyFunction_GET_CODE(function);
    return code->co_argcount <= (int)bound && !(code->co_flags & CO_VARARGS);
}

static int
call(PyObject *callback, PyObject *args, PyObject *options)
{
    AUTO_DECREF PyObject *nothing = PyTuple_New(0);
    if (nothing == NULL)
        return -1;
    bool bare = PyTuple_GET_SIZE(args) > 0 && takes_nothing(callback);
    AUTO_DECREF PyObject *value = PyObject_Call(callback, bare ? nothing : args, options);
    return value == NULL ? -1 : 0;
}

/* Call the callbacks; one that raises is reported, and the next one called. */
static int
trigger(Session *s, PyObject *event, PyObject *args, PyObject *options)
{
    AUTO_DECREF PyObject *registered = callbacks_of(s->events, event);
    AUTO_DECREF PyObject *callbacks =
        registered == NULL ? NULL : PySequence_List(registered);
    if (callbacks == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(callbacks); i++) {
        AUTO_DECREF PyObject *callback = Py_NewRef(PyList_GET_ITEM(callbacks, i));
        if (call(callback, args, options) == 0)
            continue;
        if (!PyErr_ExceptionMatches(PyExc_SystemExit))
            session_say("error in the %U callback %R:", event, callback);
        session_report(s, NULL);
    }
    return 0;
}

static PyObject *
events_trigger(PyObject *self, PyObject *args, PyObject *options)
{
    Session *s = session_part_session(self);
    if (s == NULL)
        return NULL;
    if (PyTuple_GET_SIZE(args) < 1)
        return PyErr_Format(PyExc_TypeError, "trigger() needs the name of an event");
    AUTO_DECREF PyObject *rest = PyTuple_GetSlice(args, 1, PyTuple_GET_SIZE(args));
    if (rest == NULL || trigger(s, PyTuple_GET_ITEM(args, 0), rest, options) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *
get_callbacks(PyObject *self, void *closure)
{
    return Py_NewRef(session_part_held(self));
}

static PyMethodDef methods[] = {
    { "register", (PyCFunction)(void (*)(void))events_register,
      METH_VARARGS | METH_KEYWORDS, "Have a function called at an event." },
    { "unregister", (PyCFunction)(void (*)(void))events_unregister,
      METH_VARARGS | METH_KEYWORDS, "Have it called no more." },
    { "trigger", (PyCFunction)(void (*)(void))events_trigger, METH_VARARGS | METH_KEYWORDS,
      "Call the callbacks of an event." },
    { NULL, NULL, 0, NULL },
};

static PyGetSetDef members[] = {
    { "callbacks", get_callbacks, NULL, "The callbacks of each event, in lists.", NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

static const PartSpec events_spec = {
    .name = "mainspring.EventManager",
    .doc = "Callbacks before and after each cell.",
    .methods = methods,
    .members = members,
};

PyObject *
session_events_get(Session *s)
{
    if (s->events == NULL) {
        AUTO_DECREF PyObject *callbacks =
            Py_BuildValue("{s:[],s:[],s:[],s:[],s:[]}", "pre_execute", "pre_run_cell",
                          "post_execute", "post_run_cell", "shell_initialized");
        s->events = session_part_new_single(&events_spec, s->shell, callbacks);
    }
    return Py_XNewRef(s->events);
}

void
session_events_trigger(Session *s, const char *event, PyObject *argument)
{
    if (s->events == NULL)
        return;
    AUTO_EXC ExcHold hold = exc_hold();
    AUTO_DECREF PyObject *name = PyUnicode_FromString(event);
    AUTO_DECREF PyObject *args =
        argument == NULL ? PyTuple_New(0) : PyTuple_Pack(1, argument);
    if (name == NULL || args == NULL || trigger(s, name, args, NULL) < 0)
        session_report(s, NULL);
}
