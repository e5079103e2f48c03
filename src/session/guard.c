#include "session/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "py/call.h"
#include "py/exc.h"
#include "session/interrupt.h"
#include "session/report.h"

static GuardFile
file_at(int fd)
{
    struct stat status;
    if (fd < 0 || fstat(fd, &status) < 0)
        return (GuardFile){ 0 };
    return (GuardFile){ .device = status.st_dev, .inode = status.st_ino, .open = true };
}

static bool
is_same(GuardFile a, GuardFile b)
{
    return a.open == b.open && a.device == b.device && a.inode == b.inode;
}

/* Where a descriptor is another file now, and was the session's own before, it is again. */
static void
restore_fds(const Session *s, const SessionGuard *g, PyObject **said)
{
    static const char *const streams[] = { "descriptor 0", "descriptor 1", "descriptor 2" };
    for (int fd = 0; fd < GUARD_FDS; fd++) {
        if (!g->files[fd].open || is_same(file_at(fd), g->files[fd])
            || !is_same(file_at(s->fds[fd]), g->files[fd]))
            continue;
        if (dup2(s->fds[fd], fd) == fd)
            session_report_note(said, streams[fd]);
    }
}

static bool
are_same_modes(const struct termios *a, const struct termios *b)
{
    return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_cflag == b->c_cflag
           && a->c_lflag == b->c_lflag && a->c_line == b->c_line
           && a->c_ispeed == b->c_ispeed && a->c_ospeed == b->c_ospeed
           && memcmp(a->c_cc, b->c_cc, sizeof a->c_cc) == 0;
}

static void
restore_modes(const SessionGuard *g, PyObject **said)
{
    struct termios now = { 0 };
    if (!g->terminal || tcgetattr(STDIN_FILENO, &now) < 0)
        return;
    if (!are_same_modes(&now, &g->modes)
        && tcsetattr(STDIN_FILENO, TCSADRAIN, &g->modes) == 0)
        session_report_note(said, "the terminal's modes");
}

static bool
is_from_pdb(PyObject *handler)
{
    AUTO_DECREF PyObject *module = NULL;
    if (handler == Py_None || call_attr_get(handler, "__module__", &module) < 0)
        return false;
    return module != NULL && PyUnicode_Check(module)
           && PyUnicode_CompareWithASCIIString(module, "pdb") == 0;
}

/* pdb leaves a handler of its own whenever it continues; that goes without saying. */
static int
restore_interrupt(const Session *s, const SessionGuard *g, PyObject **said)
{
    AUTO_DECREF PyObject *plain =
        g->interrupt != NULL ? Py_NewRef(g->interrupt)
                             : PyObject_GetAttrString(s->signals, "default_int_handler");
    AUTO_DECREF PyObject *now =
        plain == NULL ? NULL : PyObject_CallMethod(s->signals, "getsignal", "i", SIGINT);
    if (now == NULL || now == plain)
        return now == NULL ? -1 : 0;
    AUTO_DECREF PyObject *old =
        PyObject_CallMethod(s->signals, "signal", "iO", SIGINT, plain);
    if (old == NULL)
        return -1;
    if (!is_from_pdb(now))
        session_report_note(said, "Ctrl-C");
    return 0;
}

static int
restore_wakeup(const Session *s, PyObject **said)
{
    AUTO_DECREF PyObject *old = PyObject_CallMethod(s->signals, "set_wakeup_fd", "i", -1);
    if (old == NULL)
        return -1;
    if (PyLong_AsLong(old) != -1)
        session_report_note(said, "the signal wakeup descriptor");
    return 0;
}

/* What a function of sys without arguments says; NULL with an exception set. */
static PyObject *
ask_sys(const char *getter)
{
    AUTO_DECREF PyObject *get = Py_XNewRef(PySys_GetObject(getter));
    if (get == NULL)
        return PyErr_Format(PyExc_AttributeError, "sys has no %s", getter);
    return PyObject_CallNoArgs(get);
}

/* Put a hook of sys back, `now` being what `getter` says. */
static int
restore_hook(const char *getter, const char *setter, PyObject *value, PyObject **said)
{
    AUTO_DECREF PyObject *now = ask_sys(getter);
    if (now == NULL || value == NULL || now == value)
        return now == NULL ? -1 : 0;
    AUTO_DECREF PyObject *set = call_import("sys", setter);
    AUTO_DECREF PyObject *none = set == NULL ? NULL : PyObject_CallOneArg(set, value);
    if (none == NULL)
        return -1;
    session_report_note(said, setter + strlen("set"));
    return 0;
}

