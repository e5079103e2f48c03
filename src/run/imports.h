/* run/imports.h -- what a module imports while it is imported itself, as its code says.
 *
 * World: Python, GIL held.  Tests: tests/py/test_run_helpers.py, tests/c/test_run_imports.c
 */
#pragma once

#include "py/ref.h"

/* The names in the import statements of `code`, the code of a module, outside of functions, as
 * a set of str: `a.b` for `import a.b`; `a` and `a.b` for `from a import b`.  The dots of a
 * relative import are left out: `from . import b` gives '' and `b`.
 *
 * Returns NULL with an exception set.
 */
CHECKED PyObject *run_imports_of_code(PyObject *code);

/* Whether a module in `package`, which says `imports` as above, imports one that is named in
 * the set `modules`: 1, 0 or -1.
 */
CHECKED int run_imports_any(PyObject *imports, PyObject *package, PyObject *modules);
