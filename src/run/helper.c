#include "run/helper.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "py/call.h"
#include "py/exc.h"
#include "run/imports.h"
#include "run/note.h"

/* The folders that a project is in. */
typedef struct Project {
    char folders[2][PATH_MAX];
} Project;

static int
project_find(PyObject *folder, Project *ret_project)
{
    AUTO_DECREF PyObject *encoded = PyUnicode_EncodeFSDefault(folder);
    if (encoded == NULL)
        return -1;
    if (getcwd(ret_project->folders[1], PATH_MAX) == NULL)
        ret_project->folders[1][0] = '\0';
    if (PyBytes_GET_SIZE(encoded) >= PATH_MAX)
        ret_project->folders[0][0] = '\0';
    else
        memcpy(ret_project->folders[0], PyBytes_AS_STRING(encoded),
               (size_t)PyBytes_GET_SIZE(encoded) + 1);
    return 0;
}

/* Whether one of the folders between `folder` and the file is a virtual environment. */
static bool
is_in_environment(const char *path, const char *folder)
{
    char config[PATH_MAX + sizeof "/pyvenv.cfg"];
    size_t length = strlen(path);
    if (length >= PATH_MAX)
        return true;
    memcpy(config, path, length + 1);
    size_t end = strlen(folder);
    for (char *slash = strrchr(config, '/'); slash != NULL && slash > config + end;) {
        memcpy(slash, "/pyvenv.cfg", sizeof "/pyvenv.cfg");
        if (access(config, F_OK) == 0)
            return true;
        *slash = '\0';
        slash = strrchr(config, '/');
    }
    return false;
}

/* Whether the file is one of the project's own. */
static bool
project_has(const Project *project, const char *path, bool ask_disk)
{
    for (size_t i = 0; i < COUNT_OF(project->folders); i++) {
        const char *folder = project->folders[i];
        if (folder[0] != '\0' && file_lies_in(path, folder)
            && !(ask_disk && is_in_environment(path, folder)))
            return true;
    }
    return false;
}

/* Whether the module that is noted as `item`, a pair of name and note, changed on disk. */
static int
is_stale(PyObject *notes, PyObject *item, const Project *project)
{
    BORROWED PyObject *note = PyTuple_GET_ITEM(item, 1);
    AUTO_DECREF PyObject *encoded = PyUnicode_EncodeFSDefault(run_note_origin(note));
    if (encoded == NULL)
        return -1;
    const char *path = PyBytes_AS_STRING(encoded);
    if (!project_has(project, path, false))
        return 0;
    int changed = run_note_is_stale(notes, PyTuple_GET_ITEM(item, 0), note);
    return changed == 1 ? project_has(project, path, true) : changed;
}

/* A noted module that may have to go. */
typedef struct Candidate {
    PyObject *name;
    PyObject *spec;
    PyObject *module;
    PyObject *imports;  // set of str, once it was asked for
    bool dropped;
} Candidate;

typedef struct Candidates {
    Candidate *items;
    Py_ssize_t count;
} Candidates;

static void
candidates_done(Candidates *c)
{
    AUTO_EXC ExcHold hold = exc_hold();
    for (Py_ssize_t i = 0; i < c->count; i++) {
        Py_XDECREF(c->items[i].name);
        Py_XDECREF(c->items[i].spec);
        Py_XDECREF(c->items[i].module);
        Py_XDECREF(c->items[i].imports);
    }
    PyMem_Free(c->items);
}

/* Whether the module is being imported right now. */
static int
is_initializing(PyObject *spec)
{
    AUTO_DECREF PyObject *value = NULL;
    int found = call_attr_get(spec, "_initializing", &value);
    return found <= 0 ? found : PyObject_IsTrue(value);
}

/* Take the noted module in, if it is one that can go. */
static int
candidates_add(Candidates *c, PyObject *item, const Project *project, PyObject *stale)
{
    BORROWED PyObject *name = PyTuple_GET_ITEM(item, 0);
    BORROWED PyObject *note = PyTuple_GET_ITEM(item, 1);
    BORROWED PyObject *spec = run_note_spec(note);
    AUTO_DECREF PyObject *encoded = PyUnicode_EncodeFSDefault(run_note_origin(note));
    if (encoded == NULL)
        return -1;
    if (!project_has(project, PyBytes_AS_STRING(encoded), true))
        return 0;
    AUTO_DECREF PyObject *module = NULL;
    int loaded = run_note_loaded(name, spec, &module);
    int busy = loaded == 1 ? is_initializing(spec) : 0;
    int changed = PySet_Contains(stale, name);
    if (loaded < 0 || busy < 0 || changed < 0)
        return -1;
    if (loaded == 1 && busy == 0)
        c->items[c->count++] = (Candidate){ .name = Py_NewRef(name),
                                            .spec = Py_NewRef(spec),
                                            .module = TAKE(module),
                                            .dropped = changed };
    return 0;
}