static int
restore_except_hook(const SessionGuard *g, PyObject **said)
{
    if (!session_guard_is_hooked(g))
        return 0;
    if (PySys_SetObject("excepthook", g->except_hook) < 0)
        return -1;
    session_report_note(said, "sys.excepthook");
    return 0;
}

/* What one of these fails with must not stand in the way of the next. */
static void
give_up(int r)
{
    if (r < 0)
        exc_drop();  // in a thread (signals), or no memory: what could be done is done
}

static void
restore(Session *s, SessionGuard *g, bool script, PyObject **said)
{
    restore_fds(s, g, said);
    restore_modes(g, said);
    give_up(restore_interrupt(s, g, said));
    SessionStreams now = script ? (SessionStreams){ 0 } : session_streams_take();
    session_streams_restore(script ? &g->streams : &now, said);
    if (script) {
        give_up(restore_except_hook(g, said));
        give_up(restore_hook("gettrace", "settrace", g->trace, said));
        give_up(restore_hook("getprofile", "setprofile", g->profile, said));
        give_up(restore_wakeup(s, said));
    }
}

/* The same before a run; what can't be found out is not put back either. */
static PyObject *
note_hook(const char *getter)
{
    AUTO_DECREF PyObject *value = ask_sys(getter);
    if (value == NULL)
        PyErr_Clear();  // as above
    return TAKE(value);
}

/* Within code that executes, an event loop's for one, Ctrl-C may be somebody's; NULL at the
 * prompt. */
static PyObject *
note_interrupt(void)
{
    AUTO_DECREF PyObject *get =
        session_interrupt_is_entered() ? call_import("_signal", "getsignal") : NULL;
    AUTO_DECREF PyObject *handler =
        get == NULL ? NULL : PyObject_CallFunction(get, "i", SIGINT);
    PyErr_Clear();  // no memory: it is as at the prompt
    return handler == Py_None ? NULL : TAKE(handler);
}

void
session_guard_enter(SessionGuard *g)
{
    *g = (SessionGuard){ 0 };
    g->streams = session_streams_take();
    for (int fd = 0; fd < GUARD_FDS; fd++)
        g->files[fd] = file_at(fd);
    g->interrupt = note_interrupt();
    g->except_hook = Py_XNewRef(PySys_GetObject("excepthook"));
    g->trace = note_hook("gettrace");
    g->profile = note_hook("getprofile");
    g->terminal = tcgetattr(STDIN_FILENO, &g->modes) == 0;
    session_interrupt_enter();
}

bool
session_guard_is_hooked(const SessionGuard *g)
{
    // What was not there, or could not be looked up for want of memory, is not put back.
    return g->except_hook != NULL && PySys_GetObject("excepthook") != g->except_hook;
}

void
session_guard_leave(Session *s, SessionGuard *g, bool script)
{
    session_interrupt_leave();
    AUTO_EXC ExcHold hold = exc_hold();
    AUTO_DECREF PyObject *said = NULL;
    if (getpid() == s->pid)
        restore(s, g, script, &said);
    session_interrupt_arm();
    if (said != NULL)
        session_say("put back after the %s: %U", script ? "run" : "cell", said);
    session_streams_done(&g->streams);
    Py_CLEAR(g->interrupt);
    Py_CLEAR(g->except_hook);
    Py_CLEAR(g->trace);
    Py_CLEAR(g->profile);
}

/* SIGTERM and SIGHUP: as if exit() had been called. */
static PyObject *
end_politely(PyObject *unused, PyObject *args)
{
    int number = 0;
    PyObject *frame = NULL;
    if (!PyArg_ParseTuple(args, "iO", &number, &frame))
        return NULL;
    AUTO_DECREF PyObject *status = PyLong_FromLong(128 + number);
    if (status != NULL)
        PyErr_SetObject(PyExc_SystemExit, status);
    return NULL;
}

static PyMethodDef end_politely_def = { "end_politely", end_politely, METH_VARARGS,
                                        "Ends the session on SIGTERM and SIGHUP." };

static const int taken_signals[] = { SIGTERM, SIGHUP };

// What the thread that forks had blocked before.
static _Thread_local sigset_t mask_before;

/* Before a fork.  A child that is told to end before it has given the signals back would note it for
 * our handler, and forget it: until then they wait. */
