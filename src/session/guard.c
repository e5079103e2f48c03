#include "session/guard.h"

#include <signal.h>

#include "py/call.h"
#include "py/exc.h"
#include "session/report.h"
#include "session/streams.h"

static bool
is_from_pdb(PyObject *handler)
{
    AUTO_DECREF PyObject *module = NULL;
    if (handler == Py_None || call_attr_get(handler, "__module__", &module) < 0)
        return false;
    return module != NULL && PyUnicode_Check(module)
        && PyUnicode_CompareWithASCIIString(module, "pdb") == 0;
}

/* 1 if SIGINT had another handler, which `ret_other` gets. */
static int
restore_interrupt(PyObject **ret_other)
{
    AUTO_DECREF PyObject *plain = call_import("_signal", "default_int_handler");
    AUTO_DECREF PyObject *get = call_import("_signal", "getsignal");
    if (plain == NULL || get == NULL)
        return -1;
    AUTO_DECREF PyObject *now = PyObject_CallFunction(get, "i", SIGINT);
    if (now == NULL || now == plain)
        return now == NULL ? -1 : 0;
    AUTO_DECREF PyObject *set = call_import("_signal", "signal");
    AUTO_DECREF PyObject *old =
        set == NULL ? NULL : PyObject_CallFunction(set, "iO", SIGINT, plain);
    if (old == NULL)
        return -1;
    *ret_other = TAKE(now);
    return 1;
}

void
session_guard_restore(Session *s)
{
    AUTO_EXC ExcHold hold = exc_hold();
    SessionStreams streams = session_streams_take();  // what the user put there may stay
    session_streams_restore(&streams);
    AUTO_DECREF PyObject *other = NULL;
    int restored = restore_interrupt(&other);
    if (restored == 1 && !is_from_pdb(other))
        session_say("Ctrl-C was handled by %R; it interrupts the session again", other);
    PyErr_Clear();  // not the main thread, or no signals: nothing that could be put back
}
