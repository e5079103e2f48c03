#include "session/runner.h"

#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "py/call.h"
#include "py/exc.h"
#include "session/report.h"

#define CAPSULE "mainspring.session"

/* Say what an exception handler is told besides the message and the exception. */
static void
say_details(PyObject *context)
{
    static const char *const known[] = { "future",    "task",   "handle",  "protocol",
                                         "transport", "socket", "asyncgen" };
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        BORROWED PyObject *value = PyDict_GetItemString(context, known[i]);
        AUTO_DECREF PyObject *text = value == NULL ? NULL : PyObject_Repr(value);
        if (text != NULL)
            session_say("%s: %U", known[i], text);
        exc_drop();  // an object that can't be shown
    }
    BORROWED PyObject *source = PyDict_GetItemString(context, "source_traceback");
    AUTO_DECREF PyObject *format =
        source == NULL ? NULL : call_import("traceback", "format_list");
    AUTO_DECREF PyObject *lines =
        format == NULL ? NULL : PyObject_CallOneArg(format, source);
    AUTO_DECREF PyObject *nothing = lines == NULL ? NULL : PyUnicode_FromString("");
    AUTO_DECREF PyObject *text = nothing == NULL ? NULL : PyUnicode_Join(nothing, lines);
    if (text != NULL)
        session_say("created at (most recent call last):\n%U", text);
    exc_drop();  // no memory: the rest is said
}

/* The loop's exception handler.  What a forked child has of the parent's loop is silent. */
static PyObject *
report(PyObject *capsule, PyObject *args)
{
    PyObject *loop = NULL;
    PyObject *context = NULL;
    Session *s = PyCapsule_GetPointer(capsule, CAPSULE);
    if (s == NULL || !PyArg_ParseTuple(args, "OO!", &loop, &PyDict_Type, &context))
        return NULL;
    if (getpid() != s->pid)
        Py_RETURN_NONE;
    if (s->ledger == NULL)  // the session has ended
        return PyObject_CallMethod(loop, "default_exception_handler", "O", context);
    AUTO_DECREF PyObject *message = Py_XNewRef(PyDict_GetItemString(context, "message"));
    AUTO_DECREF PyObject *error = Py_XNewRef(PyDict_GetItemString(context, "exception"));
    if (message == NULL)
        session_say("Unhandled exception in the event loop");
    else
        session_say("%S", message);
    say_details(context);
    if (error != NULL && PyExceptionInstance_Check(error))
        session_report_show(s, error);
    Py_RETURN_NONE;
}

static PyMethodDef report_def = { "report", report, METH_VARARGS,
                                  "Report what a task or a callback failed with." };

int
session_runner_fd(PyObject *loop)
{
    AUTO_DECREF PyObject *selector = NULL;
    int found = call_attr_get(loop, "_selector", &selector);
    AUTO_DECREF PyObject *number =
        found == 1 ? PyObject_CallMethod(selector, "fileno", NULL) : NULL;
    int fd = number == NULL ? -1 : (int)PyLong_AsLong(number);
    exc_drop();  // another kind of loop
    return fd;
}

/* Callbacks of the parent's that are due are not the child's. */
static void
forget_ready(PyObject *loop)
{
    AUTO_DECREF PyObject *ready = NULL;
    AUTO_DECREF PyObject *none = call_attr_get(loop, "_ready", &ready) == 1
                                     ? PyObject_CallMethod(ready, "clear", NULL)
                                     : NULL;
    exc_drop();  // another kind of loop
}

/* In a forked child.  The epoll object is the parent's too: what the child would do to it is done
 * to one of its own.  The loop stays in memory, for whatever is finalized would be told of. */
static PyObject *
leave_to_parent(PyObject *capsule, PyObject *unused)
{
    Session *s = PyCapsule_GetPointer(capsule, CAPSULE);
    if (s == NULL)
        return NULL;
    int fd = s->loop == NULL ? -1 : session_runner_fd(s->loop);
    int own = fd < 0 ? -1 : epoll_create1(EPOLL_CLOEXEC);
    if (own >= 0) {
        (void)dup3(own, fd, O_CLOEXEC);  // both are open
        (void)close(own);
    }
    if (s->loop != NULL && s->steps)
        forget_ready(s->loop);
    s->runner = NULL;
    s->loop = NULL;
    Py_RETURN_NONE;
}

