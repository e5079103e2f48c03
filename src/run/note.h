/* run/note.h -- what an imported module was made of.
 *
 * The finder (run/finder.h) has each module's text noted just before it is loaded.  A note
 * tells a digest of the text, so that it is never newer than what the module was made of: a
 * file that changes at that very moment is imported once too often, not once too little.
 * Only Python source is noted, and nothing of the standard library or of installed packages.
 *
 * A file that was changed twice within a second, and is as long as before, has the same
 * modification time and size as what was compiled from it first: bytecode that is no newer than
 * the file's last change is removed before the file is loaded.
 *
 * World: Python, GIL held.  Tests: tests/py/test_run_helpers.py, tests/c/test_run_note.c
 */
#pragma once

#include "py/ref.h"

/* Note, in the dict `notes`, the text of the module that `spec` was just found for.  `target`
 * is the module that is to be loaded again, or None.  A spec of another kind is passed over.
 *
 * Returns 0, or -1 with an exception set.
 */
CHECKED int run_note_take(PyObject *notes, PyObject *spec, PyObject *target);

/* Whether the text of the module `name` is another than the one in `note`, which `notes` has for
 * it: 1, 0 or -1 with an exception set.  A file that is gone, or can't be read, has not changed.
 * A note that asks less of the disk next time may take the place of this one.
 */
CHECKED int run_note_is_stale(PyObject *notes, PyObject *name, PyObject *note);

/* The module `name` in sys.modules, if it was loaded from this very spec: 1 and a new reference,
 * 0 or -1.
 */
CHECKED int run_note_loaded(PyObject *name, PyObject *spec, PyObject **ret_module);

/* The spec, and `spec.origin` as it was; valid as long as the note.  Never fails. */
BORROWED PyObject *run_note_spec(PyObject *note);
BORROWED PyObject *run_note_origin(PyObject *note);
