#include "session/loop.h"

#include <dlfcn.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "py/call.h"
#include "py/exc.h"
#include "run/link.h"
#include "session/cell.h"
#include "session/gate.h"
#include "session/loan.h"
#include "session/output.h"
#include "session/report.h"
#include "session/runner.h"

#define CAPSULE "mainspring.session"

/* How often, in milliseconds, hooks are called, as GNU readline does it. */
enum { HOOK_MS = 100 };

enum { GO_ON = 2 };

/* One wait of a front's. */
typedef struct Wait {
    Session *session;
    SessionGate gate;
    int loop_fd;  // of the event loop, where the gate waits for it; else -1
    bool blind;   // the loop has none that can be waited for
    int presses;  // of Ctrl-C that are a callback's around this wait
} Wait;

/* Whether the hook is in tkinter's module: that one can be called within itself. */
static bool
is_tkinters(int (*hook)(void))
{
    Dl_info info;
    return dladdr((void *)hook, &info) != 0 && info.dli_fname
           && strstr(info.dli_fname, "_tkinter");
}

bool
session_loop_has_hook(const Session *s)
{
    int (*hook)(void) = PyOS_InputHook;
    return hook && (s->hooks == 0 || is_tkinters(hook));
}

bool
session_loop_is_needed(const Session *s)
{
    return s->loop != NULL || session_loop_has_hook(s);
}

