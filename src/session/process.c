#include "session/process.h"

#include "py/call.h"

#define CAPSULE "mainspring.session"

/* The run whose namespace `globals` is, or NULL; valid until user code runs. */
static BORROWED Run *
run_of_globals(const RunLedger *l, PyObject *globals)
{
    for (size_t i = l->count; i-- > 0;) {
        AUTO_DECREF PyObject *namespace = NULL;
        if (run_ledger_namespace(l->runs[i], &namespace) < 0)
            PyErr_Clear();  // a weak reference of ours always answers
        if (namespace != NULL && namespace == globals)
            return l->runs[i];
    }
    return NULL;
}

/* The run whose code is nearest up the stack, or else the latest, or NULL. */
static BORROWED Run *
find_run(const RunLedger *l)
{
    AUTO_DECREF PyObject *frame = Py_XNewRef((PyObject *)PyEval_GetFrame());
    while (frame != NULL) {
        AUTO_DECREF PyObject *globals = PyFrame_GetGlobals((PyFrameObject *)frame);
        BORROWED Run *r = run_of_globals(l, globals);
        if (r != NULL)
            return r;
        Py_XSETREF(frame, (PyObject *)PyFrame_GetBack((PyFrameObject *)frame));
    }
    return run_ledger_latest(l);
}

/* A module that was imported already: 1, 0 or -1. */
static int
find_module(const char *name, PyObject **ret_module)
{
    AUTO_DECREF PyObject *key = PyUnicode_FromString(name);
    return key == NULL ? -1 : call_dict_get(PyImport_GetModuleDict(), key, ret_module);
}

/* Whether the code that runs now is that of multiprocessing which starts a worker. */
static int
is_asked_by_spawn(void)
{
    AUTO_DECREF PyObject *spawn = NULL;
    BORROWED PyFrameObject *frame = PyEval_GetFrame();
    int found = frame == NULL ? 0 : find_module("multiprocessing.spawn", &spawn);
    if (found <= 0 || !PyModule_Check(spawn))
        return found < 0 ? -1 : 0;
    AUTO_DECREF PyObject *globals = PyFrame_GetGlobals(frame);
    return globals == PyModule_GetDict(spawn);
}

/* Whether `popen` is that of a worker that was started afresh, or None. */
static int
is_fresh(PyObject *popen)
{
    AUTO_DECREF PyObject *method = NULL;
    int found = popen == Py_None ? 0 : call_attr_get(popen, "method", &method);
    if (found <= 0 || !PyUnicode_Check(method))
        return found < 0 ? -1 : 0;
    return PyUnicode_CompareWithASCIIString(method, "fork") != 0;
}

/* Whether one of this process's children was started afresh. */
static int
has_fresh_child(PyObject *process)
{
    AUTO_DECREF PyObject *children = NULL;
    int found = call_attr_get(process, "_children", &children);
    AUTO_DECREF PyObject *list = found == 1 ? PySequence_List(children) : PyList_New(0);
    if (found < 0 || list == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
        AUTO_DECREF PyObject *popen = NULL;
        int has = call_attr_get(PyList_GET_ITEM(list, i), "_popen", &popen);
        int fresh = has == 1 ? is_fresh(popen) : has;
        if (fresh != 0)
            return fresh;
    }
    return 0;
}

/* Whether what is pickled now may go to a worker that was started afresh. */
static int
may_go_to_fresh_worker(void)
{
    AUTO_DECREF PyObject *get =
        call_import("multiprocessing.context", "get_spawning_popen");
    AUTO_DECREF PyObject *spawning = get == NULL ? NULL : PyObject_CallNoArgs(get);
    AUTO_DECREF PyObject *process = NULL;
    if (spawning == NULL || find_module("multiprocessing.process", &process) < 0)
        return -1;
    if (spawning != Py_None)
        return 1;
    return process == NULL ? 0 : has_fresh_child(process);
}

/* The first part of `__qualname__`: the name that a module has for it or for what it is in. */
static PyObject *
outer_name(PyObject *object)
{
    AUTO_DECREF PyObject *name = NULL;
    if (call_attr_get(object, "__qualname__", &name) <= 0 || !PyUnicode_Check(name))
        return NULL;
    Py_ssize_t length = PyUnicode_GET_LENGTH(name);
    Py_ssize_t dot = PyUnicode_FindChar(name, '.', 0, length, 1);
    return PyUnicode_Substring(name, 0, dot < 0 ? length : dot);
}

/* Whether the run has the name, from its own text. */
static int
run_has(const Run *r, PyObject *name)
{
    AUTO_DECREF PyObject *namespace = NULL;
    if (r->superseded || r->in_prompt || run_ledger_namespace(r, &namespace) < 1)
        return PyErr_Occurred() ? -1 : 0;
    int assigned = r->assigned == NULL ? 0 : PySet_Contains(r->assigned, name);
    return assigned != 0 ? (assigned < 0 ? -1 : 0) : PyDict_Contains(namespace, name);
}