static PyMethodDef leave_to_parent_def = { "leave_to_parent", leave_to_parent, METH_NOARGS,
                                           "Leave the event loop to the parent." };

static int
register_at_fork(Session *s, PyObject *capsule)
{
    if (s->loop_forks)
        return 0;
    AUTO_DECREF PyObject *function = PyCFunction_New(&leave_to_parent_def, capsule);
    AUTO_DECREF PyObject *options =
        function == NULL ? NULL : Py_BuildValue("{sO}", "after_in_child", function);
    AUTO_DECREF PyObject *enlist =
        options == NULL ? NULL : call_import("posix", "register_at_fork");
    AUTO_DECREF PyObject *nothing = enlist == NULL ? NULL : PyTuple_New(0);
    AUTO_DECREF PyObject *done =
        nothing == NULL ? NULL : PyObject_Call(enlist, nothing, options);
    s->loop_forks = done != NULL;
    return done == NULL ? -1 : 0;
}

/* A runner with its loop.  It keeps the context that it is made in: an empty one. */
static int
make(PyObject *type, PyObject **ret_runner, PyObject **ret_loop)
{
    AUTO_DECREF PyObject *context = PyContext_New();
    if (context == NULL || PyContext_Enter(context) < 0)
        return -1;
    AUTO_DECREF PyObject *runner = PyObject_CallNoArgs(type);
    AUTO_DECREF PyObject *loop =
        runner == NULL ? NULL : PyObject_CallMethod(runner, "get_loop", NULL);
    AUTO_EXC ExcHold hold = exc_hold();
    if (PyContext_Exit(context) < 0 || loop == NULL)
        return -1;
    *ret_runner = TAKE(runner);
    *ret_loop = TAKE(loop);
    return 0;
}

static int
start(Session *s, PyObject *type)
{
    AUTO_DECREF PyObject *capsule = PyCapsule_New(s, CAPSULE, NULL);
    AUTO_DECREF PyObject *handler =
        capsule == NULL ? NULL : PyCFunction_New(&report_def, capsule);
    AUTO_DECREF PyObject *runner = NULL;
    AUTO_DECREF PyObject *loop = NULL;
    if (handler == NULL || register_at_fork(s, capsule) < 0
        || make(type, &runner, &loop) < 0)
        return -1;
    AUTO_DECREF PyObject *none =
        PyObject_CallMethod(loop, "set_exception_handler", "O", handler);
    if (none == NULL) {
        AUTO_EXC ExcHold hold = exc_hold();
        AUTO_DECREF PyObject *closed = PyObject_CallMethod(runner, "close", NULL);
        exc_drop();  // it has nothing to close but itself
        return -1;
    }
    session_runner_drop(s);
    s->runner = TAKE(runner);
    s->loop = TAKE(loop);
    return 0;
}

/* Whether a method of the loop without arguments says so. */
static int
asks(PyObject *loop, const char *method)
{
    AUTO_DECREF PyObject *answer = PyObject_CallMethod(loop, method, NULL);
    return answer == NULL ? -1 : PyObject_IsTrue(answer);
}

/* Whether code that closed descriptors without knowing whose they are took the loop's. */
static bool
is_broken(PyObject *loop)
{
    int fd = session_runner_fd(loop);
    return fd >= 0 && fcntl(fd, F_GETFD) < 0;
}

/* Have an open loop. */
static int
ensure(Session *s, PyObject *type)
{
    if (s->loop != NULL && is_broken(s->loop)) {
        session_say("the event loop is given up: its descriptors were closed");
        session_runner_drop(s);
    }
    int closed = s->loop == NULL ? 1 : asks(s->loop, "is_closed");
    return closed > 0 ? start(s, type) : closed;
}

/* What asyncio has under `name`: 1, or 0 where asyncio was not imported wholly, or -1. */
static int
find_asyncio(const char *name, PyObject **ret_value)
{
    AUTO_DECREF PyObject *key = PyUnicode_InternFromString("asyncio");
    AUTO_DECREF PyObject *module = NULL;
    int found = key == NULL ? -1 : call_module_get(key, &module);
    return found == 1 ? call_attr_get(module, name, ret_value) : found;
}

