/* run/link.h -- names that the prompt and a run share, both ways.
 *
 * A link ties a prompt name to the run that last published it.  After each statement the two
 * sides are compared by identity with the value last seen on both:
 *
 *   changed or deleted at the prompt            the namespace follows; the name is the user's
 *   changed or deleted in the namespace alone   the prompt follows; the name is the run's
 *   new in the namespace                        published
 *   made at the prompt, read by the latest run
 *   and not defined in it                       lent to that run
 *
 * Where both sides changed, the prompt wins.  The value last seen is held, so that its address
 * can't be another object's meanwhile.
 *
 * World: Python, GIL held.  Tests: tests/c/test_run_link.c
 */
#pragma once

#include "run/ledger.h"

/* Put the names of the run's namespace at the prompt and link them; a name that another run
 * had published moves to this one, and what that run published under it gets its label.
 *
 * Returns 0, or -1 with an exception set.  Runs user code (what they replace may go).
 */
CHECKED int run_link_publish(RunLedger *l, Run *r);

/* Compare both sides of all links, as after a statement of the prompt.  What a name let go of is
 * gone if nothing else holds it, and else suspected (heap/collect.h).
 *
 * Returns 1 if a linked name was rebound or deleted, so that something may be free to go;
 * 0 if not; -1 with an exception set.  Runs user code (replaced values may go).
 */
CHECKED int run_link_sync(RunLedger *l);

/* Delete the prompt names that are still bound to what the run published and are not the
 * user's, and cut the run's links.
 *
 * Returns the number of names deleted, or -1 with an exception set.  Runs user code.
 */
CHECKED Py_ssize_t run_link_retract(RunLedger *l, Run *r);
