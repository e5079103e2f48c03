#include "run/exec.h"

#include <limits.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "py/call.h"
#include "py/exc.h"
#include "run/boundary.h"
#include "run/finder.h"
#include "run/helper.h"
#include "run/label.h"
#include "run/link.h"

// Seconds: what a shorter run left is still young, and collected with the youngest.
#define SHORT_RUN 0.005

/* Where a script is, in the ways that the interpreter needs to know. */
typedef struct Place {
    PyObject *given;   // str: as the user wrote it, with its ".py"
    PyObject *path;    // str: absolute, as `__file__` has it
    PyObject *key;     // str: real path, symbolic links resolved
    PyObject *folder;  // str: the real folder, for sys.path
    PyObject *name;    // str: `__name__`
} Place;

static void
place_done(Place *p)
{
    Py_XDECREF(p->given);
    Py_XDECREF(p->path);
    Py_XDECREF(p->key);
    Py_XDECREF(p->folder);
    Py_XDECREF(p->name);
}

/* The absolute path as `python3 file` makes it: joined to the current folder, not normalised. */
static PyObject *
absolute_path(PyObject *path)
{
    if (PyUnicode_READ_CHAR(path, 0) == '/')
        return Py_NewRef(path);
    char folder[PATH_MAX];
    if (getcwd(folder, sizeof folder) == NULL)
        return PyErr_SetFromErrno(PyExc_OSError);
    AUTO_DECREF PyObject *cwd = PyUnicode_DecodeFSDefault(folder);
    return cwd == NULL ? NULL : PyUnicode_FromFormat("%U/%U", cwd, path);
}

static PyObject *
real_path(PyObject *path)
{
    AUTO_DECREF PyObject *encoded = PyUnicode_EncodeFSDefault(path);
    if (encoded == NULL)
        return NULL;
    char resolved[PATH_MAX];
    if (realpath(PyBytes_AS_STRING(encoded), resolved) == NULL)
        return Py_NewRef(path);  // a pipe of the shell's, say: its path is all it has
    return PyUnicode_DecodeFSDefault(resolved);
}

/* The last part of `path` without its suffix. */
static PyObject *
stem_of(PyObject *path)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(path);
    Py_ssize_t start = PyUnicode_FindChar(path, '/', 0, length, -1) + 1;
    Py_ssize_t dot = PyUnicode_FindChar(path, '.', start, length, -1);
    return PyUnicode_Substring(path, start, dot > start ? dot : length);
}

static int
place_find(Place *p, const RunRequest *request)
{
    p->path = absolute_path(p->given);
    p->key = p->path == NULL ? NULL : real_path(p->path);
    if (p->key == NULL)
        return -1;
    Py_ssize_t slash =
        PyUnicode_FindChar(p->key, '/', 0, PyUnicode_GET_LENGTH(p->key), -1);
    p->folder = PyUnicode_Substring(p->key, 0, slash > 0 ? slash : 1);
    p->name =
        request->not_main ? stem_of(p->path) : PyUnicode_InternFromString("__main__");
    return p->folder == NULL || p->name == NULL ? -1 : 0;
}

/* The latest source of the same path, if its text is the same; NULL otherwise. */
static BORROWED RunSource *
same_source(const RunLedger *l, const Place *place, PyObject *bytes)
{
    for (size_t i = l->count; i-- > 0;) {
        const Run *r = l->runs[i];
        if (PyUnicode_Compare(r->path, place->path) != 0)
            continue;
        int same = !r->source->labelled
                && PyObject_RichCompareBool(r->source->bytes, bytes, Py_EQ) == 1;
        return same ? r->source : NULL;
    }
    return NULL;
}

static RunSource *
load(const RunLedger *l, const RunRequest *request, Place *place)
{
    AUTO_DECREF PyObject *bytes = run_source_read(request->path, &place->given);
    if (bytes == NULL || place_find(place, request) < 0)
        return NULL;
    RunSource *known = same_source(l, place, bytes);
    return known ? run_source_ref(known) : run_source_new(place->path, bytes);
}

/* The number of the first run of a source, by which its code is labelled. */
static int
first_number(const RunLedger *l, const RunSource *source)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->runs[i]->source == source)
            return l->runs[i]->number;
    return 0;
}

static int
is_alive(const Run *r)
{
    AUTO_DECREF PyObject *module = NULL;
    return run_ledger_module(r, &module);
}

