#include "run/target.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <marshal.h>

#include "py/call.h"
#include "py/exc.h"
#include "py/text.h"
#include "run/module.h"
#include "run/source.h"

void
run_target_done(RunTarget *t)
{
    Py_CLEAR(t->given);
    Py_CLEAR(t->path);
    Py_CLEAR(t->key);
    Py_CLEAR(t->folder);
    Py_CLEAR(t->home);
    Py_CLEAR(t->name);
    Py_CLEAR(t->spec);
    Py_CLEAR(t->content);
    Py_CLEAR(t->code);
    Py_CLEAR(t->text);
}

PyObject *
run_target_current_folder(void)
{
    char folder[PATH_MAX];
    if (getcwd(folder, sizeof folder) == NULL)
        return PyErr_SetFromErrno(PyExc_OSError);
    return PyUnicode_DecodeFSDefault(folder);
}

/* The absolute path as `python3 file` makes it: joined to the current folder, not normalised. */
static PyObject *
absolute_path(PyObject *path)
{
    if (PyUnicode_READ_CHAR(path, 0) == '/')
        return Py_NewRef(path);
    AUTO_DECREF PyObject *cwd = run_target_current_folder();
    return cwd == NULL ? NULL : PyUnicode_FromFormat("%U/%U", cwd, path);
}

static PyObject *
real_path(PyObject *path)
{
    AUTO_DECREF PyObject *encoded = PyUnicode_EncodeFSDefault(path);
    if (encoded == NULL)
        return NULL;
    char resolved[PATH_MAX];
    if (realpath(PyBytes_AS_STRING(encoded), resolved) == NULL)
        return Py_NewRef(path);  // a pipe of the shell's, say: its path is all it has
    return PyUnicode_DecodeFSDefault(resolved);
}

static PyObject *
folder_of(PyObject *path)
{
    Py_ssize_t slash = PyUnicode_FindChar(path, '/', 0, PyUnicode_GET_LENGTH(path), -1);
    return PyUnicode_Substring(path, 0, slash > 0 ? slash : 1);
}

/* The last part of `path` without its suffix. */
static PyObject *
stem_of(PyObject *path)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(path);
    Py_ssize_t start = PyUnicode_FindChar(path, '/', 0, length, -1) + 1;
    Py_ssize_t dot = PyUnicode_FindChar(path, '.', start, length, -1);
    return PyUnicode_Substring(path, start, dot > start ? dot : length);
}

static PyObject *
without_slashes_at_end(PyObject *path)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(path);
    while (length > 1 && PyUnicode_READ_CHAR(path, length - 1) == '/')
        length--;
    return PyUnicode_Substring(path, 0, length);
}

/* Whether `loader` is of this very type: another may have a way of its own from text to code. */
static int
is_exactly(PyObject *loader, const char *module, const char *name)
{
    AUTO_DECREF PyObject *type = call_import(module, name);
    return type == NULL ? -1 : (PyObject *)Py_TYPE(loader) == type;
}

/* The source that the loader would compile: 1, 0 where it has other ways, or -1. */
static int
read_source(PyObject *loader, PyObject *origin, PyObject **ret_content)
{
    if (!PyUnicode_Check(origin) || !text_ends_with(origin, ".py"))
        return 0;
    int file = is_exactly(loader, "_frozen_importlib_external", "SourceFileLoader");
    int zip = file == 0 ? is_exactly(loader, "zipimport", "zipimporter") : 0;
    AUTO_DECREF PyObject *found = NULL;
    if (file == 1)
        *ret_content = run_source_read(origin, &found);
    else if (zip == 1)
        *ret_content = PyObject_CallMethod(loader, "get_data", "O", origin);
    else
        return file < 0 || zip < 0 ? -1 : 0;
    return *ret_content == NULL ? -1 : 1;
}

/* The pending ImportError came out of the loader: its text alone is for the user. */
static void
drop_traceback(void)
{
    if (!PyErr_ExceptionMatches(PyExc_ImportError))
        return;
    AUTO_DECREF PyObject *error = exc_take();
    PyErr_Format(PyExc_ImportError, "%S", error);
}

