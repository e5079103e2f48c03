/* session/gate.h -- all that a prompt waits for, as one descriptor.
 *
 * That is readable as soon as one of the front's descriptors is, a signal came, the tick is over,
 * or another descriptor that was added (an event loop's) is readable.  Code that knows how to wait
 * for one descriptor alone can wait for all of them with it.
 *
 * Signals come through the interpreter's wakeup descriptor, so that one which comes just before
 * the wait ends it too.  Where somebody else has set that, he gets what comes as well.
 *
 * World: Python, GIL held.  Tests: tests/c/test_session_gate.c
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

/* Set the descriptor that the interpreter writes the numbers of signals to, -1 for none, and give out
 * the one before.  Returns 0, or -1 with an exception set.
 */
CHECKED int session_gate_exchange_wakeup(int fd, int *ret_old);

typedef struct SessionGate {
    const int *fds;  // the front's
    size_t count;
    int fd;         // to wait for; -1 before it is open
    int wakeup[2];  // a pipe: the interpreter writes the numbers of the signals
    int outer;      // the wakeup descriptor that was set before, or -1
    int tick;       // a timer
    bool passable;  // what can't be waited for, as a file, is always ready
    bool signaled;  // a signal has come
} SessionGate;

/* Open the gate for `count` descriptors, which stay valid as long as it is open.
 *
 * Returns 0, or -1 with an exception set and the gate closed.
 */
CHECKED int session_gate_open(SessionGate *g, const int *fds, size_t count);

/* Wait for `fd` too, where that is possible: whether it is.  Never fails. */
bool session_gate_add(SessionGate *g, int fd);

/* Have it readable in `ms` milliseconds.  A negative number: not by time.  Never fails. */
void session_gate_tick(SessionGate *g, int ms);

/* Wait until it is readable, `ms` milliseconds at most unless that is negative; the GIL is
 * released.  Never fails.
 */
void session_gate_wait(const SessionGate *g, int ms);

/* Whether one of the front's descriptors is ready.  The tick is over with this, and signals are
 * noted and passed on to whom they may concern.  Never fails.
 */
bool session_gate_look(SessionGate *g);

/* Accepts gates that are not open.  Keeps a pending exception. */
void session_gate_close(SessionGate *g);
