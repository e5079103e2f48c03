/* plain/loop.h -- the session at a simple prompt.
 *
 * World: front.
 */
#pragma once

#include "base/options.h"

/* Run the session that `options` ask for, in the started interpreter, and end both.
 *
 * Returns the exit status.
 */
int plain_loop_main(const Options *options);
