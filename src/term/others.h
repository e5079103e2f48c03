/* term/others.h -- the other processes that have our terminal.
 *
 * World: plain.  Tests: tests/py/test_term_foreign.py
 */
#pragma once

#include <stdbool.h>

/* What there is of them. */
typedef struct Others {
    int count;
    double youngest;  // seconds since the last one of them began
} Others;

/* Look for the processes that began after this one, and whose output or errors go to its terminal.
 * What is forked of this one and nothing else is none of them.  All of /proc is read for it.
 * Never fails: without /proc there are none. */
Others others_look(void);

/* Whether there may be others than at the last call: this process has children, or had some.
 * Costs next to nothing.  Never fails. */
bool others_may_have_come(void);
