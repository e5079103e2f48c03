#include "magic/magic_profile.h"

#include <stdlib.h>
#include <string.h>

#include "py/call.h"
#include "py/exc.h"
#include "session/cell.h"
#include "session/output.h"
#include "session/report.h"

static PyObject *
key_names(const ProfileOptions *options)
{
    if (options->keys.count == 0)
        return Py_BuildValue("(s)", "time");
    AUTO_DECREF PyObject *names = PyTuple_New((Py_ssize_t)options->keys.count);
    for (size_t i = 0; names != NULL && i < options->keys.count; i++) {
        AUTO_DECREF PyObject *name = PyUnicode_DecodeFSDefault(options->keys.items[i]);
        if (name == NULL)
            return NULL;
        PyTuple_SET_ITEM(names, (Py_ssize_t)i, TAKE(name));
    }
    return TAKE(names);
}

/* Whether pstats knows all the sort keys, before a script runs for nothing. */
static int
check_keys(Session *s, const MagicCall *call, const ProfileOptions *options)
{
    AUTO_DECREF PyObject *type = call_import("pstats", "Stats");
    AUTO_DECREF PyObject *empty = type == NULL ? NULL : PyObject_CallNoArgs(type);
    AUTO_DECREF PyObject *known =
        empty == NULL ? NULL : PyObject_CallMethod(empty, "get_sort_arg_defs", NULL);
    AUTO_DECREF PyObject *names = known == NULL ? NULL : key_names(options);
    if (names == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); i++) {
        BORROWED PyObject *name = PyTuple_GET_ITEM(names, i);
        int is_key = PySequence_Contains(known, name);
        if (is_key == 0)
            magic_usage_error(s, call, "-s: no sort key '%U'", name);
        if (is_key != 1)
            return -1;
    }
    return 0;
}

PyObject *
magic_profile_start(Session *s, const MagicCall *call, const ProfileOptions *options)
{
    if (check_keys(s, call, options) < 0)
        return NULL;
    AUTO_DECREF PyObject *type = call_import("cProfile", "Profile");
    return type == NULL ? NULL : PyObject_CallNoArgs(type);
}

/* Take off what was put on; an exception stays pending. */
static void
disable(PyObject *profiler)
{
    AUTO_EXC ExcHold hold = exc_hold();
    AUTO_DECREF PyObject *off = PyObject_CallMethod(profiler, "disable", NULL);
    if (off == NULL)
        PyErr_Clear();  // another profiler took its place: it is off all the same
}

int
magic_profile_evaluate(PyObject *profiler, PyObject *code, PyObject *namespace)
{
    AUTO_DECREF PyObject *on = PyObject_CallMethod(profiler, "enable", NULL);
    if (on == NULL)
        return -1;
    AUTO_DECREF PyObject *value = PyEval_EvalCode(code, namespace, namespace);
    disable(profiler);
    return value == NULL ? -1 : 0;
}

int
magic_profile_evaluate_cell(Session *s, PyObject *profiler, PyObject *code)
{
    AUTO_DECREF PyObject *on = PyObject_CallMethod(profiler, "enable", NULL);
    if (on == NULL)
        return -1;
    AUTO_DECREF PyObject *value = session_cell_evaluate(s, code);
    disable(profiler);
    return value == NULL ? -1 : 0;
}

/* Whether a row is of a function of ours: `('~', 0, "<method 'f' of 'mainspring.T' objects>")`. */
static bool
is_ours(PyObject *row)
{
    BORROWED PyObject *name = PyTuple_Check(row) ? PyTuple_GetItem(row, 2) : NULL;
    const char *text = name == NULL ? NULL : PyUnicode_AsUTF8(name);
    if (text == NULL)
        PyErr_Clear();  // then it is somebody else's
    return text != NULL && strstr(text, "'mainspring.") != NULL;
}

static int
discard_ours(PyObject *table)
{
    AUTO_DECREF PyObject *rows = PyDict_Keys(table);
    for (Py_ssize_t i = 0; rows != NULL && i < PyList_GET_SIZE(rows); i++)
        if (is_ours(PyList_GET_ITEM(rows, i))
            && call_dict_discard(table, PyList_GET_ITEM(rows, i)) < 0)
            return -1;
    return rows == NULL ? -1 : 0;
}

/* Take our own functions out of the profile, also as callers of others. */
static int
hide_ours(PyObject *stats)
{
    AUTO_DECREF PyObject *table = PyObject_GetAttrString(stats, "stats");
    if (table == NULL || discard_ours(table) < 0)
        return -1;
    AUTO_DECREF PyObject *values = PyDict_Values(table);
    for (Py_ssize_t i = 0; values != NULL && i < PyList_GET_SIZE(values); i++) {
        BORROWED PyObject *callers = PyTuple_GetItem(PyList_GET_ITEM(values, i), 4);
        if (callers == NULL || discard_ours(callers) < 0)
            return -1;
    }
    return values == NULL ? -1 : 0;
}

