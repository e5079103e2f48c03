#include "session/loan.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "py/exc.h"

enum { FIRST_SPARE = 10 };  // those below are for programs that are started

/* Let both lead to the gate. */
static void
lead_to_gate(const SessionLoan *l)
{
    if (l->through)
        stdin = l->through;
    if (l->terminal >= 0)
        (void)dup2(l->gate->fd, STDIN_FILENO);  // both are open
}

static void
lead_back(const SessionLoan *l)
{
    stdin = l->in;
    if (l->terminal >= 0)
        (void)dup2(l->terminal, STDIN_FILENO);  // both are open
}

/* Whether `frame` called the code that is being executed. */
static bool
is_called_by(PyObject *frame)
{
    AUTO_DECREF PyObject *now = Py_XNewRef((PyObject *)PyEval_GetFrame());
    while (now != NULL && now != frame) {
        Py_SETREF(now, (PyObject *)PyFrame_GetBack((PyFrameObject *)now));
        if (now == frame)
            return true;
    }
    return false;
}

static int take_back(void *session);

static void
await_end(Session *s)
{
    (void)Py_AddPendingCall(take_back, s);  // too many of them: it is lent for this call
}

/* The pending call. */
static int
take_back(void *session)
{
    Session *s = session;
    SessionLoan *l = s->loan;
    if (l == NULL || l->frame == NULL || getpid() != s->pid)
        return 0;
    if (is_called_by(l->frame)) {
        await_end(s);
        return 0;
    }
    lead_to_gate(l);
    Py_CLEAR(l->frame);
    return 0;
}

/* Lend until the code that asks goes on: the innermost, or its caller. */
static void
lend(Session *s, bool to_caller)
{
    SessionLoan *l = s->loan;
    if (l == NULL || l->frame != NULL)
        return;
    AUTO_DECREF PyObject *frame = Py_XNewRef((PyObject *)PyEval_GetFrame());
    if (frame != NULL && to_caller)
        Py_SETREF(frame, (PyObject *)PyFrame_GetBack((PyFrameObject *)frame));
    l->frame = frame == NULL ? Py_NewRef(Py_None) : TAKE(frame);
    lead_back(l);
    await_end(s);
}

/* Have the front leave the terminal to a callback; its hook returns after that. */
static void
leave_terminal(Session *s)
{
    lend(s, false);  // the front means descriptor 0 too
    if (s->front->leave_terminal == NULL || !s->front->leave_terminal(s))
        return;
    s->repaint = true;
    if (s->loan != NULL)
        session_gate_tick(s->loan->gate, 0);
}

/* Whether the first argument of an event is the terminal's path. */
static bool
is_terminal(PyObject *args)
{
    BORROWED PyObject *path = PyTuple_Check(args) && PyTuple_GET_SIZE(args) > 0
                                  ? PyTuple_GET_ITEM(args, 0)
                                  : NULL;
    return path != NULL && PyUnicode_Check(path)
           && PyUnicode_CompareWithASCIIString(path, "/dev/tty") == 0;
}

static void
hear(Session *s, const char *event, PyObject *args)
{
    bool asks = strcmp(event, "builtins.input") == 0;
    bool program = strcmp(event, "os.system") == 0;
    bool child = strcmp(event, "os.posix_spawn") == 0 || strcmp(event, "os.fork") == 0
                 || strcmp(event, "os.forkpty") == 0;
    bool popen = strcmp(event, "subprocess.Popen") == 0;
    if (asks && s->front->prepare_asking)
        s->front->prepare_asking(s);
    if (program || (strcmp(event, "open") == 0 && is_terminal(args)))
        leave_terminal(s);
    if (asks || program || child || popen)
        lend(s, popen);
}

/* The audit hook, of all threads and for all that is audited. */
static int
on_event(const char *event, PyObject *args, void *session)
{
    if (event[0] != 'b' && event[0] != 'o' && event[0] != 's')
        return 0;
    Session *s = session;
    if (s->waits == 0 || PyThread_get_thread_ident() != s->thread || getpid() != s->pid)
        return 0;
    AUTO_EXC ExcHold hold = exc_hold();
    hear(s, event, args);
    return 0;
}

void
session_loan_watch(Session *s)
{
    if (s->audited)
        return;
    s->audited = true;
    if (PySys_AddAuditHook(on_event, s) < 0)
        exc_drop();  // an audit hook of the user's refuses it, or no memory
}

void
session_loan_enter(Session *s, SessionLoan *l, SessionGate *gate)
{
    *l = (SessionLoan){ .gate = gate, .in = stdin, .terminal = -1 };
    int fd = fcntl(gate->fd, F_DUPFD_CLOEXEC, FIRST_SPARE);
    l->through = fd < 0 ? NULL : fdopen(fd, "r");
    if (fd >= 0 && !l->through)
        (void)close(fd);
    l->terminal = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, FIRST_SPARE);
    s->loan = l;
    lead_to_gate(l);
}

void
session_loan_leave(Session *s, SessionLoan *l)
{
    AUTO_EXC ExcHold hold = exc_hold();
    if (l->frame == NULL)
        lead_back(l);
    s->loan = NULL;
    if (l->through)
        (void)fclose(l->through);  // nothing was read from it
    if (l->terminal >= 0)
        (void)close(l->terminal);
    Py_CLEAR(l->frame);
}

SessionLoan *
session_loan_pause(Session *s)
{
    SessionLoan *l = TAKE(s->loan);
    s->waits++;
    if (l != NULL && l->frame == NULL) {
        l->frame = Py_NewRef(Py_None);
        lead_back(l);
    }
    return l;
}

void
session_loan_go_on(Session *s, SessionLoan *l)
{
    s->repaint = --s->waits > 0;
    s->loan = l;
    if (l != NULL)
        session_gate_tick(l->gate, 0);
    if (l != NULL && l->frame != NULL)
        await_end(s);
}
