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
    bool dot_slash = PyUnicode_GET_LENGTH(path) > 2 && PyUnicode_READ_CHAR(path, 0) == '.'
        && PyUnicode_READ_CHAR(path, 1) == '/';
    char folder[PATH_MAX];
    if (getcwd(folder, sizeof folder) == NULL)
        return PyErr_SetFromErrno(PyExc_OSError);
    AUTO_DECREF PyObject *cwd = PyUnicode_DecodeFSDefault(folder);
    AUTO_DECREF PyObject *rest = PyUnicode_Substring(path, dot_slash ? 2 : 0, PY_SSIZE_T_MAX);
    return cwd == NULL || rest == NULL ? NULL : PyUnicode_FromFormat("%U/%U", cwd, rest);
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
label_other_texts(RunLedger *l, const RunSource *source)
{
    for (size_t i = 0; i < l->count; i++) {
        RunSource *other = l->runs[i]->source;
        if (other == source || other->labelled
            || PyUnicode_Compare(other->path, source->path) != 0)
            continue;
        int alive = is_alive(l->runs[i]);
        if (alive < 0
            || (alive == 1 && run_source_label(other, first_number(l, other)) < 0))
            return -1;
    }
    return 0;
}

/* Retract and cut the finished runs of the script that left before `sequence`.  Returns how many
 * names went, or -1. */
static Py_ssize_t
supersede(RunLedger *l, PyObject *key, long sequence)
{
    Py_ssize_t retracted = 0;
    for (size_t i = 0; i < l->count; i++) {
        Run *r = l->runs[i];
        if (r->superseded || r->sequence == 0 || r->sequence >= sequence
            || PyUnicode_Compare(r->key, key) != 0)
            continue;
        r->superseded = true;
        r->users++;
        Py_ssize_t n = run_link_retract(l, r);
        run_ledger_release(r);
        if (n < 0)
            return -1;
        retracted += n;
    }
    return retracted;
}

/* Give the superseded runs that something still holds their own name. */
static int
label_survivors(RunLedger *l, PyObject *key)
{
    for (size_t i = 0; i < l->count; i++) {
        Run *r = l->runs[i];
        if (r->superseded && !r->viewed && !r->in_prompt
            && PyUnicode_Compare(r->key, key) == 0 && run_label_all(l, r) < 0)
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

/* What a script that raised `error` ends with: status and exit code. */
static int
note_status(Run *r, PyObject *error)
{
    r->status = error == NULL ? RUN_OK : RUN_ERROR;
    r->exit_code = error != NULL;
    if (error == NULL)
        return 0;
    if (PyErr_GivenExceptionMatches(error, PyExc_KeyboardInterrupt))
        r->status = RUN_INTERRUPTED;
    if (!PyErr_GivenExceptionMatches(error, PyExc_SystemExit))
        return 0;
    r->status = RUN_EXIT;
    AUTO_DECREF PyObject *code = PyObject_GetAttrString(error, "code");
    if (code == NULL)
        return -1;
    r->exit_code = code == Py_None ? 0 : 1;
    if (PyLong_Check(code))
        r->exit_code = (int)PyLong_AsLong(code);
    PyErr_Clear();  // an int beyond C's long: -1, as the interpreter has it
    return 0;
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

/* `__file__` is a name at the prompt only while `%run -i` executes there. */
static int
set_prompt_file(const RunLedger *l, PyObject *file)
{
    AUTO_DECREF PyObject *name = PyUnicode_InternFromString("__file__");
    if (name == NULL)
        return -1;
    if (file != NULL)
        return PyDict_SetItem(l->prompt, name, file);
    return call_dict_discard(l->prompt, name) < 0 ? -1 : 0;
}

/* Execute in the scope just entered.  Returns -1 with what the script raised set. */
static int
execute_in(RunLedger *l, Run *r, const RunScope *scope)
{
    AUTO_DECREF PyObject *namespace = Py_NewRef(run_scope_namespace(scope));
    if (r->in_prompt) {
        if (set_prompt_file(l, r->path) < 0)
            return -1;
    } else {
        r->module = PyWeakref_NewRef(run_scope_module(scope), NULL);
        if (r->module == NULL)
            return -1;
    }
    double start = monotonic();
    AUTO_DECREF PyObject *none = PyEval_EvalCode(r->source->code, namespace, namespace);
    r->elapsed = monotonic() - start;
    return none == NULL ? -1 : 0;
}

/* Enter, execute and leave.  What the script raised goes to `ret_error`. */
static int
execute(RunLedger *l, Run *r, const RunScopeState *state, PyObject **ret_error)
{
    RunScope *scope = r->in_prompt
        ? run_scope_enter_module(&l->scopes, state, l->module)
        : run_scope_enter(&l->scopes, state);
    if (scope == NULL)
        return -1;
    AUTO_DECREF PyObject *error = execute_in(l, r, scope) < 0 ? exc_take() : NULL;
    run_scope_leave(&l->scopes, scope);
    if (r->in_prompt && set_prompt_file(l, NULL) < 0)
        return -1;
    int status = note_status(r, error);
    *ret_error = TAKE(error);
    return status;
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

/* What is left to do when the script has left: it is current now, and its names are live. */
static int
finish(RunLedger *l, const RunRequest *request, Run *r)
{
    r->sequence = ++l->last_sequence;
    if (r->in_prompt)
        return run_boundary(l);
    bool succeeded = r->status == RUN_OK || (r->status == RUN_EXIT && r->exit_code == 0);
    if ((succeeded || !request->keep) && supersede(l, r->key, r->sequence) < 0)
        return -1;
    if (label_survivors(l, r->key) < 0 || run_link_publish(l, r) < 0)
        return -1;
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
    if (execute(l, result.run, &state, &result.error) < 0
        || finish(l, request, result.run) < 0)
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
    r->superseded = true;
    r->users++;
    Py_ssize_t retracted = run_link_retract(l, r);
    int labelled = retracted < 0 ? -1 : run_label_all(l, r);
    run_ledger_release(r);
    return labelled;
}
