/* session/cell.h -- executing one cell, statement by statement.
 *
 * After each top-level statement the prompt's names and the runs' are compared; the cell's end
 * is a boundary where a name that a run shares was rebound or deleted.  The last statement's
 * value is displayed if it is an expression and no `;` follows it.
 *
 * World: Python, GIL held.  Tests: tests/py/test_prompt.py, tests/c/test_session_cell.c
 */
#pragma once

#include "session/session.h"

typedef struct Cell {
    PyObject *text;      // str: as typed
    PyObject *filename;  // str: where tracebacks say that it is; NULL for `<cell N>`
    int line;            // the number of its first line there, from 1
    bool store;          // kept in In, with a number of its own
    bool silent;         // no value is displayed
} Cell;

/* Execute a cell.  What it raises is reported, not left pending.
 *
 * Returns 0 when all of it was executed, 1 when it raised something that was reported (or
 * asked the session to exit: `s->exiting`).  Runs user code.
 */
int session_cell_run(Session *s, const Cell *cell);

/* The same with its ExecutionResult.  NULL with an exception set where none could be made. */
CHECKED PyObject *session_cell_run_result(Session *s, const Cell *cell);

/* The same without reporting: what it raises is left pending, and -1 returned. */
CHECKED int session_cell_execute(Session *s, const Cell *cell);

/* Execute the text of an `.ipy` file, cell by cell; it ends at the first error.
 *
 * `filename` is what tracebacks call it.  Returns 0, or -1 with what it raised set.
 */
CHECKED int session_cell_execute_file(Session *s, PyObject *text, PyObject *filename);

/* The text with shell syntax rewritten to Python (input/transform.h); automagic included. */
CHECKED PyObject *session_cell_transform(Session *s, PyObject *text);

/* Compile `source` (a str, or an ast tree) as the session does: with its future flags and
 * top-level await.  `mode` is "exec", "single" or "eval".
 */
CHECKED PyObject *session_cell_compile(Session *s, PyObject *source, PyObject *filename,
                                       const char *mode);

/* Evaluate code at the prompt; a coroutine is awaited on the session's event loop.
 *
 * Returns the value, or NULL with an exception set.  Runs user code.
 */
CHECKED PyObject *session_cell_evaluate(Session *s, PyObject *code);

/* In a child that a cell forked: have it leave with its status instead of a prompt. */
void session_cell_leave_fork(Session *s, bool failed);
