/* run/helper.h -- modules of the project, imported afresh once their text has changed.
 *
 * The finder (run/finder.h) has each module's text noted just before it is loaded.  A note
 * tells a digest of the text, so that it is never newer than what the module was made of: a
 * file that changes at that very moment is imported once too often, not once too little.
 * Only Python source is noted, and nothing of the standard library or of installed packages.
 *
 * Before a script starts, the noted modules whose files lie in the project (under the script's
 * folder or the current one, and in no virtual environment there) are compared with their
 * files.  Those whose text changed, those below a package of which that is true, and those that
 * import one of them while they are imported, directly or not, leave sys.modules and their
 * package.  The objects that they made go on working.
 *
 * A file that was changed twice within a second, and is as long as before, has the same
 * modification time and size as what was compiled from it first: bytecode that is no newer than
 * the file's last change is removed before the file is loaded.
 *
 * World: Python, GIL held.  Tests: tests/py/test_run_helpers.py
 */
#pragma once

#include "heap/collect.h"
#include "py/ref.h"

/* Note, in the dict `notes`, the text of the module that `spec` was just found for.  `target`
 * is the module that is to be loaded again, or None.  A spec of another kind is passed over.
 *
 * Returns 0, or -1 with an exception set.
 */
CHECKED int run_helper_note(PyObject *notes, PyObject *spec, PyObject *target);

/* Drop the modules as above, for a script that lies in `folder`; what only they held is freed.
 *
 * Returns 1 and a sorted list of their names, 0 when there are none, or -1 with an exception
 * set.  Runs user code (what they held may go).
 */
CHECKED int run_helper_refresh(PyObject *notes, PyObject *folder, HeapCollector *collector,
                               PyObject **ret_names);
