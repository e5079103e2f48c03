#include "run/helper.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "py/call.h"
#include "py/exc.h"
#include "run/imports.h"

// Nanoseconds: file systems tell times no coarser than this, so that a file that was left alone
// for longer has not the same times by chance.
#define COARSEST_TIME INT64_C(2000000000)

enum { BYTECODE_HEAD = 16 };

/* What is known of a file's text: the digest, and by what to see that it may have changed. */
typedef struct Stamp {
    dev_t device;
    ino_t inode;
    off_t size;
    int64_t
        changed;  // nanoseconds: when text or attributes changed, which none can set back
    int64_t modified;
    Py_hash_t text;
    bool settled;  // the same figures mean the same text
} Stamp;

/* A note is a tuple: the spec, `origin` as it was, a Stamp in bytes. */
enum { NOTE_SPEC, NOTE_ORIGIN, NOTE_STAMP };

static int64_t
nanoseconds(struct timespec t)
{
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* The figures of the file, without its text.  Returns whether there is such a file. */
static bool
stamp_look(const char *path, Stamp *ret_stamp)
{
    struct stat status;
    struct timespec now;
    if (stat(path, &status) < 0 || !S_ISREG(status.st_mode))
        return false;
    (void)clock_gettime(CLOCK_REALTIME, &now);  // this clock exists
    *ret_stamp = (Stamp){ .device = status.st_dev,
                          .inode = status.st_ino,
                          .size = status.st_size,
                          .changed = nanoseconds(status.st_ctim),
                          .modified = nanoseconds(status.st_mtim) };
    ret_stamp->settled = ret_stamp->changed < nanoseconds(now) - COARSEST_TIME;
    return true;
}

static bool
stamp_same(const Stamp *a, const Stamp *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size
           && a->changed == b->changed && a->modified == b->modified;
}

/* The digest of the file's text: 1, 0 where it can't be read, -1 with an exception set. */
static int
digest_file(const char *path, Py_hash_t *ret_digest)
{
    AUTO_FREE char *content = NULL;
    size_t length = 0;
    if (file_read(path, &content, &length) < 0)
        return 0;
    AUTO_DECREF PyObject *bytes = PyBytes_FromStringAndSize(content, (Py_ssize_t)length);
    if (bytes == NULL)
        return -1;
    *ret_digest = PyObject_Hash(bytes);
    return 1;
}

/* Put a note about `name` into `notes`. */
static int
note_put(PyObject *notes, PyObject *name, PyObject *spec, PyObject *origin,
         const Stamp *stamp)
{
    AUTO_DECREF PyObject *bytes =
        PyBytes_FromStringAndSize((const char *)stamp, sizeof *stamp);
    AUTO_DECREF PyObject *note =
        bytes == NULL ? NULL : PyTuple_Pack(3, spec, origin, bytes);
    return note == NULL ? -1 : PyDict_SetItem(notes, name, note);
}

/* sys.modules[name], where that is a module. */
static int
find_module(PyObject *name, PyObject **ret_module)
{
    AUTO_DECREF PyObject *value = NULL;
    int found = call_dict_get(PyImport_GetModuleDict(), name, &value);
    if (found <= 0 || !PyModule_Check(value))
        return found < 0 ? -1 : 0;
    *ret_module = TAKE(value);
    return 1;
}

/* `name` in the module's own dict. */
static int
find_own(PyObject *module, const char *name, PyObject **ret_value)
{
    AUTO_DECREF PyObject *key = PyUnicode_InternFromString(name);
    return key == NULL ? -1 : call_dict_get(PyModule_GetDict(module), key, ret_value);
}

/* The module in sys.modules that was loaded from this very spec, if there is one. */
static int
find_loaded(PyObject *name, PyObject *spec, PyObject **ret_module)
{
    AUTO_DECREF PyObject *module = NULL;
    AUTO_DECREF PyObject *own = NULL;
    int found = find_module(name, &module);
    if (found == 1)
        found = find_own(module, "__spec__", &own);
    if (found <= 0)
        return found;
    if (own != spec)
        return 0;
    *ret_module = TAKE(module);
    return 1;
}

/* Whether the file `path` lies in `folder`, at any depth. */
static bool
lies_in(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    while (length > 0 && folder[length - 1] == '/')
        length--;
    return strncmp(path, folder, length) == 0 && path[length] == '/';
}

/* The folder that `os` was loaded from is the standard library's. */
static int
is_standard(const char *path)
{
    AUTO_DECREF PyObject *os_name = PyUnicode_InternFromString("os");
    AUTO_DECREF PyObject *os = NULL;
    AUTO_DECREF PyObject *file = NULL;
    int found = os_name == NULL ? -1 : find_module(os_name, &os);
    if (found == 1)
        found = find_own(os, "__file__", &file);
    if (found <= 0 || !PyUnicode_Check(file))
        return found < 0 ? -1 : 0;
    AUTO_DECREF PyObject *encoded = PyUnicode_EncodeFSDefault(file);
    if (encoded == NULL)
        return -1;
    char folder[PATH_MAX];
    char *slash = strrchr(PyBytes_AS_STRING(encoded), '/');
    if (slash == NULL || slash - PyBytes_AS_STRING(encoded) >= PATH_MAX)
        return 0;
    memcpy(folder, PyBytes_AS_STRING(encoded),
           (size_t)(slash - PyBytes_AS_STRING(encoded)));
    folder[slash - PyBytes_AS_STRING(encoded)] = '\0';
    return lies_in(path, folder);
}

/* Whether the file belongs to the interpreter or to an installed package, as it is named or
 * where symbolic links lead. */
static int
is_installed(const char *path)
{
    char real[PATH_MAX];
    if (realpath(path, real) == NULL)
        real[0] = '\0';
    const char *const names[] = { path, real };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (strstr(names[i], "/site-packages/") || strstr(names[i], "/dist-packages/"))
            return 1;
        int standard = is_standard(names[i]);
        if (standard != 0)
            return standard;
    }
    return 0;
}

