/* run/view.h -- a superseded run as `sys.modules` shows it, without keeping it alive.
 *
 * A view is a module named `s <run 3>` that holds the run's own module weakly.  It answers
 * `__name__`, `__file__` and `__spec__` itself; every other attribute, `__dict__` too, is the
 * run's.  So `pickle`, `typing`, `dataclasses` and `inspect` resolve an old class to its world.
 *
 * World: Python, GIL held.  Tests: tests/c/test_run_view.c
 */
#pragma once

#include "py/ref.h"

/* Make the type of the views, a subclass of `module`.  Returns NULL with an exception set. */
CHECKED PyObject *run_view_type_new(void);

/* Make a view of `module`, which is NULL for a freed run, named `key`, whose file is `file`.  `classes`, a dict from names to
 * weak references or NULL, is where it looks once the module is gone.
 *
 * Returns NULL with an exception set.
 */
CHECKED PyObject *run_view_new(PyObject *type, PyObject *module, PyObject *key,
                               PyObject *file, PyObject *classes);
