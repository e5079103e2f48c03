#include "session/api.h"

#include <unistd.h>

#include "py/call.h"
#include "py/compat.h"
#include "session/cell.h"
#include "session/magic.h"
#include "session/output.h"
#include "session/report.h"
#include "session/result.h"
#include "session/system.h"

/* The shell object; `session` is NULL once that has ended. */
typedef struct Shell {
    PyObject_HEAD
    Session *session;
    PyObject *result_type;
} Shell;

static Session *
session_of(PyObject *self)
{
    Session *s = ((Shell *)self)->session;
    if (s == NULL)
        PyErr_SetString(PyExc_RuntimeError, "the session has ended");
    return s;
}

static PyObject *
shell_run_line_magic(PyObject *self, PyObject *args)
{
    PyObject *name = NULL;
    PyObject *line = NULL;
    int depth = 1;  // IPython's: which frame's variables are meant; ours are the prompt's
    Session *s = session_of(self);
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
    Session *s = session_of(self);
    if (s == NULL || !PyArg_ParseTuple(args, "UUU:run_cell_magic", &name, &line, &cell))
        return NULL;
    return magic_call(s, name, line, cell);
}

static PyObject *
shell_system(PyObject *self, PyObject *command)
{
    Session *s = session_of(self);
    AUTO_DECREF PyObject *expanded = s == NULL ? NULL : session_system_expand(s, command);
    if (expanded == NULL || session_system_run(s, expanded) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *
shell_getoutput(PyObject *self, PyObject *command)
{
    Session *s = session_of(self);
    AUTO_DECREF PyObject *expanded = s == NULL ? NULL : session_system_expand(s, command);
    return expanded == NULL ? NULL : session_system_lines(s, expanded);
}

static PyObject *
compile_and_evaluate(PyObject *self, PyObject *source, const char *mode)
{
    Session *s = session_of(self);
    AUTO_DECREF PyObject *filename = PyUnicode_FromString("<string>");
    AUTO_DECREF PyObject *code =
        s == NULL || filename == NULL ? NULL : session_cell_compile(s, source, filename, mode);
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
    Session *s = session_of(self);
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
        if (value == NULL || PyDict_SetItem(s->namespace, PyList_GET_ITEM(words, i), value) < 0)
            return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
shell_reset(PyObject *self, PyObject *args)
{
    int new_session = 1;  // IPython's; the numbering goes on here
    Session *s = session_of(self);
    if (s == NULL || !PyArg_ParseTuple(args, "|p:reset", &new_session))
        return NULL;
    AUTO_DECREF PyObject *name = PyUnicode_FromString("reset");
    AUTO_DECREF PyObject *line = PyUnicode_FromString("-f");
    return name == NULL || line == NULL ? NULL : magic_call(s, name, line, NULL);
}

static PyObject *
shell_showtraceback(PyObject *self, PyObject *args)
{
    Session *s = session_of(self);
    AUTO_DECREF PyObject *handled = PyErr_GetHandledException();
    if (s == NULL)
        return NULL;
    if (handled == NULL || handled == Py_None)
        Py_XSETREF(handled, Py_XNewRef(s->last_error));
    if (handled == NULL) {
        session_say("no traceback: nothing has failed yet");
        Py_RETURN_NONE;
    }
    PyErr_SetObject((PyObject *)Py_TYPE(handled), handled);
    session_report(s, NULL);
    Py_RETURN_NONE;
}

static void
take_out(Session *s, const SessionShown *shown)
{
    SessionShown **slot = &s->shown;
    while (*slot != shown)
        slot = &(*slot)->outer;
    *slot = shown->outer;
}

static PyObject *
shell_run_cell(PyObject *self, PyObject *args, PyObject *options)
{
    static char *names[] = { "raw_cell", "store_history", "silent", "shell_futures", NULL };
    PyObject *text = NULL;
    int store = 0;
    int silent = 0;
    int futures = 1;
    Session *s = session_of(self);
    if (s == NULL
        || !PyArg_ParseTupleAndKeywords(args, options, "U|ppp:run_cell", names, &text, &store,
                                        &silent, &futures))
        return NULL;
    int number = s->count;
    Cell cell = { .text = text, .line = 1, .store = store && !silent, .silent = silent };
    SessionShown shown = { .outer = s->shown };
    s->shown = &shown;
    bool failed = session_cell_run(s, &cell) == 1;
    take_out(s, &shown);
    AUTO_DECREF PyObject *value = shown.value;
    AUTO_DECREF PyObject *error = failed ? Py_XNewRef(s->last_error) : NULL;
    return session_result_new(((Shell *)self)->result_type, number, value, error);
}

static PyObject *
shell_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<mainspring session, process %ld>", (long)getpid());
}

static PyObject *
get_user_ns(PyObject *self, void *closure)
{
    Session *s = session_of(self);
    return s == NULL ? NULL : Py_NewRef(s->namespace);
}

static PyObject *
get_execution_count(PyObject *self, void *closure)
{
    Session *s = session_of(self);
    return s == NULL ? NULL : PyLong_FromLong(s->count);
}

static int
shell_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((Shell *)self)->result_type);
    return 0;
}

