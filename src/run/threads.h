/* run/threads.h -- which threads a run left.
 *
 * A thread belongs to the run whose namespace is the globals of the function that it executes,
 * whenever it was started; else to the run that executed, the innermost, when it was.  Threads
 * are held weakly: a run's record keeps none alive.
 *
 * World: Python, GIL held.  Tests: tests/c/test_run_threads.c
 */
#pragma once

#include "run/ledger.h"

/* Note the threads that are alive, for run_threads_keep().
 *
 * Returns weak references to them, or NULL where they can't be found out; no exception is set.
 * Runs user code.
 */
PyObject *run_threads_note(void);

/* Keep in the record of `r` the threads that were started since `before` was noted, and that no
 * other record has.  Never fails: what can't be found out is not kept.  Accepts NULL for
 * `before`.  Runs user code.
 */
void run_threads_keep(const RunLedger *l, Run *r, PyObject *before);

/* The threads of `r` that are alive, a list of threading.Thread, in the order of their start.
 *
 * Returns NULL with an exception set.  Runs user code.
 */
CHECKED PyObject *run_threads_list(const RunLedger *l, const Run *r);
