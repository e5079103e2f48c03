#include "session/cell.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input/cell.h"
#include "input/lex.h"
#include "input/transform.h"
#include "py/call.h"
#include "py/exc.h"
#include "py/linecache.h"
#include "run/boundary.h"
#include "run/link.h"
#include "session/cache.h"
#include "session/events.h"
#include "session/guard.h"
#include "session/history.h"
#include "session/macro.h"
#include "session/magic.h"
#include "session/output.h"
#include "session/process.h"
#include "session/rebound.h"
#include "session/registry.h"
#include "session/report.h"
#include "session/result.h"
#include "session/runner.h"
#include "session/transformers.h"

static bool
is_line_magic(const char *name, size_t length, void *context)
{
    const Magic *m = magic_find(context, name, length);
    if (m != NULL && m->flags & MAGIC_LINE)
        return true;
    return session_registry_has(context, name, length, MAGIC_LINE);
}

static bool
is_variable(const char *name, size_t length, void *context)
{
    return session_has_variable(context, name, length);
}

static bool
is_no_variable(const char *name, size_t length, void *context)
{
    return false;
}

/* Rewrite shell syntax, and nothing else.  `names_variable`: what hides a magic. */
static PyObject *
rewrite(Session *s, PyObject *text, bool (*names_variable)(const char *, size_t, void *))
{
    Py_ssize_t length = 0;
    const char *utf8 = PyUnicode_AsUTF8AndSize(text, &length);
    if (utf8 == NULL)
        return NULL;
    const InputNames names = { .is_magic = is_line_magic,
                               .is_variable = names_variable,
                               .context = s };
    char *plain = NULL;
    int r = input_transform(utf8, (size_t)length, &names, &plain);
    if (r == -ENOMEM)
        return PyErr_NoMemory();
    if (r < 0)
        return PyErr_Format(PyExc_ValueError, "a cell can't contain a NUL character");
    AUTO_DECREF PyObject *result = PyUnicode_FromString(plain);
    free(plain);
    return TAKE(result);
}

PyObject *
session_cell_transform(Session *s, PyObject *text)
{
    AUTO_DECREF PyObject *meant = session_macro_expand(s, text);
    AUTO_DECREF PyObject *clean =
        meant == NULL ? NULL : session_transformers_text(s, TRANSFORM_CLEANUP, meant);
    AUTO_DECREF PyObject *plain = clean == NULL ? NULL : rewrite(s, clean, is_variable);
    return plain == NULL ? NULL : session_transformers_text(s, TRANSFORM_POST, plain);
}

static int
compile_flags(const Session *s)
{
    return s->future_flags | PyCF_ALLOW_TOP_LEVEL_AWAIT;
}

/* The interpreter's own function, looked up once.  NULL with an exception set. */
static BORROWED PyObject *
get_compile(Session *s)
{
    if (s->compile == NULL)
        s->compile = call_import("builtins", "compile");
    return s->compile;
}

/* A class of a tree's nodes. */
static PyObject *
get_node_type(Session *s, const char *name)
{
    if (s->tree_types == NULL)
        s->tree_types = PyImport_ImportModule("_ast");
    return s->tree_types == NULL ? NULL : PyObject_GetAttrString(s->tree_types, name);
}

PyObject *
session_cell_compile(Session *s, PyObject *source, PyObject *filename, const char *mode)
{
    BORROWED PyObject *compile = get_compile(s);
    if (compile == NULL)
        return NULL;
    AUTO_DECREF PyObject *code = PyObject_CallFunction(compile, "OOsii", source, filename,
                                                       mode, compile_flags(s), 1);
    if (code != NULL && PyCode_Check(code)) {
        AUTO_DECREF PyObject *flags = PyObject_GetAttrString(code, "co_flags");
        if (flags == NULL)
            return NULL;
        s->future_flags |= (int)PyLong_AsLong(flags) & PyCF_MASK;
    }
    return TAKE(code);
}

/* The ast of the whole cell; its lines start at `line` of the file. */
static PyObject *
parse(Session *s, PyObject *text, PyObject *filename, int line)
{
    BORROWED PyObject *compile = get_compile(s);
    if (compile == NULL)
        return NULL;
    AUTO_DECREF PyObject *tree = PyObject_CallFunction(
        compile, "OOsii", text, filename, "exec", compile_flags(s) | PyCF_ONLY_AST, 1);
    if (tree == NULL || line <= 1)
        return TAKE(tree);
    AUTO_DECREF PyObject *shift = call_import("ast", "increment_lineno");
    return shift == NULL ? NULL : PyObject_CallFunction(shift, "Oi", tree, line - 1);
}

