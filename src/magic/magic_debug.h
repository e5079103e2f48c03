/* magic/magic_debug.h -- `%run -d`: a script under the standard library's pdb.
 *
 * The debugger is told of the script's own frame only, so nothing below it is on its stack.  It
 * stops before the first line, or at a breakpoint that is gone once it was reached or the run is
 * over.  All other breakpoints are pdb's, kept by file from one debugger to the next.
 *
 * World: Python, GIL held.  Tests: tests/py/test_run_options.py,
 * tests/c/test_magic_calls.c
 */
#pragma once

#include <stdbool.h>

#include "session/magic.h"

typedef struct Debugger {
    PyObject *type;  // pdb.Pdb
    PyObject *file;  // str: where to stop first; NULL for the script's first line
    PyObject
        *restart;  // list of str: the user wants another run, with these arguments; or NULL
    long line;
    bool same_arguments;  // not those of `restart`: the ones that the script had
    bool quit;            // the user left the debugger before the script's end
    // While the script is executed:
    PyObject *pdb;
    PyObject *code;
} Debugger;

/* Make a debugger for the script `path`; `stop` is `N`, `FILE:N` or NULL.
 *
 * Returns 0, or -1 with an exception set: UsageError where `stop` is no place to stop at.  Runs
 * user code (.pdbrc).
 */
CHECKED int magic_debug_start(Session *s, const MagicCall *call, PyObject *path,
                              const char *stop, Debugger *ret_debugger);

/* A RunRequest's `evaluate`, `context` being the Debugger.  A script that the user left raises
 * KeyboardInterrupt, and `quit` or `restart` is set.  Nothing of the debugger is left then: it
 * would hold the run.
 */
int magic_debug_evaluate(void *context, PyObject *code, PyObject *namespace);

/* Let go of it, from any state.  Runs user code. */
void magic_debug_done(Debugger *d);
