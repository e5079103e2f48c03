#include "session/api.h"

#include <unistd.h>

#include "py/call.h"
#include "py/compat.h"
#include "session/cache.h"
#include "session/cell.h"
#include "session/complete.h"
#include "session/host.h"
#include "session/magic.h"
#include "session/output.h"
#include "session/system.h"

static PyObject *
shell_run_line_magic(PyObject *self, PyObject *args)
{
    PyObject *name = NULL;
    PyObject *line = NULL;
    int depth = 1;  // IPython's: which frame's variables are meant; ours are the prompt's
    Session *s = session_host_session(self);
    if (s == NULL || !PyArg_ParseTuple(args, "UU|i:run_line_magic", &name, &line, &depth))
        return NULL;
    return magic_call(s, name, line, NULL);
}

static PyObject *
shell_run_cell_magic(PyObject *self, PyObject *args)
{
    PyObject *name = NULL;
    PyObject *line = NULL;
    PyObject *cell = NULL;
    Session *s = session_host_session(self);
    if (s == NULL || !PyArg_ParseTuple(args, "UUU:run_cell_magic", &name, &line, &cell))
        return NULL;
    return magic_call(s, name, line, cell);
}

static PyObject *
shell_system(PyObject *self, PyObject *command)
{
    Session *s = session_host_session(self);
    AUTO_DECREF PyObject *expanded = s == NULL ? NULL : session_system_expand(s, command);
    if (expanded == NULL || session_system_run(s, expanded) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *
shell_getoutput(PyObject *self, PyObject *command)
{
    Session *s = session_host_session(self);
    AUTO_DECREF PyObject *expanded = s == NULL ? NULL : session_system_expand(s, command);
    return expanded == NULL ? NULL : session_system_lines(s, expanded);
}

static PyObject *
compile_and_evaluate(PyObject *self, PyObject *source, const char *mode)
{
    Session *s = session_host_session(self);
    AUTO_DECREF PyObject *filename = PyUnicode_FromString("<string>");
    AUTO_DECREF PyObject *code = s == NULL || filename == NULL
                                     ? NULL
                                     : session_cell_compile(s, source, filename, mode);
    return code == NULL ? NULL : session_cell_evaluate(s, code);
}

static PyObject *
shell_ev(PyObject *self, PyObject *expression)
{
    return compile_and_evaluate(self, expression, "eval");
}

static PyObject *
shell_ex(PyObject *self, PyObject *statements)
{
    return compile_and_evaluate(self, statements, "exec");
}

/* push({'x': 1}), push('x y'), push(['x', 'y']): the latter take the caller's variables. */
static PyObject *
shell_push(PyObject *self, PyObject *args, PyObject *options)
{
    static char *names[] = { "variables", "interactive", NULL };
    PyObject *variables = NULL;
    int interactive = 1;
    Session *s = session_host_session(self);
    if (s == NULL
        || !PyArg_ParseTupleAndKeywords(args, options, "O|p:push", names, &variables,
                                        &interactive))
        return NULL;
    if (PyDict_Check(variables)) {
        if (PyDict_Update(s->namespace, variables) < 0)
            return NULL;
        Py_RETURN_NONE;
    }
    AUTO_DECREF PyObject *words = PyUnicode_Check(variables)
                                      ? PyUnicode_Split(variables, NULL, -1)
                                      : PySequence_List(variables);
    AUTO_DECREF PyObject *caller = Py_XNewRef(PyEval_GetLocals());
    if (words == NULL || caller == NULL)
        return NULL;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(words); i++) {
        AUTO_DECREF PyObject *value = PyObject_GetItem(caller, PyList_GET_ITEM(words, i));
        if (value == NULL
            || PyDict_SetItem(s->namespace, PyList_GET_ITEM(words, i), value) < 0)
            return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
shell_reset(PyObject *self, PyObject *args)
{
    int new_session = 1;  // IPython's; the numbering goes on here
    Session *s = session_host_session(self);
    if (s == NULL || !PyArg_ParseTuple(args, "|p:reset", &new_session))
        return NULL;
    AUTO_DECREF PyObject *name = PyUnicode_FromString("reset");
    AUTO_DECREF PyObject *line = PyUnicode_FromString("-f");
    return name == NULL || line == NULL ? NULL : magic_call(s, name, line, NULL);
}

static PyObject *
shell_run_cell(PyObject *self, PyObject *args, PyObject *options)
{
    static char *names[] = { "raw_cell", "store_history", "silent", "shell_futures", NULL };
    PyObject *text = NULL;
    int store = 0;
    int silent = 0;
    int futures = 1;
    Session *s = session_host_session(self);
    if (s == NULL
        || !PyArg_ParseTupleAndKeywords(args, options, "U|ppp:run_cell", names, &text,
                                        &store, &silent, &futures))
        return NULL;
    const Cell cell = {
        .text = text, .line = 1, .store = store && !silent, .silent = silent
    };
    return session_cell_run_result(s, &cell);
}

static PyObject *
shell_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<mainspring session, process %ld>", (long)getpid());
}

static PyObject *
get_user_ns(PyObject *self, void *closure)
{
    Session *s = session_host_session(self);
    return s == NULL ? NULL : Py_NewRef(s->namespace);
}

static PyObject *
get_execution_count(PyObject *self, void *closure)
{
    Session *s = session_host_session(self);
    return s == NULL ? NULL : PyLong_FromLong(s->count);
}

static PyObject *
get_cache_size(PyObject *self, void *closure)
{
    Session *s = session_host_session(self);
    return s == NULL ? NULL : PyLong_FromSize_t(s->cache_count);
}

static int
set_cache_size(PyObject *self, PyObject *value, void *closure)
{
    Session *s = session_host_session(self);
    if (s == NULL)
        return -1;
    size_t count = value == NULL ? SESSION_CACHE_COUNT : PyLong_AsSize_t(value);
    if (PyErr_Occurred())
        return -1;
    s->cache_count = count;
    return session_cache_trim(s);
}

static PyObject *
shell_complete(PyObject *self, PyObject *args, PyObject *options)
{
    static char *names[] = { "text", "line", "cursor_pos", NULL };
    PyObject *text = NULL;
    PyObject *line = Py_None;
    PyObject *place = Py_None;
    Session *s = session_host_session(self);
    if (s == NULL
        || !PyArg_ParseTupleAndKeywords(args, options, "O|OO:complete", names, &text, &line,
                                        &place))
        return NULL;
    line = line == Py_None ? text : line;
    if (!PyUnicode_Check(line))
        return PyErr_Format(PyExc_TypeError, "a line is a str, not %.100s",
                            Py_TYPE(line)->tp_name);
    Py_ssize_t cursor =
        place == Py_None ? PyUnicode_GET_LENGTH(line) : PyLong_AsSsize_t(place);
    return PyErr_Occurred() ? NULL : session_complete_all(s, line, cursor);
}

static PyObject *
get_fuzzy(PyObject *self, void *closure)
{
    Session *s = session_host_session(self);
    return s == NULL ? NULL : PyBool_FromLong(s->fuzzy);
}

static int
set_fuzzy(PyObject *self, PyObject *value, void *closure)
{
    Session *s = session_host_session(self);
    int fuzzy = s == NULL ? -1 : value == NULL ? 0 : PyObject_IsTrue(value);
    if (fuzzy < 0)
        return -1;
    s->fuzzy = fuzzy == 1;
    return 0;
}

static PyMethodDef shell_methods[] = {
    { "run_line_magic", shell_run_line_magic, METH_VARARGS, "Call the line magic NAME." },
    { "run_cell_magic", shell_run_cell_magic, METH_VARARGS, "Call the cell magic NAME." },
    { "run_cell", (PyCFunction)(void (*)(void))shell_run_cell, METH_VARARGS | METH_KEYWORDS,
      "Execute a cell as if typed; returns its result." },
    { "system", shell_system, METH_O, "Run a shell command on the terminal, as !COMMAND." },
    { "getoutput", shell_getoutput, METH_O, "The lines that a shell command writes." },
    { "ev", shell_ev, METH_O, "Evaluate an expression at the prompt." },
    { "ex", shell_ex, METH_O, "Execute statements at the prompt." },
    { "push", (PyCFunction)(void (*)(void))shell_push, METH_VARARGS | METH_KEYWORDS,
      "Bind variables at the prompt: a dict, or names of the caller's." },
    { "complete", (PyCFunction)(void (*)(void))shell_complete, METH_VARARGS | METH_KEYWORDS,
      "What a line could go on with: (text that is replaced, list of texts)." },
    { "reset", shell_reset, METH_VARARGS, "Delete the user's names, without asking." },
    { NULL, NULL, 0, NULL },
};

static PyGetSetDef shell_members[] = {
    { "user_ns", get_user_ns, NULL, "The prompt's names.", NULL },
    { "user_global_ns", get_user_ns, NULL, "The prompt's names.", NULL },
    { "cache_size", get_cache_size, set_cache_size, "How many outputs are kept.", NULL },
    { "fuzzy_completion", get_fuzzy, set_fuzzy,
      "Whether completion takes letters that lie apart.", NULL },
    { "execution_count", get_execution_count, NULL, "The number of the next cell.", NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

/* The class has the name that libraries look for to tell a terminal from a notebook. */
static PyObject *
shell_new(Session *s)
{
    PyType_Slot slots[] = {
        { Py_tp_doc, (void *)"The interactive shell, as get_ipython() returns it." },
        { Py_tp_repr, shell_repr },
        { Py_tp_methods, shell_methods },
        { Py_tp_getset, shell_members },
        { 0, NULL },
    };
    PyType_Spec spec = { .name = "mainspring.TerminalInteractiveShell",
                         .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                         .slots = slots };
    AUTO_DECREF PyObject *base = session_host_type_new();
    AUTO_DECREF PyObject *type = base == NULL ? NULL : compat_type_new(&spec, base);
    AUTO_DECREF PyObject *shell =
        type == NULL ? NULL : PyType_GenericAlloc((PyTypeObject *)type, 0);
    if (shell == NULL || PyObject_SetAttrString(base, "_instance", shell) < 0)
        return NULL;
    ((Host *)shell)->session = s;
    return TAKE(shell);
}

static PyObject *
get_ipython(PyObject *shell, PyObject *unused)
{
    return Py_NewRef(shell);
}

static PyMethodDef get_ipython_def = { "get_ipython", get_ipython, METH_NOARGS,
                                       "The interactive shell." };

static PyObject *
display_hook(PyObject *shell, PyObject *value)
{
    Session *s = session_host_session(shell);
    if (s == NULL || session_output_show(s, value) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyMethodDef display_hook_def = { "displayhook", display_hook, METH_O,
                                        "Display a value as Out[N]." };

static PyObject *
quitter_call(PyObject *self, PyObject *args, PyObject *options)
{
    PyObject *code = Py_None;
    static char *names[] = { "code", NULL };
    if (PyArg_ParseTupleAndKeywords(args, options, "|O:exit", names, &code))
        PyErr_SetObject(PyExc_SystemExit, code);
    return NULL;
}

static PyObject *
quitter_repr(PyObject *self)
{
    return PyUnicode_FromString("Use exit() or Ctrl-D (i.e. EOF) to exit");
}

/* `exit` and `quit`: unlike the ones of the site module they leave standard input alone. */
static PyObject *
quitter_new(void)
{
    PyType_Slot slots[] = {
        { Py_tp_doc, (void *)"Ends the session, or the script." },
        { Py_tp_call, quitter_call },
        { Py_tp_repr, quitter_repr },
        { 0, NULL },
    };
    PyType_Spec spec = { .name = "mainspring.Quitter",
                         .basicsize = sizeof(PyObject),
                         .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                         .slots = slots };
    AUTO_DECREF PyObject *type = compat_type_new(&spec, NULL);
    return type == NULL ? NULL : PyType_GenericAlloc((PyTypeObject *)type, 0);
}

bool
session_api_is_quitter(PyObject *value)
{
    return Py_TYPE(value)->tp_call == quitter_call;
}

static int
install_builtins(Session *s)
{
    AUTO_DECREF PyObject *module = PyImport_ImportModule("builtins");
    AUTO_DECREF PyObject *getter =
        module == NULL ? NULL : PyCFunction_New(&get_ipython_def, s->shell);
    AUTO_DECREF PyObject *quitter = getter == NULL ? NULL : quitter_new();
    if (quitter == NULL || PyObject_SetAttrString(module, "get_ipython", getter) < 0
        || PyObject_SetAttrString(module, "__mainspring__", s->shell) < 0
        || PyObject_SetAttrString(module, "exit", quitter) < 0
        || PyObject_SetAttrString(module, "quit", quitter) < 0)
        return -1;
    return PyObject_SetAttrString(module, "__IPYTHON__", Py_True);
}

int
session_api_install(Session *s)
{
    s->shell = shell_new(s);
    if (s->shell == NULL || install_builtins(s) < 0)
        return -1;
    s->displayhook = PyCFunction_New(&display_hook_def, s->shell);
    AUTO_DECREF PyObject *ps1 = PyUnicode_FromString("In : ");
    AUTO_DECREF PyObject *ps2 = PyUnicode_FromString("...: ");
    if (s->displayhook == NULL || ps1 == NULL || ps2 == NULL
        || PySys_SetObject("displayhook", s->displayhook) < 0
        || PySys_SetObject("ps1", ps1) < 0)
        return -1;
    return PySys_SetObject("ps2", ps2);
}

void
session_api_detach(Session *s)
{
    if (s->shell != NULL)
        ((Host *)s->shell)->session = NULL;
}
