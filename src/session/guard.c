#include "session/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "py/call.h"
#include "py/exc.h"
#include "session/report.h"

static const char *const names[GUARD_NAMES] = { "stdin", "stdout", "stderr", "displayhook",
                                                "excepthook" };
enum { GUARD_STREAMS = 3 };

/* What was put back, as one text: "standard output, Ctrl-C". */
static void
note(PyObject **list, const char *what)
{
    AUTO_DECREF PyObject *text = *list == NULL ? PyUnicode_FromString(what)
                                               : PyUnicode_FromFormat("%U, %s", *list, what);
    if (text == NULL)
        PyErr_Clear();  // no memory to say it: it is put back all the same
    else
        Py_XSETREF(*list, Py_NewRef(text));
}

static bool
same_file(int a, int b)
{
    struct stat first;
    struct stat second;
    return fstat(a, &first) == 0 && fstat(b, &second) == 0 && first.st_dev == second.st_dev
        && first.st_ino == second.st_ino && first.st_rdev == second.st_rdev;
}

static void
restore_fds(const Session *s, PyObject **said)
{
    static const char *const streams[] = { "descriptor 0", "descriptor 1", "descriptor 2" };
    for (int fd = 0; fd < GUARD_FDS; fd++) {
        if (s->fds[fd] < 0 || same_file(fd, s->fds[fd]))
            continue;
        if (dup2(s->fds[fd], fd) == fd)
            note(said, streams[fd]);
    }
}

