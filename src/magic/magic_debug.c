#include "magic/magic_debug.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "py/call.h"
#include "py/exc.h"
#include "run/decode.h"
#include "run/source.h"
#include "session/report.h"

/* The lowest line from `line` on that `code`, or code in it, has instructions of; or `best`. */
static long
first_line_from(PyObject *code, long line, long best)
{
    AUTO_DECREF PyObject *rows = PyObject_CallMethod(code, "co_lines", NULL);
    AUTO_DECREF PyObject *list = rows == NULL ? NULL : PySequence_List(rows);
    AUTO_DECREF PyObject *consts =
        list == NULL ? NULL : PyObject_GetAttrString(code, "co_consts");
    if (consts == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
        BORROWED PyObject *number = PyTuple_GetItem(PyList_GET_ITEM(list, i), 2);
        long found = number == NULL || number == Py_None ? 0 : PyLong_AsLong(number);
        if (found >= line && found < best)
            best = found;
    }
    for (Py_ssize_t i = 0; best >= 0 && i < PyTuple_GET_SIZE(consts); i++)
        if (PyCode_Check(PyTuple_GET_ITEM(consts, i)))
            best = first_line_from(PyTuple_GET_ITEM(consts, i), line, best);
    return PyErr_Occurred() ? -1 : best;
}

/* The code of a file, and its name as it was found; NULL with an exception set. */
static PyObject *
compile_file(PyObject *path, PyObject **ret_found)
{
    AUTO_DECREF PyObject *found = NULL;
    bool refused = false;
    AUTO_DECREF PyObject *bytes = run_source_read(path, &found);
    AUTO_DECREF PyObject *text =
        bytes == NULL ? NULL
                      : run_decode(found, PyBytes_AS_STRING(bytes),
                                   (size_t)PyBytes_GET_SIZE(bytes), 1, &refused);
    AUTO_DECREF PyObject *compile =
        text == NULL ? NULL : call_import("builtins", "compile");
    AUTO_DECREF PyObject *code =
        compile == NULL
            ? NULL
            : PyObject_CallFunction(compile, "OOsii", text, found, "exec", 0, 1);
    if (code != NULL)
        *ret_found = TAKE(found);
    return TAKE(code);
}

/* The same for a file that may lie beside the script. */
static PyObject *
compile_near(PyObject *file, PyObject *script, PyObject **ret_found)
{
    AUTO_DECREF PyObject *code = compile_file(file, ret_found);
    if (code != NULL || !PyErr_ExceptionMatches(PyExc_OSError))
        return TAKE(code);
    AUTO_DECREF PyObject *error = exc_take();
    AUTO_DECREF PyObject *real_path = call_import("os.path", "realpath");
    AUTO_DECREF PyObject *real =
        real_path == NULL ? NULL : PyObject_CallOneArg(real_path, script);
    if (real == NULL)
        return NULL;
    Py_ssize_t slash = PyUnicode_FindChar(real, '/', 0, PyUnicode_GET_LENGTH(real), -1);
    AUTO_DECREF PyObject *folder = PyUnicode_Substring(real, 0, slash + 1);
    AUTO_DECREF PyObject *beside = folder == NULL ? NULL : PyUnicode_Concat(folder, file);
    code = beside == NULL ? NULL : compile_file(beside, ret_found);
    if (code == NULL && PyErr_ExceptionMatches(PyExc_OSError)) {
        PyErr_Clear();
        exc_raise_take(TAKE(error));  // the place that the user named
    }
    return TAKE(code);
}

/* Set where to stop first: `line` of `file`, or the next one that has code. */
static int
find_stop(Session *s, const MagicCall *call, Debugger *d, PyObject *file, PyObject *script,
          long line)
{
    AUTO_DECREF PyObject *found = NULL;
    AUTO_DECREF PyObject *code = compile_near(file, script, &found);
    if (code == NULL)
        return -1;
    long first = first_line_from(code, line, LONG_MAX);
    if (first == LONG_MAX)
        return magic_usage_error(s, call, "-b: %U has no code from line %ld on", found,
                                 line),
               -1;
    AUTO_DECREF PyObject *absolute = first < 0 ? NULL : call_import("os.path", "abspath");
    d->file = absolute == NULL ? NULL : PyObject_CallOneArg(absolute, found);
    d->line = first;
    return d->file == NULL ? -1 : 0;
}

static int
read_stop(Session *s, const MagicCall *call, Debugger *d, PyObject *path, const char *stop)
{
    const char *colon = strrchr(stop, ':');
    long line = strtol(colon != NULL ? colon + 1 : stop, NULL, 10);
    if (colon == NULL)
        return find_stop(s, call, d, path, path, line);
    AUTO_DECREF PyObject *file = PyUnicode_DecodeFSDefaultAndSize(stop, colon - stop);
    return file == NULL ? -1 : find_stop(s, call, d, file, path, line);
}