static int
shell_clear(PyObject *self)
{
    Py_CLEAR(((Shell *)self)->result_type);
    return 0;
}

static void
shell_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    (void)shell_clear(self);  // always 0
    type->tp_free(self);
    Py_DECREF(type);
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
    { "reset", shell_reset, METH_VARARGS, "Delete the user's names, without asking." },
    { "showtraceback", shell_showtraceback, METH_NOARGS, "Show the exception being handled." },
    { NULL, NULL, 0, NULL },
};

static PyGetSetDef shell_members[] = {
    { "user_ns", get_user_ns, NULL, "The prompt's names.", NULL },
    { "user_global_ns", get_user_ns, NULL, "The prompt's names.", NULL },
    { "execution_count", get_execution_count, NULL, "The number of the next cell.", NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

/* The class has the name that libraries look for to tell a terminal from a notebook. */
static PyObject *
shell_new(Session *s)
{
    PyType_Slot slots[] = {
        { Py_tp_doc, (void *)"The interactive shell, as get_ipython() returns it." },
        { Py_tp_traverse, shell_traverse },
        { Py_tp_clear, shell_clear },
        { Py_tp_dealloc, shell_dealloc },
        { Py_tp_repr, shell_repr },
        { Py_tp_methods, shell_methods },
        { Py_tp_getset, shell_members },
        { 0, NULL },
    };
    PyType_Spec spec = { .name = "mainspring.TerminalInteractiveShell",
                         .basicsize = sizeof(Shell),
                         .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC
                             | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                         .slots = slots };
    AUTO_DECREF PyObject *type = compat_type_new(&spec, NULL);
    AUTO_DECREF PyObject *shell =
        type == NULL ? NULL : PyType_GenericAlloc((PyTypeObject *)type, 0);
    if (shell == NULL)
        return NULL;
    ((Shell *)shell)->session = s;
    ((Shell *)shell)->result_type = session_result_type_new();
    return ((Shell *)shell)->result_type == NULL ? NULL : TAKE(shell);
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
    Session *s = session_of(shell);
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
    AUTO_DECREF PyObject *getter = PyCFunction_New(&get_ipython_def, s->shell);
    AUTO_DECREF PyObject *quitter = quitter_new();
    if (module == NULL || getter == NULL || quitter == NULL
        || PyObject_SetAttrString(module, "get_ipython", getter) < 0
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
    AUTO_DECREF PyObject *hook = PyCFunction_New(&display_hook_def, s->shell);
    AUTO_DECREF PyObject *ps1 = PyUnicode_FromString("In : ");
    AUTO_DECREF PyObject *ps2 = PyUnicode_FromString("...: ");
    if (hook == NULL || ps1 == NULL || ps2 == NULL || PySys_SetObject("displayhook", hook) < 0
        || PySys_SetObject("ps1", ps1) < 0)
        return -1;
    return PySys_SetObject("ps2", ps2);
}

void
session_api_detach(Session *s)
{
    if (s->shell != NULL)
        ((Shell *)s->shell)->session = NULL;
}
