/* run/target.h -- what is to be executed, and where it is.
 *
 * A file of Python source; a folder or a zip file with a `__main__`; or a module by its name.
 * The interpreter's finders and loaders say where the latter two are and what their code is;
 * they execute nothing here.
 *
 * World: Python, GIL held.  Tests: tests/py/test_run_kinds.py, tests/c/test_run_exec.c,
 *  tests/c/test_run_target.c
 */
#pragma once

#include "py/ref.h"

typedef struct RunTarget {
    PyObject *given;  // str: sys.argv[0]
    PyObject *path;   // str: the code's file, as tracebacks have it
    PyObject *key;  // str: real path, symbolic links resolved, by which re-runs are matched
    PyObject *folder;   // str: for sys.path
    PyObject *home;     // str: where the project is: the folder without slashes at its end
    PyObject *name;     // str: `__name__` of what is not `__main__`
    PyObject *spec;     // the ModuleSpec of a module, folder or zip file; NULL for a file
    PyObject *content;  // bytes: the source; for `code`, that by which equal code is known
    PyObject *code;     // the loader's own, where there is no source to compile; else NULL
    PyObject *text;     // str: what the loader says is the source of `code`, or NULL
} RunTarget;

/* Find what the str `path` names: a file that may lack its `.py`, a folder or a zip file.
 *
 * Returns 0, or -1 with an exception set that is one line: OSError, or ValueError for what is
 * there and can't be executed.
 */
CHECKED int run_target_find(PyObject *path, RunTarget *ret_target);

/* Find the module `name` along sys.path, whose head is `folder`, a str.
 *
 * Returns 0, or -1 with an exception set (run/module.h).  Runs user code: the packages around it.
 */
CHECKED int run_target_find_module(PyObject *name, PyObject *folder, RunTarget *ret_target);

/* The current folder, as `python3 -m` puts it on sys.path: a str, or NULL with OSError set. */
CHECKED PyObject *run_target_current_folder(void);

/* Give up what the target holds, from any state.  Runs user code (a loader may go). */
void run_target_done(RunTarget *t);
#define AUTO_TARGET __attribute__((cleanup(run_target_done)))
