#include "run/scope.h"

#include <stdbool.h>

#include "py/call.h"
#include "py/exc.h"

#define LOADER_ATTRIBUTE "_mainspring_module"
#define SPARE_NAME "__mainspring_module__"

// What a script has of its own: sys.modules['__main__'], then names of sys.
enum { OWN_MAIN, OWN_ARGV, OWN_PS1, OWN_PS2, OWN_DISPLAYHOOK, OWN_COUNT };
static const char *const own_names[OWN_COUNT] = { "__main__", "argv", "ps1", "ps2",
                                                  "displayhook" };

/* A name that a scope took over in a dict of the interpreter's.  Key and dict are held, so that
 * putting back what was there needs no memory. */
typedef struct Displaced {
    PyObject *dict;
    PyObject *key;
    PyObject *outer;  // what was there, or NULL
    bool done;
} Displaced;

struct RunScope {
    RunScope *below;
    PyObject *module;
    PyObject *sys;          // the dict of sys
    PyObject *path_key;     // "path"
    PyObject *alias_key;    // "__mp_main__"
    PyObject *entry;        // the very object that stands in sys.path, or NULL
    PyObject *outer_entry;  // what stood in its place, or NULL
    Displaced own[OWN_COUNT];
    bool fresh;  // the module was made for this run
};

/* The loader that the interpreter gives a script, tying the namespace to its module. */
static PyObject *
loader_new(PyObject *module, const RunScopeState *state)
{
    AUTO_DECREF PyObject *type =
        call_import("_frozen_importlib_external", "SourceFileLoader");
    if (type == NULL)
        return NULL;
    AUTO_DECREF PyObject *loader =
        PyObject_CallFunctionObjArgs(type, state->name, state->file, NULL);
    if (loader == NULL || PyObject_SetAttrString(loader, LOADER_ATTRIBUTE, module) < 0)
        return NULL;
    return TAKE(loader);
}

/* What the interpreter gives `__main__` whatever is to be executed in it. */
static int
set_common_dunders(PyObject *namespace, PyObject *loader)
{
    AUTO_DECREF PyObject *builtins = PyImport_ImportModule("builtins");
    AUTO_DECREF PyObject *annotations = PyDict_New();
    if (builtins == NULL || annotations == NULL
        || PyDict_SetItemString(namespace, "__loader__", loader) < 0
        || PyDict_SetItemString(namespace, "__annotations__", annotations) < 0)
        return -1;
    return PyDict_SetItemString(namespace, "__builtins__", builtins);
}

static int
set_file_dunders(PyObject *module, const RunScopeState *state)
{
    BORROWED PyObject *namespace = PyModule_GetDict(module);
    AUTO_DECREF PyObject *loader = loader_new(module, state);
    if (loader == NULL || set_common_dunders(namespace, loader) < 0
        || PyDict_SetItemString(namespace, "__file__", state->file) < 0)
        return -1;
    return PyDict_SetItemString(namespace, "__cached__", Py_None);
}

/* A spec of the run's own that holds the module.  That of the finder may be known to others, and
 * is not the run's to change. */
static PyObject *
spec_new(PyObject *module, PyObject *found)
{
    AUTO_DECREF PyObject *copy = call_import("copy", "copy");
    AUTO_DECREF PyObject *spec = copy == NULL ? NULL : PyObject_CallOneArg(copy, found);
    if (spec == NULL || PyObject_SetAttrString(spec, LOADER_ATTRIBUTE, module) < 0)
        return NULL;
    return TAKE(spec);
}