/* Have the session's loop be the current one where there is none, or a closed one. */
static int
make_current(Session *s)
{
    AUTO_DECREF PyObject *get = NULL;
    AUTO_DECREF PyObject *set = NULL;
    if (find_asyncio("get_event_loop", &get) != 1
        || find_asyncio("set_event_loop", &set) != 1)
        return PyErr_Occurred() ? -1 : 0;
    AUTO_DECREF PyObject *current = PyObject_CallNoArgs(get);
    if (current == NULL && !PyErr_ExceptionMatches(PyExc_RuntimeError))
        return -1;
    PyErr_Clear();  // there is none
    int closed = current == NULL ? 1 : asks(current, "is_closed");
    if (closed <= 0)
        return closed;
    AUTO_DECREF PyObject *none = PyObject_CallOneArg(set, s->loop);
    return none == NULL ? -1 : 0;
}

void
session_runner_offer(Session *s)
{
    AUTO_DECREF PyObject *type = NULL;
    int found = find_asyncio("Runner", &type);
    if (found == 1)
        found = ensure(s, type);
    if (found < 0 || (s->loop != NULL && make_current(s) < 0))
        exc_drop();  // somebody else's asyncio, or no descriptor left: top-level await tells
}

/* What a context says of variables holds from now on in the one that we are in. */
static int
keep_context(PyObject *context)
{
    AUTO_DECREF PyObject *view = PyObject_CallMethod(context, "items", NULL);
    AUTO_DECREF PyObject *items = view == NULL ? NULL : PySequence_List(view);
    for (Py_ssize_t i = 0; items != NULL && i < PyList_GET_SIZE(items); i++) {
        BORROWED PyObject *pair = PyList_GET_ITEM(items, i);
        BORROWED PyObject *variable = PyTuple_GetItem(pair, 0);
        BORROWED PyObject *value = PyTuple_GetItem(pair, 1);
        AUTO_DECREF PyObject *now = NULL;
        if (value == NULL || PyContextVar_Get(variable, NULL, &now) < 0)
            return -1;
        if (now == value)
            continue;
        AUTO_DECREF PyObject *token = PyContextVar_Set(variable, value);
        if (token == NULL)
            return -1;
    }
    return items == NULL ? -1 : 0;
}

/* The runner raises KeyboardInterrupt itself, for a coroutine that it cancelled: where that was is
 * what the user wants to see. */
static int
show_cancelled(PyObject *error)
{
    AUTO_DECREF PyObject *type = call_import("asyncio", "CancelledError");
    AUTO_DECREF PyObject *cancelled = PyException_GetContext(error);
    AUTO_DECREF PyObject *traceback = PyException_GetTraceback(error);
    AUTO_DECREF PyObject *next =
        traceback == NULL ? NULL : PyObject_GetAttrString(traceback, "tb_next");
    if (type == NULL || next == NULL)
        return -1;
    int is =
        cancelled == NULL || next != Py_None ? 0 : PyObject_IsInstance(cancelled, type);
    if (is <= 0)
        return is;
    AUTO_DECREF PyObject *place = PyException_GetTraceback(cancelled);
    PyException_SetContext(error, NULL);
    return PyException_SetTraceback(error, place == NULL ? Py_None : place);
}

static void
tidy_interrupt(void)
{
    if (!PyErr_ExceptionMatches(PyExc_KeyboardInterrupt))
        return;
    AUTO_DECREF PyObject *error = exc_take();
    if (show_cancelled(error) < 0)
        exc_drop();  // no memory: all of it is shown
    exc_raise_take(TAKE(error));
}

PyObject *
session_runner_await(Session *s, PyObject *coroutine)
{
    AUTO_DECREF PyObject *type = call_import("asyncio", "Runner");
    if (type == NULL || ensure(s, type) < 0)
        return NULL;
    AUTO_DECREF PyObject *context = PyContext_CopyCurrent();
    AUTO_DECREF PyObject *run =
        context == NULL ? NULL : PyObject_GetAttrString(s->runner, "run");
    AUTO_DECREF PyObject *args = run == NULL ? NULL : PyTuple_Pack(1, coroutine);
    AUTO_DECREF PyObject *options =
        args == NULL ? NULL : Py_BuildValue("{sO}", "context", context);
    if (options == NULL)
        return NULL;
    AUTO_DECREF PyObject *value = PyObject_Call(run, args, options);
    if (value == NULL)
        tidy_interrupt();
    AUTO_EXC ExcHold hold = exc_hold();
    return keep_context(context) < 0 ? NULL : TAKE(value);
}

