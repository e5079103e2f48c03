/* py/limit.h -- a limit of time for the user's code that the shell itself calls: a `__repr__`, a
 * `__dir__`.
 *
 * When the time is over KeyboardInterrupt is raised in that code, and again every few
 * milliseconds, also where it sleeps or reads; limit_leave() tells that one from a Ctrl-C.  So
 * code ends that lets KeyboardInterrupt through, soon or late.  C code that never looks at signals
 * is not reached.
 *
 * How: a timer sends the thread a signal, for which Python has a handler of ours meanwhile; it is
 * one that nobody else uses.  Limits nest.  Only in the main thread do signals interrupt: in
 * others there is no limit.
 *
 *     AUTO(limit_leave) Limit limit = {0};
 *     limit_enter(&limit, 0.2);
 *     AUTO_DECREF PyObject *text = PyObject_Repr(object);
 *     bool late = limit_leave(&limit);
 *
 * World: Python, GIL held.  Tests: tests/c/test_py_limit.c
 */
#pragma once

#include <stdbool.h>
#include <time.h>

#include "py/ref.h"

typedef struct Limit {
    PyObject *self;   // what our handler knows it by, NULL where there is no limit
    PyObject *outer;  // the handler before this one
    timer_t timer;
    bool over;
} Limit;

/* Begin it.  Where it can't be set there is none.  Never fails; keeps a pending exception. */
void limit_enter(Limit *l, double seconds);

/* End it: whether the pending exception is its own, which is cleared then.  Again does nothing.
 * Never fails; keeps any other exception.
 */
bool limit_leave(Limit *l);

static inline void
limit_leave_slot(Limit *l)
{
    (void)limit_leave(l);  // nobody asks any more
}