int
magic_debug_start(Session *s, const MagicCall *call, PyObject *path, const char *stop,
                  Debugger *ret_debugger)
{
    __attribute__((cleanup(magic_debug_done))) Debugger d = { 0 };
    d.type = call_import("pdb", "Pdb");
    if (d.type == NULL || (stop != NULL && read_stop(s, call, &d, path, stop) < 0))
        return -1;
    *ret_debugger = d;
    d = (Debugger){ 0 };
    return 0;
}

static int
set_trace(PyObject *function)
{
    AUTO_DECREF PyObject *set = call_import("sys", "settrace");
    AUTO_DECREF PyObject *none = set == NULL ? NULL : PyObject_CallOneArg(set, function);
    return none == NULL ? -1 : 0;
}

/* The breakpoints at the first stop, a list. */
static PyObject *
breaks_there(const Debugger *d)
{
    return PyObject_CallMethod(d->pdb, "get_breaks", "Ol", d->file, d->line);
}

/* Go on to the first stop, with a breakpoint there unless the user has one. */
static int
go_to_stop(const Debugger *d)
{
    AUTO_DECREF PyObject *there = breaks_there(d);
    AUTO_DECREF PyObject *trouble =
        there == NULL ? NULL
        : PyObject_IsTrue(there) == 1
            ? Py_NewRef(Py_None)
            : PyObject_CallMethod(d->pdb, "set_break", "Oli", d->file, d->line, 1);
    if (trouble == NULL)
        return -1;
    if (trouble != Py_None) {
        session_say("%S", trouble);  // then it stops here instead
        return 0;
    }
    AUTO_DECREF PyObject *none = PyObject_CallMethod(d->pdb, "set_continue", NULL);
    return none == NULL ? -1 : 0;
}

/* pdb's set_trace(), which Ctrl-C comes to, takes the thread's outermost frame for the first one
 * of its stack: put the script's there again.  `parts` are the method, the debugger, the frame. */
static PyObject *
set_trace_within(PyObject *parts, PyObject *args, PyObject *options)
{
    AUTO_DECREF PyObject *none = PyObject_Call(PyTuple_GET_ITEM(parts, 0), args, options);
    if (none == NULL
        || PyObject_SetAttrString(PyTuple_GET_ITEM(parts, 1), "botframe",
                                  PyTuple_GET_ITEM(parts, 2))
               < 0)
        return NULL;
    return TAKE(none);
}

static PyMethodDef set_trace_def = { "set_trace", (PyCFunction)(void *)set_trace_within,
                                     METH_VARARGS | METH_KEYWORDS,
                                     "Stops in the script, not below it." };

/* Have the debugger's stack begin with `frame`. */
static int
begin_stack_at(PyObject *pdb, PyObject *frame)
{
    AUTO_DECREF PyObject *plain = PyObject_GetAttrString(pdb, "set_trace");
    AUTO_DECREF PyObject *parts = plain == NULL ? NULL : PyTuple_Pack(3, plain, pdb, frame);
    AUTO_DECREF PyObject *within =
        parts == NULL ? NULL : PyCFunction_New(&set_trace_def, parts);
    if (within == NULL || PyObject_SetAttrString(pdb, "botframe", frame) < 0)
        return -1;
    return PyObject_SetAttrString(pdb, "set_trace", within);
}

#define CAPSULE "mainspring.debugger"

/* The trace function up to the script's own frame, with which the debugger's stack begins.  It is
 * taken for the outermost one where pdb looks for that. */
static PyObject *
begin(PyObject *capsule, PyObject *args)
{
    Debugger *d = PyCapsule_GetPointer(capsule, CAPSULE);
    PyObject *frame = NULL;
    PyObject *event = NULL;
    PyObject *arg = NULL;
    if (d == NULL || !PyArg_ParseTuple(args, "OOO", &frame, &event, &arg))
        return NULL;
    AUTO_DECREF PyObject *code = (PyObject *)PyFrame_GetCode((PyFrameObject *)frame);
    if (code != d->code)
        Py_RETURN_NONE;
    AUTO_DECREF PyObject *dispatch = PyObject_GetAttrString(d->pdb, "trace_dispatch");
    AUTO_DECREF PyObject *local =
        dispatch == NULL ? NULL
                         : PyObject_CallFunctionObjArgs(dispatch, frame, event, arg, NULL);
    if (local == NULL || begin_stack_at(d->pdb, frame) < 0)
        return NULL;
    if ((d->line > 0 && go_to_stop(d) < 0) || set_trace(dispatch) < 0)
        return NULL;
    return TAKE(local);
}

static PyMethodDef begin_def = { "begin", begin, METH_VARARGS,
                                 "Hands the script's frame to the debugger." };

