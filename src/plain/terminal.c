#include "plain/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/buf.h"
#include "py/call.h"
#include "py/exc.h"

enum { READ_SIZE = 4096 };

/* A pipe that CPython's signal handlers write to. */
typedef struct Wakeup {
    int fds[2];
} Wakeup;

static int
set_wakeup(int fd)
{
    AUTO_DECREF PyObject *set = call_import("_signal", "set_wakeup_fd");
    AUTO_DECREF PyObject *old = set == NULL ? NULL : PyObject_CallFunction(set, "i", fd);
    return old == NULL ? -1 : 0;
}

static void
wakeup_done(Wakeup *w)
{
    if (w->fds[0] < 0)
        return;
    AUTO_EXC ExcHold hold = exc_hold();
    if (set_wakeup(-1) < 0)
        PyErr_Clear();  // it was set from this very thread: it can be set back
    (void)close(w->fds[0]);
    (void)close(w->fds[1]);
}

static int
wakeup_init(Wakeup *w)
{
    if (pipe2(w->fds, O_CLOEXEC | O_NONBLOCK) < 0) {
        w->fds[0] = -1;
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    return set_wakeup(w->fds[1]);
}

/* Wait for a signal or for something to read.  Returns 0, or a negative errno. */
static int
wait_for(const Wakeup *w)
{
    int r;
    Py_BEGIN_ALLOW_THREADS if (PyOS_InputHook != NULL)(void) PyOS_InputHook();
    struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
                            { .fd = w->fds[0], .events = POLLIN } };
    r = poll(fds, COUNT_OF(fds), -1) < 0 ? -errno : 0;
    if (r == 0 && !(fds[0].revents))
        r = -EINTR;
    char drained[64];
    while (read(w->fds[0], drained, sizeof drained) > 0)
        continue;
    Py_END_ALLOW_THREADS return r;
}

/* Read what there is, at most a line: its length, 0 at the end, or a negative errno. */
static ssize_t
read_some(char *bytes, size_t size)
{
    ssize_t n;
    Py_BEGIN_ALLOW_THREADS n = read(STDIN_FILENO, bytes, size);
    n = n < 0 ? -errno : n;
    Py_END_ALLOW_THREADS return n;
}

/* Append what comes next to `line`: 1 when that ends it, 0 when not, -1 with an exception. */
static int
read_part(const Wakeup *w, Buf *line)
{
    if (PyErr_CheckSignals() < 0)
        return -1;
    if (wait_for(w) < 0)
        return 0;
    char bytes[READ_SIZE];
    ssize_t n = read_some(bytes, sizeof bytes);
    if (n == -EINTR || n == -EAGAIN)
        return 0;
    if (n <= 0)
        return 1;  // the end, or a terminal that is gone, which is an end as well
    buf_add(line, bytes, (size_t)n);
    return bytes[n - 1] == '\n';
}

PyObject *
plain_terminal_read_line(void)
{
    __attribute__((cleanup(wakeup_done))) Wakeup w = { .fds = { -1, -1 } };
    AUTO(buf_done) Buf line = { 0 };
    if (wakeup_init(&w) < 0)
        return NULL;
    int ended = 0;
    while (ended == 0)
        ended = read_part(&w, &line);
    if (ended < 0)
        return NULL;
    return PyUnicode_DecodeFSDefaultAndSize(line.bytes ? line.bytes : "",
                                            (Py_ssize_t)line.length);
}