/* Whether an event loop is running in this thread. */
static int
is_any_running(void)
{
    AUTO_DECREF PyObject *get = NULL;
    int found = find_asyncio("_get_running_loop", &get);
    AUTO_DECREF PyObject *running = found == 1 ? PyObject_CallNoArgs(get) : NULL;
    return running == NULL ? (found < 0 || PyErr_Occurred() ? -1 : 0) : running != Py_None;
}

PyObject *
session_runner_loop(Session *s)
{
    if (s->loop == NULL || PyThread_get_thread_ident() != s->thread)
        return NULL;
    AUTO_DECREF PyObject *loop = Py_NewRef(s->loop);
    int unusable = asks(loop, "is_closed");
    if (unusable == 0)
        unusable = asks(loop, "is_running");
    if (unusable == 0)
        unusable = is_any_running();
    exc_drop();  // a loop that can't say so is none
    return unusable == 0 ? TAKE(loop) : NULL;
}

static int
set_running(PyObject *loop)
{
    AUTO_DECREF PyObject *set = NULL;
    int found = find_asyncio("_set_running_loop", &set);
    AUTO_DECREF PyObject *none = found == 1 ? PyObject_CallOneArg(set, loop) : NULL;
    return none == NULL ? -1 : 0;
}

bool
session_runner_enter(Session *s)
{
    AUTO_DECREF PyObject *loop = session_runner_loop(s);
    bool entered = loop != NULL && set_running(loop) == 0;
    exc_drop();  // no memory: what needs a running loop will say that there is none
    return entered;
}

void
session_runner_leave(void)
{
    AUTO_EXC ExcHold hold = exc_hold();
    if (set_running(Py_None) == 0)
        return;
    exc_drop();  // no memory
    if (set_running(Py_None) < 0)
        exc_drop();  // still none: the loop stays the running one
}

void
session_runner_drop(Session *s)
{
    AUTO_EXC ExcHold hold = exc_hold();
    AUTO_DECREF PyObject *runner = TAKE(s->runner);
    AUTO_DECREF PyObject *loop = TAKE(s->loop);
    if (loop != NULL && PyObject_SetAttrString(loop, "_closed", Py_True) < 0)
        exc_drop();  // another kind of loop: it may complain of what it closes itself
}

int
session_runner_close(Session *s)
{
    AUTO_DECREF PyObject *runner = TAKE(s->runner);
    AUTO_DECREF PyObject *loop = TAKE(s->loop);
    int closed = loop == NULL ? 1 : asks(loop, "is_closed");
    if (closed != 0)
        return closed < 0 ? -1 : 0;
    AUTO_DECREF PyObject *none = PyObject_CallMethod(runner, "close", NULL);
    return none == NULL ? -1 : 0;
}

/* The number of things in a container of the loop's, or -1 where it has none of the kind. */
static Py_ssize_t
count_in(PyObject *loop, const char *name, PyObject **ret_container)
{
    if (call_attr_get(loop, name, ret_container) != 1)
        return -1;
    return PyObject_Size(*ret_container);
}

/* Milliseconds from now to the time of a loop's timer. */
static int
until_timer(PyObject *loop, PyObject *timers)
{
    AUTO_DECREF PyObject *first = PySequence_GetItem(timers, 0);
    AUTO_DECREF PyObject *when =
        first == NULL ? NULL : PyObject_CallMethod(first, "when", NULL);
    AUTO_DECREF PyObject *now =
        when == NULL ? NULL : PyObject_CallMethod(loop, "time", NULL);
    double ms = now == NULL ? -1 : (PyFloat_AsDouble(when) - PyFloat_AsDouble(now)) * 1000;
    if (PyErr_Occurred())
        return -1;
    return ms <= 0 ? 0 : ms > INT_MAX / 2 ? INT_MAX / 2 : (int)ceil(ms);
}

int
session_runner_due(PyObject *loop)
{
    AUTO_DECREF PyObject *ready = NULL;
    AUTO_DECREF PyObject *timers = NULL;
    Py_ssize_t due = count_in(loop, "_ready", &ready);
    Py_ssize_t later = due < 0 ? -1 : count_in(loop, "_scheduled", &timers);
    int ms = later <= 0 ? -1 : until_timer(loop, timers);
    bool blind = later < 0 || PyErr_Occurred();
    exc_drop();  // another kind of loop
    return blind ? SESSION_RUNNER_BLIND_MS : due > 0 ? 0 : ms;
}
