#include "session/tasks.h"

#include "py/call.h"
#include "py/exc.h"

/* The loop that is asyncio's present one, or else a new one that becomes it. */
static PyObject *
make_runner(void)
{
    AUTO_DECREF PyObject *type = call_import("asyncio", "Runner");
    AUTO_DECREF PyObject *policy =
        type == NULL ? NULL : call_import("asyncio", "get_event_loop_policy");
    AUTO_DECREF PyObject *now = policy == NULL ? NULL : PyObject_CallNoArgs(policy);
    AUTO_DECREF PyObject *local =
        now == NULL ? NULL : PyObject_GetAttrString(now, "_local");
    AUTO_DECREF PyObject *loop =
        local == NULL ? NULL : PyObject_GetAttrString(local, "_loop");
    if (type == NULL)
        return NULL;
    PyErr_Clear();  // another policy: the runner makes a loop of its own
    if (loop == NULL || loop == Py_None)
        return PyObject_CallNoArgs(type);
    AUTO_DECREF PyObject *factory = PyObject_GetAttrString(now, "get_event_loop");
    AUTO_DECREF PyObject *args = PyTuple_New(0);
    AUTO_DECREF PyObject *options =
        factory == NULL ? NULL : Py_BuildValue("{sO}", "loop_factory", factory);
    return args == NULL || options == NULL ? NULL : PyObject_Call(type, args, options);
}

/* Make the runner, if there is none yet. */
static int
need_runner(Session *s)
{
    if (s->runner == NULL)
        s->runner = make_runner();
    return s->runner == NULL ? -1 : 0;
}

PyObject *
session_tasks_await(Session *s, PyObject *coroutine)
{
    if (need_runner(s) < 0)
        return NULL;
    return PyObject_CallMethod(s->runner, "run", "O", coroutine);
}

static PyObject *
get_loop(Session *s)
{
    return need_runner(s) < 0 ? NULL : PyObject_CallMethod(s->runner, "get_loop", NULL);
}

/* Whether a method of the loop's says yes. */
static int
asks(PyObject *loop, const char *method)
{
    AUTO_DECREF PyObject *answer = PyObject_CallMethod(loop, method, NULL);
    return answer == NULL ? -1 : PyObject_IsTrue(answer);
}

int
session_tasks_can_run(Session *s)
{
    BORROWED PyObject *modules = PyImport_GetModuleDict();
    if (s->runner == NULL && PyDict_GetItemString(modules, "asyncio.runners") == NULL)
        return 0;
    AUTO_DECREF PyObject *loop = get_loop(s);
    int running = loop == NULL ? -1 : asks(loop, "is_running");
    int closed = running < 0 ? -1 : asks(loop, "is_closed");
    if (closed < 0) {
        exc_drop();  // a loop that can't be had, or is none: the prompt waits without it
        return 0;
    }
    return !running && !closed;
}

/* Have `stop` called when one of the descriptors can be read. */
static int
watch(PyObject *loop, const int *fds, size_t count, PyObject *stop)
{
    for (size_t i = 0; i < count; i++) {
        AUTO_DECREF PyObject *none =
            PyObject_CallMethod(loop, "add_reader", "iO", fds[i], stop);
        if (none == NULL)
            return -1;
    }
    return 0;
}

static void
unwatch(PyObject *loop, const int *fds, size_t count)
{
    AUTO_EXC ExcHold hold = exc_hold();
    for (size_t i = 0; i < count; i++) {
        AUTO_DECREF PyObject *was = PyObject_CallMethod(loop, "remove_reader", "i", fds[i]);
        if (was == NULL)
            PyErr_Clear();  // the loop was closed meanwhile
    }
}

/* Have `stop` called after a time: its handle, or None. */
static PyObject *
stop_after(PyObject *loop, int timeout, PyObject *stop)
{
    if (timeout < 0)
        return Py_NewRef(Py_None);
    return PyObject_CallMethod(loop, "call_later", "dO", timeout / 1e3, stop);
}

int
session_tasks_run(Session *s, const int *fds, size_t count, int timeout)
{
    AUTO_DECREF PyObject *loop = get_loop(s);
    AUTO_DECREF PyObject *stop = loop == NULL ? NULL : PyObject_GetAttrString(loop, "stop");
    AUTO_DECREF PyObject *timer = stop == NULL ? NULL : stop_after(loop, timeout, stop);
    if (timer == NULL || watch(loop, fds, count, stop) < 0)
        return -1;
    AUTO_DECREF PyObject *none = PyObject_CallMethod(loop, "run_forever", NULL);
    unwatch(loop, fds, count);
    if (none == NULL || timer == Py_None)
        return none == NULL ? -1 : 0;
    AUTO_DECREF PyObject *cancelled = PyObject_CallMethod(timer, "cancel", NULL);
    return cancelled == NULL ? -1 : 0;
}
