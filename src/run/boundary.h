/* run/boundary.h -- the end of a cell or a run: names are in step, the dead are freed.
 *
 * 1. Links are synchronised (run/link.h).
 * 2. A finished run that the prompt's names do not prove alive is expected to end: heap_collect()
 *    is asked to see to it, once, until something of the run changes.
 * 3. What a freed run left behind goes: its view in sys.modules, and in time its record.
 * 4. Memory is given back to the system when a run was freed.
 *
 * World: Python, GIL held.  Tests: tests/c/test_run_exec.c
 */
#pragma once

#include "run/ledger.h"

/* Do all of the above.  Returns 0, or -1 with an exception set.  Runs user code. */
CHECKED int run_boundary(RunLedger *l);

/* Only free and tidy up, and look no more at runs that somebody was found to hold: for a caller that has just synchronised the links.  `at_least` is the
 * generation that is collected in any case, HEAP_YOUNGEST where little can have become old.
 */
CHECKED int run_boundary_free(RunLedger *l, int at_least);

/* Any run may be free to go now: the next boundary looks at all of them.  Never fails. */
void run_boundary_unsettle(RunLedger *l);