/* SIGINT's handler while callbacks execute. */
static PyObject *
press(PyObject *capsule, PyObject *args)
{
    Session *s = PyCapsule_GetPointer(capsule, CAPSULE);
    if (s == NULL)
        return NULL;
    if (++s->presses > 1) {
        PyErr_SetNone(PyExc_KeyboardInterrupt);
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyMethodDef press_def = { "press", press, METH_VARARGS,
                                 "Leaves Ctrl-C to the prompt." };

/* Set SIGINT's handler, if it is `expected`: 1 when it was, 0 or -1. */
static int
exchange_handler(const Session *s, PyObject *expected, PyObject *handler)
{
    AUTO_DECREF PyObject *now = PyObject_CallMethod(s->signals, "getsignal", "i", SIGINT);
    if (now == NULL || now != expected)
        return now == NULL ? -1 : 0;
    AUTO_DECREF PyObject *old =
        PyObject_CallMethod(s->signals, "signal", "iO", SIGINT, handler);
    return old == NULL ? -1 : 1;
}

/* From here on Ctrl-C is counted.  A handler of the user's stays. */
static int
press_enter(Session *s, PyObject **ret_handler)
{
    AUTO_DECREF PyObject *capsule = PyCapsule_New(s, CAPSULE, NULL);
    AUTO_DECREF PyObject *handler =
        capsule == NULL ? NULL : PyCFunction_New(&press_def, capsule);
    AUTO_DECREF PyObject *plain =
        handler == NULL ? NULL : PyObject_GetAttrString(s->signals, "default_int_handler");
    s->presses = 0;
    if (plain == NULL || exchange_handler(s, plain, handler) < 0)
        return -1;
    *ret_handler = TAKE(handler);
    return 0;
}

static int
restore_handler(const Session *s, PyObject *handler)
{
    AUTO_DECREF PyObject *plain = PyObject_GetAttrString(s->signals, "default_int_handler");
    return plain == NULL ? -1 : exchange_handler(s, handler, plain);
}

/* Put the handler back; -1 with KeyboardInterrupt set where Ctrl-C was pressed. */
static int
press_leave(Session *s, PyObject *handler)
{
    AUTO_EXC ExcHold hold = exc_hold();
    int r = restore_handler(s, handler);
    if (r < 0) {  // another signal's handler raised: it was called first
        AUTO_EXC ExcHold raised = exc_hold();
        if (restore_handler(s, handler) < 0)
            exc_drop();  // no memory: the guard puts it back after the next cell
    }
    if (r < 0 || s->presses == 0)
        return r < 0 ? -1 : 0;
    PyErr_SetNone(PyExc_KeyboardInterrupt);
    return -1;
}

/* Have the prompt's names in step with what a callback did to the runs', and its output seen. */
static int
settle(Session *s)
{
    if (session_output_flush() < 0)
        exc_drop();  // a broken standard output
    return run_link_sync(s->ledger) < 0 ? -1 : 0;
}

/* What came out of callbacks: 0, or -1 with what is for the front set.  A child that one of them
 * forked has no prompt. */
static int
conclude(Session *s, int r)
{
    if (getpid() == s->pid)
        return r < 0 ? -1 : settle(s);
    if (r < 0 && !PyErr_ExceptionMatches(PyExc_SystemExit)) {
        exc_drop();  // its round was cut short
        r = 0;
    }
    if (r < 0)
        session_report(s, NULL);
    session_cell_leave_fork(s, false);
    return 0;
}

/* Run the loop for a round: whatever is due. */
static int
run_round(PyObject *loop)
{
    AUTO_DECREF PyObject *stop = PyObject_GetAttrString(loop, "stop");
    AUTO_DECREF PyObject *handle =
        stop == NULL ? NULL : PyObject_CallMethod(loop, "call_soon", "O", stop);
    AUTO_DECREF PyObject *none =
        handle == NULL ? NULL : PyObject_CallMethod(loop, "run_forever", NULL);
    AUTO_EXC ExcHold hold = exc_hold();
    AUTO_DECREF PyObject *cancelled =
        handle == NULL ? NULL : PyObject_CallMethod(handle, "cancel", NULL);
    exc_drop();  // it was called, or is of no use
    return none == NULL ? -1 : 0;
}

/* Only these come through a loop; with anything else it is the loop that fails. */
static bool
is_for_front(void)
{
    return PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)
           || PyErr_ExceptionMatches(PyExc_MemoryError)
           || PyErr_ExceptionMatches(PyExc_SystemExit);
}

static int
step(Session *s, PyObject *loop)
{
    AUTO_DECREF PyObject *handler = NULL;
    if (press_enter(s, &handler) < 0)
        return -1;
    bool outer = s->steps;
    session_loan_watch(s);
    s->steps = true;
    int r = run_round(loop);
    s->steps = outer;
    if (r < 0 && getpid() == s->pid && !is_for_front()) {
        AUTO_DECREF PyObject *error = exc_take();
        session_say("the event loop failed and is given up: %s: %S",
                    Py_TYPE(error)->tp_name, error);
        session_runner_drop(s);
        r = 0;
    }
    if (press_leave(s, handler) < 0)
        r = -1;
    return conclude(s, r);
}

/* Exchange sys.excepthook if it is `expected`; whether it was.  No memory: it stays. */
static bool
exchange_excepthook(PyObject *expected, PyObject *other)
{
    return expected != NULL && other != NULL && PySys_GetObject("excepthook") == expected
           && PySys_SetObject("excepthook", other) == 0;
}

/* sys.excepthook while a hook is called: the interpreter's is back while we report. */
static PyObject *
report_error(PyObject *capsule, PyObject *args)
{
    Session *s = PyCapsule_GetPointer(capsule, CAPSULE);
    PyObject *type = NULL;
    PyObject *error = NULL;
    PyObject *traceback = NULL;
    if (s == NULL || !PyArg_ParseTuple(args, "OOO", &type, &error, &traceback))
        return NULL;
    AUTO_DECREF PyObject *own = Py_XNewRef(PySys_GetObject("excepthook"));
    AUTO_DECREF PyObject *plain = Py_XNewRef(PySys_GetObject("__excepthook__"));
    bool exchanged = exchange_excepthook(own, plain);
    if (PyExceptionInstance_Check(error))
        session_report_show(s, error);
    if (session_output_flush() < 0 || (exchanged && !exchange_excepthook(plain, own)))
        exc_drop();  // a broken standard output
    Py_RETURN_NONE;
}

static PyMethodDef report_def = { "excepthook", report_error, METH_VARARGS,
                                  "Report what a window's callback failed with." };

/* Call the hook with a standard input that leads to the gate. */
static void
call_through(Session *s, SessionGate *g)
{
    SessionLoan loan;
    AUTO_DECREF PyObject *plain = Py_XNewRef(PySys_GetObject("__excepthook__"));
    AUTO_DECREF PyObject *capsule = PyCapsule_New(s, CAPSULE, NULL);
    AUTO_DECREF PyObject *report =
        capsule == NULL ? NULL : PyCFunction_New(&report_def, capsule);
    bool exchanged = exchange_excepthook(plain, report);
    exc_drop();  // no memory
    session_loan_watch(s);
    session_loan_enter(s, &loan, g);
    s->hooks++;
    Py_BEGIN_ALLOW_THREADS;
    (void)PyOS_InputHook();  // nobody says what it returns
    Py_END_ALLOW_THREADS;
    s->hooks--;
    session_loan_leave(s, &loan);
    if (exchanged && !exchange_excepthook(report, plain))
        exc_drop();  // a callback has set another one
}

/* Call the hook, and wait until `ms` have passed or it is to be called again: what callbacks wrote
 * and changed is seen to then. */
static int
wait_by_hook(Wait *w, int ms)
{
    Session *s = w->session;
    int most = ms < 0 || ms > HOOK_MS ? HOOK_MS : ms;
    session_gate_tick(&w->gate, w->gate.passable ? 0 : most);
    AUTO_DECREF PyObject *handler = NULL;
    if (press_enter(s, &handler) < 0)
        return -1;
    call_through(s, &w->gate);
    int r = conclude(s, press_leave(s, handler));
    if (r == 0 && !s->exiting)
        session_gate_wait(&w->gate, -1);
    return r;
}

/* Milliseconds until the loop has to be looked at, or -1. */
static int
time_left(Wait *w, PyObject *loop)
{
    if (loop == NULL)
        return -1;
    if (w->loop_fd < 0 && !w->blind) {
        int fd = session_runner_fd(loop);
        w->blind = fd < 0 || !session_gate_add(&w->gate, fd);
        w->loop_fd = w->blind ? -1 : fd;
    }
    int ms = session_runner_due(loop);
    return w->blind && (ms < 0 || ms > SESSION_RUNNER_BLIND_MS) ? SESSION_RUNNER_BLIND_MS
                                                                : ms;
}

/* Whether the loop has something to do now. */
static bool
is_due(const Wait *w, PyObject *loop)
{
    struct pollfd fd = { .fd = w->loop_fd, .events = POLLIN };
    return w->blind || poll(&fd, 1, 0) > 0 || session_runner_due(loop) == 0;
}

/* Have signals handled.  Ctrl-C that is counted for a callback around this wait came while it sleeps,
 * so it is about the wait. */
static int
take_signals(Wait *w)
{
    Session *s = w->session;
    if (PyErr_CheckSignals() < 0)
        return -1;
    if (s->presses <= w->presses)
        return 0;
    s->presses = w->presses;
    PyErr_SetNone(PyExc_KeyboardInterrupt);
    return -1;
}

static int
wait_once(Wait *w)
{
    Session *s = w->session;
    bool main = PyThread_get_thread_ident() == s->thread;
    AUTO_DECREF PyObject *loop = session_runner_loop(s);
    int ms = time_left(w, loop);
    if (main && session_loop_has_hook(s)) {
        if (wait_by_hook(w, ms) < 0)
            return -1;
        w->presses = s->presses;
    } else {
        session_gate_wait(&w->gate, ms);
    }
    if (s->exiting)
        return 0;
    if (take_signals(w) < 0)
        return -1;
    bool ready = session_gate_look(&w->gate);
    if (loop != NULL && is_due(w, loop) && step(s, loop) < 0)
        return -1;
    w->presses = s->presses;
    bool ends = w->gate.signaled || s->repaint || s->exiting;
    s->repaint = false;
    return ready ? 1 : ends ? 0 : GO_ON;
}

int
session_loop_run(Session *s, const int *fds, size_t count)
{
    Wait w = { .session = s, .loop_fd = -1, .presses = s->presses };
    SessionLoan *outer = session_loan_pause(s);
    int r =
        session_gate_open(&w.gate, fds, count) < 0 || PyErr_CheckSignals() < 0 ? -1 : GO_ON;
    while (r == GO_ON)
        r = wait_once(&w);
    session_gate_close(&w.gate);
    session_loan_go_on(s, outer);
    return r;
}
