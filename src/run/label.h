/* run/label.h -- telling the objects of an earlier run from those of the present one.
 *
 * Once `__main__` no longer leads to what a run made, its functions and classes say
 * `s <run 3>` as their `__module__`, and sys.modules has a view of the run under that key (no
 * dots in it: pickle splits there).  A class made later by an old function still says
 * `__main__`; what was made inside functions and is not reachable from the namespace by name
 * is not renamed.
 *
 * World: Python, GIL held.  Tests: tests/c/test_run_label.c
 */
#pragma once

#include "run/ledger.h"

/* The run's name for its objects: `s <run 3>` for the script `/folder/s.py`.
 *
 * Returns NULL with an exception set.
 */
CHECKED PyObject *run_label_key(const Run *r);

/* Whether `name` of the dict `dict` is the text `__main__`: 1, 0, or -1 with an exception set. */
CHECKED int run_label_says_main(PyObject *dict, const char *name);

/* Have the run's view in sys.modules under `key`; `module` is NULL for a freed run.
 *
 * Returns 0, or -1 with an exception set.
 */
CHECKED int run_label_show(const RunLedger *l, Run *r, PyObject *module, PyObject *key);

/* Rename `value` if it is a function or class of the run, with what is in the class, and have
 * the run's view in sys.modules.  Other values are left alone.
 *
 * Returns 0, or -1 with an exception set.
 */
CHECKED int run_label_value(const RunLedger *l, Run *r, PyObject *value);

/* The same for all values of the run's namespace; nothing to do for a freed run. */
CHECKED int run_label_all(const RunLedger *l, Run *r);

/* Remove the view of a freed run from sys.modules.  Returns 0, or -1 with an exception set. */
CHECKED int run_label_remove(Run *r);
