/* run/boundary.h -- the end of a cell or a run: names are in step, the dead are freed.
 *
 * 1. Links are synchronised (run/link.h).
 * 2. A finished run that no function at the prompt proves alive is judged, with all that may have
 *    lost its last reference (heap/collect.h), and the dead are freed; as often as that frees
 *    anything, for what a finalizer lets go of may be dead too.
 * 3. A run that is alive then is held by something that is not seen here, and that may be old
 *    garbage.  The whole heap is collected if that would hardly be noticed: when the run was held
 *    by something else before (then also where it has much memory), and now and then; the
 *    collector counts how often.
 * 4. What a freed run left behind goes: its view in sys.modules, and in time its record.
 * 5. Memory is given back to the system when anything was freed.
 *
 * The cost follows what the unproved runs and the suspects lead to: RUN_BOUNDARY_BUDGET objects
 * at most, and more after a run that took long enough to make more.
 *
 * World: Python, GIL held.  Tests: tests/c/test_run_boundary.c
 */
#pragma once

#include "run/ledger.h"

enum { RUN_BOUNDARY_BUDGET = 1000000 };

/* Do all of the above.  Returns 0, or -1 with an exception set.  Runs user code. */
CHECKED int run_boundary(RunLedger *l);

/* The same after a run that took `seconds` and has left, when the links have just been
 * synchronised.
 */
CHECKED int run_boundary_after_run(RunLedger *l, double seconds);

/* The same after a cell, when the links have just been synchronised; `rebound`: a name was bound
 * anew or deleted.  Other cells may have let go of a run in other ways: that is looked into as
 * long as it is hardly noticed.
 */
CHECKED int run_boundary_after_cell(RunLedger *l, bool rebound);