/* Whether `value` is named in the set `dropped` by its attribute `__module__`.  Only functions
 * and classes have one that no code of the user's answers. */
static int
is_from(PyObject *value, PyObject *dropped)
{
    AUTO_DECREF PyObject *name = NULL;
    if (PyFunction_Check(value)) {
        name = Py_XNewRef(PyFunction_GetModule(value));
    } else {
        BORROWED PyObject *type = PyType_Check(value) ? value : (PyObject *)Py_TYPE(value);
        if (!(((PyTypeObject *)type)->tp_flags & Py_TPFLAGS_HEAPTYPE))
            return 0;
        AUTO_DECREF PyObject *key = PyUnicode_InternFromString("__module__");
        name = key == NULL ? NULL : PyType_Type.tp_getattro(type, key);
        PyErr_Clear();  // a class without one, or no memory: then it tells nothing
    }
    return name != NULL && PyUnicode_CheckExact(name) ? PySet_Contains(dropped, name) : 0;
}

/* Whether `inner` lies in the package `outer`, at any depth. */
static int
is_submodule(PyObject *inner, PyObject *outer)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(outer);
    if (PyUnicode_GET_LENGTH(inner) <= length || PyUnicode_READ_CHAR(inner, length) != '.')
        return 0;
    return (int)PyUnicode_Tailmatch(inner, outer, 0, length, -1);
}

/* Whether a global of the module `owner` is one of the dropped modules, or made by one.  That a
 * package has its modules as attributes does not say that it imports them. */
static int
is_tied(PyObject *value, PyObject *owner, PyObject *dropped)
{
    if (!PyModule_Check(value))
        return is_from(value, dropped);
    AUTO_DECREF PyObject *name = NULL;
    AUTO_DECREF PyObject *loaded = NULL;
    int found = call_module_own(value, "__name__", &name);
    if (found <= 0 || !PyUnicode_CheckExact(name))
        return found < 0 ? -1 : 0;
    found = PySet_Contains(dropped, name);
    int own = found == 1 ? is_submodule(name, owner) : 0;
    if (found <= 0 || own != 0)
        return found < 0 || own < 0 ? -1 : 0;
    return call_module_get(name, &loaded) == 1 && loaded == value;
}

static int
has_tied_global(const Candidate *c, PyObject *dropped)
{
    AUTO_DECREF PyObject *values = PyDict_Values(PyModule_GetDict(c->module));
    for (Py_ssize_t i = 0; values != NULL && i < PyList_GET_SIZE(values); i++) {
        int tied = is_tied(PyList_GET_ITEM(values, i), c->name, dropped);
        if (tied != 0)
            return tied;
    }
    return values == NULL ? -1 : 0;
}

/* What the module's text, which is unchanged, imports: its code is the loader's to give. */
static PyObject *
imports_of(const Candidate *c)
{
    AUTO_DECREF PyObject *loader = PyObject_GetAttrString(c->spec, "loader");
    AUTO_DECREF PyObject *code =
        loader == NULL ? NULL : PyObject_CallMethod(loader, "get_code", "O", c->name);
    if (code != NULL && PyCode_Check(code))
        return run_imports_of_code(code);
    exc_drop();  // no code to be had (the file is gone): its globals tell what it imports
    return PySet_New(NULL);
}

/* Whether a package that the module is in goes: the new one would not have it as an attribute. */
static int
loses_package(const Candidate *c, PyObject *dropped)
{
    Py_ssize_t dot = PyUnicode_GET_LENGTH(c->name);
    while ((dot = PyUnicode_FindChar(c->name, '.', 0, dot, -1)) >= 0) {
        AUTO_DECREF PyObject *package = PyUnicode_Substring(c->name, 0, dot);
        int found = package == NULL ? -1 : PySet_Contains(dropped, package);
        if (found != 0)
            return found;
    }
    return 0;
}

/* Whether the module has to go because another goes. */
static int
depends(Candidate *c, PyObject *dropped)
{
    int found = loses_package(c, dropped);
    if (found == 0)
        found = has_tied_global(c, dropped);
    if (found != 0)
        return found;
    if (c->imports == NULL && (c->imports = imports_of(c)) == NULL)
        return -1;
    AUTO_DECREF PyObject *package = PyObject_GetAttrString(c->spec, "parent");
    return package == NULL ? -1 : run_imports_any(c->imports, package, dropped);
}

/* Mark what depends on what is marked, until nothing more does. */
static int
mark_dependents(Candidates *c, PyObject *dropped)
{
    for (bool again = true; again;) {
        again = false;
        for (Py_ssize_t i = 0; i < c->count; i++) {
            Candidate *candidate = &c->items[i];
            int depending = candidate->dropped ? 0 : depends(candidate, dropped);
            if (depending < 0
                || (depending == 1 && PySet_Add(dropped, candidate->name) < 0))
                return -1;
            candidate->dropped |= depending;
            again |= depending;
        }
    }
    return 0;
}

