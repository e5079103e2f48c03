/* inspect/modules.h -- what could be imported, without importing it.
 *
 * Folders are read, zip files and the like are asked through their importers.  What a module that
 * nobody has imported yet would have is read from its source, the names that are bound at its
 * top; only C modules of the standard library are imported for that.
 *
 * World: Python, GIL held.  Tests: tests/c/test_inspect_complete.c
 */
#pragma once

#include "py/ref.h"

/* The modules in `entry`, a folder or another place of sys.path.
 *
 * `known` is a dict where the answer is kept as long as the folder stays as it is; NULL: nowhere.
 * Returns a list of str, or NULL with an exception set.  Runs user code only where the user has
 * importers in sys.path_hooks.
 */
CHECKED PyObject *inspect_modules_in(PyObject *known, PyObject *entry);

/* The places where the submodules of `name` (a dotted path) are, sys.path for an empty one.
 *
 * Returns a list, empty where it is no package, or NULL with an exception set.
 */
CHECKED PyObject *inspect_modules_places(PyObject *name);

/* The names that a module which is not imported yet binds.
 *
 * Returns a list of str, empty where they are not known, or NULL with an exception set.
 */
CHECKED PyObject *inspect_modules_bound(PyObject *name);
