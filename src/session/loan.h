/* session/loan.h -- standard input, while windows live in PyOS_InputHook.
 *
 * A hook waits for standard input: by the C library's `stdin` (tkinter's) or for descriptor 0
 * itself (Qt's).  While it is called both lead to a gate (session/gate.h), so that it returns as
 * soon as there is anything to do.  What a callback starts wants the terminal there, however:
 *
 * 1. An audit hook hears of input(), and of programs and children that are started.  Then both
 *    are lent: they are what they were.
 * 2. As soon as the code that asked goes on they lead to the gate again.  A pending call sees it,
 *    which the interpreter makes between two instructions of the main thread.
 *
 * In a child that a callback forks nothing is lent back: its hook returns with the next key, and then
 * the child ends.
 *
 * A callback that reads descriptor 0 or sys.stdin by itself gets an error, OSError.  The audit hook
 * also tells the front of code that asks, or opens the terminal, while a prompt is on the screen.
 *
 * World: Python, GIL held, main thread.  Tests: tests/c/test_session_loan.c,
 * tests/py/test_term_loops.py
 */
#pragma once

#include <stdio.h>

#include "session/gate.h"
#include "session/session.h"

/* One call of a hook. */
struct SessionLoan {
    SessionGate *gate;
    FILE *in;         // the C library's, as it was
    FILE *through;    // the one that leads to the gate, or NULL
    int terminal;     // a duplicate of descriptor 0, or -1 where that is as it was
    PyObject *frame;  // the code that asked, None for C code, NULL where nothing is lent
};

/* Hear of what callbacks do from now on; cheap when it is done already.  Never fails: where the
 * process refuses audit hooks nothing is lent. */
void session_loan_watch(Session *s);

/* Have standard input lead to the gate, and put back what was.  Never fail.  Leaving keeps a
 * pending exception, and runs user code (a frame may go). */
void session_loan_enter(Session *s, SessionLoan *l, SessionGate *gate);
void session_loan_leave(Session *s, SessionLoan *l);

/* A wait begins, perhaps within a callback, where standard input is lent until the wait is over.
 * Returns what session_loan_go_on() takes.  Never fail. */
SessionLoan *session_loan_pause(Session *s);
void session_loan_go_on(Session *s, SessionLoan *l);
