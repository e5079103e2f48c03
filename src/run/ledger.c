#include "run/ledger.h"

#include <string.h>

#include "base/clock.h"
#include "py/compat.h"
#include "py/exc.h"
#include "run/finder.h"
#include "run/view.h"

RunLedger *
run_ledger_new(PyObject *prompt, PyObject *module)
{
    AUTO(run_ledger_free) RunLedger *l = PyMem_Calloc(1, sizeof *l);
    if (l == NULL)
        return (RunLedger *)PyErr_NoMemory();
    l->prompt = Py_NewRef(prompt);
    l->module = Py_XNewRef(module);
    l->view_type = run_view_type_new();
    l->absent =
        l->view_type == NULL ? NULL : PyObject_CallNoArgs((PyObject *)&PyBaseObject_Type);
    bool ready = l->absent != NULL && heap_collector_init(&l->collector, prompt) == 0;
    l->notes = ready ? PyDict_New() : NULL;
    l->finder = l->notes == NULL ? NULL : run_finder_new(l->notes);
    return l->finder == NULL ? NULL : TAKE(l);
}

static void
run_free(Run *r)
{
    Py_XDECREF(r->path);
    Py_XDECREF(r->key);
    Py_XDECREF(r->argv);
    Py_XDECREF(r->names);
    Py_XDECREF(r->module);
    Py_XDECREF(r->links);
    Py_XDECREF(r->assigned);
    Py_XDECREF(r->unlinked);
    Py_XDECREF(r->wanted);
    Py_XDECREF(r->remnants);
    Py_XDECREF(r->threads);
    run_source_unref(r->source);
    PyMem_Free(r);
}
DEFINE_AUTO(Run *, run_free)

static Run *
take_out(RunLedger *l, size_t i)
{
    Run *r = l->runs[i];
    memmove(&l->runs[i], &l->runs[i + 1], (l->count - i - 1) * sizeof(Run *));
    l->count--;
    return r;
}

void
run_ledger_free(RunLedger *l)
{
    if (l == NULL)
        return;
    AUTO_EXC ExcHold hold = exc_hold();
    for (size_t i = l->count; i-- > 0;)
        if (i < l->count && l->runs[i]->users == 0)  // user code may forget some meanwhile
            run_free(take_out(l, i));
    run_finder_withdraw(l->finder);
    heap_collector_acquit(&l->collector);
    if (l->count > 0)
        return;
    heap_collector_done(&l->collector);
    Py_XDECREF(l->prompt);
    Py_XDECREF(l->module);
    Py_XDECREF(l->view_type);
    Py_XDECREF(l->finder);
    Py_XDECREF(l->notes);
    Py_XDECREF(l->absent);
    PyMem_Free(l->runs);
    PyMem_Free(l);
}

static int
make_room(RunLedger *l)
{
    if (l->count < l->room)
        return 0;
    size_t room = l->room ? l->room * 2 : 16;
    // NOLINTNEXTLINE(bugprone-sizeof-expression): the array is one of pointers.
    Run **runs = PyMem_Realloc(l->runs, room * sizeof *runs);
    if (runs == NULL)
        return PyErr_NoMemory(), -1;
    l->runs = runs;
    l->room = room;
    return 0;
}

Run *
run_ledger_add(RunLedger *l, RunSource *source, PyObject *key, PyObject *argv)
{
    AUTO(run_free) Run *r = PyMem_Calloc(1, sizeof *r);
    if (r == NULL)
        return (Run *)PyErr_NoMemory();
    r->path = Py_NewRef(source->path);
    r->key = Py_NewRef(key);
    r->source = run_source_ref(source);
    r->argv = PyList_AsTuple(argv);
    r->names = PyTuple_New(0);
    r->links = PyDict_New();
    if (r->argv == NULL || r->names == NULL || r->links == NULL || make_room(l) < 0)
        return NULL;
    r->number = ++l->last_number;
    r->users = 1;
    r->started = clock_epoch();
    l->runs[l->count++] = r;
    return TAKE(r);
}

