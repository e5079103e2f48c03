/* plain/loop.h -- the session at its prompt: the simple one, or what a terminal's front reads.
 *
 * World: front.
 */
#pragma once

#include "base/options.h"
#include "session/session.h"

/* Run the session that `options` ask for, in the started interpreter, and end both.
 *
 * `terminal` is the front that reads the cells, NULL for the simple prompt.
 * Returns the exit status.
 */
int plain_loop_main(const Options *options, const SessionFront *terminal);