PyObject *
session_cell_evaluate(Session *s, PyObject *code)
{
    bool runs = s->awaits && session_runner_enter(s);
    AUTO_DECREF PyObject *value = PyEval_EvalCode(code, s->namespace, s->namespace);
    if (runs)
        session_runner_leave();
    if (value == NULL || !PyCoro_CheckExact(value))
        return TAKE(value);
    return session_runner_await(s, value);
}

static int
is_node(Session *s, PyObject *node, const char *type)
{
    AUTO_DECREF PyObject *wanted = get_node_type(s, type);
    return wanted == NULL ? -1 : PyObject_IsInstance(node, wanted);
}

/* One statement as a tree of its own: an expression that is displayed, or another statement. */
static PyObject *
tree_of(Session *s, PyObject *node, bool shown)
{
    AUTO_DECREF PyObject *type = get_node_type(s, shown ? "Interactive" : "Module");
    AUTO_DECREF PyObject *body = Py_BuildValue("[O]", node);
    AUTO_DECREF PyObject *ignores = PyList_New(0);
    if (type == NULL || body == NULL || ignores == NULL)
        return NULL;
    return shown ? PyObject_CallOneArg(type, body)
                 : PyObject_CallFunctionObjArgs(type, body, ignores, NULL);
}

static int
execute_statement(Session *s, PyObject *node, PyObject *filename, bool shown)
{
    if (session_process_watch(s) < 0)
        return -1;
    session_runner_offer(s);
    AUTO_DECREF PyObject *tree = tree_of(s, node, shown);
    AUTO_DECREF PyObject *code =
        tree == NULL ? NULL
                     : session_cell_compile(s, tree, filename, shown ? "single" : "exec");
    AUTO_DECREF PyObject *value = code == NULL ? NULL : session_cell_evaluate(s, code);
    return value == NULL ? -1 : 0;
}

/* Keep the prompt and the runs in step, also after an error, which stays pending. */
static int
sync_after(Session *s, int *released)
{
    AUTO_EXC ExcHold hold = exc_hold();
    int changed = run_link_sync(s->ledger);
    if (changed < 0)
        return -1;
    *released |= changed;
    return 0;
}

/* Execute the statements in turn.  `*released`: whether a name was deleted, or one that a run
 * shares rebound. */
static int
execute_statements(Session *s, PyObject *body, PyObject *filename, bool silent,
                   int *released)
{
    Py_ssize_t count = PyList_GET_SIZE(body);
    for (Py_ssize_t i = 0; i < count; i++) {
        AUTO_DECREF PyObject *node = Py_NewRef(PyList_GET_ITEM(body, i));
        int expression = is_node(s, node, "Expr");
        int deletes = expression == 0 ? is_node(s, node, "Delete") : 0;
        if (expression < 0 || deletes < 0 || session_rebound_note(s, node) < 0)
            return -1;
        *released |= deletes;
        bool shown = expression == 1 && i == count - 1 && !silent;
        int r = execute_statement(s, node, filename, shown);
        if (sync_after(s, released) < 0 || r < 0)
            return -1;
    }
    return 0;
}

/* Whether any of the cell's statements awaits.  Never fails. */
static bool
is_awaiting(Session *s, PyObject *plain, PyObject *tree, PyObject *filename)
{
    Py_ssize_t length = 0;
    const char *text = PyUnicode_AsUTF8AndSize(plain, &length);
    if (text == NULL || (strstr(text, "await") == NULL && strstr(text, "async") == NULL)) {
        PyErr_Clear();  // lone surrogates: Python will refuse the text itself
        return false;
    }
    AUTO_DECREF PyObject *code = session_cell_compile(s, tree, filename, "exec");
    AUTO_DECREF PyObject *flags =
        code == NULL ? NULL : PyObject_GetAttrString(code, "co_flags");
    bool awaits = flags != NULL && PyLong_AsLong(flags) & CO_COROUTINE;
    exc_drop();  // what does not compile says so when it is its turn
    return awaits;
}

static int
execute(Session *s, const Cell *cell, PyObject *filename)
{
    AUTO_DECREF PyObject *plain = session_cell_transform(s, cell->text);
    if (cell->store)
        session_history_add_input(s, cell->text, plain);
    AUTO_DECREF PyObject *parsed =
        plain == NULL ? NULL : parse(s, plain, filename, cell->line);
    AUTO_DECREF PyObject *tree =
        parsed == NULL ? NULL : session_transformers_tree(s, parsed);
    AUTO_DECREF PyObject *body = tree == NULL ? NULL : PyObject_GetAttrString(tree, "body");
    if (body == NULL)
        return -1;
    int released = 0;
    bool outer_awaits = s->awaits;
    s->awaits = is_awaiting(s, plain, tree, filename);
    int r = execute_statements(s, body, filename, cell->silent, &released);
    s->awaits = outer_awaits;
    AUTO_EXC ExcHold hold = exc_hold();
    if (session_cache_settle(s) < 0)
        return -1;
    return run_boundary_after_cell(s->ledger, released) < 0 ? -1 : r;
}

