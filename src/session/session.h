/* session/session.h -- one interactive process: the prompt's module, its records, its runs.
 *
 * A session owns the parts below; they are made in the order of the struct and end in the
 * reverse order.  Fronts (the simple prompt, a terminal, a kernel) feed it cells and fill
 * SessionFront with what a cell may ask of them.
 *
 * World: Python, GIL held.  Tests: tests/py/test_prompt.py, tests/c/test_session_session.c
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "py/ref.h"
#include "run/ledger.h"
#include "show/traceback.h"

/* The lists of an extension's functions on a cell: on its lines as typed, on its lines as Python,
 * on its tree. */
typedef enum SessionTransform {
    TRANSFORM_CLEANUP,
    TRANSFORM_POST,
    TRANSFORM_TREE,
    TRANSFORM_KINDS,
} SessionTransform;

typedef struct Session Session;
typedef struct Magic Magic;
typedef struct HistJournal HistJournal;
typedef struct SessionLoan SessionLoan;

/* What the session asks of its front; a NULL member is a wish that the front can't grant. */
typedef struct SessionFront {
    /* Ask a yes-or-no question: 1 for yes, 0 for no, -1 with an exception set. */
    int (*confirm)(Session *s, const char *question);
    /* Have the next input begin with `text`: 0, or -1 with an exception set. */
    int (*set_next_input)(Session *s, PyObject *text);
    /* Make ready for the first prompt: 0, or -1 with an exception set.  NULL: nothing is to do. */
    int (*start)(Session *s);
    /* Read the next cell: 1 with its text, 0 at the end of the input, -1 with an exception set.
     * NULL: the simple prompt does it. */
    int (*read_cell)(Session *s, PyObject **ret_text);
    /* A callback is about to call input() while a prompt is on the screen.  Keeps a pending
     * exception. */
    void (*prepare_asking)(Session *s);
    /* ... or uses the terminal itself: take the prompt off it until the callback is over.  Returns
     * whether there is one. */
    bool (*leave_terminal)(Session *s);
    /* What a cell printed is written to its end, and something else is to begin a row of its own:
     * go to a new one where that stands in the last.  NULL: nobody knows. */
    void (*begin_row)(void);
} SessionFront;

/* Somebody who waits for what a cell displays, the innermost first.  Threads may come and go in
 * any order: each takes its own out. */
typedef struct SessionShown {
    PyObject *value;
    struct SessionShown *outer;
} SessionShown;

struct Session {
    const SessionFront *front;
    const Magic *const *magics;  // NULL-terminated, in alphabetical order
    int fds[3];                  // duplicates of descriptors 0-2, or -1
    pid_t pid;                   // a forked child is told by its pid
    unsigned long thread;        // that the session was started in
    PyGetSetDef module_members[2];
    PyObject *module;       // `__main__`, never replaced
    PyObject *namespace;    // its dict
    PyObject *inputs;       // In
    PyObject *outputs;      // Out
    PyObject *sizes;        // dict: the numbers in Out, oldest first, with sizes in bytes
    size_t cache_count;     // how many outputs are kept
    size_t cache_bytes;     // and how large they may be together
    PyObject *underscore;   // what the shell put at `_`; NULL once that is the user's
    PyObject *folders;      // _dh
    PyObject *initial;      // set: the names that are not the user's
    PyObject *shell;        // get_ipython()
    PyObject *usage_error;  // the exception class of magics called wrongly
    PyObject *signals;      // the module `_signal`, which the guard asks at each run
    PyObject *tree_types;   // the module `_ast`, and builtins.compile(), for each statement
    PyObject *compile;
    PyObject *interrupted;  // the exception class of Ctrl-C pressed again
    PyObject *last_error;   // the exception that the last failed cell ended with, or NULL
    SessionShown *shown;    // where run_cell() wants what is displayed
    PyObject *importable;   // what completion knows of the folders of sys.path
    bool fuzzy;             // completion takes letters that lie apart
    PyObject *runner;       // asyncio.Runner, once it is needed (session/runner.h)
    PyObject *loop;         // its event loop
    int presses;            // Ctrl-C while a callback executes at the prompt
    bool awaits;        // the cell does: the event loop is the running one for all of it
    bool steps;         // the event loop runs while the prompt waits
    bool loop_forks;    // forked children know about it
    int waits;          // prompts that wait, each but the first within a callback
    int hooks;          // calls of PyOS_InputHook, likewise
    SessionLoan *loan;  // the innermost one's standard input, or NULL (session/loan.h)
    bool audited;       // callbacks are heard of
    bool repaint;       // a callback has used the terminal: the wait around it ends
    RunLedger *ledger;
    HistJournal *history;   // what was typed, and how much of it is saved
    int history_failure;    // why it could not be saved, a negative errno; or 0
    bool history_outputs;   // what cells display is stored too
    PyObject *heap;         // the module `mainspring` (session/holders.h)
    double progress_next;   // when to tell about the work over the heap again, or 0
    bool progress_shown;    // its line is on the terminal
    PyObject *displayhook;  // ours, which shows Out[N]
    // What extensions use, each NULL until it is asked for.
    PyObject *events;
    PyObject *extensions;  // the extension manager
    PyObject *manager;     // the magics manager
    PyObject *registered;  // registered magics: {'line': {...}, 'cell': {...}}
    PyObject *formatter;   // the display formatter
    PyObject *history_manager;
    PyObject *macro_type;  // once there was a macro
    PyObject *transformers[TRANSFORM_KINDS];
    PyObject *handled_classes;  // the exceptions that `handler` is for
    PyObject *handler;
    PyObject *result_type, *info_type, *native_type, *printer_type, *alias_type;
    int count;         // the number of the next cell
    int leaks_mark;    // %leaks is about runs with greater numbers
    int future_flags;  // what `from __future__` switched on
    TracebackMode traceback_mode;
    bool quiet;            // the cell ends with `;`
    bool watches_pickler;  // session/process.h
    bool exiting;
    bool finishing;  // exit functions are called because the session ends
    int exit_status;
};

/* Turn this process's `__main__` into a session.
 *
 * `front` and `magics` stay valid as long as the session.
 * Returns the session, or NULL with an exception set.
 */
CHECKED Session *session_new(const SessionFront *front, const Magic *const *magics);

/* Let go of all that the session holds; its memory stays, for `__main__` refers to it as long as
 * the interpreter is there.  Keeps a pending exception.  Runs user code.
 */
void session_done(Session *s);

/* The same for a session that did not come to be: its memory is freed where `__main__` does not
 * refer to it yet.  Accepts NULL.
 */
void session_free(Session *s);
DEFINE_AUTO(Session *, session_free)

/* Keep `error`, an exception object, as the last one: sys.last_value and its kin as well.
 * NULL forgets it, and with it the frames that it holds.  Never fails; runs user code.
 */
void session_keep_error(Session *s, PyObject *error);

/* Whether `name` is bound at the prompt or in builtins, by somebody else than the shell. */
bool session_has_variable(Session *s, const char *name, size_t length);
