#include "run/source.h"

#include <errno.h>
#include <stdlib.h>

#include "base/file.h"
#include "py/call.h"
#include "py/compat.h"
#include "py/exc.h"
#include "py/linecache.h"
#include "run/decode.h"

static int
read_file(PyObject *path, PyObject **ret_bytes)
{
    AUTO_DECREF PyObject *encoded = PyUnicode_EncodeFSDefault(path);
    if (encoded == NULL)
        return -1;
    char *content = NULL;
    size_t length = 0;
    int r;
    Py_BEGIN_ALLOW_THREADS r = file_read(PyBytes_AS_STRING(encoded), &content, &length);
    Py_END_ALLOW_THREADS if (r < 0) return r == -ENOENT ? 0 : exc_from_errno(r, path);
    *ret_bytes = PyBytes_FromStringAndSize(content, (Py_ssize_t)length);
    free(content);
    return *ret_bytes == NULL ? -1 : 1;
}

PyObject *
run_source_read(PyObject *path, PyObject **ret_found)
{
    PyObject *bytes = NULL;
    int found = read_file(path, &bytes);
    if (found == 1)
        *ret_found = Py_NewRef(path);
    if (found != 0)
        return found < 0 ? NULL : bytes;

    AUTO_DECREF PyObject *with_suffix = PyUnicode_FromFormat("%U.py", path);
    if (with_suffix == NULL)
        return NULL;
    found = read_file(with_suffix, &bytes);
    if (found == 0)
        return exc_from_errno(-ENOENT, path), NULL;
    if (found == 1)
        *ret_found = TAKE(with_suffix);
    return found < 0 ? NULL : bytes;
}

/* Compile from the bytes: the parser reads cookie and BOM as it does for `python3 file`. */
static PyObject *
compile(const RunSource *s)
{
    PyCompilerFlags flags = { .cf_flags = 0, .cf_feature_version = PY_MINOR_VERSION };
    AUTO_DECREF PyObject *code = Py_CompileStringObject(PyBytes_AS_STRING(s->bytes),
                                                        s->path, Py_file_input, &flags, -1);
    if (code != NULL || !PyErr_ExceptionMatches(PyExc_RecursionError))
        return TAKE(code);
    PyErr_Clear();
    return PyErr_Format(PyExc_ValueError, "%U: too deeply nested to be compiled", s->path);
}

static RunSource *
source_new(PyObject *path, PyObject *bytes)
{
    RunSource *s = PyMem_Calloc(1, sizeof *s);
    if (s == NULL)
        return (RunSource *)PyErr_NoMemory();
    s->users = 1;
    s->path = Py_NewRef(path);
    s->filename = Py_NewRef(path);
    s->bytes = Py_NewRef(bytes);
    return s;
}

RunSource *
run_source_new(PyObject *path, PyObject *bytes)
{
    AUTO(run_source_unref) RunSource *s = source_new(path, bytes);
    if (s == NULL)
        return NULL;
    bool refused = false;
    s->text = run_decode(path, PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes), 1,
                         &refused);
    if (s->text == NULL)
        return NULL;
    s->code = compile(s);
    return s->code == NULL ? NULL : TAKE(s);
}

RunSource *
run_source_of_code(PyObject *path, PyObject *bytes, PyObject *text, PyObject *code)
{
    RunSource *s = source_new(path, bytes);
    if (s == NULL)
        return NULL;
    s->text = Py_XNewRef(text);
    s->code = Py_NewRef(code);
    return s;
}

int
run_source_show(const RunSource *s)
{
    return s->text == NULL ? 0 : linecache_set(s->filename, s->text);
}

/* Undo linecache_set() after a failure.  Returns -1; keeps the pending exception. */
static int
forget(PyObject *filename)
{
    AUTO_EXC ExcHold hold = exc_hold();
    if (linecache_discard(filename) < 0)
        PyErr_Clear();  // no memory for that: lines that nothing asks for
    return -1;
}

int
run_source_label(RunSource *s, int number)
{
    if (s->labelled)
        return 0;
    AUTO_DECREF PyObject *filename = PyUnicode_FromFormat("%U <run %d>", s->path, number);
    AUTO_DECREF PyObject *retarget =
        filename == NULL ? NULL : call_import("_imp", "_fix_co_filename");
    if (retarget == NULL || (s->text != NULL && linecache_set(filename, s->text) < 0))
        return -1;
    AUTO_DECREF PyObject *none =
        PyObject_CallFunctionObjArgs(retarget, s->code, filename, NULL);
    if (none == NULL)
        return forget(filename);
    Py_SETREF(s->filename, TAKE(filename));
    s->labelled = true;
    return 0;
}

/* Add the names that the instructions of one code object read as globals. */
static int
add_reads(PyObject *code, PyObject *names)
{
    AUTO_DECREF PyObject *instructions = PyCode_GetCode((PyCodeObject *)code);
    AUTO_DECREF PyObject *co_names =
        instructions == NULL ? NULL : PyObject_GetAttrString(code, "co_names");
    if (co_names == NULL)
        return -1;
    const unsigned char *ops = (const unsigned char *)PyBytes_AS_STRING(instructions);
    int argument = 0;
    for (Py_ssize_t i = 0; i + 1 < PyBytes_GET_SIZE(instructions); i += 2) {
        argument = argument << 8 | ops[i + 1];
        int index = compat_global_read(ops[i], argument);
        if (index >= 0 && PySet_Add(names, PyTuple_GET_ITEM(co_names, index)) < 0)
            return -1;
        if (!compat_extends_argument(ops[i]))
            argument = 0;
    }
    return 0;
}

/* The same for a code object and all that it makes functions and classes of. */
static int
collect_reads(PyObject *code, PyObject *names)
{
    if (Py_EnterRecursiveCall(" while reading a script's names"))
        return -1;
    AUTO_DECREF PyObject *constants = PyObject_GetAttrString(code, "co_consts");
    int r = constants == NULL ? -1 : add_reads(code, names);
    for (Py_ssize_t i = 0; r == 0 && i < PyTuple_GET_SIZE(constants); i++)
        if (PyCode_Check(PyTuple_GET_ITEM(constants, i)))
            r = collect_reads(PyTuple_GET_ITEM(constants, i), names);
    Py_LeaveRecursiveCall();
    return r;
}

BORROWED PyObject *
run_source_reads(RunSource *s)
{
    if (s->reads != NULL)
        return s->reads;
    AUTO_DECREF PyObject *names = PySet_New(NULL);
    if (names == NULL || collect_reads(s->code, names) < 0)
        return NULL;
    s->reads = PyFrozenSet_New(names);
    return s->reads;
}

const char *
run_source_sha256(RunSource *s)
{
    if (s->sha256[0] == '\0')
        sha256_hex(PyBytes_AS_STRING(s->bytes), (size_t)PyBytes_GET_SIZE(s->bytes),
                   s->sha256);
    return s->sha256;
}

RunSource *
run_source_ref(RunSource *s)
{
    s->users++;
    return s;
}

void
run_source_unref(RunSource *s)
{
    if (s == NULL || --s->users > 0)
        return;
    AUTO_EXC ExcHold hold = exc_hold();
    if (s->labelled && linecache_discard(s->filename) < 0)
        PyErr_Clear();  // linecache is gone or broken, and the entry with it
    Py_XDECREF(s->path);
    Py_XDECREF(s->bytes);
    Py_XDECREF(s->text);
    Py_XDECREF(s->code);
    Py_XDECREF(s->filename);
    Py_XDECREF(s->reads);
    PyMem_Free(s);
}
