#include "run/scope.h"

#include "py/call.h"
#include "py/exc.h"

#define LOADER_ATTRIBUTE "_mainspring_module"

struct RunScope {
    RunScope *below;
    PyObject *module;
    PyObject *entry;        // the very object that stands in sys.path, or NULL
    PyObject *outer_main;   // what leaving puts back; NULL: nothing was there
    PyObject *outer_argv;
    PyObject *outer_entry;
};

/* The loader that the interpreter gives a script, tying the namespace to its module. */
static PyObject *
loader_new(PyObject *module, const RunScopeState *state)
{
    AUTO_DECREF PyObject *type = call_import("_frozen_importlib_external", "SourceFileLoader");
    if (type == NULL)
        return NULL;
    AUTO_DECREF PyObject *loader =
        PyObject_CallFunctionObjArgs(type, state->name, state->file, NULL);
    if (loader == NULL || PyObject_SetAttrString(loader, LOADER_ATTRIBUTE, module) < 0)
        return NULL;
    return TAKE(loader);
}

static int
set_dunders(PyObject *namespace, PyObject *loader, PyObject *file)
{
    AUTO_DECREF PyObject *builtins = PyImport_ImportModule("builtins");
    AUTO_DECREF PyObject *annotations = PyDict_New();
    if (builtins == NULL || annotations == NULL
        || PyDict_SetItemString(namespace, "__loader__", loader) < 0
        || PyDict_SetItemString(namespace, "__annotations__", annotations) < 0
        || PyDict_SetItemString(namespace, "__builtins__", builtins) < 0
        || PyDict_SetItemString(namespace, "__file__", file) < 0)
        return -1;
    return PyDict_SetItemString(namespace, "__cached__", Py_None);
}

static PyObject *
module_new(const RunScopeState *state)
{
    AUTO_DECREF PyObject *module = PyModule_NewObject(state->name);
    AUTO_DECREF PyObject *loader = module == NULL ? NULL : loader_new(module, state);
    if (loader == NULL || set_dunders(PyModule_GetDict(module), loader, state->file) < 0)
        return NULL;
    return TAKE(module);
}

/* Put `value` at sys.`name`, or delete that for NULL; what was there goes to `ret_old`. */
static int
exchange_sys(const char *name, PyObject *value, PyObject **ret_old)
{
    AUTO_DECREF PyObject *old = Py_XNewRef(PySys_GetObject(name));
    if (PySys_SetObject(name, value) < 0)
        return -1;
    *ret_old = TAKE(old);
    return 0;
}

/* multiprocessing, once imported, has the module under this name too: what workers send back is
 * looked up there, and it would hold the run that imported it first. */
static int
follow_main(PyObject *modules, PyObject *module)
{
    AUTO_DECREF PyObject *key = PyUnicode_InternFromString("__mp_main__");
    int present = key == NULL ? -1 : PyDict_Contains(modules, key);
    return present == 1 && module != NULL ? PyDict_SetItem(modules, key, module)
                                          : (present < 0 ? -1 : 0);
}

/* The same for sys.modules['__main__']. */
static int
exchange_main(PyObject *module, PyObject **ret_old)
{
    BORROWED PyObject *modules = PyImport_GetModuleDict();
    AUTO_DECREF PyObject *key = PyUnicode_InternFromString("__main__");
    AUTO_DECREF PyObject *old = NULL;
    if (key == NULL || call_dict_get(modules, key, &old) < 0)
        return -1;
    int r = module != NULL ? PyDict_SetItem(modules, key, module)
                           : call_dict_discard(modules, key);
    if (r < 0 || follow_main(modules, module) < 0)
        return -1;
    *ret_old = TAKE(old);
    return 0;
}

static Py_ssize_t
index_of(PyObject *list, PyObject *object)
{
    for (Py_ssize_t i = 0; object != NULL && i < PyList_GET_SIZE(list); i++)
        if (PyList_GET_ITEM(list, i) == object)
            return i;
    return -1;
}

/* sys.path where it is a list as it should be, or NULL. */
static BORROWED PyObject *
sys_path(void)
{
    BORROWED PyObject *path = PySys_GetObject("path");
    return path != NULL && PyList_CheckExact(path) ? path : NULL;
}

/* Put the script's folder at the head of sys.path, in place of the outer script's or of the
 * prompt's ''. */
static int
enter_path(RunScope *s, PyObject *folder)
{
    AUTO_DECREF PyObject *path = Py_XNewRef(sys_path());
    if (path == NULL || folder == NULL)
        return 0;
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
    AUTO_DECREF PyObject *path = Py_XNewRef(sys_path());
    if (path == NULL || s->entry == NULL)
        return 0;
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
    Py_XDECREF(s->module);
    Py_XDECREF(s->entry);
    Py_XDECREF(s->outer_main);
    Py_XDECREF(s->outer_argv);
    Py_XDECREF(s->outer_entry);
    PyMem_Free(s);
}

/* Put back what the scope displaced, as far as that goes: one failure stops nothing else. */
static int
restore(RunScope *s)
{
    AUTO_DECREF PyObject *main = NULL;
    AUTO_DECREF PyObject *argv = NULL;
    int r = leave_path(s);
    if (exchange_sys("argv", s->outer_argv, &argv) < 0)
        r = -1;
    if (exchange_main(s->outer_main, &main) < 0)
        r = -1;
    return r;
}

/* Leave for a scope with others above it: the one above restores the rest when it goes. */
static void
hand_over(RunScope *above, RunScope *s)
{
    Py_XSETREF(above->outer_main, TAKE(s->outer_main));
    Py_XSETREF(above->outer_argv, TAKE(s->outer_argv));
    if (above->entry != NULL && s->entry != NULL)
        Py_XSETREF(above->outer_entry, TAKE(s->outer_entry));
    above->below = s->below;
}

static RunScope *
above_of(RunScope *top, const RunScope *s)
{
    for (RunScope *above = top; above != NULL; above = above->below)
        if (above->below == s)
            return above;
    return NULL;
}

void
run_scope_leave(RunScope **stack, RunScope *s)
{
    if (s == NULL)
        return;
    AUTO_EXC ExcHold hold = exc_hold();
    if (*stack == s) {
        *stack = s->below;
        if (restore(s) < 0)
            PyErr_WriteUnraisable(s->module);
    } else {
        hand_over(above_of(*stack, s), s);
    }
    scope_free(s);
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
    s->outer_main = Py_XNewRef(PyDict_GetItemString(PyImport_GetModuleDict(), "__main__"));
    s->outer_argv = Py_XNewRef(PySys_GetObject("argv"));
    AUTO_DECREF PyObject *main = NULL;
    AUTO_DECREF PyObject *argv = NULL;
    if (enter_path(s, state->folder) < 0 || exchange_sys("argv", state->argv, &argv) < 0
        || exchange_main(module, &main) < 0) {
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
    AUTO_DECREF PyObject *module = module_new(state);
    return module == NULL ? NULL : run_scope_enter_module(stack, state, module);
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
