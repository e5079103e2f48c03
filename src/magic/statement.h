/* magic/statement.h -- what %time and %prun execute.
 *
 * World: Python, GIL held.  Tests: tests/py/test_magics.py, tests/py/test_profile.py
 */
#pragma once

#include "session/session.h"

/* Compile a statement or a cell as if typed, tracebacks naming `filename`: an expression, which
 * has a value, or else statements.
 *
 * Returns the code, or NULL with an exception set.  Runs user code (input transformers).
 */
CHECKED PyObject *magic_statement_compile(Session *s, PyObject *text, const char *filename);