/* Whether a script that was run has the name, so that a worker finds it in its `__main__`. */
static int
is_in_a_script(Session *s, PyObject *name)
{
    AUTO_DECREF PyObject *key = PyUnicode_InternFromString("__file__");
    int found = key == NULL ? -1 : PyDict_Contains(s->namespace, key);
    for (size_t i = s->ledger->count; found == 0 && i-- > 0;)
        found = run_has(s->ledger->runs[i], name);
    return found;
}

/* Why a worker can't import the function or class: 1 and the reason, 0 when it can, or -1. */
static int
find_obstacle(Session *s, PyObject *object, const char **ret_reason)
{
    AUTO_DECREF PyObject *module_name = NULL;
    AUTO_DECREF PyObject *module = NULL;
    int found = call_attr_get(object, "__module__", &module_name);
    if (found == 1 && PyUnicode_Check(module_name))
        found = call_dict_get(PyImport_GetModuleDict(), module_name, &module);
    if (found < 0 || module == NULL)
        return found < 0 ? -1 : 0;
    if (Py_TYPE(module) == (PyTypeObject *)s->ledger->view_type) {
        *ret_reason = "belongs to a run that was superseded";
        return 1;
    }
    if (module != s->module
        && PyUnicode_CompareWithASCIIString(module_name, "__main__") != 0)
        return 0;
    AUTO_DECREF PyObject *name = outer_name(object);
    if (name == NULL)
        return PyErr_Occurred() ? -1 : 0;
    *ret_reason = "was typed at the prompt";
    int has = is_in_a_script(s, name);
    return has < 0 ? -1 : !has;
}

/* ForkingPickler.reducer_override: refuse what a worker could not import. */
static PyObject *
refuse_or_pass(PyObject *capsule, PyObject *object)
{
    Session *s = PyCapsule_GetPointer(capsule, CAPSULE);
    if (s == NULL)
        return NULL;
    if (s->ledger == NULL || (!PyFunction_Check(object) && !PyType_Check(object)))
        return Py_NewRef(Py_NotImplemented);
    const char *reason = NULL;
    int refused = find_obstacle(s, object, &reason);
    if (refused == 1)
        refused = may_go_to_fresh_worker();
    if (refused == 0)
        return Py_NewRef(Py_NotImplemented);
    AUTO_DECREF PyObject *error =
        refused < 0 ? NULL : call_import("pickle", "PicklingError");
    if (error != NULL)
        PyErr_Format(error,
                     "%R %s: a worker process that is not forked can't import it. "
                     "Put it into a script and %%run that",
                     object, reason);
    return NULL;
}

static PyMethodDef refuse_def = { "reducer_override", refuse_or_pass, METH_O,
                                  "Refuse what a worker process could not import." };

/* Have the class ask us, unless it asks somebody else. */
static int
watch_pickler(Session *s, PyObject *type)
{
    AUTO_DECREF PyObject *present = NULL;
    int found = call_attr_get(type, refuse_def.ml_name, &present);
    if (found != 0)
        return found < 0 ? -1 : 0;
    AUTO_DECREF PyObject *capsule = PyCapsule_New(s, CAPSULE, NULL);
    AUTO_DECREF PyObject *function =
        capsule == NULL ? NULL : PyCFunction_New(&refuse_def, capsule);
    return function == NULL ? -1
                            : PyObject_SetAttrString(type, refuse_def.ml_name, function);
}

int
session_process_watch(Session *s)
{
    AUTO_DECREF PyObject *reduction = NULL;
    AUTO_DECREF PyObject *type = NULL;
    if (s->watches_pickler)
        return 0;
    int found = find_module("multiprocessing.reduction", &reduction);
    if (found == 1)
        found = call_attr_get(reduction, "ForkingPickler", &type);
    if (found == 1 && watch_pickler(s, type) < 0)
        return -1;
    s->watches_pickler = found == 1;
    return found < 0 ? -1 : 0;
}

/* Whether a worker could execute the script: 0, or -1 with what it would fail with set. */
static int
check_script(PyObject *path, PyObject *bytes_that_ran)
{
    AUTO_DECREF PyObject *found = NULL;
    AUTO_DECREF PyObject *bytes = run_source_read(path, &found);
    if (bytes == NULL)
        return -1;
    int same = PyObject_RichCompareBool(bytes, bytes_that_ran, Py_EQ);
    if (same != 0)
        return same < 0 ? -1 : 0;
    AUTO_DECREF PyObject *compile = call_import("builtins", "compile");
    AUTO_DECREF PyObject *code =
        compile == NULL
            ? NULL
            : PyObject_CallFunction(compile, "OOsii", bytes, path, "exec", 0, 1);
    return code == NULL ? -1 : 0;
}

int
session_process_path(Session *s, PyObject **ret_path)
{
    int spawns = is_asked_by_spawn();
    if (spawns < 0 || (spawns == 1 && session_process_watch(s) < 0))
        return -1;
    BORROWED Run *r = find_run(s->ledger);
    if (r == NULL)
        return 0;
    AUTO_DECREF PyObject *path = Py_NewRef(r->path);
    AUTO_DECREF PyObject *bytes = Py_NewRef(r->source->bytes);
    if (spawns == 1 && check_script(path, bytes) < 0)
        return -1;
    *ret_path = TAKE(path);
    return 1;
}
