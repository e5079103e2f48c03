#include "session/extensions.h"

#include "py/call.h"
#include "py/exc.h"
#include "session/part.h"
#include "session/registry.h"

/* What is loaded: {name: [(table, name of a magic, callable), ...]}. */
static PyObject *
loaded(Session *s)
{
    AUTO_DECREF PyObject *manager = session_extensions_get(s);
    return manager == NULL ? NULL : Py_NewRef(session_part_held(manager));
}

/* Whether `name` is loaded. */
static int
is_loaded(Session *s, PyObject *name)
{
    AUTO_DECREF PyObject *all = loaded(s);
    return all == NULL ? -1 : PyDict_Contains(all, name);
}

/* The tables of magics with a copy of each: [(table, copy), ...]. */
static PyObject *
copy_tables(Session *s)
{
    AUTO_DECREF PyObject *tables = session_registry_tables(s);
    AUTO_DECREF PyObject *each = tables == NULL ? NULL : PyDict_Values(tables);
    AUTO_DECREF PyObject *pairs = PyList_New(0);
    if (each == NULL || pairs == NULL)
        return NULL;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(each); i++) {
        AUTO_DECREF PyObject *copy = PyDict_Copy(PyList_GET_ITEM(each, i));
        AUTO_DECREF PyObject *pair =
            copy == NULL ? NULL : PyTuple_Pack(2, PyList_GET_ITEM(each, i), copy);
        if (pair == NULL || PyList_Append(pairs, pair) < 0)
            return NULL;
    }
    return TAKE(pairs);
}

/* Add what `table` has and `before` had not, or had otherwise, to `added`. */
static int
collect_added(PyObject *table, PyObject *before, PyObject *added)
{
    Py_ssize_t at = 0;
    PyObject *name = NULL;
    PyObject *function = NULL;
    while (PyDict_Next(table, &at, &name, &function)) {
        AUTO_DECREF PyObject *old = NULL;
        if (call_dict_get(before, name, &old) < 0)
            return -1;
        AUTO_DECREF PyObject *entry =
            old == function ? NULL : PyTuple_Pack(3, table, name, function);
        if (old != function && (entry == NULL || PyList_Append(added, entry) < 0))
            return -1;
    }
    return 0;
}

static PyObject *
added_since(PyObject *pairs)
{
    AUTO_DECREF PyObject *added = PyList_New(0);
    for (Py_ssize_t i = 0; added != NULL && i < PyList_GET_SIZE(pairs); i++) {
        BORROWED PyObject *pair = PyList_GET_ITEM(pairs, i);
        if (collect_added(PyTuple_GET_ITEM(pair, 0), PyTuple_GET_ITEM(pair, 1), added) < 0)
            return NULL;
    }
    return TAKE(added);
}

/* Take the magics out again that are still as they were added. */
static int
remove_added(PyObject *added)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(added); i++) {
        BORROWED PyObject *entry = PyList_GET_ITEM(added, i);
        BORROWED PyObject *table = PyTuple_GET_ITEM(entry, 0);
        BORROWED PyObject *name = PyTuple_GET_ITEM(entry, 1);
        AUTO_DECREF PyObject *now = NULL;
        if (call_dict_get(table, name, &now) < 0)
            return -1;
        if (now == PyTuple_GET_ITEM(entry, 2) && call_dict_discard(table, name) < 0)
            return -1;
    }
    return 0;
}

/* Forget that `name` is loaded, and unregister its magics. */
static int
forget(Session *s, PyObject *name)
{
    AUTO_DECREF PyObject *all = loaded(s);
    AUTO_DECREF PyObject *added = NULL;
    int found = all == NULL ? -1 : call_dict_get(all, name, &added);
    if (found <= 0)
        return found;
    return call_dict_discard(all, name) < 0 ? -1 : remove_added(added);
}

/* Call a function of the module with the shell; what it returns says nothing. */
static int
call_hook(Session *s, PyObject *module, const char *name)
{
    AUTO_DECREF PyObject *function = NULL;
    int found = call_attr_get(module, name, &function);
    if (found <= 0)
        return found < 0 ? -1 : EXTENSION_NO_FUNCTION;
    AUTO_DECREF PyObject *value = PyObject_CallOneArg(function, s->shell);
    return value == NULL ? -1 : EXTENSION_DONE;
}

/* Have the module load itself, and remember the magics that it adds. */
static int
call_load(Session *s, PyObject *module, PyObject *name)
{
    AUTO_DECREF PyObject *all = loaded(s);
    AUTO_DECREF PyObject *pairs = all == NULL ? NULL : copy_tables(s);
    if (pairs == NULL)
        return -1;
    int outcome = call_hook(s, module, "load_ipython_extension");
    AUTO_EXC ExcHold hold = exc_hold();
    AUTO_DECREF PyObject *added = added_since(pairs);
    if (added == NULL)
        return -1;
    if (outcome != EXTENSION_DONE)
        return remove_added(added) < 0 ? -1 : outcome;
    return PyDict_SetItem(all, name, added) < 0 ? -1 : outcome;
}

