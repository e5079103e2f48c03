/* %who, %whos, %xdel, %reset: the user's names. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "input/words.h"
#include "magic/table.h"
#include "magic/words.h"
#include "py/call.h"
#include "run/boundary.h"
#include "run/exec.h"
#include "session/cache.h"
#include "session/output.h"
#include "session/report.h"

/* Whether a prompt name is one that the user made: not the shell's, no leading underscore. */
static int
is_users(const Session *s, PyObject *name)
{
    if (!PyUnicode_Check(name) || PyUnicode_GET_LENGTH(name) == 0
        || PyUnicode_READ_CHAR(name, 0) == '_')
        return 0;
    int initial = PySet_Contains(s->initial, name);
    return initial < 0 ? -1 : !initial;
}

/* Whether the value of a name is of a type that is named in `types`; of none, where the name
 * has gone meanwhile: a metaclass, or another thread, may do anything. */
static int
is_of_types(const Session *s, PyObject *name, PyObject *types)
{
    AUTO_DECREF PyObject *value = NULL;
    int found = call_dict_get(s->namespace, name, &value);
    if (found <= 0)
        return found;
    AUTO_DECREF PyObject *type =
        PyObject_GetAttrString((PyObject *)Py_TYPE(value), "__name__");
    return type == NULL ? -1 : PySequence_Contains(types, type);
}

/* The user's names as a sorted list; those of the types named in `types` where it has any. */
static PyObject *
users_names(const Session *s, PyObject *types)
{
    AUTO_DECREF PyObject *all = PyDict_Keys(s->namespace);
    AUTO_DECREF PyObject *names = PyList_New(0);
    if (all == NULL || names == NULL)
        return NULL;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(all); i++) {
        BORROWED PyObject *name = PyList_GET_ITEM(all, i);
        int wanted = is_users(s, name);
        if (wanted == 1 && PyList_GET_SIZE(types) > 0)
            wanted = is_of_types(s, name, types);
        if (wanted < 0 || (wanted == 1 && PyList_Append(names, name) < 0))
            return NULL;
    }
    return PyList_Sort(names) < 0 ? NULL : TAKE(names);
}

static PyObject *
names_of_line(Session *s, const MagicCall *call)
{
    AUTO_DECREF PyObject *types = PyUnicode_Split(call->line, NULL, -1);
    AUTO_DECREF PyObject *names = types == NULL ? NULL : users_names(s, types);
    if (names != NULL && PyList_GET_SIZE(names) == 0)
        session_say(PyList_GET_SIZE(types) > 0 ? "no names of that type at the prompt"
                                               : "no names at the prompt");
    return TAKE(names);
}

static PyObject *
who_run(Session *s, const MagicCall *call)
{
    AUTO_DECREF PyObject *names = names_of_line(s, call);
    AUTO_DECREF PyObject *gap = PyUnicode_FromString("  ");
    if (names == NULL || gap == NULL)
        return NULL;
    if (PyList_GET_SIZE(names) == 0)
        Py_RETURN_NONE;
    AUTO_DECREF PyObject *row = PyUnicode_Join(gap, names);
    AUTO_DECREF PyObject *line = row == NULL ? NULL : PyUnicode_FromFormat("%U\n", row);
    if (line == NULL || session_output_write(line) < 0)
        return NULL;
    Py_RETURN_NONE;
}

const Magic magic_who = {
    .name = "who",
    .usage = "[TYPE ...]",
    .summary = "The names that you made, or those of the given types.",
    .flags = MAGIC_LINE,
    .run = who_run,
};

enum { WHOS_VALUE = 50 };

/* The value in one row: its repr, cut short, for plain built-in types; a length where there is
 * one for other built-in containers; nothing for what would run somebody's code. */
