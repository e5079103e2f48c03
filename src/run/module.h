/* run/module.h -- finding a module to execute, as `python3 -m` does.
 *
 * 1. The packages around it are imported, as they are for any import.
 * 2. The finders are asked for the module itself; that it was imported before does not matter.
 * 3. For a package it is the package's `__main__`.
 *
 * The interpreter does the same in `runpy`; that looks at sys.modules on its way, and so finds
 * the file of yesterday's import, or warns of an import that the user made at the prompt.
 *
 * World: Python, GIL held.  Tests: tests/py/test_run_kinds.py, tests/c/test_run_module.c
 */
#pragma once

#include "py/ref.h"

/* Find the module `name`, a str, along sys.path as it is.
 *
 * Returns its ModuleSpec, which has a loader; or NULL with an exception set: ImportError without
 * a traceback, whose text is one line, where there is no such module, otherwise what a package
 * or a finder raised.  Runs user code.
 */
CHECKED PyObject *run_module_find(PyObject *name);
