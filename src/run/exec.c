#include "run/exec.h"

#include <limits.h>

#include "base/clock.h"
#include "py/call.h"
#include "py/exc.h"
#include "run/boundary.h"
#include "run/finder.h"
#include "run/helper.h"
#include "run/label.h"
#include "run/link.h"
#include "run/target.h"
#include "run/threads.h"

/* What is to be executed. */
typedef struct Job {
    const RunRequest *request;
    RunTarget target;
    PyObject
        *bare;  // the module to execute in, if the target was found in a scope of its own
} Job;

static void
job_done(Job *job)
{
    run_target_done(&job->target);
    Py_CLEAR(job->bare);
}

/* The latest source of the same path, if its text is the same; NULL otherwise. */
static BORROWED RunSource *
same_source(const RunLedger *l, const RunTarget *target)
{
    for (size_t i = l->count; i-- > 0;) {
        const Run *r = l->runs[i];
        if (PyUnicode_Compare(r->path, target->path) != 0)
            continue;
        int same =
            !r->source->labelled
            && PyObject_RichCompareBool(r->source->bytes, target->content, Py_EQ) == 1;
        return same ? r->source : NULL;
    }
    return NULL;
}

static RunSource *
load(const RunLedger *l, const RunTarget *t)
{
    RunSource *known = same_source(l, t);
    if (known != NULL)
        return run_source_ref(known);
    return t->code == NULL ? run_source_new(t->path, t->content)
                           : run_source_of_code(t->path, t->content, t->text, t->code);
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
argv_new(PyObject *first, PyObject *args)
{
    AUTO_DECREF PyObject *argv = PyList_New(0);
    if (argv == NULL || PyList_Append(argv, first) < 0
        || PyList_SetSlice(argv, 1, 1, args) < 0)
        return NULL;
    return TAKE(argv);
}

/* Names that are a script's at the prompt while `%run -i` executes there, and no longer: put
 * `value`, or NULL for none; what was there goes to `ret_outer`. */
static int
exchange_in_prompt(const RunLedger *l, const char *key, PyObject *value,
                   PyObject **ret_outer)
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
    double start = clock_monotonic();
    int done = request->evaluate != NULL
                   ? request->evaluate(request->context, r->source->code, namespace)
                   : evaluate_plainly(r->source->code, namespace);
    r->elapsed += clock_monotonic() - start;
    return done < 0 ? exc_take() : NULL;
}

