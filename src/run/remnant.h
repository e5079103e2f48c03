/* run/remnant.h -- classes that outlive their run.
 *
 * A class without a function of the run's own (`class Error(Exception): pass`, an Enum, a named
 * tuple) does not hold the run's namespace: what was kept of it may be alive when the run is
 * freed.  Such classes are noted, weakly, when a run is superseded; those that are still there
 * when it is gone say `s <run 3>` from then on, and the run's view in sys.modules finds them.
 *
 * World: Python, GIL held.  Tests: tests/py/test_run_pickle.py
 */
#pragma once

#include "run/ledger.h"

/* Note the classes of the run, whose namespace is alive or already gone, that do not hold it.
 *
 * Returns 0, or -1 with an exception set.
 */
CHECKED int run_remnant_note(const RunLedger *l, Run *r);

/* The run is freed: label the noted classes that are left.
 *
 * Returns whether any is, or -1 with an exception set.
 */
CHECKED int run_remnant_settle(Run *r);
