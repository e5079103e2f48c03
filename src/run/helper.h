/* run/helper.h -- modules of the project, imported afresh once their text has changed.
 *
 * Before a script starts, the noted modules (run/note.h) whose files lie in the project (under
 * the script's folder or the current one, and in no virtual environment there) are compared with
 * their files.  Those whose text changed, those below a package of which that is true, and those
 * that import one of them while they are imported, directly or not, leave sys.modules and their
 * package.  The objects that they made go on working.
 *
 * World: Python, GIL held.  Tests: tests/py/test_run_helpers.py, tests/c/test_run_helper.c
 */
#pragma once

#include "heap/collect.h"
#include "py/ref.h"

/* Drop the modules as above, for a script that lies in `folder`; what only they held is freed.
 *
 * Returns 1 and a sorted list of their names, 0 when there are none, or -1 with an exception
 * set.  Runs user code (what they held may go).
 */
CHECKED int run_helper_refresh(PyObject *notes, PyObject *folder, HeapCollector *collector,
                               PyObject **ret_names);
