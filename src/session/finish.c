#include "session/finish.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "py/call.h"
#include "py/exc.h"
#include "run/boundary.h"
#include "run/link.h"
#include "session/cache.h"
#include "session/history.h"
#include "session/output.h"
#include "session/report.h"
#include "session/runner.h"

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
    AUTO_DECREF PyObject *result = PyList_New(0);
    AUTO_DECREF PyObject *name = PyUnicode_InternFromString("threading");
    AUTO_DECREF PyObject *threading = NULL;
    int found = result == NULL || name == NULL
                    ? -1
                    : call_dict_get(PyImport_GetModuleDict(), name, &threading);
    if (found <= 0)
        return found < 0 ? NULL : TAKE(result);
    AUTO_DECREF PyObject *all = PyObject_CallMethod(threading, "enumerate", NULL);
    AUTO_DECREF PyObject *own =
        all == NULL ? NULL : PyObject_CallMethod(threading, "current_thread", NULL);
    if (own == NULL)
        return NULL;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(all); i++) {
        BORROWED PyObject *thread = PyList_GET_ITEM(all, i);
        AUTO_DECREF PyObject *daemon = PyObject_GetAttrString(thread, "daemon");
        int leaves = daemon == NULL ? -1 : PyObject_IsTrue(daemon);
        if (leaves < 0
            || (leaves == 0 && thread != own && PyList_Append(result, thread) < 0))
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

/* What pools of threads want called before these are joined, as a list; it is called once. */
static PyObject *
take_pool_exits(void)
{
    BORROWED PyObject *threading =
        PyDict_GetItemString(PyImport_GetModuleDict(), "threading");
    AUTO_DECREF PyObject *exits = NULL;
    if (threading != NULL && call_attr_get(threading, "_threading_atexits", &exits) < 0)
        return NULL;
    AUTO_DECREF PyObject *taken = PyList_New(0);
    if (taken == NULL || exits == NULL || !PyList_CheckExact(exits))
        return TAKE(taken);
    if (PyList_SetSlice(taken, 0, 0, exits) < 0
        || PyList_SetSlice(exits, 0, PY_SSIZE_T_MAX, NULL) < 0)
        return NULL;
    return TAKE(taken);
}

static PyObject *
call_pool_exits(PyObject *exits, PyObject *unused)
{
    for (Py_ssize_t i = PyList_GET_SIZE(exits); i-- > 0;) {
        AUTO_DECREF PyObject *function = Py_NewRef(PyList_GET_ITEM(exits, i));
        AUTO_DECREF PyObject *none = PyObject_CallNoArgs(function);
        if (none == NULL)
            say_failed("ending a pool of threads");
    }
    Py_RETURN_NONE;
}

static PyMethodDef call_pool_exits_def = { "call_pool_exits", call_pool_exits, METH_NOARGS,
                                           "End the pools of threads." };

/* End the pools from a thread of its own, for they join their threads themselves, and the user
 * is to be told about those that go on.  Appends it to `threads`. */
static int
end_pools(PyObject *threads)
{
    AUTO_DECREF PyObject *exits = take_pool_exits();
    if (exits == NULL || PyList_GET_SIZE(exits) == 0)
        return exits == NULL ? -1 : 0;
    AUTO_DECREF PyObject *type = call_import("threading", "Thread");
    AUTO_DECREF PyObject *target = PyCFunction_New(&call_pool_exits_def, exits);
    AUTO_DECREF PyObject *none = PyTuple_New(0);
    AUTO_DECREF PyObject *options =
        target == NULL ? NULL
                       : Py_BuildValue("{s:O,s:O}", "target", target, "daemon", Py_True);
    if (type == NULL || none == NULL || options == NULL)
        return -1;
    AUTO_DECREF PyObject *thread = PyObject_Call(type, none, options);
    AUTO_DECREF PyObject *started =
        thread == NULL ? NULL : PyObject_CallMethod(thread, "start", NULL);
    return started == NULL ? -1 : PyList_Append(threads, thread);
}

/* Wait for the threads; 1 if the user would rather not. */
static int
join_threads(void)
{
    AUTO_DECREF PyObject *threads = threads_to_join();
    if (threads != NULL && end_pools(threads) < 0)
        say_failed("ending pools of threads");
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

/* Have the prompt's module held by nothing but what refers to it. */
static int
let_go_of_main(Session *s)
{
    AUTO_DECREF PyObject *bare = PyModule_New("__main__");
    BORROWED PyObject *modules = PyImport_GetModuleDict();
    if (bare == NULL || PyDict_SetItemString(modules, "__main__", bare) < 0)
        return -1;
    session_done(s);
    return 0;
}

/* Exit functions were all called, ours as the last one: what they refer to may go. */
static int
forget_exit_functions(void)
{
    AUTO_DECREF PyObject *clear = call_import("atexit", "_clear");
    AUTO_DECREF PyObject *none = clear == NULL ? NULL : PyObject_CallNoArgs(clear);
    return none == NULL ? -1 : 0;
}

static int
retract_runs(Session *s)
{
    BORROWED Run *r;
    for (int n = INT_MAX; (r = run_ledger_before(s->ledger, n)) != NULL;) {
        n = r->number;
        if (run_link_retract(s->ledger, r) < 0)
            return -1;
    }
    return 0;
}

/* Free what is dead of the suspects.  Whether any was. */
static bool
free_suspects(HeapCollector *c)
{
    AUTO_DECREF PyObject *none = PyList_New(0);
    int outside = none == NULL ? -1 : heap_collect_young(c, HEAP_YOUNGEST);
    int freed =
        outside == 1 ? heap_collect_dead(c, none, RUN_BOUNDARY_BUDGET, NULL) : outside;
    if (freed < 0)
        say_failed("freeing what nothing needs");
    heap_collector_acquit(c);
    return freed == 1;
}

/* The collector finalizes what a namespace holds before it clears that: globals are intact. */
static void
release_with(Session *s, HeapCollector *c)
{
    session_keep_error(s, NULL);
    heap_collector_suspect(c, s->namespace);
    AUTO_DECREF PyObject *held = hold_runs(s->ledger);
    if (held == NULL || forget_exit_functions() < 0 || retract_runs(s) < 0
        || session_cache_clear(s) < 0)
        say_failed("letting go of the runs' names");
    if (let_go_of_main(s) < 0)
        say_failed("letting go of the prompt's names");
    bool all = free_suspects(c);
    for (Py_ssize_t i = held == NULL ? 0 : PyList_GET_SIZE(held); i-- > 0;) {
        heap_collector_suspect(c, PyModule_GetDict(PyList_GET_ITEM(held, i)));
        if (PyList_SetSlice(held, i, i + 1, NULL) < 0)
            say_failed("letting go of a run");
        all &= free_suspects(c);
    }
    if (!all)
        collect();  // what is held by something else may be so by garbage
}

static void
release(Session *s)
{
    HeapCollector c = { 0 };
    if (heap_collector_init(&c, NULL) < 0)
        say_failed("letting go of the prompt's names");
    else
        release_with(s, &c);
    heap_collector_done(&c);
}

#define CAPSULE "mainspring.session"

static PyObject *
release_at_exit(PyObject *capsule, PyObject *unused)
{
    Session *s = PyCapsule_GetPointer(capsule, CAPSULE);
    if (s == NULL)
        return NULL;
    if (s->finishing && s->ledger != NULL)
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
close_loop(Session *s)
{
    if (session_runner_close(s) < 0)
        say_failed("closing the event loop");
}

/* Write what sys.stdout or sys.stderr still has: whether it could be. */
static bool
flush_stream(const char *name)
{
    AUTO_DECREF PyObject *file = Py_XNewRef(PySys_GetObject(name));
    if (file == NULL || file == Py_None)
        return true;
    AUTO_DECREF PyObject *none = PyObject_CallMethod(file, "flush", NULL);
    if (none == NULL)
        PyErr_Clear();  // the status says it
    return none != NULL;
}

/* Leave without ending the interpreter, after what it would do before its end. */
static _Noreturn void
leave_now(Session *s, int status)
{
    session_history_end(s);
    AUTO_DECREF PyObject *run = call_import("atexit", "_run_exitfuncs");
    AUTO_DECREF PyObject *none = run == NULL ? NULL : PyObject_CallNoArgs(run);
    if (none == NULL)
        say_failed("calling atexit functions");
    bool written = flush_stream("stdout");
    written &= flush_stream("stderr");
    fflush(NULL);
    _exit(written ? status : STATUS_UNWRITTEN);
}

int
session_finish(Session *s)
{
    s->finishing = true;
    close_loop(s);
    if (join_threads() == 1)
        leave_now(s, STATUS_INTERRUPTED);
    if (PyThread_get_thread_ident() != s->thread)
        leave_now(s, s->exit_status);  // a thread's child: 3.13 looks for the main thread
    session_history_end(s);
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