/* Import the module, from a file that may have been written a moment ago too. */
static PyObject *
import(PyObject *name)
{
    AUTO_DECREF PyObject *forget_folders = call_import("importlib", "invalidate_caches");
    AUTO_DECREF PyObject *none =
        forget_folders == NULL ? NULL : PyObject_CallNoArgs(forget_folders);
    return none == NULL ? NULL : PyImport_Import(name);
}

int
session_extensions_load(Session *s, PyObject *name)
{
    int already = is_loaded(s, name);
    if (already != 0)
        return already < 0 ? -1 : EXTENSION_LOADED;
    AUTO_DECREF PyObject *module = import(name);
    return module == NULL ? -1 : call_load(s, module, name);
}

int
session_extensions_unload(Session *s, PyObject *name)
{
    int known = is_loaded(s, name);
    if (known <= 0)
        return known < 0 ? -1 : EXTENSION_NOT_LOADED;
    AUTO_DECREF PyObject *module = PyImport_GetModule(name);
    if (module == NULL && PyErr_Occurred())
        return -1;
    int outcome =
        module == NULL ? EXTENSION_DONE : call_hook(s, module, "unload_ipython_extension");
    if (outcome != EXTENSION_DONE)
        return outcome;
    return forget(s, name) < 0 ? -1 : outcome;
}

int
session_extensions_reload(Session *s, PyObject *name)
{
    int known = is_loaded(s, name);
    AUTO_DECREF PyObject *module = known == 1 ? PyImport_GetModule(name) : NULL;
    if (known < 0 || (module == NULL && PyErr_Occurred()))
        return -1;
    if (module == NULL)
        return forget(s, name) < 0 ? -1 : session_extensions_load(s, name);
    if (session_extensions_unload(s, name) < 0 || forget(s, name) < 0)
        return -1;
    AUTO_DECREF PyObject *reload = call_import("importlib", "reload");
    AUTO_DECREF PyObject *anew =
        reload == NULL ? NULL : PyObject_CallOneArg(reload, module);
    return anew == NULL ? -1 : call_load(s, anew, name);
}

/* IPython's words for an outcome; `missing` is what the module lacks. */
static PyObject *
outcome_text(int outcome, const char *missing)
{
    switch (outcome) {
    case EXTENSION_DONE:
        Py_RETURN_NONE;
    case EXTENSION_LOADED:
        return PyUnicode_FromString("already loaded");
    case EXTENSION_NOT_LOADED:
        return PyUnicode_FromString("not loaded");
    case EXTENSION_NO_FUNCTION:
        return PyUnicode_FromString(missing);
    default:
        return NULL;
    }
}

static PyObject *
extensions_load(PyObject *self, PyObject *name)
{
    Session *s = session_part_session(self);
    return s == NULL ? NULL
                     : outcome_text(session_extensions_load(s, name), "no load function");
}

static PyObject *
extensions_unload(PyObject *self, PyObject *name)
{
    Session *s = session_part_session(self);
    return s == NULL
               ? NULL
               : outcome_text(session_extensions_unload(s, name), "no unload function");
}

static PyObject *
extensions_reload(PyObject *self, PyObject *name)
{
    Session *s = session_part_session(self);
    return s == NULL ? NULL
                     : outcome_text(session_extensions_reload(s, name), "no load function");
}

static PyObject *
get_loaded(PyObject *self, void *closure)
{
    return PySet_New(session_part_held(self));
}

static PyMethodDef methods[] = {
    { "load_extension", extensions_load, METH_O, "Load an extension; None, or why not." },
    { "unload_extension", extensions_unload, METH_O, "Unload it; None, or why not." },
    { "reload_extension", extensions_reload, METH_O, "Load it anew; None, or why not." },
    { NULL, NULL, 0, NULL },
};

static PyGetSetDef members[] = {
    { "loaded", get_loaded, NULL, "The names of the loaded extensions.", NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

static const PartSpec extensions_spec = {
    .name = "mainspring.ExtensionManager",
    .doc = "Modules with a load_ipython_extension().",
    .methods = methods,
    .members = members,
};

PyObject *
session_extensions_get(Session *s)
{
    if (s->extensions == NULL) {
        AUTO_DECREF PyObject *none_yet = PyDict_New();
        s->extensions = session_part_new_single(&extensions_spec, s->shell, none_yet);
    }
    return Py_XNewRef(s->extensions);
}