static PyObject *
hold_signals(PyObject *handler, PyObject *unused)
{
    sigset_t taken;
    (void)sigemptyset(&taken);
    for (size_t i = 0; i < COUNT_OF(taken_signals); i++)
        (void)sigaddset(&taken, taken_signals[i]);
    (void)pthread_sigmask(SIG_BLOCK, &taken, &mask_before);  // they are signals
    Py_RETURN_NONE;
}

static PyObject *
release_signals(PyObject *handler, PyObject *unused)
{
    (void)pthread_sigmask(SIG_SETMASK, &mask_before, NULL);  // it was given to us
    Py_RETURN_NONE;
}

/* The signals of which our handler is the handler have the default one. */
static int
give_back(PyObject *handler)
{
    AUTO_DECREF PyObject *get = call_import("_signal", "getsignal");
    AUTO_DECREF PyObject *set = get == NULL ? NULL : call_import("_signal", "signal");
    AUTO_DECREF PyObject *plain = set == NULL ? NULL : call_import("_signal", "SIG_DFL");
    if (plain == NULL)
        return -1;
    for (size_t i = 0; i < COUNT_OF(taken_signals); i++) {
        AUTO_DECREF PyObject *now = PyObject_CallFunction(get, "i", taken_signals[i]);
        AUTO_DECREF PyObject *old =
            now != handler ? Py_XNewRef(now)  // NULL where it could not be had
                           : PyObject_CallFunction(set, "iO", taken_signals[i], plain);
        if (old == NULL)
            return -1;
    }
    return 0;
}

/* In a forked child the signals are as `python3` has them, unless it has set them itself. */
static PyObject *
give_back_signals(PyObject *handler, PyObject *unused)
{
    session_interrupt_forget();
    int r = give_back(handler);
    AUTO_DECREF PyObject *none = release_signals(handler, NULL);
    return r < 0 ? NULL : TAKE(none);
}

static PyMethodDef hold_def = { "hold_signals", hold_signals, METH_NOARGS,
                                "Has a child's signals wait for it." };
static PyMethodDef release_def = { "release_signals", release_signals, METH_NOARGS,
                                   "Ends that in the parent." };
static PyMethodDef give_back_def = { "give_back_signals", give_back_signals, METH_NOARGS,
                                     "Undoes the session's signal handlers in a child." };

static int
register_at_fork(PyObject *handler)
{
    AUTO_DECREF PyObject *hold = PyCFunction_New(&hold_def, NULL);
    AUTO_DECREF PyObject *release = PyCFunction_New(&release_def, NULL);
    AUTO_DECREF PyObject *undo = PyCFunction_New(&give_back_def, handler);
    if (hold == NULL || release == NULL || undo == NULL)
        return -1;
    AUTO_DECREF PyObject *options = Py_BuildValue(
        "{sOsOsO}", "before", hold, "after_in_parent", release, "after_in_child", undo);
    AUTO_DECREF PyObject *enlist =
        options == NULL ? NULL : call_import("posix", "register_at_fork");
    AUTO_DECREF PyObject *none = enlist == NULL ? NULL : PyTuple_New(0);
    AUTO_DECREF PyObject *done = none == NULL ? NULL : PyObject_Call(enlist, none, options);
    return done == NULL ? -1 : 0;
}

static int
take_signal(PyObject *handler, int number)
{
    AUTO_DECREF PyObject *get = call_import("_signal", "getsignal");
    AUTO_DECREF PyObject *now =
        get == NULL ? NULL : PyObject_CallFunction(get, "i", number);
    if (now == NULL)
        return -1;
    if (!PyLong_Check(now) || PyLong_AsLong(now) != (long)(intptr_t)SIG_DFL)
        return 0;  // ignored (nohup) or somebody's: theirs
    AUTO_DECREF PyObject *set = call_import("_signal", "signal");
    AUTO_DECREF PyObject *old =
        set == NULL ? NULL : PyObject_CallFunction(set, "iO", number, handler);
    return old == NULL ? -1 : 0;
}

int
session_guard_start(Session *s)
{
    for (int fd = 0; fd < GUARD_FDS; fd++)
        s->fds[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 10);  // -1: it was closed, and stays so
    s->signals = PyImport_ImportModule("_signal");
    AUTO_DECREF PyObject *handler =
        s->signals == NULL ? NULL : PyCFunction_New(&end_politely_def, NULL);
    if (handler == NULL || register_at_fork(handler) < 0 || session_interrupt_start(s) < 0)
        return -1;
    for (size_t i = 0; i < COUNT_OF(taken_signals); i++)
        if (take_signal(handler, taken_signals[i]) < 0)
            return -1;
    return 0;
}