/* Relabel the other texts of the path that a run is alive of, or still executes. */
static int
label_other_texts(const RunLedger *l, const RunSource *source)
{
    BORROWED Run *r;
    for (int n = 0; (r = run_ledger_after(l, n)) != NULL;) {
        n = r->number;
        if (r->source == source || PyUnicode_Compare(r->source->path, source->path) != 0)
            continue;
        int alive = is_alive(r);
        if (alive == 0)
            continue;
        AUTO(run_source_unref) RunSource *other = run_source_ref(r->source);
        if (alive < 0 || run_source_label(other, first_number(l, other)) < 0)
            return -1;
    }
    return 0;
}

/* Retract the names of a finished run and cut its links; superseded from the start, so that
 * user code which synchronises the links meanwhile takes no retracted name for a deleted one.
 * Returns how many names went, or -1. */
static Py_ssize_t
retire(RunLedger *l, Run *r)
{
    r->superseded = true;
    r->settled = false;
    r->users++;
    Py_ssize_t retracted = run_link_retract(l, r);
    r->superseded = retracted >= 0;
    run_ledger_release(r);
    return retracted;
}

/* Retract and cut the finished runs of the script that left before `sequence`.  Returns how many
 * names went, or -1. */
static Py_ssize_t
supersede(RunLedger *l, PyObject *key, long sequence)
{
    Py_ssize_t all = 0;
    BORROWED Run *r;
    for (int n = 0; (r = run_ledger_after(l, n)) != NULL;) {
        n = r->number;
        if (r->superseded || r->sequence == 0 || r->sequence >= sequence
            || PyUnicode_Compare(r->key, key) != 0)
            continue;
        Py_ssize_t retracted = retire(l, r);
        if (retracted < 0)
            return -1;
        all += retracted;
    }
    return all;
}

/* Give the superseded runs that something still holds their own name. */
static int
label_survivors(const RunLedger *l, PyObject *key)
{
    BORROWED Run *r;
    for (int n = 0; (r = run_ledger_after(l, n)) != NULL;) {
        n = r->number;
        if (!r->superseded || r->labelled || r->in_prompt
            || PyUnicode_Compare(r->key, key) != 0)
            continue;
        r->users++;
        int labelled = run_label_all(l, r);
        run_ledger_release(r);
        if (labelled < 0)
            return -1;
    }
    return 0;
}

static double
monotonic(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);  // this clock exists
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* The exit code that a SystemExit asks for. */
static int
exit_code_of(PyObject *error)
{
    AUTO_DECREF PyObject *code = PyObject_GetAttrString(error, "code");
    int result = code == Py_None ? 0 : 1;
    if (code != NULL && PyLong_Check(code))
        result = (int)PyLong_AsLong(code);
    PyErr_Clear();  // no `code`: 1; an int beyond C's long: -1, as the interpreter has it
    return result;
}

/* The script has left, and raised `error` or nothing. */
static void
note_end(RunLedger *l, Run *r, PyObject *error)
{
    r->sequence = ++l->last_sequence;
    r->status = error == NULL ? RUN_OK : RUN_ERROR;
    r->exit_code = error != NULL;
    if (error == NULL)
        return;
    if (PyErr_GivenExceptionMatches(error, PyExc_KeyboardInterrupt))
        r->status = RUN_INTERRUPTED;
    if (PyErr_GivenExceptionMatches(error, PyExc_SystemExit)) {
        r->status = RUN_EXIT;
        r->exit_code = exit_code_of(error);
    }
}

static PyObject *
argv_new(const Place *place, PyObject *args)
{
    AUTO_DECREF PyObject *argv = PyList_New(0);
    if (argv == NULL || PyList_Append(argv, place->given) < 0
        || PyList_SetSlice(argv, 1, 1, args) < 0)
        return NULL;
    return TAKE(argv);
}

/* Names that are a script's at the prompt while `%run -i` executes there, and no longer: put
 * `value`, or NULL for none; what was there goes to `ret_outer`. */
static int
exchange_in_prompt(const RunLedger *l, const char *key, PyObject *value, PyObject **ret_outer)
{
    AUTO_DECREF PyObject *name = PyUnicode_InternFromString(key);
    if (name == NULL || call_dict_get(l->prompt, name, ret_outer) < 0)
        return -1;
    if (value != NULL)
        return PyDict_SetItem(l->prompt, name, value);
    return call_dict_discard(l->prompt, name) < 0 ? -1 : 0;
}