static PyObject *
value_text(PyObject *value)
{
    if (PyLong_CheckExact(value) || PyFloat_CheckExact(value) || PyUnicode_CheckExact(value)
        || PyBytes_CheckExact(value) || PyBool_Check(value) || value == Py_None) {
        AUTO_DECREF PyObject *text = PyObject_Repr(value);
        if (text == NULL || PyUnicode_GET_LENGTH(text) <= WHOS_VALUE)
            return TAKE(text);
        AUTO_DECREF PyObject *head = PyUnicode_Substring(text, 0, WHOS_VALUE - 3);
        return head == NULL ? NULL : PyUnicode_FromFormat("%U...", head);
    }
    if (PyList_CheckExact(value) || PyTuple_CheckExact(value) || PyDict_CheckExact(value)
        || PyAnySet_CheckExact(value))
        return PyUnicode_FromFormat("n=%zd", PyObject_Size(value));
    if (PyFunction_Check(value))
        return PyUnicode_FromFormat("<function %S>",
                                    ((PyFunctionObject *)value)->func_qualname);
    return PyUnicode_FromString("");
}

/* A row for one name; an empty text where the name has gone meanwhile. */
static PyObject *
whos_row(const Session *s, PyObject *name, Py_ssize_t width)
{
    AUTO_DECREF PyObject *value = NULL;
    int found = call_dict_get(s->namespace, name, &value);
    if (found <= 0)
        return found < 0 ? NULL : PyUnicode_FromString("");
    AUTO_DECREF PyObject *type =
        PyObject_GetAttrString((PyObject *)Py_TYPE(value), "__name__");
    AUTO_DECREF PyObject *text = type == NULL ? NULL : value_text(value);
    AUTO_DECREF PyObject *cells =
        text == NULL ? NULL : Py_BuildValue("(nOOO)", width, name, type, text);
    AUTO_DECREF PyObject *row =
        cells == NULL ? NULL : PyUnicode_FromString("%-*s  %-14s  %s");
    return row == NULL ? NULL : PyUnicode_Format(row, cells);
}

static PyObject *
whos_run(Session *s, const MagicCall *call)
{
    AUTO_DECREF PyObject *names = names_of_line(s, call);
    if (names == NULL)
        return NULL;
    Py_ssize_t width = 4;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(names); i++)
        width = Py_MAX(width, PyUnicode_GET_LENGTH(PyList_GET_ITEM(names, i)));
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(names); i++) {
        AUTO_DECREF PyObject *row = whos_row(s, PyList_GET_ITEM(names, i), width);
        if (row != NULL && PyUnicode_GET_LENGTH(row) == 0)
            continue;
        AUTO_DECREF PyObject *bare =
            row == NULL ? NULL : PyObject_CallMethod(row, "rstrip", NULL);
        AUTO_DECREF PyObject *line =
            bare == NULL ? NULL : PyUnicode_FromFormat("%U\n", bare);
        if (line == NULL || session_output_write(line) < 0)
            return NULL;
    }
    Py_RETURN_NONE;
}

const Magic magic_whos = {
    .name = "whos",
    .usage = "[TYPE ...]",
    .summary = "The names that you made, with type and value.",
    .flags = MAGIC_LINE,
    .run = whos_run,
};

/* Delete the prompt's names that are bound to this very object. */
static int
delete_names_of(Session *s, PyObject *value)
{
    AUTO_DECREF PyObject *names = PyDict_Keys(s->namespace);
    for (Py_ssize_t i = 0; names != NULL && i < PyList_GET_SIZE(names); i++) {
        BORROWED PyObject *name = PyList_GET_ITEM(names, i);
        AUTO_DECREF PyObject *found = NULL;
        int users = is_users(s, name);
        if (users < 0 || (users == 1 && call_dict_get(s->namespace, name, &found) < 0)
            || (found == value && call_dict_discard(s->namespace, name) < 0))
            return -1;
    }
    return names == NULL ? -1 : 0;
}

static PyObject *
xdel_run(Session *s, const MagicCall *call)
{
    AUTO_DECREF PyObject *name = PyObject_CallMethod(call->line, "strip", NULL);
    AUTO_DECREF PyObject *value = NULL;
    int users = name == NULL ? -1 : is_users(s, name);
    int found = users == 1 ? call_dict_get(s->namespace, name, &value) : users;
    if (found == 0 && PyUnicode_GET_LENGTH(name) == 0)
        magic_usage_error(s, call, "which name?");
    else if (found == 0)
        magic_usage_error(s, call, "no name of yours: %s", PyUnicode_AsUTF8(name));
    if (found <= 0)
        return NULL;
    heap_collector_suspect(&s->ledger->collector, value);
    if (delete_names_of(s, value) < 0 || session_cache_forget(s, value) < 0)
        return NULL;
    session_keep_error(s, NULL);  // its frames may have the object
    Py_CLEAR(value);
    if (run_boundary(s->ledger) < 0)
        return NULL;
    Py_RETURN_NONE;
}

