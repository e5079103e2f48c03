#include "session/session.h"

#include <unistd.h>

#include "hist/journal.h"
#include "py/call.h"
#include "py/compat.h"
#include "py/exc.h"
#include "session/api.h"
#include "session/cache.h"
#include "session/finish.h"
#include "session/guard.h"
#include "session/history.h"
#include "session/holders.h"
#include "session/hooks.h"
#include "session/process.h"
#include "session/runner.h"

/* `__main__.__file__`: the latest run's path, as `python3 -i script` has it, without being a
 * name at the prompt. */
static PyObject *
get_file(PyObject *module, void *closure)
{
    Session *s = closure;
    AUTO_DECREF PyObject *name = PyUnicode_InternFromString("__file__");
    AUTO_DECREF PyObject *own = NULL;
    if (name == NULL || call_dict_get(PyModule_GetDict(module), name, &own) < 0)
        return NULL;
    if (own != NULL)
        return TAKE(own);
    PyObject *path = NULL;
    int found = s->ledger == NULL ? 0 : session_process_path(s, &path);
    if (found == 0)
        PyErr_SetObject(PyExc_AttributeError, name);
    return path;
}

static int
set_file(PyObject *module, PyObject *value, void *closure)
{
    AUTO_DECREF PyObject *name = PyUnicode_InternFromString("__file__");
    if (name == NULL)
        return -1;
    if (value != NULL)
        return PyDict_SetItem(PyModule_GetDict(module), name, value);
    return call_dict_discard(PyModule_GetDict(module), name) < 0 ? -1 : 0;
}

/* Give the interpreter's `__main__` a class of ours, which knows `__file__`. */
static int
adopt_main(Session *s)
{
    s->module = Py_XNewRef(PyImport_AddModule("__main__"));
    if (s->module == NULL)
        return -1;
    s->namespace = Py_NewRef(PyModule_GetDict(s->module));
    s->module_members[0] = (PyGetSetDef){ "__file__", get_file, set_file, NULL, s };
    PyType_Slot slots[] = {
        { Py_tp_doc, (void *)"The module that prompt code executes in." },
        { Py_tp_getset, s->module_members },
        { 0, NULL },
    };
    PyType_Spec spec = { .name = "mainspring.SessionModule",
                         .flags = Py_TPFLAGS_DEFAULT,
                         .slots = slots };
    AUTO_DECREF PyObject *type = compat_type_new(&spec, (PyObject *)&PyModule_Type);
    return type == NULL ? -1 : PyObject_SetAttrString(s->module, "__class__", type);
}

static int
bind(Session *s, const char *name, PyObject *value)
{
    return value == NULL ? -1 : PyDict_SetItemString(s->namespace, name, value);
}

/* The names that record what was typed and shown. */
static int
bind_records(Session *s)
{
    AUTO_DECREF PyObject *empty = PyUnicode_FromString("");
    if (empty == NULL)
        return -1;
    AUTO_DECREF PyObject *getcwd = call_import("posix", "getcwd");
    AUTO_DECREF PyObject *folder = getcwd == NULL ? NULL : PyObject_CallNoArgs(getcwd);
    if (folder == NULL)
        PyErr_Clear();  // a current folder that was deleted: _dh starts empty
    s->inputs = Py_BuildValue("[O]", empty);
    s->outputs = PyDict_New();
    s->sizes = PyDict_New();
    s->folders = folder ? Py_BuildValue("[O]", folder) : PyList_New(0);
    if (s->sizes == NULL || bind(s, "In", s->inputs) < 0 || bind(s, "_ih", s->inputs) < 0
        || bind(s, "Out", s->outputs) < 0 || bind(s, "_oh", s->outputs) < 0
        || bind(s, "_dh", s->folders) < 0)
        return -1;
    static const char *const texts[] = { "_", "__", "___", "_i", "_ii", "_iii" };
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (bind(s, texts[i], empty) < 0)
            return -1;
    s->underscore = Py_NewRef(empty);
    s->initial = PySet_New(s->namespace);
    return s->initial == NULL ? -1 : 0;
}

/* At the prompt '' heads sys.path, as for `python3` without a script; not with -I or -P. */
static int
put_current_folder(void)
{
    AUTO_DECREF PyObject *flags = call_import("sys", "flags");
    AUTO_DECREF PyObject *safe =
        flags == NULL ? NULL : PyObject_GetAttrString(flags, "safe_path");
    BORROWED PyObject *path = PySys_GetObject("path");
    if (safe == NULL || PyObject_IsTrue(safe))
        return safe == NULL ? -1 : 0;
    if (path == NULL || !PyList_CheckExact(path)) {
        PyErr_SetString(PyExc_RuntimeError, "sys.path is no list");
        return -1;
    }
    AUTO_DECREF PyObject *empty = PyUnicode_FromString("");
    return empty == NULL ? -1 : PyList_Insert(path, 0, empty);
}