static int
evaluate_plainly(PyObject *code, PyObject *namespace)
{
    AUTO_DECREF PyObject *none = PyEval_EvalCode(code, namespace, namespace);
    return none == NULL ? -1 : 0;
}

/* Execute the code in the scope just entered.  Returns what it raised, or NULL. */
static PyObject *
evaluate(const RunRequest *request, Run *r, const RunScope *scope)
{
    AUTO_DECREF PyObject *namespace = Py_NewRef(run_scope_namespace(scope));
    double start = monotonic();
    int done = request->evaluate != NULL
        ? request->evaluate(request->context, r->source->code, namespace)
        : evaluate_plainly(r->source->code, namespace);
    r->elapsed += monotonic() - start;
    return done < 0 ? exc_take() : NULL;
}

static RunScope *
enter(RunLedger *l, const Run *r, const RunScopeState *state)
{
    if (!r->in_prompt)
        return run_scope_enter(&l->scopes, state);
    if (l->module != NULL)
        return run_scope_enter_module(&l->scopes, state, l->module);
    PyErr_SetString(PyExc_ValueError, "the session has no module to execute a script in");
    return NULL;
}

/* What the prompt had of the names that a script in it has of its own. */
typedef struct PromptNames {
    PyObject *file;
    PyObject *name;
} PromptNames;

static int
take_from_prompt(const RunLedger *l, PromptNames *outer)
{
    AUTO_DECREF PyObject *file = TAKE(outer->file);
    AUTO_DECREF PyObject *name = TAKE(outer->name);
    AUTO_DECREF PyObject *script_file = NULL;
    AUTO_DECREF PyObject *script_name = NULL;
    if (exchange_in_prompt(l, "__file__", file, &script_file) < 0)
        return -1;
    return name == NULL ? 0 : exchange_in_prompt(l, "__name__", name, &script_name);
}

static int
lend_to_prompt(const RunLedger *l, const RunScopeState *state, PromptNames *ret_outer)
{
    if (exchange_in_prompt(l, "__file__", state->file, &ret_outer->file) < 0) {
        Py_CLEAR(ret_outer->file);
        return -1;
    }
    if (exchange_in_prompt(l, "__name__", state->name, &ret_outer->name) == 0)
        return 0;
    AUTO_EXC ExcHold hold = exc_hold();
    if (take_from_prompt(l, ret_outer) < 0)
        PyErr_Clear();  // no memory, again
    return -1;
}

/* Enter, execute and leave.  The module goes to `ret_module`, what the script raised to
 * `ret_error`.  Where `r->sequence` is still 0 after a failure, nothing was executed. */
static int
execute(RunLedger *l, const RunRequest *request, Run *r, const RunScopeState *state,
        PyObject **ret_module, PyObject **ret_error)
{
    RunScope *scope = enter(l, r, state);
    if (scope == NULL)
        return -1;
    *ret_module = Py_NewRef(run_scope_module(scope));
    PromptNames outer = { 0 };
    r->module = r->in_prompt ? NULL : PyWeakref_NewRef(*ret_module, NULL);
    int ready = r->in_prompt ? lend_to_prompt(l, state, &outer) : r->module == NULL ? -1 : 0;
    if (ready == 0)
        *ret_error = evaluate(request, r, scope);
    run_scope_leave(&l->scopes, scope);
    if (ready == 0)
        note_end(l, r, *ret_error);
    return ready == 0 && r->in_prompt ? take_from_prompt(l, &outer) : ready;
}

static bool
safe_path(void)
{
    AUTO_DECREF PyObject *flags = Py_XNewRef(PySys_GetObject("flags"));
    AUTO_DECREF PyObject *safe =
        flags == NULL ? NULL : PyObject_GetAttrString(flags, "safe_path");
    if (safe == NULL)
        PyErr_Clear();  // an embedder's own sys.flags: then as the interpreter's default
    return safe != NULL && PyObject_IsTrue(safe) == 1;
}

/* Have the script import afresh the helpers that changed. */
static int
refresh_helpers(RunLedger *l, const RunRequest *request, const Place *place)
{
    AUTO_DECREF PyObject *names = NULL;
    int any = run_helper_refresh(l->notes, place->folder, &l->collector, &names);
    if (any == 1 && request->refreshed != NULL)
        request->refreshed(names);
    return any < 0 ? -1 : 0;
}