/* What `runpy` sets for a module that was found; its loader may be others' too. */
static int
set_spec_dunders(PyObject *module, const RunScopeState *state)
{
    static const char *const copied[][2] = { { "__loader__", "loader" },
                                             { "__package__", "parent" },
                                             { "__file__", "origin" },
                                             { "__cached__", "cached" } };
    BORROWED PyObject *namespace = PyModule_GetDict(module);
    AUTO_DECREF PyObject *spec = spec_new(module, state->spec);
    if (spec == NULL)
        return -1;
    for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++) {
        AUTO_DECREF PyObject *value = PyObject_GetAttrString(spec, copied[i][1]);
        if (value == NULL || PyDict_SetItemString(namespace, copied[i][0], value) < 0)
            return -1;
    }
    if (PyDict_SetItemString(namespace, "__name__", state->name) < 0)
        return -1;
    return PyDict_SetItemString(namespace, "__spec__", spec);
}

PyObject *
run_scope_module_new(PyObject *name)
{
    AUTO_DECREF PyObject *module = PyModule_NewObject(name);
    AUTO_DECREF PyObject *loader =
        module == NULL ? NULL : call_import("_frozen_importlib", "BuiltinImporter");
    if (loader == NULL || set_common_dunders(PyModule_GetDict(module), loader) < 0)
        return NULL;
    return TAKE(module);
}

/* The module to execute in, with all that the interpreter gives it. */
static PyObject *
module_ready(const RunScopeState *state)
{
    AUTO_DECREF PyObject *module = state->bare != NULL   ? Py_NewRef(state->bare)
                                   : state->spec != NULL ? run_scope_module_new(state->name)
                                                         : PyModule_NewObject(state->name);
    if (module == NULL)
        return NULL;
    int set =
        state->spec ? set_spec_dunders(module, state) : set_file_dunders(module, state);
    return set < 0 ? NULL : TAKE(module);
}

static int
set_or_discard(PyObject *dict, PyObject *key, PyObject *value)
{
    if (value != NULL)
        return PyDict_SetItem(dict, key, value);
    return call_dict_discard(dict, key) < 0 ? -1 : 0;
}

/* Put `value` at `dict[name]`, or for NULL have nothing there. */
static int
displace(Displaced *d, PyObject *dict, const char *name, PyObject *value)
{
    d->dict = Py_NewRef(dict);
    d->key = PyUnicode_InternFromString(name);
    if (d->key == NULL || call_dict_get(dict, d->key, &d->outer) < 0
        || set_or_discard(dict, d->key, value) < 0)
        return -1;
    d->done = true;
    return 0;
}

/* Put back what was there; what is there now goes to `ret_replaced`, for nothing may run until
 * all is put back. */
static int
put_back(const Displaced *d, PyObject **ret_replaced)
{
    if (!d->done)
        return 0;
    if (call_dict_get(d->dict, d->key, ret_replaced) < 0)
        return -1;
    return set_or_discard(d->dict, d->key, d->outer);
}

static void
displaced_done(Displaced *d)
{
    Py_CLEAR(d->dict);
    Py_CLEAR(d->key);
    Py_CLEAR(d->outer);
}

static Py_ssize_t
index_of(PyObject *list, PyObject *object)
{
    for (Py_ssize_t i = 0; object != NULL && i < PyList_GET_SIZE(list); i++)
        if (PyList_GET_ITEM(list, i) == object)
            return i;
    return -1;
}

/* sys.path where it is a list as it should be: 1, 0 for none, or -1 with an exception set. */
static int
path_get(const RunScope *s, PyObject **ret_path)
{
    AUTO_DECREF PyObject *path = NULL;
    int found = call_dict_get(s->sys, s->path_key, &path);
    if (found <= 0 || !PyList_CheckExact(path))
        return found < 0 ? -1 : 0;
    *ret_path = TAKE(path);
    return 1;
}

/* Put the script's folder at the head of sys.path, in place of the outer script's or of the
 * prompt's ''. */
