#include "session/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "py/call.h"
#include "py/exc.h"

int
session_gate_exchange_wakeup(int fd, int *ret_old)
{
    AUTO_DECREF PyObject *set = call_import("_signal", "set_wakeup_fd");
    AUTO_DECREF PyObject *old = set == NULL ? NULL : PyObject_CallFunction(set, "i", fd);
    if (old == NULL)
        return -1;
    *ret_old = (int)PyLong_AsLong(old);
    return 0;
}

static void
close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);  // nothing is lost with it
    *fd = -1;
}

/* Somebody else's, if it was set while the gate was open, stays. */
static void
restore_wakeup(const SessionGate *g)
{
    int now = -1;
    int same = -1;
    if (session_gate_exchange_wakeup(g->outer, &now) < 0
        || (now != g->wakeup[1] && session_gate_exchange_wakeup(now, &same) < 0))
        exc_drop();  // a descriptor that was closed meanwhile: none is set
}

void
session_gate_close(SessionGate *g)
{
    if (g->fd < 0)
        return;
    AUTO_EXC ExcHold hold = exc_hold();
    if (g->wakeup[1] >= 0)
        restore_wakeup(g);
    close_fd(&g->wakeup[0]);
    close_fd(&g->wakeup[1]);
    close_fd(&g->tick);
    close_fd(&g->fd);
}

bool
session_gate_add(SessionGate *g, int fd)
{
    struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };
    return epoll_ctl(g->fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* A pipe for the signals.  In another thread than the main one none comes. */
static int
open_wakeup(SessionGate *g)
{
    if (pipe2(g->wakeup, O_CLOEXEC | O_NONBLOCK) < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    if (session_gate_exchange_wakeup(g->wakeup[1], &g->outer) == 0)
        return session_gate_add(g, g->wakeup[0]) ? 0 : exc_from_errno(-errno, Py_None);
    close_fd(&g->wakeup[0]);
    close_fd(&g->wakeup[1]);
    if (!PyErr_ExceptionMatches(PyExc_ValueError))
        return -1;
    PyErr_Clear();
    return 0;
}

static int
open_parts(SessionGate *g)
{
    g->fd = epoll_create1(EPOLL_CLOEXEC);
    if (g->fd >= 0)
        g->tick = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (g->tick < 0 || !session_gate_add(g, g->tick)) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    for (size_t i = 0; i < g->count; i++)
        g->passable |= !session_gate_add(g, g->fds[i]);
    return open_wakeup(g);
}

int
session_gate_open(SessionGate *g, const int *fds, size_t count)
{
    *g = (SessionGate){
        .fds = fds, .count = count, .fd = -1, .wakeup = { -1, -1 }, .outer = -1, .tick = -1
    };
    if (open_parts(g) == 0)
        return 0;
    session_gate_close(g);
    return -1;
}

void
session_gate_tick(SessionGate *g, int ms)
{
    struct itimerspec spec = { 0 };
    if (ms >= 0) {
        spec.it_value.tv_sec = ms / 1000;
        spec.it_value.tv_nsec = (long)(ms % 1000) * 1000000 + 1;  // 0 would be never
    }
    (void)timerfd_settime(g->tick, 0, &spec, NULL);  // a timer of ours: it can be set
}

void
session_gate_wait(const SessionGate *g, int ms)
{
    struct epoll_event event;
    Py_BEGIN_ALLOW_THREADS;
    (void)epoll_wait(g->fd, &event, 1, g->passable ? 0 : ms);  // why it ends is looked at
    Py_END_ALLOW_THREADS;
}

/* The one who set the wakeup descriptor before us (an event loop) waits for the numbers. */
static void
pass_signals(SessionGate *g)
{
    char numbers[64];
    ssize_t n;
    while ((n = read(g->wakeup[0], numbers, sizeof numbers)) > 0) {
        g->signaled = true;
        ssize_t written = g->outer < 0 ? n : write(g->outer, numbers, (size_t)n);
        (void)written;  // a full pipe wakes him as well
    }
}

bool
session_gate_look(SessionGate *g)
{
    uint64_t times;
    ssize_t n = read(g->tick, &times, sizeof times);
    (void)n;  // nothing to read: it goes on
    if (g->wakeup[0] >= 0)
        pass_signals(g);
    bool ready = g->passable;
    for (size_t i = 0; i < g->count && !ready; i++) {
        struct pollfd fd = { .fd = g->fds[i], .events = POLLIN };
        ready = poll(&fd, 1, 0) > 0;
    }
    return ready;
}
