#include "py/limit.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "py/call.h"
#include "py/exc.h"

/* The last but two of the real-time signals is session/interrupt.h's. */
#define LIMIT_SIGNAL (SIGRTMAX - 3)

enum { AGAIN_NS = 20 * 1000 * 1000 };

static const char CAPSULE[] = "mainspring.limit";

/* Python's handler of the signal.  It stays when its limit is over, and does nothing then: without
 * any a signal that comes late would end the process. */
static PyObject *
end_of_time(PyObject *self, PyObject *unused)
{
    if (!PyCapsule_IsValid(self, CAPSULE))
        Py_RETURN_NONE;
    Limit *l = PyCapsule_GetPointer(self, CAPSULE);
    l->over = true;
    PyErr_SetString(PyExc_KeyboardInterrupt, "the time for it is over");
    return NULL;
}

static PyMethodDef end_def = { "end_of_time", end_of_time, METH_VARARGS,
                               "Ends what takes too long." };

/* Set Python's handler of the signal: the one before it, or NULL with an exception set. */
static PyObject *
set_handler(PyObject *handler)
{
    AUTO_DECREF PyObject *set = call_import("_signal", "signal");
    return set == NULL ? NULL : PyObject_CallFunction(set, "iO", LIMIT_SIGNAL, handler);
}

static int
start_timer(Limit *l, double seconds)
{
    struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID,
                              .sigev_signo = LIMIT_SIGNAL };
    event._sigev_un._tid = gettid();
    if (timer_create(CLOCK_MONOTONIC, &event, &l->timer) < 0)
        return -1;
    struct itimerspec when = { .it_interval.tv_nsec = AGAIN_NS };
    when.it_value.tv_sec = (time_t)seconds;
    when.it_value.tv_nsec = (long)((seconds - (double)when.it_value.tv_sec) * 1e9) + 1;
    (void)timer_settime(l->timer, 0, &when, NULL);  // the values are in their range
    return 0;
}

/* Have the limit's handler do nothing, and put an outer limit's back. */
static void
put_back(Limit *l)
{
    AUTO_DECREF PyObject *self = TAKE(l->self);
    AUTO_DECREF PyObject *outer = TAKE(l->outer);
    (void)PyCapsule_SetName(self, NULL);  // it is a capsule
    bool ours = PyCFunction_Check(outer) && PyCFunction_GET_FUNCTION(outer) == end_of_time;
    AUTO_DECREF PyObject *old = ours ? set_handler(outer) : NULL;
    PyErr_Clear();  // no memory: the outer one has no limit
}

void
limit_enter(Limit *l, double seconds)
{
    AUTO_EXC ExcHold hold = exc_hold();
    *l = (Limit){ 0 };
    AUTO_DECREF PyObject *self = PyCapsule_New(l, CAPSULE, NULL);
    AUTO_DECREF PyObject *handler = self == NULL ? NULL : PyCFunction_New(&end_def, self);
    AUTO_DECREF PyObject *outer = handler == NULL ? NULL : set_handler(handler);
    if (outer == NULL) {
        PyErr_Clear();  // another thread than the main one, or no memory
        return;
    }
    l->self = TAKE(self);
    l->outer = TAKE(outer);
    if (start_timer(l, seconds) < 0)
        put_back(l);
}

bool
limit_leave(Limit *l)
{
    if (l->self == NULL)
        return false;
    (void)timer_delete(l->timer);  // it is one of ours
    bool ours = l->over && PyErr_ExceptionMatches(PyExc_KeyboardInterrupt);
    if (ours)
        PyErr_Clear();
    AUTO_EXC ExcHold hold = exc_hold();
    put_back(l);
    return ours;
}