const Magic magic_xdel = {
    .name = "xdel",
    .usage = "NAME",
    .summary =
        "Delete a name with every other name, output and error of the session that has "
        "the same object, and free it if nothing else holds it.",
    .flags = MAGIC_LINE,
    .run = xdel_run,
};

/* Delete all that the user made, and retire the runs that it keeps. */
static int
reset_names(Session *s)
{
    session_keep_error(s, NULL);
    BORROWED Run *r;
    for (int n = INT_MAX; (r = run_ledger_before(s->ledger, n)) != NULL;) {
        n = r->number;
        if (run_exec_retire(s->ledger, r) < 0)
            return -1;
    }
    AUTO_DECREF PyObject *names = PyDict_Keys(s->namespace);
    if (names == NULL)
        return -1;
    for (Py_ssize_t i = PyList_GET_SIZE(names); i-- > 0;) {
        BORROWED PyObject *name = PyList_GET_ITEM(names, i);
        int initial = PySet_Contains(s->initial, name);
        if (initial == 0)
            heap_collector_suspect(&s->ledger->collector,
                                   PyDict_GetItemWithError(s->namespace, name));
        if (initial < 0 || (initial == 0 && call_dict_discard(s->namespace, name) < 0))
            return -1;
    }
    return 0;
}

static int
reset_inputs(Session *s)
{
    AUTO_DECREF PyObject *empty = PyUnicode_FromString("");
    if (empty == NULL)
        return -1;
    // In[n] stays the n-th input.
    for (Py_ssize_t i = 1; i < PyList_GET_SIZE(s->inputs); i++)
        if (PyList_SetItem(s->inputs, i, Py_NewRef(empty)) < 0)
            return -1;
    return 0;
}

static int
reset_part(Session *s, const MagicCall *call, const char *part)
{
    if (strcmp(part, "out") == 0)
        return session_cache_clear(s);
    if (strcmp(part, "in") == 0)
        return reset_inputs(s);
    if (strcmp(part, "dhist") == 0)
        return PyList_SetSlice(s->folders, 0, PyList_GET_SIZE(s->folders) - 1, NULL);
    return magic_usage_error(s, call, "no part %s", part), -1;
}

/* Ask before all is deleted, where there is somebody to ask. */
static int
confirmed(Session *s, bool force)
{
    if (force || s->front->confirm == NULL)
        return 1;
    return s->front->confirm(s, "Delete all that you made at the prompt (y/[n])? ");
}

static int
reset_words(Session *s, const MagicCall *call, const InputWords *words)
{
    bool force = false;
    bool parts = false;
    for (size_t i = 0; i < words->count; i++) {
        const char *word = words->items[i];
        if (strcmp(word, "-f") == 0 || strcmp(word, "-s") == 0) {
            force |= word[1] == 'f';
            continue;
        }
        parts = true;
        if (reset_part(s, call, word) < 0)
            return -1;
    }
    if (parts)
        return 0;
    int go = confirmed(s, force);
    if (go <= 0)
        return go;
    return session_cache_clear(s) < 0 ? -1 : reset_names(s);
}

static PyObject *
reset_run(Session *s, const MagicCall *call)
{
    Py_ssize_t length = 0;
    const char *line = PyUnicode_AsUTF8AndSize(call->line, &length);
    AUTO(input_words_done) InputWords words = { 0 };
    size_t offset = 0;
    if (line == NULL)
        return NULL;
    int r =
        input_words_split(line, (size_t)length, INPUT_WORDS_NO_GLOB, NULL, &words, &offset);
    if (r < 0)
        r = magic_words_fail(s, call, r, offset);
    if (r < 0 || reset_words(s, call, &words) < 0 || run_boundary(s->ledger) < 0)
        return NULL;
    Py_RETURN_NONE;
}

const Magic magic_reset = {
    .name = "reset",
    .usage = "[-f] [in] [out] [dhist]",
    .summary =
        "Delete the names that you made and free what they hold, without asking with -f; "
        "or only the inputs, outputs or visited folders.",
    .flags = MAGIC_LINE,
    .run = reset_run,
};