void
run_ledger_release(Run *r)
{
    r->users--;
}

/* Where the runs with a number greater than `number` begin. */
static size_t
index_after(const RunLedger *l, int number)
{
    size_t low = 0;
    size_t high = l->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (l->runs[middle]->number > number)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

BORROWED Run *
run_ledger_after(const RunLedger *l, int number)
{
    size_t i = index_after(l, number);
    return i < l->count ? l->runs[i] : NULL;
}

BORROWED Run *
run_ledger_before(const RunLedger *l, int number)
{
    size_t i = index_after(l, number - 1);
    return i > 0 ? l->runs[i - 1] : NULL;
}

void
run_ledger_withdraw(RunLedger *l, Run *r)
{
    AUTO_EXC ExcHold hold = exc_hold();
    if (r->number == l->last_number)
        l->last_number--;
    run_free(take_out(l, index_after(l, r->number - 1)));
}

static bool
is_over(const Run *r)
{
    if (r->users > 0 || r->sequence == 0 || r->remnants != NULL
        || !(r->superseded || r->in_prompt))
        return false;
    AUTO_DECREF PyObject *module = NULL;
    return run_ledger_module(r, &module) == 0;
}

static size_t
count_over(const RunLedger *l)
{
    size_t over = 0;
    for (size_t i = 0; i < l->count; i++)
        over += is_over(l->runs[i]);
    return over;
}

void
run_ledger_trim(RunLedger *l)
{
    if (l->count <= RUN_LEDGER_FREED)
        return;
    size_t over = count_over(l);
    for (size_t i = 0; i < l->count && over > RUN_LEDGER_FREED;) {
        if (!is_over(l->runs[i])) {
            i++;
            continue;
        }
        run_free(take_out(l, i));
        over--;
    }
}

BORROWED Run *
run_ledger_find(const RunLedger *l, int number)
{
    BORROWED Run *r = run_ledger_after(l, number - 1);
    return r != NULL && r->number == number ? r : NULL;
}

BORROWED Run *
run_ledger_latest(const RunLedger *l)
{
    Run *latest = NULL;
    for (size_t i = l->count; i-- > 0;) {
        Run *r = l->runs[i];
        if (!r->superseded && !r->in_prompt
            && r->sequence > (latest ? latest->sequence : 0))
            latest = r;
    }
    return latest;
}

int
run_ledger_module(const Run *r, PyObject **ret_module)
{
    return r->module == NULL ? 0 : compat_weakref_get(r->module, ret_module);
}

int
run_ledger_namespace(const Run *r, PyObject **ret_namespace)
{
    AUTO_DECREF PyObject *module = NULL;
    int alive = run_ledger_module(r, &module);
    if (alive == 1)
        *ret_namespace = Py_NewRef(PyModule_GetDict(module));
    return alive;
}

/* `_i`, `_12`, `_i3`: the prompt's record of inputs and outputs. */
static bool
is_record(const char *name)
{
    name++;
    if (*name == 'i')
        name++;
    return name[strspn(name, "0123456789")] == '\0';
}

bool
run_ledger_publishes(PyObject *name)
{
    static const char *const shell[] = {
        "In",  "Out",  "_ih",  "_oh",  "_dh",         "__",         "___",
        "_ii", "_iii", "exit", "quit", "get_ipython", "_exit_code",
    };
    Py_ssize_t length = 0;
    const char *text =
        PyUnicode_Check(name) ? PyUnicode_AsUTF8AndSize(name, &length) : NULL;
    if (text == NULL) {
        PyErr_Clear();  // a key that is no name, or no text: it stays where it is
        return false;
    }
    if (length > 4 && memcmp(text, "__", 2) == 0 && strcmp(text + length - 2, "__") == 0)
        return false;
    if (text[0] == '_' && is_record(text))
        return false;
    for (size_t i = 0; i < COUNT_OF(shell); i++)
        if (strcmp(text, shell[i]) == 0)
            return false;
    return true;
}
