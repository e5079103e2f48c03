/* run/exec.h -- one execution of a script, from its file to the boundary after it.
 *
 * 1. Find (run/target.h), read, decode and compile; an unchanged script is not compiled again.
 *    Whatever is wrong up to here leaves everything as it was, but for the packages that were
 *    imported around a module; their edited helpers were dropped before that (step 4).
 * 2. Supersede the finished runs of the same script, unless `keep`: their names are retracted
 *    from the prompt and what only they held is freed, before the script starts.
 * 3. Where the text changed, the code of earlier runs is relabelled (run/source.h).
 * 4. Drop the helper modules whose text changed on disk (run/helper.h); `refreshed` is told.
 * 5. Enter a new `__main__`, execute, leave (run/scope.h); `repetitions` times, each in a
 *    `__main__` of its own, up to the first that fails.  Only the last one is the run: what the
 *    earlier ones left is freed unless something holds it, and is not labelled or linked.
 * 6. Supersede again: with `keep`, now, if the script succeeded; and runs of the same script
 *    that left while this one executed (it ran itself, or a thread did).
 * 7. Publish the names, also those made before an error (run/link.h); boundary.
 *
 * World: Python, GIL held.  Tests: tests/c/test_run_exec.c
 */
#pragma once

#include "run/ledger.h"

typedef struct RunRequest {
    PyObject
        *path;  // str, as the user wrote it: a file whose ".py" may be missing, a folder or
                // zip file with a `__main__`; for `module` the name of one
    PyObject *args;  // list of str: argv without the script itself
    bool keep;       // supersede after success, not before the start
    bool in_prompt;  // execute in the prompt's module (-i); files only
    bool not_main;   // `__name__` is the script's name, not `__main__` (-n)
    bool module;     // execute the module of this name (-m)
    /* Hear, before the script starts, the names of the helpers that it imports afresh, a list
     * of str; or NULL. */
    void (*refreshed)(PyObject *names);
    /* Execute `code` in `namespace`, in the place of PyEval_EvalCode(): 0, or -1 with what it
     * raised set.  Called for each repetition, in its scope; or NULL. */
    int (*evaluate)(void *context, PyObject *code, PyObject *namespace);
    void *context;     // for `evaluate`
    long repetitions;  // 0 is once; files only
} RunRequest;

/* What a run ended with, for the caller to report.  The record is in the ledger. */
typedef struct RunResult {
    Run *run;             // one use of the record
    PyObject *error;      // what the script raised, SystemExit included; or NULL
    Py_ssize_t released;  // names of earlier runs that were retracted before the start
} RunResult;

/* Run a script as above.
 *
 * Returns 0 when the script was executed, whatever it raised; or -1 with an exception set when
 * it was not (or when a boundary failed).  An exception with a traceback was raised by code of
 * the user's on the way: a package around the module, a codec.  Runs user code.
 */
CHECKED int run_exec(RunLedger *l, const RunRequest *request, RunResult *ret_result);

/* Give up what the result holds, from any state.  Runs user code. */
void run_result_done(RunResult *result);

/* End the run as if it had been superseded: its names leave the prompt, its objects go unless
 * something else holds them.  Returns 0, or -1 with an exception set.  Runs user code.
 */
CHECKED int run_exec_retire(RunLedger *l, Run *r);
