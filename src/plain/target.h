/* plain/target.h -- what the command line asks a session to do first.
 *
 * World: front, GIL held.  Tests: tests/py/test_prompt.py, tests/py/test_command_line.py
 */
#pragma once

#include "base/options.h"
#include "session/session.h"

/* Execute the target of the command line in the session: FILE and MODULE as %run does, an `.ipy`
 * file or a notebook as if typed, CODE or standard input; or $PYTHONSTARTUP for a session without a target.
 *
 * Returns 0, or -1 after reporting what it raised.  Runs user code.
 */
CHECKED int plain_target_run(Session *s, const Options *options);
