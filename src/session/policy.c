#include "session/policy.h"

#include "py/call.h"
#include "py/exc.h"

/* asyncio's functions about loops, once they were imported; NULL before, or where they can't be
 * had. */
static PyObject *
find_events(void)
{
    AUTO_DECREF PyObject *name = PyUnicode_InternFromString("asyncio.events");
    AUTO_DECREF PyObject *events = NULL;
    if (name == NULL || call_module_get(name, &events) < 0)
        exc_drop();  // no memory
    return TAKE(events);
}

static int
set_policy(PyObject *events, PyObject *policy)
{
    AUTO_DECREF PyObject *none =
        PyObject_CallMethod(events, "set_event_loop_policy", "O", policy);
    return none == NULL ? -1 : 0;
}

static int
set_running(PyObject *events, PyObject *loop)
{
    AUTO_DECREF PyObject *none =
        PyObject_CallMethod(events, "_set_running_loop", "O", loop);
    return none == NULL ? -1 : 0;
}

static int
take_away(PyObject *events, SessionPolicy *p)
{
    p->policy = PyObject_CallMethod(events, "get_event_loop_policy", NULL);
    if (p->policy == NULL || set_policy(events, Py_None) < 0)
        return -1;
    p->running = PyObject_CallMethod(events, "_get_running_loop", NULL);
    if (p->running == NULL || p->running == Py_None)
        return p->running == NULL ? -1 : 0;
    return set_running(events, Py_None);
}

void
session_policy_enter(SessionPolicy *p)
{
    *p = (SessionPolicy){ 0 };
    AUTO_DECREF PyObject *events = find_events();
    if (events != NULL && take_away(events, p) < 0)
        exc_drop();  // somebody else's asyncio, or no memory: the script shares what is there
}

void
session_policy_leave(SessionPolicy *p)
{
    AUTO_EXC ExcHold hold = exc_hold();
    AUTO_DECREF PyObject *events = find_events();
    AUTO_DECREF PyObject *policy = TAKE(p->policy);
    AUTO_DECREF PyObject *running = TAKE(p->running);
    if (events == NULL)
        return;
    if (set_policy(events, policy == NULL ? Py_None : policy) < 0)
        exc_drop();  // as above
    if (running != NULL && running != Py_None && set_running(events, running) < 0)
        exc_drop();
}
