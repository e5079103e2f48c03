#include "session/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "py/call.h"

enum { AGAIN_MS = 1000 };

/* Never sent: the interpreter is only told that it came. */
#define CARRIER (SIGRTMAX - 2)

static struct {
    volatile sig_atomic_t depth;    // cells and runs that execute
    volatile sig_atomic_t count;    // presses, each within a second of the one before
    volatile sig_atomic_t presses;  // all that there were
    volatile long long last;        // when the last one was, in milliseconds
    void (*plain)(int);             // the interpreter's own handler, of every signal
    bool unwinding;
} state;

static const char second_line[] =
    "\nCtrl-C again: leaving by force; a third one passes over except: and finally: too\n";
static const char third_line[] =
    "\nCtrl-C, third: leaving at the next line; C code that never ends leaves with Ctrl-\\ "
    "alone, and the session with it\n";

static void
write_line(const char *line)
{
    // Nothing to be done about a terminal that is gone.
    ssize_t n = write(STDERR_FILENO, line, strlen(line));
    (void)n;
}

/* Async-signal-safe. */
static void
on_interrupt(int number)
{
    int saved = errno;
    struct timespec now = { 0 };
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    long long ms = (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    bool executes = state.depth > 0;
    bool again = executes && state.count > 0 && ms - state.last < AGAIN_MS;
    state.last = ms;
    state.presses++;
    state.count = again ? state.count + 1 : executes;
    if (state.count == 2 || state.count == 3)
        write_line(state.count == 2 ? second_line : third_line);
    if (again)
        PyErr_SetInterruptEx(CARRIER);
    else
        state.plain(number);
    errno = saved;
}

/* Raise the exception at each line and call. */
static int
unwind(PyObject *type, PyFrameObject *frame, int what, PyObject *argument)
{
    if (what != PyTrace_LINE && what != PyTrace_CALL)
        return 0;
    PyErr_SetString(type, "Ctrl-C was pressed three times");
    return -1;
}

/* Python's handler of the carrier. */
static PyObject *
escalate(PyObject *type, PyObject *args)
{
    if (state.depth <= 0 || state.count < 2)
        Py_RETURN_NONE;  // the cell that it was for is over
    if (state.count > 2) {
        state.unwinding = true;
        PyEval_SetTrace(unwind, type);
    }
    PyErr_SetString(type, "Ctrl-C was pressed again");
    return NULL;
}

static PyMethodDef escalate_def = { "escalate", escalate, METH_VARARGS,
                                    "Ends what does not hear Ctrl-C." };

void
session_interrupt_arm(void)
{
    struct sigaction now;
    if (state.plain == NULL || state.depth <= 0 || sigaction(SIGINT, NULL, &now) < 0
        || now.sa_handler != state.plain)
        return;
    now.sa_handler = on_interrupt;
    (void)sigaction(SIGINT, &now, NULL);  // then Ctrl-C is as `python3` has it
}

void
session_interrupt_enter(void)
{
    state.depth++;
    session_interrupt_arm();
}

bool
session_interrupt_is_entered(void)
{
    return state.depth > 0;
}

int
session_interrupt_presses(void)
{
    return state.presses;
}

void
session_interrupt_stop(void)
{
    if (!state.unwinding)
        return;
    state.unwinding = false;
    PyEval_SetTrace(NULL, NULL);
}

void
session_interrupt_leave(void)
{
    session_interrupt_stop();
    if (--state.depth <= 0)
        state.count = 0;
}

void
session_interrupt_forget(void)
{
    state.depth = 0;
}

int
session_interrupt_start(Session *s)
{
    s->interrupted = PyErr_NewExceptionWithDoc("mainspring.Interrupted",
                                               "Ctrl-C was pressed again within a second.",
                                               PyExc_BaseException, NULL);
    AUTO_DECREF PyObject *handler =
        s->interrupted == NULL ? NULL : PyCFunction_New(&escalate_def, s->interrupted);
    AUTO_DECREF PyObject *set = handler == NULL ? NULL : call_import("_signal", "signal");
    AUTO_DECREF PyObject *old =
        set == NULL ? NULL : PyObject_CallFunction(set, "iO", CARRIER, handler);
    if (old == NULL)
        return -1;
    struct sigaction now;
    if (sigaction(CARRIER, NULL, &now) == 0)
        state.plain = now.sa_handler;
    return 0;
}
