/* magic/run_report.h -- what one run holds, and what holds it.
 *
 * World: Python, GIL held.  Tests: tests/py/test_why.py
 */
#pragma once

#include "heap/graph.h"
#include "session/magic.h"

/* The run that is meant by a decimal number, or NULL with UsageError set.  Valid until user code
 * runs.
 */
BORROWED Run *run_report_find(Session *s, const MagicCall *call, const char *number);

/* What of a run is to be found by a chain: a list of its module and its namespace, each with one
 * reference that only the question needs.  Empty for a run that is freed or has no namespace.
 */
CHECKED PyObject *run_report_targets(const Run *r);

enum { RUN_REPORT_OWN = 1 };

/* What would be freed if the run's namespace went, and with it the names at the prompt that it
 * shares.  Returns 0, or -1 with an exception set.
 */
CHECKED int run_report_retained(const Session *s, const HeapGraph *g, const Run *r,
                                HeapAmount *ret_amount);

/* Write a table of the runs with numbers above `after` that are alive: what each one retains, the
 * largest first, and what holds it; or that as JSON.  Returns how many there are, or -1 with an
 * exception set.  Runs user code.
 */
CHECKED int run_report_table(Session *s, int after, bool json);

/* `%runs` with arguments: N, N -s, --diff N M, -r.  Returns None, or NULL with an exception set.
 * Runs user code.
 */
CHECKED PyObject *run_report_answer(Session *s, const MagicCall *call);