/* `spec`.origin if the spec is of a `.py` file that the source loader loads: 1, 0 or -1. */
static int
find_origin(PyObject *spec, PyObject **ret_origin)
{
    AUTO_DECREF PyObject *loader = NULL;
    AUTO_DECREF PyObject *origin = NULL;
    AUTO_DECREF PyObject *type =
        call_import("_frozen_importlib_external", "SourceFileLoader");
    if (type == NULL || call_attr_get(spec, "loader", &loader) < 0
        || call_attr_get(spec, "origin", &origin) < 0)
        return -1;
    if (loader == NULL || (PyObject *)Py_TYPE(loader) != type || origin == NULL
        || !PyUnicode_Check(origin))
        return 0;
    AUTO_DECREF PyObject *suffix = PyUnicode_FromString(".py");
    Py_ssize_t end =
        suffix == NULL ? -1 : PyUnicode_Tailmatch(origin, suffix, 0, PY_SSIZE_T_MAX, 1);
    if (end == 1)
        *ret_origin = TAKE(origin);
    return (int)end;
}

static uint32_t
little_endian(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16
           | (uint32_t)bytes[3] << 24;
}

/* Whether the loader would take the bytecode file for that of the source, by time and size,
 * although it was written before the source's last change, or too close to that to tell. */
static bool
is_doubtful(const char *bytecode, const Stamp *source)
{
    unsigned char head[BYTECODE_HEAD];
    struct stat status;
    int fd = open(bytecode, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool whole = fstat(fd, &status) == 0 && read(fd, head, sizeof head) == sizeof head;
    (void)close(fd);                              // it was only read
    return whole && little_endian(head + 4) == 0  // not told by a hash instead
           && little_endian(head + 8) == (uint32_t)(source->modified / 1000000000)
           && little_endian(head + 12) == (uint32_t)source->size
           && nanoseconds(status.st_mtim) < source->changed + COARSEST_TIME;
}

static int
remove_doubtful(PyObject *spec, const Stamp *source)
{
    AUTO_DECREF PyObject *cached = NULL;
    if (call_attr_get(spec, "cached", &cached) < 0)
        return -1;
    if (cached == NULL || !PyUnicode_Check(cached))
        return 0;
    AUTO_DECREF PyObject *encoded = PyUnicode_EncodeFSDefault(cached);
    if (encoded == NULL)
        return -1;
    if (is_doubtful(PyBytes_AS_STRING(encoded), source))
        (void)unlink(
            PyBytes_AS_STRING(encoded));  // not ours to remove: as python3 takes it
    return 0;
}

/* Whether a note under `name` is about a module that stays loaded: somebody only looks. */
static int
is_still_needed(PyObject *notes, PyObject *name, PyObject *target)
{
    AUTO_DECREF PyObject *note = NULL;
    AUTO_DECREF PyObject *module = NULL;
    int found = target != Py_None ? 0 : call_dict_get(notes, name, &note);
    return found <= 0 ? found
                      : find_loaded(name, PyTuple_GET_ITEM(note, NOTE_SPEC), &module);
}

int
run_helper_note(PyObject *notes, PyObject *spec, PyObject *target)
{
    AUTO_DECREF PyObject *origin = NULL;
    AUTO_DECREF PyObject *name = NULL;
    int suits = find_origin(spec, &origin);
    if (suits <= 0)
        return suits;
    AUTO_DECREF PyObject *encoded = PyUnicode_EncodeFSDefault(origin);
    if (encoded == NULL || call_attr_get(spec, "name", &name) < 0)
        return -1;
    const char *path = PyBytes_AS_STRING(encoded);
    int passed = name == NULL || !PyUnicode_Check(name) ? 1 : is_installed(path);
    if (passed == 0)
        passed = is_still_needed(notes, name, target);
    Stamp stamp;
    if (passed != 0 || !stamp_look(path, &stamp))
        return passed < 0 ? -1 : 0;
    int known = digest_file(path, &stamp.text);
    if (known <= 0 || remove_doubtful(spec, &stamp) < 0)
        return known < 0 || known == 1 ? -1 : 0;
    return note_put(notes, name, spec, origin, &stamp);
}

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
        if (folder[0] != '\0' && lies_in(path, folder)
            && !(ask_disk && is_in_environment(path, folder)))
            return true;
    }
    return false;
}