/* Have the loader say what the source is; most that have no file have none. */
static int
ask_for_text(RunTarget *t, PyObject *loader, PyObject *name)
{
    AUTO_DECREF PyObject *text = PyObject_CallMethod(loader, "get_source", "O", name);
    if (text == NULL && !PyErr_ExceptionMatches(PyExc_Exception))
        return -1;
    PyErr_Clear();  // a loader without that, or with code alone
    if (text != NULL && PyUnicode_Check(text))
        t->text = TAKE(text);
    return 0;
}

/* Have the loader give its code. */
static int
ask_for_code(RunTarget *t, PyObject *loader, PyObject *name)
{
    t->code = PyObject_CallMethod(loader, "get_code", "O", name);
    if (t->code == NULL)
        return drop_traceback(), -1;
    if (!PyCode_Check(t->code)) {
        PyErr_Format(PyExc_ImportError, "No code object available for %S", name);
        return -1;
    }
    t->path = PyObject_GetAttrString(t->code, "co_filename");
    t->content =
        t->path == NULL ? NULL : PyMarshal_WriteObjectToString(t->code, Py_MARSHAL_VERSION);
    if (t->content == NULL)
        return -1;
    return ask_for_text(t, loader, name);
}

/* Take what `t->spec` leads to: the source, or the loader's code. */
static int
follow_spec(RunTarget *t)
{
    AUTO_DECREF PyObject *loader = PyObject_GetAttrString(t->spec, "loader");
    AUTO_DECREF PyObject *origin =
        loader == NULL ? NULL : PyObject_GetAttrString(t->spec, "origin");
    AUTO_DECREF PyObject *name =
        origin == NULL ? NULL : PyObject_GetAttrString(t->spec, "name");
    if (name == NULL)
        return -1;
    int read = read_source(loader, origin, &t->content);
    if (read == 1)
        t->path = Py_NewRef(origin);
    if (read < 0 || (read == 0 && ask_for_code(t, loader, name) < 0))
        return -1;
    t->key = real_path(PyUnicode_Check(origin) && PyUnicode_READ_CHAR(origin, 0) == '/'
                           ? origin
                           : t->path);
    return t->key == NULL ? -1 : 0;
}

/* What finds modules in the folder or zip file at `path`, or None.  That there is nothing is not
 * remembered: the file may become a zip file. */
static PyObject *
importer_of(PyObject *path)
{
    AUTO_DECREF PyObject *importer = PyImport_GetImporter(path);
    if (importer != Py_None)
        return TAKE(importer);
    AUTO_DECREF PyObject *cache = Py_XNewRef(PySys_GetObject("path_importer_cache"));
    if (cache != NULL && PyDict_Check(cache) && call_dict_discard(cache, path) < 0)
        return NULL;
    return TAKE(importer);
}

/* Ask the importer for its `__main__`, as it is on disk now: 1, 0 for none, or -1. */
static int
find_main(PyObject *importer, PyObject **ret_spec)
{
    AUTO_DECREF PyObject *none = PyObject_CallMethod(importer, "invalidate_caches", NULL);
    AUTO_DECREF PyObject *spec =
        none == NULL ? NULL : PyObject_CallMethod(importer, "find_spec", "s", "__main__");
    AUTO_DECREF PyObject *loader =
        spec == NULL || spec == Py_None ? NULL : PyObject_GetAttrString(spec, "loader");
    if (spec == NULL || (spec != Py_None && loader == NULL))
        return -1;
    if (loader == NULL || loader == Py_None)
        return 0;
    *ret_spec = TAKE(spec);
    return 1;
}