static void
restore_modes(const SessionGuard *g, PyObject **said)
{
    struct termios now = { 0 };
    if (!g->terminal || tcgetattr(STDIN_FILENO, &now) < 0)
        return;
    if (memcmp(&now, &g->modes, sizeof now) != 0
        && tcsetattr(STDIN_FILENO, TCSADRAIN, &g->modes) == 0)
        note(said, "the terminal's modes");
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
restore_interrupt(PyObject **said)
{
    AUTO_DECREF PyObject *plain = call_import("_signal", "default_int_handler");
    AUTO_DECREF PyObject *get = plain == NULL ? NULL : call_import("_signal", "getsignal");
    if (get == NULL)
        return -1;
    AUTO_DECREF PyObject *now = PyObject_CallFunction(get, "i", SIGINT);
    if (now == NULL || now == plain)
        return now == NULL ? -1 : 0;
    AUTO_DECREF PyObject *set = call_import("_signal", "signal");
    AUTO_DECREF PyObject *old =
        set == NULL ? NULL : PyObject_CallFunction(set, "iO", SIGINT, plain);
    if (old == NULL)
        return -1;
    if (!is_from_pdb(now))
        note(said, "Ctrl-C");
    return 0;
}

static int
restore_wakeup(PyObject **said)
{
    AUTO_DECREF PyObject *set = call_import("_signal", "set_wakeup_fd");
    AUTO_DECREF PyObject *old = set == NULL ? NULL : PyObject_CallFunction(set, "i", -1);
    if (old == NULL)
        return -1;
    if (PyLong_AsLong(old) != -1)
        note(said, "the signal wakeup descriptor");
    return 0;
}

/* Put a hook of sys back, `now` being what `getter` says. */
static int
restore_hook(const char *getter, const char *setter, PyObject *value, PyObject **said)
{
    AUTO_DECREF PyObject *get = call_import("sys", getter);
    AUTO_DECREF PyObject *now = get == NULL ? NULL : PyObject_CallNoArgs(get);
    if (now == NULL || value == NULL || now == value)
        return now == NULL ? -1 : 0;
    AUTO_DECREF PyObject *set = call_import("sys", setter);
    AUTO_DECREF PyObject *none = set == NULL ? NULL : PyObject_CallOneArg(set, value);
    if (none == NULL)
        return -1;
    note(said, setter + strlen("set"));
    return 0;
}

/* Whether the stream can't be used any more. */
static bool
is_broken(PyObject *stream)
{
    if (stream == NULL || stream == Py_None)
        return true;
    AUTO_DECREF PyObject *closed = PyObject_GetAttrString(stream, "closed");
    if (closed == NULL) {
        PyErr_Clear();  // a stand-in without it: as long as it can be written to
        return false;
    }
    int is_closed = PyObject_IsTrue(closed);
    PyErr_Clear();  // a hostile truth value: not closed
    return is_closed == 1;
}

/* A new stream on descriptor `fd`, like the one that the interpreter made. */
static PyObject *
reopen(int fd)
{
    AUTO_DECREF PyObject *open = call_import("_io", "open");
    AUTO_DECREF PyObject *arguments = Py_BuildValue("(is)", fd, fd == 0 ? "r" : "w");
    AUTO_DECREF PyObject *options =
        Py_BuildValue("{s:s,s:O,s:i}", "errors", fd == 2 ? "backslashreplace" : "strict",
                      "closefd", Py_False, "buffering", fd == 0 ? -1 : 1);
    if (open == NULL || arguments == NULL || options == NULL)
        return NULL;
    return PyObject_Call(open, arguments, options);
}

/* Have a stream at sys.`names[i]` again: the one from before, or a new one if that is closed. */
static int
restore_stream(const SessionGuard *g, int i, bool script, PyObject **said)
{
    AUTO_DECREF PyObject *now = Py_XNewRef(PySys_GetObject(names[i]));
    bool was_broken = is_broken(g->values[i]);
    if (!is_broken(now) && (!script || now == g->values[i]))
        return 0;
    if (was_broken && g->values[i] == NULL)
        return 0;  // it was not there before either: a program without that stream
    AUTO_DECREF PyObject *stream = was_broken ? reopen(i) : Py_NewRef(g->values[i]);
    AUTO_DECREF PyObject *original = PyUnicode_FromFormat("__%s__", names[i]);
    const char *original_name = original == NULL ? NULL : PyUnicode_AsUTF8(original);
    if (stream == NULL || original_name == NULL || PySys_SetObject(names[i], stream) < 0)
        return -1;
    if (was_broken && PySys_SetObject(original_name, stream) < 0)
        return -1;
    static const char *const texts[] = { "sys.stdin", "sys.stdout", "sys.stderr" };
    note(said, texts[i]);
    return 0;
}

static int
restore_value(const SessionGuard *g, int i, PyObject **said)
{
    AUTO_DECREF PyObject *now = Py_XNewRef(PySys_GetObject(names[i]));
    if (now == g->values[i])
        return 0;
    if (PySys_SetObject(names[i], g->values[i]) < 0)
        return -1;
    note(said, i == GUARD_STREAMS ? "sys.displayhook" : "sys.excepthook");
    return 0;
}

static void
restore(Session *s, SessionGuard *g, bool script, PyObject **said)
{
    restore_fds(s, said);
    restore_modes(g, said);
    int r = restore_interrupt(said);
    for (int i = 0; i < GUARD_STREAMS; i++)
        r |= restore_stream(g, i, script, said);
    if (script) {
        for (int i = GUARD_STREAMS; i < GUARD_NAMES; i++)
            r |= restore_value(g, i, said);
        r |= restore_hook("gettrace", "settrace", g->trace, said);
        r |= restore_hook("getprofile", "setprofile", g->profile, said);
        r |= restore_wakeup(said);
    }
    if (r < 0)
        exc_drop();  // in a thread (signals), or no memory: what could be done is done
}

static PyObject *
ask_sys(const char *getter)
{
    AUTO_DECREF PyObject *get = call_import("sys", getter);
    PyObject *value = get == NULL ? NULL : PyObject_CallNoArgs(get);
    if (value == NULL)
        PyErr_Clear();  // then it is not put back either
    return value;
}

void
session_guard_enter(SessionGuard *g)
{
    *g = (SessionGuard){ 0 };
    for (int i = 0; i < GUARD_NAMES; i++)
        g->values[i] = Py_XNewRef(PySys_GetObject(names[i]));
    g->trace = ask_sys("gettrace");
    g->profile = ask_sys("getprofile");
    g->terminal = tcgetattr(STDIN_FILENO, &g->modes) == 0;
}

bool
session_guard_is_hooked(const SessionGuard *g)
{
    return PySys_GetObject("excepthook") != g->values[GUARD_NAMES - 1];
}

void
session_guard_leave(Session *s, SessionGuard *g, bool script)
{
    AUTO_EXC ExcHold hold = exc_hold();
    AUTO_DECREF PyObject *said = NULL;
    if (getpid() == s->pid)
        restore(s, g, script, &said);
    if (said != NULL)
        session_say("put back after the %s: %U", script ? "run" : "cell", said);
    for (int i = 0; i < GUARD_NAMES; i++)
        Py_CLEAR(g->values[i]);
    Py_CLEAR(g->trace);
    Py_CLEAR(g->profile);
}

/* SIGTERM and SIGHUP: as if exit() had been called; a forked child just dies of it. */
static PyObject *
end_politely(PyObject *capsule, PyObject *args)
{
    int number = 0;
    PyObject *frame = NULL;
    if (!PyArg_ParseTuple(args, "iO", &number, &frame))
        return NULL;
    AUTO_DECREF PyObject *pid = PyLong_FromLong(getpid());
    int own = pid == NULL ? -1 : PyObject_RichCompareBool(pid, capsule, Py_EQ);
    if (own == 0) {
        (void)signal(number, SIG_DFL);  // it can be set: it is a signal that was caught
        (void)raise(number);
    }
    AUTO_DECREF PyObject *status = own < 0 ? NULL : PyLong_FromLong(128 + number);
    if (status != NULL)
        PyErr_SetObject(PyExc_SystemExit, status);
    return NULL;
}

static PyMethodDef end_politely_def = { "end_politely", end_politely, METH_VARARGS,
                                        "Ends the session on SIGTERM and SIGHUP." };

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
    AUTO_DECREF PyObject *pid = PyLong_FromLong(s->pid);
    AUTO_DECREF PyObject *handler =
        pid == NULL ? NULL : PyCFunction_New(&end_politely_def, pid);
    if (handler == NULL || take_signal(handler, SIGTERM) < 0)
        return -1;
    return take_signal(handler, SIGHUP);
}
