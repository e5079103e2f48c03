#include "run/ledger.h"

#include <string.h>
#include <time.h>

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
    l->absent = PyObject_CallNoArgs((PyObject *)&PyBaseObject_Type);
    l->notes = PyDict_New();
    l->finder = l->notes == NULL ? NULL : run_finder_new(l->notes);
    if (l->view_type == NULL || l->absent == NULL || l->finder == NULL)
        return NULL;
    return TAKE(l);
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
    run_source_unref(r->source);
    PyMem_Free(r);
}
DEFINE_AUTO(Run *, run_free)

void
run_ledger_free(RunLedger *l)
{
    if (l == NULL)
        return;
    AUTO_EXC ExcHold hold = exc_hold();
    while (l->count > 0)
        run_free(l->runs[--l->count]);
    PyMem_Free(l->runs);
    Py_XDECREF(l->prompt);
    Py_XDECREF(l->module);
    Py_XDECREF(l->view_type);
    run_finder_withdraw(l->finder);
    Py_XDECREF(l->finder);
    Py_XDECREF(l->notes);
    Py_XDECREF(l->absent);
    PyMem_Free(l);
}

static int
make_room(RunLedger *l)
{
    if (l->count < l->room)
        return 0;
    size_t room = l->room ? l->room * 2 : 16;
    Run **runs = PyMem_Realloc(l->runs, room * sizeof *runs);
    if (runs == NULL)
        return PyErr_NoMemory(), -1;
    l->runs = runs;
    l->room = room;
    return 0;
}

static double
now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);  // this clock exists
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
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
    r->started = now();
    l->runs[l->count++] = r;
    return TAKE(r);
}

void
run_ledger_release(Run *r)
{
    r->users--;
}

static bool
is_over(const Run *r)
{
    if (!r->superseded || r->users > 0)
        return false;
    PyObject *module = NULL;
    int alive = run_ledger_module(r, &module);
    Py_XDECREF(module);
    return alive == 0;
}

void
run_ledger_trim(RunLedger *l)
{
    if (l->count <= RUN_LEDGER_FREED)
        return;
    size_t excess = l->count - RUN_LEDGER_FREED;
    for (size_t i = 0; i < l->count && excess > 0; excess--) {
        while (i < l->count && !is_over(l->runs[i]))
            i++;
        if (i == l->count)
            return;
        Run *r = l->runs[i];
        memmove(&l->runs[i], &l->runs[i + 1], (l->count - i - 1) * sizeof *l->runs);
        l->count--;
        run_free(r);
    }
}

BORROWED Run *
run_ledger_find(const RunLedger *l, int number)
{
    for (size_t i = l->count; i-- > 0;)
        if (l->runs[i]->number == number)
            return l->runs[i];
    return NULL;
}

BORROWED Run *
run_ledger_current(const RunLedger *l, PyObject *key)
{
    Run *current = NULL;
    for (size_t i = l->count; i-- > 0;) {
        Run *r = l->runs[i];
        if (!r->superseded && r->sequence > (current ? current->sequence : 0)
            && PyUnicode_Compare(r->key, key) == 0)
            current = r;
    }
    return current;
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
        "In",  "Out", "_ih", "_oh", "_dh",         "__", "___",
        "_ii", "_iii", "exit", "quit", "get_ipython", "_exit_code",
    };
    Py_ssize_t length = 0;
    const char *text = PyUnicode_Check(name) ? PyUnicode_AsUTF8AndSize(name, &length) : NULL;
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