/* The folder or zip file `path`: 1, 0 where it is neither, or -1 with an exception set. */
static int
find_container(RunTarget *t, PyObject *path)
{
    t->folder = absolute_path(path);
    AUTO_DECREF PyObject *importer = t->folder == NULL ? NULL : importer_of(t->folder);
    if (importer == NULL || importer == Py_None)
        return importer == NULL ? -1 : 0;
    int found = find_main(importer, &t->spec);
    if (found == 0)
        PyErr_Format(PyExc_ValueError, "%U: has no __main__.py", path);
    if (found <= 0)
        return -1;
    t->given = Py_NewRef(path);
    t->home = without_slashes_at_end(t->folder);
    t->name = t->home == NULL ? NULL : stem_of(t->home);
    return t->name == NULL || follow_spec(t) < 0 ? -1 : 1;
}

/* Bytes with a NUL in them, which no source has. */
static bool
is_binary(PyObject *content)
{
    return memchr(PyBytes_AS_STRING(content), '\0', (size_t)PyBytes_GET_SIZE(content))
           != NULL;
}

static int
find_file(RunTarget *t)
{
    t->path = absolute_path(t->given);
    t->key = t->path == NULL ? NULL : real_path(t->path);
    t->folder = t->key == NULL ? NULL : folder_of(t->key);
    t->home = Py_XNewRef(t->folder);
    t->name = t->folder == NULL ? NULL : stem_of(t->path);
    return t->name == NULL ? -1 : 0;
}

/* A folder without a `__main__` may lie beside the script: `%run model`, whose results are in
 * `model/`.  Returns 1, or 0 with the exception that was pending. */
static int
find_beside(RunTarget *t, PyObject *path)
{
    AUTO_EXC ExcHold hold = exc_hold();
    AUTO_DECREF PyObject *file = PyUnicode_FromFormat("%U.py", path);
    AUTO_DECREF PyObject *given = NULL;
    AUTO_DECREF PyObject *content = file == NULL ? NULL : run_source_read(file, &given);
    if (content == NULL)
        return 0;
    run_target_done(t);
    t->given = TAKE(given);
    t->content = TAKE(content);
    Py_CLEAR(hold.value);
    return 1;
}

static int
find_folder(RunTarget *t, PyObject *path)
{
    PyErr_Clear();  // it can't be read, because it is a folder
    int found = find_container(t, path);
    if (found == 0)
        PyErr_Format(PyExc_ValueError, "%U: modules can't be found in this folder", path);
    if (found == 1)
        return 0;
    return t->spec == NULL && find_beside(t, path) == 1 ? find_file(t) : -1;
}

static int
find(RunTarget *t, PyObject *path)
{
    t->content = run_source_read(path, &t->given);
    if (t->content == NULL)
        return PyErr_ExceptionMatches(PyExc_IsADirectoryError) ? find_folder(t, path) : -1;
    if (text_ends_with(t->given, ".pyc")) {
        PyErr_Format(PyExc_ValueError, "%U: compiled code, not Python source", t->given);
        return -1;
    }
    if (!is_binary(t->content))
        return find_file(t);
    RunTarget container = { 0 };
    int found = find_container(&container, t->given);
    if (found == 0) {
        run_target_done(&container);
        return find_file(t);
    }
    run_target_done(t);
    *t = container;
    return found < 0 ? -1 : 0;
}

int
run_target_find(PyObject *path, RunTarget *ret_target)
{
    AUTO_TARGET RunTarget t = { 0 };
    if (find(&t, path) < 0)
        return -1;
    *ret_target = t;
    t = (RunTarget){ 0 };
    return 0;
}

int
run_target_find_module(PyObject *name, PyObject *folder, RunTarget *ret_target)
{
    AUTO_TARGET RunTarget t = { .folder = Py_NewRef(folder), .home = Py_NewRef(folder) };
    t.spec = run_module_find(name);
    if (t.spec == NULL || follow_spec(&t) < 0)
        return -1;
    AUTO_DECREF PyObject *origin = PyObject_GetAttrString(t.spec, "origin");
    t.name = origin == NULL ? NULL : PyObject_GetAttrString(t.spec, "name");
    if (t.name == NULL)
        return -1;
    t.given = Py_NewRef(PyUnicode_Check(origin) ? origin : t.path);
    *ret_target = t;
    t = (RunTarget){ 0 };
    return 0;
}
