/* run/remnant.h -- classes that outlive their run.
 *
 * A class without a function of the run's own (`class Error(Exception): pass`, an Enum, a named
 * tuple) does not hold the run's namespace: what was kept of it may be alive when the run is
 * freed.  Such classes are noted, weakly, when their names leave the run; those that are still
 * there when it is gone say `s <run 3>` from then on, and the run's view in sys.modules finds them.
 *
 * World: Python, GIL held.  Tests: tests/py/test_run_pickle.py, tests/c/test_run_remnant.c
 */
#pragma once

#include "run/ledger.h"

/* Note `value`, which the run published as `name` and publishes no longer, if it is such a class.
 *
 * Returns 0, or -1 with an exception set.
 */
CHECKED int run_remnant_note(Run *r, PyObject *name, PyObject *value);

/* The run is freed: label the noted classes that are left.
 *
 * Returns whether any is, or -1 with an exception set.
 */
CHECKED int run_remnant_settle(const RunLedger *l, Run *r);