static int
enter_path(RunScope *s, PyObject *folder)
{
    AUTO_DECREF PyObject *path = NULL;
    int found = folder == NULL ? 0 : path_get(s, &path);
    if (found <= 0)
        return found;
    // A str of its own, so that identity tells it from an equal entry of the user's.
    s->entry = PyUnicode_FromKindAndData(PyUnicode_KIND(folder), PyUnicode_DATA(folder),
                                         PyUnicode_GET_LENGTH(folder));
    if (s->entry == NULL)
        return -1;
    Py_ssize_t i = index_of(path, s->below ? s->below->entry : NULL);
    if (i < 0 && PyList_GET_SIZE(path) > 0) {
        BORROWED PyObject *head = PyList_GET_ITEM(path, 0);
        i = PyUnicode_Check(head) && PyUnicode_GET_LENGTH(head) == 0 ? 0 : -1;
    }
    if (i < 0)
        return PyList_Insert(path, 0, s->entry);
    s->outer_entry = Py_NewRef(PyList_GET_ITEM(path, i));
    return PyList_SetItem(path, i, Py_NewRef(s->entry));
}

static int
leave_path(RunScope *s)
{
    AUTO_DECREF PyObject *path = NULL;
    int found = s->entry == NULL ? 0 : path_get(s, &path);
    if (found <= 0)
        return found;
    Py_ssize_t i = index_of(path, s->entry);
    if (i >= 0 && s->outer_entry != NULL)
        return PyList_SetItem(path, i, Py_NewRef(s->outer_entry));
    if (i >= 0)
        return PyList_SetSlice(path, i, i + 1, NULL);
    if (s->outer_entry == NULL || index_of(path, s->outer_entry) >= 0)
        return 0;
    return PyList_Insert(path, 0, s->outer_entry);
}

static void
scope_free(RunScope *s)
{
    for (int i = 0; i < OWN_COUNT; i++)
        displaced_done(&s->own[i]);
    Py_XDECREF(s->sys);
    Py_XDECREF(s->path_key);
    Py_XDECREF(s->alias_key);
    Py_XDECREF(s->entry);
    Py_XDECREF(s->outer_entry);
    Py_XDECREF(s->module);
    PyMem_Free(s);
}

/* multiprocessing, once imported, has `__main__` under another name too: what its workers send
 * back is looked up there, and it would hold the run that imported it first. */
static int
follow_main(const RunScope *s, PyObject *module)
{
    BORROWED PyObject *modules = PyImport_GetModuleDict();
    int present = module == NULL ? 0 : PyDict_Contains(modules, s->alias_key);
    return present == 1 ? PyDict_SetItem(modules, s->alias_key, module) : present;
}

/* Put back what the scope displaced, as far as that goes: one failure stops nothing else. */
static int
restore(RunScope *s)
{
    PyObject *replaced[OWN_COUNT] = { NULL };
    int r = leave_path(s);
    for (int i = OWN_COUNT; i-- > 0;)
        if (put_back(&s->own[i], &replaced[i]) < 0)
            r = -1;
    if (s->own[OWN_MAIN].done && follow_main(s, s->own[OWN_MAIN].outer) < 0)
        r = -1;
    for (int i = 0; i < OWN_COUNT; i++)
        Py_XDECREF(replaced[i]);
    return r;
}

static void
swap(PyObject **a, PyObject **b)
{
    PyObject *held = *a;
    *a = *b;
    *b = held;
}

/* Leave for a scope with others above it: the one above restores the rest when it goes.  What
 * that had displaced, which is the leaving scope's own, goes with the leaving scope. */
static void
hand_over(RunScope *above, RunScope *s)
{
    above->below = s->below;
    for (int i = 0; i < OWN_COUNT; i++)
        swap(&above->own[i].outer, &s->own[i].outer);
    if (s->entry == NULL)
        return;
    if (above->outer_entry == s->entry)
        swap(&above->outer_entry, &s->outer_entry);
    else if (leave_path(s) < 0)
        PyErr_WriteUnraisable(s->module);
}

static RunScope *
above_of(RunScope *top, const RunScope *s)
{
    for (RunScope *above = top; above != NULL; above = above->below)
        if (above->below == s)
            return above;
    return NULL;
}

