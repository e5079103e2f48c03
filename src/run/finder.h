/* run/finder.h -- how modules are found: siblings of scripts that have left, texts that are noted.
 *
 * While a script executes its folder heads sys.path; afterwards it does not.  A finder in front
 * of the path finder keeps the folder importable to code that lies in it, whoever calls that
 * code and whatever was run since: it looks for the importing file up the stack, and searches
 * the folder of the script that it belongs to, as `python3 script` would, before sys.path.
 *
 * It then asks the path finder itself, in whose place it answers, and has the texts of what that
 * finds noted (run/note.h).  Where another finder stands between the two it leaves that be.
 *
 * World: Python, GIL held.  Tests: tests/py/test_run_imports.py, tests/c/test_run_finder.c
 */
#pragma once

#include "py/ref.h"

/* Make the finder, which has texts noted in the dict `notes`, and put it on sys.meta_path.
 *
 * Returns NULL with an exception set.
 */
CHECKED PyObject *run_finder_new(PyObject *notes);

/* Offer `folder` to code in it; put the finder back on sys.meta_path when it is not there.
 *
 * Returns 0, or -1 with an exception set.
 */
CHECKED int run_finder_offer(PyObject *finder, PyObject *folder);

/* Take the finder off sys.meta_path.  Accepts NULL; keeps a pending exception. */
void run_finder_withdraw(PyObject *finder);