/* The profile as pstats has it, printing to `stream`. */
static PyObject *
stats_new(PyObject *profiler, PyObject *stream)
{
    AUTO_DECREF PyObject *type = call_import("pstats", "Stats");
    AUTO_DECREF PyObject *args = PyTuple_New(0);
    AUTO_DECREF PyObject *options = Py_BuildValue("{sO}", "stream", stream);
    AUTO_DECREF PyObject *stats = type == NULL || args == NULL || options == NULL
                                      ? NULL
                                      : PyObject_Call(type, args, options);
    AUTO_DECREF PyObject *created =
        stats == NULL ? NULL : PyObject_CallMethod(profiler, "create_stats", NULL);
    AUTO_DECREF PyObject *table =
        created == NULL ? NULL : PyObject_GetAttrString(profiler, "stats");
    if (table == NULL || PyObject_SetAttrString(stats, "stats", table) < 0
        || hide_ours(stats) < 0)
        return NULL;
    AUTO_DECREF PyObject *none = PyObject_CallMethod(stats, "get_top_level_stats", NULL);
    return none == NULL ? NULL : TAKE(stats);
}

/* A number of rows, a part of them, or a pattern. */
static PyObject *
read_limit(const char *text)
{
    char *end = NULL;
    long rows = strtol(text, &end, 10);
    if (*end == '\0')
        return PyLong_FromLong(rows);
    double part = PyOS_string_to_double(text, NULL, NULL);
    if (!PyErr_Occurred())
        return PyFloat_FromDouble(part);
    PyErr_Clear();
    return PyUnicode_DecodeFSDefault(text);
}

static PyObject *
limits_of(const ProfileOptions *options)
{
    AUTO_DECREF PyObject *limits = PyTuple_New((Py_ssize_t)options->limits.count);
    for (size_t i = 0; limits != NULL && i < options->limits.count; i++) {
        AUTO_DECREF PyObject *limit = read_limit(options->limits.items[i]);
        if (limit == NULL)
            return NULL;
        PyTuple_SET_ITEM(limits, (Py_ssize_t)i, TAKE(limit));
    }
    return TAKE(limits);
}

/* Sort and print to the stream. */
static int
print(PyObject *stats, const ProfileOptions *options)
{
    AUTO_DECREF PyObject *none = PyObject_CallMethod(stats, "strip_dirs", NULL);
    AUTO_DECREF PyObject *keys = none == NULL ? NULL : key_names(options);
    AUTO_DECREF PyObject *limits = keys == NULL ? NULL : limits_of(options);
    AUTO_DECREF PyObject *sort =
        limits == NULL ? NULL : PyObject_GetAttrString(stats, "sort_stats");
    AUTO_DECREF PyObject *sorted = sort == NULL ? NULL : PyObject_CallObject(sort, keys);
    AUTO_DECREF PyObject *show =
        sorted == NULL ? NULL : PyObject_GetAttrString(stats, "print_stats");
    AUTO_DECREF PyObject *shown = show == NULL ? NULL : PyObject_CallObject(show, limits);
    return shown == NULL ? -1 : 0;
}

static int
save_text(PyObject *text, const char *name)
{
    AUTO_DECREF PyObject *open = call_import("io", "open");
    AUTO_DECREF PyObject *path = PyUnicode_DecodeFSDefault(name);
    AUTO_DECREF PyObject *file =
        open == NULL || path == NULL ? NULL : PyObject_CallFunction(open, "Os", path, "w");
    AUTO_DECREF PyObject *count =
        file == NULL ? NULL : PyObject_CallMethod(file, "write", "O", text);
    AUTO_DECREF PyObject *none =
        count == NULL ? NULL : PyObject_CallMethod(file, "close", NULL);
    if (none == NULL)
        return -1;
    session_say("profile as text: %U", path);
    return 0;
}

static int
save_dump(PyObject *stats, const char *name)
{
    AUTO_DECREF PyObject *path = PyUnicode_DecodeFSDefault(name);
    AUTO_DECREF PyObject *none =
        path == NULL ? NULL : PyObject_CallMethod(stats, "dump_stats", "O", path);
    if (none == NULL)
        return -1;
    session_say("profile for pstats: %U", path);
    return 0;
}

PyObject *
magic_profile_show(PyObject *profiler, const ProfileOptions *options)
{
    AUTO_DECREF PyObject *type = call_import("io", "StringIO");
    AUTO_DECREF PyObject *stream = type == NULL ? NULL : PyObject_CallNoArgs(type);
    AUTO_DECREF PyObject *stats = stream == NULL ? NULL : stats_new(profiler, stream);
    if (stats == NULL || (options->dump_file && save_dump(stats, options->dump_file) < 0))
        return NULL;
    AUTO_DECREF PyObject *text =
        print(stats, options) < 0 ? NULL : PyObject_CallMethod(stream, "getvalue", NULL);
    if (text == NULL || (!options->quiet && session_output_write(text) < 0)
        || (options->text_file && save_text(text, options->text_file) < 0))
        return NULL;
    if (!options->returned)
        Py_RETURN_NONE;
    // Whoever has it prints to where everything goes.
    BORROWED PyObject *out = PySys_GetObject("stdout");
    if (out != NULL && PyObject_SetAttrString(stats, "stream", out) < 0)
        return NULL;
    return TAKE(stats);
}
