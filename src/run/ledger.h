/* run/ledger.h -- the list of runs, and what the prompt and they share.
 *
 * The ledger keeps the facts of each run and holds the run itself weakly: what keeps a run
 * alive is only what the user holds.  A run's `links` hold the values that the prompt and the
 * run's namespace shared when they were last compared; the prompt holds the same values, so
 * they add no lifetime.  Facts of runs that are over, superseded and freed are forgotten beyond
 * the latest RUN_LEDGER_FREED of them.
 *
 * Several threads may run scripts: every function here may be entered again by another thread,
 * or by itself, wherever it says that it runs user code.
 *
 * World: Python, GIL held.  Tests: tests/c/test_run_ledger.c
 */
#pragma once

#include <stdbool.h>

#include "heap/collect.h"
#include "py/ref.h"
#include "run/scope.h"
#include "run/source.h"

enum { RUN_LEDGER_FREED = 200 };

typedef enum RunStatus {
    RUN_RUNNING,
    RUN_OK,
    RUN_ERROR,
    RUN_EXIT,
    RUN_INTERRUPTED,
} RunStatus;

typedef struct Run {
    int number;  // from 1
    int users;   // calls that hold this record across user code
    RunStatus status;
    int exit_code;  // of SystemExit, or 1 after an error
    bool superseded;
    bool in_prompt;      // executed in the prompt's own module (`%run -i`): no links
    bool viewed;         // sys.modules has its view
    bool labelled;       // all that its namespace leads to has its label
    double started;      // seconds since the epoch
    double elapsed;      // seconds
    long sequence;       // order of leaving; 0 while it executes
    PyObject *path;      // str: the script as `__file__` says it
    PyObject *key;       // str: its real path, by which re-runs are matched
    PyObject *argv;      // tuple of str
    PyObject *names;     // tuple of str: what it published
    PyObject *module;    // weak reference to its module
    PyObject *links;     // dict: name -> the value last seen on both sides
    PyObject *assigned;  // set: the linked names that the user assigned last
    PyObject *unlinked;  // set: names of the namespace that are linked no longer
    PyObject
        *wanted;  // of the latest run: dict, name read but not defined -> what the prompt
                  // has; or NULL
    PyObject
        *remnants;  // dict: name -> weak reference to a class that may outlive it; or NULL
    uintptr_t proof;  // what held it when the whole heap was last collected for it, or 0
    PyObject *
        threads;  // list: weak references to threads that it started; or NULL (run/threads.h)
    bool threads_told;  // the user knows of them
    RunSource *source;
} Run;

typedef struct RunLedger {
    PyObject *prompt;  // dict: the prompt's namespace
    PyObject *module;  // the prompt's module, or NULL
    RunScope *scopes;
    PyObject *view_type;
    PyObject *finder;  // finds the siblings of scripts, and has texts noted (run/finder.h)
    PyObject *notes;   // dict: the texts of imported modules (run/note.h)
    PyObject *absent;  // stands in `Run.wanted` for a name that the prompt did not have
    Run **runs;        // by number, oldest first
    size_t count;
    size_t room;
    int last_number;
    long last_sequence;
    HeapCollector collector;
} RunLedger;

/* Make a ledger for the prompt whose namespace is the dict `prompt`; `module`, which may be
 * NULL, is the module that has it.  Returns NULL with an exception set.
 */
CHECKED RunLedger *run_ledger_new(PyObject *prompt, PyObject *module);

/* Forget all runs.  Where another thread still executes one, its record and the ledger stay for
 * it, until this is called again.  Accepts NULL; keeps a pending exception.  Runs user code.
 */
void run_ledger_free(RunLedger *l);
DEFINE_AUTO(RunLedger *, run_ledger_free)

/* Enter a new record, with status RUN_RUNNING and one user.
 *
 * Returns the record, or NULL with an exception set.
 */
CHECKED Run *run_ledger_add(RunLedger *l, RunSource *source, PyObject *key, PyObject *argv);

/* End one use of the record. */
void run_ledger_release(Run *r);

/* Take the record of a run that did not come to execute out of the ledger, and end its one
 * use; its number is given again if it was the last.
 */
void run_ledger_withdraw(RunLedger *l, Run *r);

/* Forget the oldest of the runs that are freed and superseded, beyond RUN_LEDGER_FREED; runs
 * in the prompt have nothing of their own and count as such once they are over.
 */
void run_ledger_trim(RunLedger *l);

/* The first run with a number greater than `number`, the last one with a smaller number; or
 * NULL.  Valid until user code runs: a loop that runs some goes by these, for records may come
 * and go meanwhile.
 */
BORROWED Run *run_ledger_after(const RunLedger *l, int number);
BORROWED Run *run_ledger_before(const RunLedger *l, int number);

/* The run with this number, or NULL; valid until user code runs. */
BORROWED Run *run_ledger_find(const RunLedger *l, int number);

/* The latest finished run with a namespace of its own that is not superseded, or NULL. */
BORROWED Run *run_ledger_latest(const RunLedger *l);

/* The run's module: 1 and a new reference, 0 once it is freed, -1 with an exception set. */
CHECKED int run_ledger_module(const Run *r, PyObject **ret_module);

/* The run's namespace, in the same way. */
CHECKED int run_ledger_namespace(const Run *r, PyObject **ret_namespace);

/* Whether a run's name is published: no dunder, none of the shell's own. */
bool run_ledger_publishes(PyObject *name);