static RunScope *
enter_module(RunLedger *l, const Run *r, const RunScopeState *state)
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
lend_to_prompt(const RunLedger *l, const Run *r, const Job *job, PromptNames *ret_outer)
{
    if (exchange_in_prompt(l, "__file__", r->path, &ret_outer->file) < 0) {
        Py_CLEAR(ret_outer->file);
        return -1;
    }
    if (!job->request->not_main
        || exchange_in_prompt(l, "__name__", job->target.name, &ret_outer->name) == 0)
        return 0;
    AUTO_EXC ExcHold hold = exc_hold();
    if (take_from_prompt(l, ret_outer) < 0)
        PyErr_Clear();  // no memory, again
    return -1;
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

/* Enter the scope of the run; what of the job would hold its module goes into that. */
static RunScope *
enter(RunLedger *l, const Run *r, Job *job)
{
    AUTO_DECREF PyObject *main = PyUnicode_InternFromString("__main__");
    AUTO_DECREF PyObject *argv = main == NULL ? NULL : PySequence_List(r->argv);
    if (argv == NULL)
        return NULL;
    AUTO_DECREF PyObject *spec = TAKE(job->target.spec);
    AUTO_DECREF PyObject *bare = TAKE(job->bare);
    if (bare != NULL && Py_REFCNT(bare) == 1)
        Py_CLEAR(bare);  // nobody saw it: a young one is freed at less cost
    bool found_there = spec != NULL && !job->request->module;
    bool on_path = found_there || !safe_path();
    const RunScopeState state = { .name = job->request->not_main ? job->target.name : main,
                                  .file = job->target.path,
                                  .folder = on_path ? job->target.folder : NULL,
                                  .argv = argv,
                                  .spec = spec,
                                  .bare = bare };
    return enter_module(l, r, &state);
}

/* Enter, execute and leave.  The module goes to `ret_module`, what the script raised to
 * `ret_error`.  Where `r->sequence` is still 0 after a failure, nothing was executed. */
static int
execute(RunLedger *l, Run *r, Job *job, PyObject **ret_module, PyObject **ret_error)
{
    AUTO_DECREF PyObject *threads = run_threads_note();
    RunScope *scope = enter(l, r, job);
    if (scope == NULL)
        return -1;
    *ret_module = Py_NewRef(run_scope_module(scope));
    PromptNames outer = { 0 };
    r->module = r->in_prompt ? NULL : PyWeakref_NewRef(*ret_module, NULL);
    int ready = r->in_prompt        ? lend_to_prompt(l, r, job, &outer)
                : r->module == NULL ? -1
                                    : 0;
    if (ready == 0)
        *ret_error = evaluate(job->request, r, scope);
    run_scope_leave(&l->scopes, scope);
    if (ready == 0) {
        run_threads_keep(l, r, threads);
        note_end(l, r, *ret_error);
    }
    return ready == 0 && r->in_prompt ? take_from_prompt(l, &outer) : ready;
}

/* Have the script import afresh the helpers that changed. */
static int
refresh_helpers(RunLedger *l, const RunRequest *request, PyObject *folder)
{
    AUTO_DECREF PyObject *names = NULL;
    int any = run_helper_refresh(l->notes, folder, &l->collector, &names);
    if (any == 1 && request->refreshed != NULL)
        request->refreshed(names);
    return any == 1 ? run_boundary(l) : any;
}

/* Make way for the new run: what the earlier ones hold alone is free before it starts. */
static int
prepare(RunLedger *l, const Job *job, RunSource *source, RunResult *result)
{
    const RunRequest *request = job->request;
    const RunTarget *target = &job->target;
    if (!request->keep && !request->in_prompt) {
        result->released = supersede(l, target->key, LONG_MAX);
        if (result->released < 0 || run_boundary(l) < 0)
            return -1;
    }
    if (label_other_texts(l, source) < 0 || label_survivors(l, target->key) < 0)
        return -1;
    if (source->users == 1 && run_source_show(source) < 0)
        return -1;
    if (!request->module && refresh_helpers(l, request, target->home) < 0)
        return -1;
    return run_finder_offer(l->finder, target->home);
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
    int freed = r->in_prompt ? run_boundary(l) : run_boundary_after_run(l, r->elapsed);
    Py_CLEAR(r->module);
    return freed;
}

/* Execute as often as asked for. */
static int
execute_all(RunLedger *l, Run *r, Job *job, PyObject **ret_module, PyObject **ret_error)
{
    int executed = execute(l, r, job, ret_module, ret_error);
    long repetitions = job->request->repetitions;
    for (long n = 1; n < repetitions && executed == 0 && has_succeeded(r); n++) {
        if (forget_repetition(l, r, ret_module, ret_error) < 0)
            return -1;
        executed = execute(l, r, job, ret_module, ret_error);
    }
    return executed;
}

/* From the record in the ledger to the boundary; the module is held until its names are
 * published, for a script may delete what else holds it. */
static int
run(RunLedger *l, Job *job, RunResult *result)
{
    Run *r = result->run;
    AUTO_DECREF PyObject *module = NULL;
    int executed = execute_all(l, r, job, &module, &result->error);
    if (r->sequence == 0) {
        run_ledger_withdraw(l, TAKE(result->run));
        return -1;
    }
    if (executed < 0 || take_place(l, job->request, r) < 0)
        return -1;
    Py_CLEAR(module);
    if (r->in_prompt)
        return run_boundary(l);
    return run_boundary_after_run(l, r->elapsed);
}

/* Find the module in a scope as `python3 -m` has it then: the packages around it are imported. */
static int
find_module(RunLedger *l, Job *job)
{
    AUTO_DECREF PyObject *folder = run_target_current_folder();
    AUTO_DECREF PyObject *main =
        folder == NULL ? NULL : PyUnicode_InternFromString("__main__");
    AUTO_DECREF PyObject *option = main == NULL ? NULL : PyUnicode_FromString("-m");
    AUTO_DECREF PyObject *argv =
        option == NULL ? NULL : argv_new(option, job->request->args);
    if (argv == NULL || refresh_helpers(l, job->request, folder) < 0)
        return -1;
    job->bare = run_scope_module_new(main);
    const RunScopeState state = { .folder = safe_path() ? NULL : folder, .argv = argv };
    RunScope *scope =
        job->bare == NULL ? NULL : run_scope_enter_module(&l->scopes, &state, job->bare);
    if (scope == NULL)
        return -1;
    int r = run_target_find_module(job->request->path, folder, &job->target);
    run_scope_leave(&l->scopes, scope);
    return r;
}

/* Find what is to be run.  Only a file can be executed among the prompt's names: they can't be a
 * module's that was found, with its `__package__` and `__spec__`. */
static int
find(RunLedger *l, Job *job)
{
    const RunRequest *request = job->request;
    int r = 0;
    if (!request->module)
        r = run_target_find(request->path, &job->target);
    else if (!request->in_prompt)
        r = find_module(l, job);
    bool is_file = !request->module && job->target.spec == NULL;
    if (r < 0 || is_file || (!request->in_prompt && request->repetitions <= 1))
        return r;
    if (!request->in_prompt) {
        // its spec is used up by the first `__main__`
        PyErr_Format(PyExc_ValueError, "%U: only a file can be repeated", request->path);
        return -1;
    }
    PyErr_Format(
        PyExc_ValueError,
        "%U: -i is for files; a module, folder or zip file has a `__main__` of its own",
        request->path);
    return -1;
}

int
run_exec(RunLedger *l, const RunRequest *request, RunResult *ret_result)
{
    __attribute__((cleanup(job_done))) Job job = { .request = request };
    if (find(l, &job) < 0)
        return -1;
    AUTO(run_source_unref) RunSource *source = load(l, &job.target);
    if (source == NULL)
        return -1;
    AUTO_DECREF PyObject *argv = argv_new(job.target.given, request->args);
    __attribute__((cleanup(run_result_done))) RunResult result = { 0 };
    if (argv == NULL || prepare(l, &job, source, &result) < 0)
        return -1;
    result.run = run_ledger_add(l, source, job.target.key, argv);
    if (result.run == NULL)
        return -1;
    result.run->in_prompt = request->in_prompt;
    if (run(l, &job, &result) < 0)
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
