/* magic/magic_profile.h -- `%run -p` and `%prun`: code under the standard library's cProfile.
 *
 * World: Python, GIL held.  Tests: tests/py/test_run_options.py, tests/py/test_profile.py,
 * tests/c/test_magic_calls.c
 */
#pragma once

#include "magic/run_options.h"
#include "session/magic.h"

/* Make a profiler, once the sort keys are known to be some.
 *
 * Returns a cProfile.Profile, or NULL with an exception set: UsageError for a wrong key.
 */
CHECKED PyObject *magic_profile_start(Session *s, const MagicCall *call,
                                      const ProfileOptions *options);

/* Execute `code` and add what it calls to the profile.  Returns 0, or -1 with what it raised
 * set.  Runs user code. */
CHECKED int magic_profile_evaluate(PyObject *profiler, PyObject *code, PyObject *namespace);

/* The same for code at the prompt, which may await. */
CHECKED int magic_profile_evaluate_cell(Session *s, PyObject *profiler, PyObject *code);

/* Show the profile and save it, as the options say.
 *
 * Returns its pstats.Stats, or None where that is not wanted, or NULL with an exception set.
 */
CHECKED PyObject *magic_profile_show(PyObject *profiler, const ProfileOptions *options);