/* Delete the module from the package that it is in, if that stays. */
static int
leave_package(const Candidate *c, PyObject *dropped)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(c->name);
    Py_ssize_t dot = PyUnicode_FindChar(c->name, '.', 0, length, -1);
    if (dot < 0)
        return 0;
    AUTO_DECREF PyObject *package_name = PyUnicode_Substring(c->name, 0, dot);
    AUTO_DECREF PyObject *tail = PyUnicode_Substring(c->name, dot + 1, length);
    AUTO_DECREF PyObject *package = NULL;
    AUTO_DECREF PyObject *value = NULL;
    if (package_name == NULL || tail == NULL)
        return -1;
    int goes = PySet_Contains(dropped, package_name);
    int found = goes == 0 ? call_module_get(package_name, &package) : 0;
    if (found == 1)
        found = call_dict_get(PyModule_GetDict(package), tail, &value);
    if (goes < 0 || found < 0)
        return -1;
    if (value != c->module)
        return 0;
    return call_dict_discard(PyModule_GetDict(package), tail) < 0 ? -1 : 0;
}

/* Drop what is marked, and the notes about it; the namespaces are suspected of being dead. */
static int
drop(const Candidates *c, PyObject *notes, PyObject *dropped, HeapCollector *collector)
{
    for (Py_ssize_t i = 0; i < c->count; i++) {
        const Candidate *candidate = &c->items[i];
        if (!candidate->dropped)
            continue;
        if (PyModule_Check(candidate->module))
            heap_collector_suspect(collector, PyModule_GetDict(candidate->module));
        if (leave_package(candidate, dropped) < 0
            || call_dict_discard(PyImport_GetModuleDict(), candidate->name) < 0
            || call_dict_discard(notes, candidate->name) < 0)
            return -1;
    }
    return 0;
}

/* Drop the modules in the set `stale` and what depends on them; `dropped` gets their names. */
static int
drop_with_dependents(PyObject *notes, const Project *project, PyObject *stale,
                     PyObject *dropped, HeapCollector *collector)
{
    __attribute__((cleanup(candidates_done))) Candidates c = { 0 };
    AUTO_DECREF PyObject *items = PyDict_Items(notes);
    if (items == NULL)
        return -1;
    c.items = PyMem_Calloc((size_t)PyList_GET_SIZE(items), sizeof *c.items);
    if (c.items == NULL)
        return PyErr_NoMemory(), -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items); i++)
        if (candidates_add(&c, PyList_GET_ITEM(items, i), project, stale) < 0)
            return -1;
    for (Py_ssize_t i = 0; i < c.count; i++)
        if (c.items[i].dropped && PySet_Add(dropped, c.items[i].name) < 0)
            return -1;
    if (PySet_GET_SIZE(dropped) == 0)
        return 0;
    return mark_dependents(&c, dropped) < 0 ? -1 : drop(&c, notes, dropped, collector);
}

/* The names of the modules of the project that changed on disk, as a set. */
static PyObject *
find_stale(PyObject *notes, const Project *project)
{
    AUTO_DECREF PyObject *stale = PySet_New(NULL);
    AUTO_DECREF PyObject *items = stale == NULL ? NULL : PyDict_Items(notes);
    if (items == NULL)
        return NULL;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items); i++) {
        BORROWED PyObject *item = PyList_GET_ITEM(items, i);
        int changed = is_stale(notes, item, project);
        if (changed < 0
            || (changed == 1 && PySet_Add(stale, PyTuple_GET_ITEM(item, 0)) < 0))
            return NULL;
    }
    return TAKE(stale);
}

int
run_helper_refresh(PyObject *notes, PyObject *folder, HeapCollector *collector,
                   PyObject **ret_names)
{
    if (PyDict_GET_SIZE(notes) == 0)
        return 0;
    Project project;
    AUTO_DECREF PyObject *stale =
        project_find(folder, &project) < 0 ? NULL : find_stale(notes, &project);
    if (stale == NULL || PySet_GET_SIZE(stale) == 0)
        return stale == NULL ? -1 : 0;
    AUTO_DECREF PyObject *dropped = PySet_New(NULL);
    if (dropped == NULL
        || drop_with_dependents(notes, &project, stale, dropped, collector) < 0)
        return -1;
    if (PySet_GET_SIZE(dropped) == 0)
        return 0;
    AUTO_DECREF PyObject *names = PySequence_List(dropped);
    if (names == NULL || PyList_Sort(names) < 0)
        return -1;
    *ret_names = TAKE(names);
    return 1;
}
