/* run/scope.h -- the interpreter's state that belongs to one running script.
 *
 * Entering puts a fresh module at sys.modules['__main__'], the script's argv into sys and its
 * folder at the head of sys.path, with the prompt's sys.ps1 and display hook out of the way, as
 * `python3 script` has it; leaving puts back what was there, whatever the script did
 * meanwhile.  Scopes nest: an inner run restores the outer one's state, not the prompt's.
 * Threads may leave in another order than they entered: a scope that is left below the top
 * hands what it would have restored to the one above it.  A namespace is never cleared.
 *
 * The module is held by its own namespace, through an attribute of the run's `__loader__` or,
 * where the loader may be others' too (-m, folders, zip files), of its `__spec__`: it lives
 * exactly as long as the namespace, and a weak reference to it tells when both are gone.
 * (Not the namespace itself in that attribute: loaders compare by their attributes, and two
 * namespaces would be compared with all that is in them.)  A script that deletes or replaces
 * that gets the name `__mainspring_module__` for that, when it leaves.
 *
 * Nothing here knows about prompts, cells or Jupyter.
 *
 * World: Python, GIL held.  Tests: tests/c/test_run_scope.c
 */
#pragma once

#include "py/ref.h"

typedef struct RunScope RunScope;

typedef struct RunScopeState {
    PyObject *name;    // str: `__name__`, "__main__" but for `%run -n`
    PyObject *file;    // str: `__file__`, absolute; not looked at where there is a spec
    PyObject *folder;  // str for sys.path, or NULL for none
    PyObject *argv;    // list of str
    PyObject *spec;  // the ModuleSpec of a module that was found, or NULL for a plain file
    PyObject
        *bare;  // the module to execute in, from run_scope_module_new(); NULL: a new one
} RunScopeState;

/* Make a module as the interpreter's `__main__` is before it knows what to execute.
 *
 * Returns NULL with an exception set.
 */
CHECKED PyObject *run_scope_module_new(PyObject *name);

/* Make a new module for `state` and enter it on top of `*stack`.
 *
 * Returns the scope, valid until it is left, or NULL with an exception set and the
 * interpreter's state as it was.
 */
CHECKED RunScope *run_scope_enter(RunScope **stack, const RunScopeState *state);

/* Enter with `module`, which exists, instead of a new one. */
CHECKED RunScope *run_scope_enter_module(RunScope **stack, const RunScopeState *state,
                                         PyObject *module);

/* The module of the scope, valid as long as `s`.  Never fails. */
BORROWED PyObject *run_scope_module(const RunScope *s);

/* The script's namespace, valid as long as `s`.  Never fails. */
BORROWED PyObject *run_scope_namespace(const RunScope *s);

/* Take `s` off the stack and put back what it displaced.  Accepts NULL; keeps a pending
 * exception.  The namespace lives on as long as anything needs it.
 * Runs user code (the module may go).
 */
void run_scope_leave(RunScope **stack, RunScope *s);