/* `_iN` and In for the cell that is about to be executed; `_i`, `_ii` and `_iii` are those before. */
static int
keep_input(Session *s, PyObject *typed)
{
    PyObject *ns = s->namespace;
    AUTO_DECREF PyObject *text = PyObject_CallMethod(typed, "rstrip", "s", "\n");
    AUTO_DECREF PyObject *name = PyUnicode_FromFormat("_i%d", s->count);
    AUTO_DECREF PyObject *one = Py_XNewRef(PyDict_GetItemString(ns, "_i"));
    AUTO_DECREF PyObject *two = Py_XNewRef(PyDict_GetItemString(ns, "_ii"));
    Py_ssize_t count = PyList_GET_SIZE(s->inputs);
    AUTO_DECREF PyObject *last =
        count > 0 ? Py_NewRef(PyList_GET_ITEM(s->inputs, count - 1)) : NULL;
    if (text == NULL || name == NULL
        || (two != NULL && PyDict_SetItemString(ns, "_iii", two) < 0)
        || (one != NULL && PyDict_SetItemString(ns, "_ii", one) < 0)
        || (last != NULL && PyDict_SetItemString(ns, "_i", last) < 0)
        || PyDict_SetItem(ns, name, text) < 0)
        return -1;
    return PyList_Append(s->inputs, text);
}

static bool
ends_with_semicolon(PyObject *text)
{
    Py_ssize_t length = 0;
    const char *utf8 = PyUnicode_AsUTF8AndSize(text, &length);
    if (utf8 == NULL) {
        PyErr_Clear();  // lone surrogates: Python will refuse the text itself
        return false;
    }
    InputLex lex;
    InputToken token;
    bool semicolon = false;
    input_lex_init(&lex, utf8, (size_t)length, 0);
    while (input_lex_next(&lex, &token))
        if (token.kind > LEX_COMMENT || token.kind == LEX_JOIN)
            semicolon = input_token_is(utf8, &token, ";");
    return semicolon;
}

static int
flush(const char *name)
{
    AUTO_DECREF PyObject *file = Py_XNewRef(PySys_GetObject(name));
    if (file == NULL || file == Py_None)
        return 0;
    AUTO_DECREF PyObject *none = PyObject_CallMethod(file, "flush", NULL);
    return none == NULL ? -1 : 0;
}

static PyObject *
cell_filename(const Session *s, const Cell *cell)
{
    return cell->filename ? Py_NewRef(cell->filename)
                          : PyUnicode_FromFormat("<cell %d>", s->count);
}

static int
execute_cell(Session *s, const Cell *cell, PyObject *filename)
{
    if (cell->store && keep_input(s, cell->text) < 0)
        return -1;
    if (cell->filename == NULL && linecache_set(filename, cell->text) < 0)
        return -1;
    bool outer_quiet = s->quiet;
    s->quiet = ends_with_semicolon(cell->text);
    int r = execute(s, cell, filename);
    s->quiet = outer_quiet;
    return r;
}

static void
end_stored(Session *s)
{
    session_history_save(s);
    s->count++;
}

int
session_cell_execute(Session *s, const Cell *cell)
{
    AUTO_DECREF PyObject *filename = cell_filename(s, cell);
    int r = filename == NULL ? -1 : execute_cell(s, cell, filename);
    if (cell->store)
        end_stored(s);
    return r;
}

/* Whatever fails here is a stream that the cell closed or replaced by something else, unless it
 * fails just once: then a signal's handler raised it. */
static void
flush_output(Session *s)
{
    if (flush("stdout") == 0 && flush("stderr") == 0)
        return;
    AUTO_DECREF PyObject *error = exc_take();
    if (flush("stdout") < 0 || flush("stderr") < 0) {
        exc_drop();
        return;
    }
    exc_raise_take(TAKE(error));
    session_report(s, NULL);
}

/* Say so where a cell that is no Python would have been a magic's, were it not for a variable. */
static void
suggest_magic(Session *s, PyObject *text, PyObject *error)
{
    if (!Py_IS_TYPE(error, (PyTypeObject *)PyExc_SyntaxError))
        return;
    AUTO_DECREF PyObject *read = rewrite(s, text, is_variable);
    AUTO_DECREF PyObject *meant = read == NULL ? NULL : rewrite(s, text, is_no_variable);
    int same = meant == NULL ? -1 : PyObject_RichCompareBool(read, meant, Py_EQ);
    AUTO_DECREF PyObject *words = same == 0 ? PyUnicode_Split(text, NULL, 1) : NULL;
    if (words != NULL)
        session_say("%U is a variable here, so this was read as Python: the magic is %%%U",
                    PyList_GET_ITEM(words, 0), PyList_GET_ITEM(words, 0));
    PyErr_Clear();  // a hint is no reason to fail
}