static bool
is_raised(const char *module, const char *name)
{
    AUTO_DECREF PyObject *error = exc_take();
    AUTO_DECREF PyObject *type = call_import(module, name);
    bool matches = type != NULL && PyErr_GivenExceptionMatches(error, type);
    PyErr_Clear();  // without its module it was not raised
    exc_raise_take(TAKE(error));
    return matches;
}

/* The debugger's own exceptions: the user left it.  What others raise stays.  Returns -1. */
static int
note_end(Debugger *d, PyObject *argv)
{
    d->quit = is_raised("bdb", "BdbQuit");
    if (!d->quit && !is_raised("pdb", "Restart"))
        return -1;
    PyErr_Clear();
    // `restart ARGUMENTS` has put another list there.
    BORROWED PyObject *now = PySys_GetObject("argv");
    d->same_arguments = now == argv || now == NULL || !PyList_Check(now);
    if (!d->quit)
        d->restart =
            d->same_arguments ? PyList_New(0) : PyList_GetSlice(now, 1, PY_SSIZE_T_MAX);
    if (d->quit || d->restart != NULL)
        PyErr_SetNone(PyExc_KeyboardInterrupt);
    return -1;
}

static int
clear_if_temporary(const Debugger *d, PyObject *one)
{
    AUTO_DECREF PyObject *temporary = PyObject_GetAttrString(one, "temporary");
    AUTO_DECREF PyObject *number =
        temporary == NULL ? NULL : PyObject_GetAttrString(one, "number");
    if (number == NULL || PyObject_IsTrue(temporary) != 1)
        return number == NULL ? -1 : 0;
    AUTO_DECREF PyObject *none =
        PyObject_CallMethod(d->pdb, "clear_bpbynumber", "O", number);
    return none == NULL ? -1 : 0;
}

/* Take the first stop away where it was not reached. */
static int
clear_stop(const Debugger *d)
{
    AUTO_DECREF PyObject *found = d->line == 0 ? PyList_New(0) : breaks_there(d);
    AUTO_DECREF PyObject *list = found == NULL ? NULL : PySequence_List(found);
    for (Py_ssize_t i = 0; list != NULL && i < PyList_GET_SIZE(list); i++)
        if (clear_if_temporary(d, PyList_GET_ITEM(list, i)) < 0)
            return -1;
    return list == NULL ? -1 : 0;
}

/* Execute the code with the debugger of `d`; its value, or NULL with what it raised set. */
static PyObject *
trace(Debugger *d, PyObject *namespace)
{
    AUTO_DECREF PyObject *capsule = PyCapsule_New(d, CAPSULE, NULL);
    AUTO_DECREF PyObject *tracer =
        capsule == NULL ? NULL : PyCFunction_New(&begin_def, capsule);
    AUTO_DECREF PyObject *get = tracer == NULL ? NULL : call_import("sys", "gettrace");
    AUTO_DECREF PyObject *before = get == NULL ? NULL : PyObject_CallNoArgs(get);
    AUTO_DECREF PyObject *none =
        before == NULL ? NULL : PyObject_CallMethod(d->pdb, "reset", NULL);
    if (none == NULL || set_trace(tracer) < 0)
        return NULL;
    AUTO_DECREF PyObject *value = PyEval_EvalCode(d->code, namespace, namespace);
    AUTO_EXC ExcHold hold = exc_hold();
    if (set_trace(before) < 0 || clear_stop(d) < 0)
        exc_drop();  // no memory: the guard tries again
    return TAKE(value);
}

/* A debugger for one run.  From 3.13 on its class remembers when it saw each file first, and takes
 * the text of a later run for an edit of the earlier one's. */
static PyObject *
debugger_new(PyObject *type)
{
    AUTO_DECREF PyObject *pdb = PyObject_CallNoArgs(type);
    AUTO_DECREF PyObject *times = pdb == NULL ? NULL : PyDict_New();
    if (times == NULL || PyObject_SetAttrString(pdb, "_file_mtime_table", times) < 0)
        return NULL;
    return TAKE(pdb);
}

int
magic_debug_evaluate(void *context, PyObject *code, PyObject *namespace)
{
    Debugger *d = context;
    AUTO_DECREF PyObject *argv = Py_XNewRef(PySys_GetObject("argv"));
    d->pdb = debugger_new(d->type);
    d->code = code;
    AUTO_DECREF PyObject *value = d->pdb == NULL ? NULL : trace(d, namespace);
    d->code = NULL;
    int r = value != NULL ? 0 : note_end(d, argv);
    AUTO_EXC ExcHold hold = exc_hold();
    Py_CLEAR(d->pdb);
    return r;
}

void
magic_debug_done(Debugger *d)
{
    Py_CLEAR(d->type);
    Py_CLEAR(d->pdb);
    Py_CLEAR(d->file);
    Py_CLEAR(d->restart);
}
