/* session/pager.h -- texts that may be longer than the screen.
 *
 * World: Python, GIL held.  Tests: tests/py/test_help.py
 */
#pragma once

#include "session/session.h"

/* Write the text to standard output; where that and standard input are the terminal, and it has
 * fewer lines, through $PAGER, or `less -R` where that is installed.  An empty $PAGER stands for
 * none.
 *
 * Returns 0, or -1 with an exception set.  Runs user code (sys.stdout).
 */
CHECKED int session_pager_show(PyObject *text);