/* Whether the text is another than the one noted: 1, 0 or -1.  A file that is gone, or can't be
 * read, has not changed.  `stamp` is what was noted, and becomes what is known now. */
static int
has_changed(const char *path, Stamp *stamp)
{
    Stamp now;
    if (!stamp_look(path, &now) || (stamp->settled && stamp_same(stamp, &now)))
        return 0;
    int known = digest_file(path, &now.text);
    if (known <= 0)
        return known;
    bool changed = now.text != stamp->text;
    *stamp = now;
    return changed;
}

/* Whether the module that is noted as `item`, a pair of name and note, changed on disk. */
static int
is_stale(PyObject *notes, PyObject *item, const Project *project)
{
    BORROWED PyObject *name = PyTuple_GET_ITEM(item, 0);
    BORROWED PyObject *note = PyTuple_GET_ITEM(item, 1);
    BORROWED PyObject *spec = PyTuple_GET_ITEM(note, NOTE_SPEC);
    BORROWED PyObject *origin = PyTuple_GET_ITEM(note, NOTE_ORIGIN);
    AUTO_DECREF PyObject *encoded = PyUnicode_EncodeFSDefault(origin);
    if (encoded == NULL)
        return -1;
    const char *path = PyBytes_AS_STRING(encoded);
    if (!project_has(project, path, false))
        return 0;
    Stamp noted;
    memcpy(&noted, PyBytes_AS_STRING(PyTuple_GET_ITEM(note, NOTE_STAMP)), sizeof noted);
    Stamp stamp = noted;
    int changed = has_changed(path, &stamp);
    if (changed == 1)
        return project_has(project, path, true);
    bool renewed = stamp.settled && !(noted.settled && stamp_same(&noted, &stamp));
    return changed == 0 && renewed ? note_put(notes, name, spec, origin, &stamp) : changed;
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
    BORROWED PyObject *spec = PyTuple_GET_ITEM(note, NOTE_SPEC);
    AUTO_DECREF PyObject *encoded =
        PyUnicode_EncodeFSDefault(PyTuple_GET_ITEM(note, NOTE_ORIGIN));
    if (encoded == NULL)
        return -1;
    if (!project_has(project, PyBytes_AS_STRING(encoded), true))
        return 0;
    AUTO_DECREF PyObject *module = NULL;
    int loaded = find_loaded(name, spec, &module);
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
    int found = find_own(value, "__name__", &name);
    if (found <= 0 || !PyUnicode_CheckExact(name))
        return found < 0 ? -1 : 0;
    found = PySet_Contains(dropped, name);
    int own = found == 1 ? is_submodule(name, owner) : 0;
    if (found <= 0 || own != 0)
        return found < 0 || own < 0 ? -1 : 0;
    return find_module(name, &loaded) == 1 && loaded == value;
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
    PyErr_Clear();  // no code to be had (the file is gone): its globals tell what it imports
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
    int found = goes == 0 ? find_module(package_name, &package) : 0;
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