/* Make way for the new run: what the earlier ones hold alone is free before it starts. */
static int
prepare(RunLedger *l, const RunRequest *request, const Place *place, RunSource *source,
        RunResult *result)
{
    if (!request->keep && !request->in_prompt) {
        result->released = supersede(l, place->key, LONG_MAX);
        if (result->released < 0 || run_boundary(l) < 0)
            return -1;
    }
    if (label_other_texts(l, source) < 0 || label_survivors(l, place->key) < 0)
        return -1;
    if (source->users == 1 && run_source_show(source) < 0)
        return -1;
    if (refresh_helpers(l, request, place) < 0)
        return -1;
    return run_finder_offer(l->finder, place->folder);
}

static bool
has_succeeded(const Run *r)
{
    return r->status == RUN_OK || (r->status == RUN_EXIT && r->exit_code == 0);
}

/* The script has left: it is current now, and its names are live. */
static int
take_place(RunLedger *l, const RunRequest *request, Run *r)
{
    if (r->in_prompt)
        return 0;
    if ((has_succeeded(r) || !request->keep) && supersede(l, r->key, r->sequence) < 0)
        return -1;
    return label_survivors(l, r->key) < 0 ? -1 : run_link_publish(l, r);
}

/* After a repetition that is not the last: it never was, and what only it held is free. */
static int
forget_repetition(RunLedger *l, Run *r, PyObject **module, PyObject **error)
{
    r->sequence = 0;
    r->status = RUN_RUNNING;
    Py_CLEAR(*module);
    Py_CLEAR(*error);
    int freed = r->in_prompt ? run_boundary(l) : run_boundary_free(l, HEAP_YOUNG);
    Py_CLEAR(r->module);
    r->settled = false;
    return freed;
}

/* Execute as often as asked for, in a new argv each time. */
static int
execute_all(RunLedger *l, const RunRequest *request, Run *r, RunScopeState *state,
            PyObject **ret_module, PyObject **ret_error)
{
    int executed = execute(l, request, r, state, ret_module, ret_error);
    for (long n = 1; n < request->repetitions && executed == 0 && has_succeeded(r); n++) {
        AUTO_DECREF PyObject *fresh = PySequence_List(r->argv);
        state->argv = fresh;
        if (fresh == NULL || forget_repetition(l, r, ret_module, ret_error) < 0)
            return -1;
        executed = execute(l, request, r, state, ret_module, ret_error);
    }
    return executed;
}

/* From the record in the ledger to the boundary; the module is held until its names are
 * published, for a script may delete what else holds it. */
static int
run(RunLedger *l, const RunRequest *request, RunScopeState *state, RunResult *result)
{
    Run *r = result->run;
    AUTO_DECREF PyObject *module = NULL;
    int executed = execute_all(l, request, r, state, &module, &result->error);
    if (r->sequence == 0) {
        run_ledger_withdraw(l, TAKE(result->run));
        return -1;
    }
    if (executed < 0 || take_place(l, request, r) < 0)
        return -1;
    Py_CLEAR(module);
    if (r->in_prompt)
        return run_boundary(l);
    return run_boundary_free(l, r->elapsed < SHORT_RUN ? HEAP_YOUNGEST : HEAP_YOUNG);
}

int
run_exec(RunLedger *l, const RunRequest *request, RunResult *ret_result)
{
    __attribute__((cleanup(place_done))) Place place = { 0 };
    AUTO(run_source_unref) RunSource *source = load(l, request, &place);
    if (source == NULL)
        return -1;
    AUTO_DECREF PyObject *argv = argv_new(&place, request->args);
    __attribute__((cleanup(run_result_done))) RunResult result = { 0 };
    if (argv == NULL || prepare(l, request, &place, source, &result) < 0)
        return -1;
    result.run = run_ledger_add(l, source, place.key, argv);
    if (result.run == NULL)
        return -1;
    result.run->in_prompt = request->in_prompt;
    RunScopeState state = { .name = place.name,
                            .file = place.path,
                            .folder = safe_path() ? NULL : place.folder,
                            .argv = argv };
    if (run(l, request, &state, &result) < 0)
        return -1;
    *ret_result = result;
    result = (RunResult){ 0 };
    return 0;
}

void
run_result_done(RunResult *result)
{
    if (result->run != NULL)
        run_ledger_release(result->run);
    result->run = NULL;
    Py_CLEAR(result->error);
}

int
run_exec_retire(RunLedger *l, Run *r)
{
    if (r->superseded || r->sequence == 0)
        return 0;
    if (retire(l, r) < 0)
        return -1;
    r->users++;
    int labelled = run_label_all(l, r);
    run_ledger_release(r);
    return labelled;
}