/* Report the pending exception, and give it out as well. */
static void
report(Session *s, const Cell *cell, PyObject *filename, PyObject **ret_error)
{
    AUTO_DECREF PyObject *error = exc_take();
    exc_raise_take(Py_NewRef(error));
    session_report(s, filename);
    suggest_magic(s, cell->text, error);
    *ret_error = TAKE(error);
}

/* Execute and report: 0, or 1 where something was raised, which is given out. */
static int
run_and_report(Session *s, const Cell *cell, PyObject **ret_error)
{
    pid_t pid = getpid();
    SessionGuard guard;
    session_guard_enter(&guard);
    AUTO_DECREF PyObject *filename = cell_filename(s, cell);
    int r = filename == NULL ? -1 : execute_cell(s, cell, filename);
    session_guard_leave(s, &guard, false);
    if (r < 0)
        report(s, cell, filename, ret_error);
    if (cell->store)
        end_stored(s);
    flush_output(s);
    if (getpid() != pid)
        session_cell_leave_fork(s, r < 0);
    return r < 0;
}

static void
take_out(Session *s, const SessionShown *shown)
{
    SessionShown **slot = &s->shown;
    while (*slot != shown)
        slot = &(*slot)->outer;
    *slot = shown->outer;
}

/* Execute and report, and make the result of what became of it. */
static PyObject *
run_for_result(Session *s, const Cell *cell, PyObject *info)
{
    AUTO_DECREF PyObject *error = NULL;
    int number = cell->store ? s->count : 0;
    SessionShown shown = { .outer = s->shown };
    s->shown = &shown;
    (void)run_and_report(s, cell, &error);  // what it raised is in the result
    take_out(s, &shown);
    AUTO_DECREF PyObject *value = shown.value;
    const SessionResultParts parts = {
        .info = info, .value = value, .error = error, .number = number
    };
    return session_result_new(s, &parts);
}

/* Call the callbacks of the events before or after a cell; the second is for what isn't silent. */
static int
announce(Session *s, const Cell *cell, const char *event, const char *loud,
         PyObject *argument)
{
    if (s->events == NULL)
        return 0;
    session_events_trigger(s, event, NULL);
    if (!cell->silent)
        session_events_trigger(s, loud, argument);
    int released = 0;
    return sync_after(s, &released);
}

PyObject *
session_cell_run_result(Session *s, const Cell *cell)
{
    AUTO_DECREF PyObject *info =
        session_result_info_new(s, cell->text, cell->store, cell->silent);
    pid_t pid = getpid();
    if (info == NULL || announce(s, cell, "pre_execute", "pre_run_cell", info) < 0)
        return NULL;
    AUTO_DECREF PyObject *result = run_for_result(s, cell, info);
    if (result == NULL || getpid() != pid)
        return TAKE(result);
    return announce(s, cell, "post_execute", "post_run_cell", result) < 0 ? NULL
                                                                          : TAKE(result);
}

int
session_cell_run(Session *s, const Cell *cell)
{
    AUTO_DECREF PyObject *result = session_cell_run_result(s, cell);
    if (result == NULL)
        session_report(s, NULL);
    return result == NULL || session_result_failed(result) || s->exiting;
}

void
session_cell_leave_fork(Session *s, bool failed)
{
    if (!s->exiting)
        s->exit_status = failed;
    s->exiting = true;
}

/* The number of newlines in part of a text. */
static int
count_lines(const char *text, size_t start, size_t end)
{
    int lines = 0;
    for (size_t i = start; i < end; i++)
        lines += text[i] == '\n';
    return lines;
}

int
session_cell_execute_file(Session *s, PyObject *text, PyObject *filename)
{
    Py_ssize_t size = 0;
    const char *utf8 = PyUnicode_AsUTF8AndSize(text, &size);
    if (utf8 == NULL || linecache_set(filename, text) < 0)
        return -1;
    size_t length = (size_t)size;
    int line = 1;
    for (size_t start = 0, end; start < length && !s->exiting; start = end) {
        end = input_cell_next(utf8, length, start);
        AUTO_DECREF PyObject *part =
            PyUnicode_DecodeUTF8(utf8 + start, (Py_ssize_t)(end - start), "strict");
        Cell cell = { .text = part, .filename = filename, .line = line, .silent = true };
        if (part == NULL || session_cell_execute(s, &cell) < 0)
            return -1;
        line += count_lines(utf8, start, end);
    }
    return 0;
}