Session *
session_new(const SessionFront *front, const Magic *const *magics)
{
    AUTO(session_free) Session *s = PyMem_RawCalloc(1, sizeof *s);
    if (s == NULL)
        return (Session *)PyErr_NoMemory();
    s->front = front;
    s->magics = magics;
    s->pid = getpid();
    s->thread = PyThread_get_thread_ident();
    s->count = 1;
    s->cache_count = SESSION_CACHE_COUNT;
    s->cache_bytes = SESSION_CACHE_BYTES;
    s->usage_error = PyErr_NewExceptionWithDoc(
        "mainspring.UsageError", "A magic was called wrongly.", PyExc_ValueError, NULL);
    if (s->usage_error == NULL || put_current_folder() < 0)
        return NULL;
    if (adopt_main(s) < 0 || bind_records(s) < 0 || session_hooks_install(s) < 0
        || session_guard_start(s) < 0 || session_finish_register(s) < 0
        || session_api_install(s) < 0 || session_history_start(s) < 0)
        return NULL;
    s->ledger = run_ledger_new(s->namespace, s->module);
    if (s->ledger == NULL || heap_collector_limit(&s->ledger->collector, s->shell) < 0
        || session_holders_install(s) < 0)
        return NULL;
    return TAKE(s);
}

static void
clear_extensions(Session *s)
{
    PyObject **const held[] = {
        &s->handler,         &s->handled_classes, &s->formatter,   &s->registered,
        &s->manager,         &s->extensions,      &s->events,      &s->displayhook,
        &s->result_type,     &s->info_type,       &s->native_type, &s->printer_type,
        &s->history_manager, &s->macro_type,      &s->alias_type,
    };
    for (size_t i = 0; i < COUNT_OF(held); i++)
        Py_CLEAR(*held[i]);
    for (size_t i = 0; i < TRANSFORM_KINDS; i++)
        Py_CLEAR(s->transformers[i]);
}

void
session_done(Session *s)
{
    AUTO_EXC ExcHold hold = exc_hold();
    session_api_detach(s);
    session_holders_detach(s);
    run_ledger_free(TAKE(s->ledger));
    hist_journal_free(TAKE(s->history));
    clear_extensions(s);
    session_runner_drop(s);
    Py_CLEAR(s->importable);
    Py_CLEAR(s->last_error);
    Py_CLEAR(s->usage_error);
    Py_CLEAR(s->interrupted);
    Py_CLEAR(s->signals);
    Py_CLEAR(s->tree_types);
    Py_CLEAR(s->compile);
    Py_CLEAR(s->shell);
    Py_CLEAR(s->initial);
    Py_CLEAR(s->folders);
    Py_CLEAR(s->underscore);
    Py_CLEAR(s->outputs);
    Py_CLEAR(s->sizes);
    Py_CLEAR(s->inputs);
    Py_CLEAR(s->namespace);
    Py_CLEAR(s->module);
}

void
session_free(Session *s)
{
    if (s == NULL)
        return;
    bool adopted = s->module_members[0].name != NULL;
    session_done(s);
    if (!adopted)
        PyMem_RawFree(s);
}

static void
set_last(const char *name, PyObject *value)
{
    if (PySys_SetObject(name, value) < 0)
        PyErr_Clear();  // no memory for a name of sys: pdb.pm() will not find the error
}

void
session_keep_error(Session *s, PyObject *error)
{
    AUTO_EXC ExcHold hold = exc_hold();
    AUTO_DECREF PyObject *traceback =
        error == NULL ? NULL : PyException_GetTraceback(error);
    AUTO_DECREF PyObject *old = s->last_error;
    s->last_error = Py_XNewRef(error);
    if (error == NULL && old == NULL)
        return;
    set_last("last_type", error == NULL ? NULL : (PyObject *)Py_TYPE(error));
    set_last("last_value", error);
    set_last("last_traceback", traceback);
    set_last("last_exc", error);
    if (s->ledger == NULL || old == error)
        return;
    heap_collector_suspect(&s->ledger->collector, old);  // its frames may be in cycles
    Py_CLEAR(old);
    if (heap_collector_release(&s->ledger->collector) < 0)
        PyErr_Clear();  // no memory: it goes at the next boundary
}

static int
is_bound(PyObject *dict, PyObject *name)
{
    int found = dict == NULL ? 0 : PyDict_Contains(dict, name);
    if (found < 0)
        PyErr_Clear();  // a name is a str: it can be looked up
    return found == 1;
}

bool
session_has_variable(Session *s, const char *name, size_t length)
{
    AUTO_DECREF PyObject *text = PyUnicode_DecodeUTF8(name, (Py_ssize_t)length, "strict");
    if (text == NULL) {
        PyErr_Clear();  // not UTF-8: no name of a variable
        return false;
    }
    return is_bound(s->namespace, text) || is_bound(PyEval_GetBuiltins(), text);
}
