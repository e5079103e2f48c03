#include "session/finish.h"

#include <stdio.h>
#include <unistd.h>

#include "py/call.h"
#include "py/exc.h"
#include "run/link.h"
#include "session/output.h"
#include "session/report.h"

enum { STATUS_UNWRITTEN = 120, STATUS_INTERRUPTED = 130 };

/* Nothing of what a step raises may stop the ones after it. */
static void
say_failed(const char *step)
{
    AUTO_DECREF PyObject *error = exc_take();
    if (error != NULL)
        session_say("while %s: %s: %S", step, Py_TYPE(error)->tp_name, error);
}

/* The threads that the interpreter would wait for, as a list. */
static PyObject *
threads_to_join(void)
{
    AUTO_DECREF PyObject *modules = Py_NewRef(PyImport_GetModuleDict());
    AUTO_DECREF PyObject *result = PyList_New(0);
    BORROWED PyObject *threading = PyDict_GetItemString(modules, "threading");
    if (result == NULL || threading == NULL)
        return TAKE(result);
    AUTO_DECREF PyObject *all = PyObject_CallMethod(threading, "enumerate", NULL);
    AUTO_DECREF PyObject *own = PyObject_CallMethod(threading, "current_thread", NULL);
    if (all == NULL || own == NULL)
        return NULL;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(all); i++) {
        BORROWED PyObject *thread = PyList_GET_ITEM(all, i);
        AUTO_DECREF PyObject *daemon = PyObject_GetAttrString(thread, "daemon");
        int waits = daemon == NULL ? -1 : !PyObject_IsTrue(daemon) && thread != own;
        if (waits < 0 || (waits == 1 && PyList_Append(result, thread) < 0))
            return NULL;
    }
    return TAKE(result);
}

/* Whether `thread` is still there after the time that one would not notice. */
static int
outlasts(PyObject *thread, double seconds)
{
    AUTO_DECREF PyObject *none = PyObject_CallMethod(thread, "join", "d", seconds);
    AUTO_DECREF PyObject *alive =
        none == NULL ? NULL : PyObject_CallMethod(thread, "is_alive", NULL);
    return alive == NULL ? -1 : PyObject_IsTrue(alive);
}

static int
join(PyObject *thread)
{
    int alive = outlasts(thread, 0.1);
    if (alive <= 0)
        return alive;
    AUTO_DECREF PyObject *name = PyObject_GetAttrString(thread, "name");
    if (name == NULL)
        return -1;
    session_say("waiting for thread '%S' to end; Ctrl-C leaves without it", name);
    AUTO_DECREF PyObject *none = PyObject_CallMethod(thread, "join", NULL);
    return none == NULL ? -1 : 0;
}

/* Wait for the threads; 1 if the user would rather not. */
static int
join_threads(void)
{
    AUTO_DECREF PyObject *threads = threads_to_join();
    for (Py_ssize_t i = 0; threads != NULL && i < PyList_GET_SIZE(threads); i++) {
        if (join(PyList_GET_ITEM(threads, i)) == 0)
            continue;
        if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) {
            PyErr_Clear();
            return 1;
        }
        say_failed("joining threads");
    }
    say_failed("looking for threads");
    return 0;
}

static void
collect(void)
{
    AUTO_DECREF PyObject *function = call_import("gc", "collect");
    AUTO_DECREF PyObject *count = function == NULL ? NULL : PyObject_CallNoArgs(function);
    if (count == NULL)
        say_failed("collecting");
}

/* Strong references to the live runs' modules, oldest first, so that they go one by one. */
static PyObject *
hold_runs(const RunLedger *l)
{
    AUTO_DECREF PyObject *held = PyList_New(0);
    for (size_t i = 0; held != NULL && i < l->count; i++) {
        AUTO_DECREF PyObject *module = NULL;
        int alive = run_ledger_module(l->runs[i], &module);
        if (alive < 0 || (alive == 1 && PyList_Append(held, module) < 0))
            return NULL;
    }
    return TAKE(held);
}

