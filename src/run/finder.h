/* run/finder.h -- siblings that a script's functions import after it has left.
 *
 * While a script executes its folder heads sys.path; afterwards it does not.  A finder in front
 * of the path finder keeps the folder importable to code that lies in it, whoever calls that
 * code and whatever was run since: it looks for the importing file up the stack, and searches
 * the folder of the script that it belongs to, as `python3 script` would, before sys.path.
 *
 * World: Python, GIL held.  Tests: tests/py/test_run_imports.py
 */
#pragma once

#include "py/ref.h"

/* Offer `folder` to code in it; `*finder` is made and put on sys.meta_path when it is not there.
 *
 * Returns 0, or -1 with an exception set.
 */
CHECKED int run_finder_offer(PyObject **finder, PyObject *folder);

/* Take the finder off sys.meta_path.  Accepts NULL; keeps a pending exception. */
void run_finder_withdraw(PyObject *finder);