/* Whether the namespace holds its module by way of what is at `dunder`: 1, 0, or -1. */
static int
is_tied_by(PyObject *namespace, PyObject *module, const char *dunder)
{
    AUTO_DECREF PyObject *name = PyUnicode_InternFromString(dunder);
    AUTO_DECREF PyObject *carrier = NULL;
    AUTO_DECREF PyObject *held = NULL;
    int found = name == NULL ? -1 : call_dict_get(namespace, name, &carrier);
    if (found == 1)
        found = call_attr_get(carrier, LOADER_ATTRIBUTE, &held);
    return found == 1 ? held == module : found;
}

/* A script that deleted or replaced its loader, as `runpy` does, is tied by a name instead. */
static int
tie_again(PyObject *module)
{
    BORROWED PyObject *namespace = PyModule_GetDict(module);
    int tied = is_tied_by(namespace, module, "__loader__");
    if (tied == 0)
        tied = is_tied_by(namespace, module, "__spec__");
    return tied != 0 ? tied : PyDict_SetItemString(namespace, SPARE_NAME, module);
}

void
run_scope_leave(RunScope **stack, RunScope *s)
{
    if (s == NULL)
        return;
    AUTO_EXC ExcHold hold = exc_hold();
    if (s->fresh && tie_again(s->module) < 0)
        PyErr_WriteUnraisable(s->module);
    if (*stack == s) {
        *stack = s->below;
        if (restore(s) < 0)
            PyErr_WriteUnraisable(s->module);
    } else {
        hand_over(above_of(*stack, s), s);
    }
    scope_free(s);
}

/* Displace what belongs to the outer script or the prompt. */
static int
take_over(RunScope *s, const RunScopeState *state)
{
    BORROWED PyObject *sys = PyImport_AddModule("sys");
    s->path_key = PyUnicode_InternFromString("path");
    s->alias_key = PyUnicode_InternFromString("__mp_main__");
    if (sys == NULL || s->path_key == NULL || s->alias_key == NULL)
        return -1;
    s->sys = Py_NewRef(PyModule_GetDict(sys));
    AUTO_DECREF PyObject *hook = Py_XNewRef(PySys_GetObject("__displayhook__"));
    PyObject *const values[OWN_COUNT] = {
        [OWN_ARGV] = state->argv, [OWN_DISPLAYHOOK] = hook
    };
    if (enter_path(s, state->folder) < 0)
        return -1;
    for (int i = OWN_ARGV; i < OWN_COUNT; i++)
        if (displace(&s->own[i], s->sys, own_names[i], values[i]) < 0)
            return -1;
    if (displace(&s->own[OWN_MAIN], PyImport_GetModuleDict(), own_names[OWN_MAIN],
                 s->module)
        < 0)
        return -1;
    return follow_main(s, s->module);
}

RunScope *
run_scope_enter_module(RunScope **stack, const RunScopeState *state, PyObject *module)
{
    RunScope *s = PyMem_Calloc(1, sizeof *s);
    if (s == NULL)
        return (RunScope *)PyErr_NoMemory();
    s->module = Py_NewRef(module);
    s->below = *stack;
    *stack = s;
    if (take_over(s, state) < 0) {
        run_scope_leave(stack, s);
        return NULL;
    }
    return s;
}

RunScope *
run_scope_enter(RunScope **stack, const RunScopeState *state)
{
    if (!PyList_Check(state->argv)) {
        PyErr_SetString(PyExc_TypeError, "argv of a run is a list of str");
        return NULL;
    }
    AUTO_DECREF PyObject *module = module_ready(state);
    RunScope *s = module == NULL ? NULL : run_scope_enter_module(stack, state, module);
    if (s != NULL)
        s->fresh = true;
    return s;
}

BORROWED PyObject *
run_scope_module(const RunScope *s)
{
    return s->module;
}

BORROWED PyObject *
run_scope_namespace(const RunScope *s)
{
    return PyModule_GetDict(s->module);
}
