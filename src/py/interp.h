/* py/interp.h -- the interpreter: started as python3 starts, and stopped.
 *
 * CPython reads its options from the command line by itself, so that flags, `PYTHON*`
 * variables, UTF-8 mode, locale coercion and sys.argv are python3's by construction.
 * What it cannot know is which python3 it stands for.  That is, in this order:
 *  1. the one of the active environment, `$VIRTUAL_ENV/bin/python3`;
 *  2. the one of the environment that our own executable is installed in, as it was named
 *     or where a symbolic link leads;
 *  3. the one that we were built for.
 * An environment of another version of Python is not used, and one line on stderr says so.
 * Its name takes the place of argv[0]: sys.executable, sys.prefix and sys.path follow from it.
 * An environment that was made with another build of our version (3.11.7, we embed 3.11.2)
 * gives its packages and its python3, but the standard library is our own: the other's
 * extension modules do not fit the interpreter that we embed.
 *
 * World: Python; the functions start and end it.  Tests: tests/py/test_environment.py
 */
#pragma once

#include "base/options.h"
#include "py/ref.h"

/* Start the interpreter with the command line that `options` left for it.
 *
 * Returns CPython's own status; it is for main to hand an error or an exit (a bad option of
 * the interpreter, its help) to `Py_ExitStatusException`.  Runs user code (site).
 */
CHECKED PyStatus interp_start(const Options *options);

/* End the interpreter.
 *
 * Returns the exit status: `status`, or 120 where what was left to write could not be
 * written, as python3 has it.  Runs user code (atexit).
 */
CHECKED int interp_stop(int status);