/* The user's names at the prompt go, the newest first; what finalizers read goes last: first
 * all that is no function, class or module. */
static int
release_names(Session *s, bool definitions)
{
    AUTO_DECREF PyObject *names = PyDict_Keys(s->namespace);
    if (names == NULL)
        return -1;
    for (Py_ssize_t i = PyList_GET_SIZE(names); i-- > 0;) {
        BORROWED PyObject *name = PyList_GET_ITEM(names, i);
        AUTO_DECREF PyObject *value = NULL;
        int kept = PySet_Contains(s->initial, name);
        if (kept < 0 || call_dict_get(s->namespace, name, &value) < 0)
            return -1;
        bool defines = value != NULL
            && (PyFunction_Check(value) || PyType_Check(value) || PyModule_Check(value));
        if (kept == 0 && defines == definitions && call_dict_discard(s->namespace, name) < 0)
            return -1;
    }
    return 0;
}

static int
retract_runs(Session *s)
{
    for (size_t i = s->ledger->count; i-- > 0;)
        if (run_link_retract(s->ledger, s->ledger->runs[i]) < 0)
            return -1;
    return 0;
}

static void
release(Session *s)
{
    session_keep_error(s, NULL);
    AUTO_DECREF PyObject *held = hold_runs(s->ledger);
    if (held == NULL || retract_runs(s) < 0 || session_output_clear(s) < 0
        || release_names(s, false) < 0)
        say_failed("letting go of the prompt's names");
    collect();
    if (release_names(s, true) < 0)
        say_failed("letting go of the prompt's definitions");
    collect();
    for (Py_ssize_t i = held == NULL ? 0 : PyList_GET_SIZE(held); i-- > 0;) {
        if (PyList_SetSlice(held, i, i + 1, NULL) < 0)
            say_failed("letting go of a run");
        collect();
    }
    session_done(s);
}

#define CAPSULE "mainspring.session"

static PyObject *
release_at_exit(PyObject *capsule, PyObject *unused)
{
    Session *s = PyCapsule_GetPointer(capsule, CAPSULE);
    if (s == NULL)
        return NULL;
    release(s);
    Py_RETURN_NONE;
}

static PyMethodDef release_def = { "release", release_at_exit, METH_NOARGS,
                                   "Let go of the prompt's names and of the runs." };

int
session_finish_register(Session *s)
{
    AUTO_DECREF PyObject *enlist = call_import("atexit", "register");
    AUTO_DECREF PyObject *capsule = PyCapsule_New(s, CAPSULE, NULL);
    AUTO_DECREF PyObject *function =
        capsule == NULL ? NULL : PyCFunction_New(&release_def, capsule);
    if (enlist == NULL || function == NULL)
        return -1;
    AUTO_DECREF PyObject *same = PyObject_CallOneArg(enlist, function);
    return same == NULL ? -1 : 0;
}

static void
close_runner(Session *s)
{
    if (s->runner == NULL)
        return;
    AUTO_DECREF PyObject *runner = TAKE(s->runner);
    AUTO_DECREF PyObject *none = PyObject_CallMethod(runner, "close", NULL);
    if (none == NULL)
        say_failed("closing the event loop");
}

/* Leave although threads go on: what the interpreter would do after joining them, then out. */
static _Noreturn void
leave_now(void)
{
    AUTO_DECREF PyObject *run = call_import("atexit", "_run_exitfuncs");
    AUTO_DECREF PyObject *none = run == NULL ? NULL : PyObject_CallNoArgs(run);
    if (none == NULL)
        say_failed("calling atexit functions");
    fflush(NULL);
    _exit(STATUS_INTERRUPTED);
}

int
session_finish(Session *s)
{
    close_runner(s);
    if (join_threads() == 1)
        leave_now();
    int status = Py_FinalizeEx() < 0 ? STATUS_UNWRITTEN : s->exit_status;
    PyMem_RawFree(s);
    return status;
}

_Noreturn void
session_finish_child(Session *s, int status)
{
    s->exit_status = status;
    status = session_finish(s);
    fflush(NULL);
    _exit(status);
}
