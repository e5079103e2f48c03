/* session/interrupt.h -- Ctrl-C that code does not want to hear.
 *
 * While a cell or a run executes, Ctrl-C pressed again within a second of the one before goes
 * further each time:
 *
 * 1. KeyboardInterrupt, as ever.
 * 2. `mainspring.Interrupted`, a BaseException of its own: `except KeyboardInterrupt` and
 *    `except Exception` let it through.
 * 3. The same again at each line that the code still executes, `except:` and `finally:` too, up
 *    to the end of the run or cell.
 *
 * A line says which step was taken, and what the next one does.  It is written when the key is
 * pressed: C code that never looks at signals hears neither of them, and the line says what is
 * left to do.
 *
 * How: the interpreter's own C handler of SIGINT is kept, and called for the first; a handler of
 * ours stands before it.  The second one pretends that another signal came (PyErr_SetInterruptEx),
 * for which Python has a handler of ours, so that sys and signal look as ever: asyncio and others
 * ask whether SIGINT's handler is `default_int_handler`.  A script that sets a handler of its own
 * takes ours away, and has its way with Ctrl-C; the guard puts both back.
 *
 * State is static here, for a signal handler has no argument of ours.
 *
 * World: Python, GIL held.  Tests: tests/py/test_interrupt.py
 */
#pragma once

#include "session/session.h"

/* Make the exception, and take the signal that carries it.  Returns 0, or -1 with an exception
 * set. */
CHECKED int session_interrupt_start(Session *s);

/* The user's code begins to execute, or is over; these nest.  Never fails. */
void session_interrupt_enter(void);
void session_interrupt_leave(void);

/* Whether such code executes.  Never fails. */
bool session_interrupt_is_entered(void);

/* A number that is another one after Ctrl-C was pressed while such code executed.  Never fails. */
int session_interrupt_presses(void);

/* Put our handler before the interpreter's, where that is in place.  Never fails. */
void session_interrupt_arm(void);

/* The script is over: step 3 ends here, for what follows is the session's.  Never fails. */
void session_interrupt_stop(void);

/* In a forked child Ctrl-C is as `python3` has it.  Never fails. */
void session_interrupt_forget(void);
