#include "session/history_manager.h"

#include <limits.h>

#include "hist/journal.h"
#include "session/history.h"
#include "session/part.h"
#include "session/past.h"

/* What is asked for in Python's words. */
static unsigned
flags_of(int raw, int output)
{
    return (raw ? 0 : HIST_SOURCE) | (output ? HIST_OUTPUTS : 0);
}

/* Callers take them one by one, or make a list of them. */
static PyObject *
iterate(STOLEN PyObject *list)
{
    AUTO_DECREF PyObject *entries = list;
    return entries == NULL ? NULL : PyObject_GetIter(entries);
}

static int
to_line(PyObject *number, int missing)
{
    if (number == NULL || number == Py_None)
        return missing;
    long line = PyLong_AsLong(number);
    return line < 0 ? 0 : line > INT_MAX ? INT_MAX : (int)line;
}

static PyObject *
manager_get_range(PyObject *self, PyObject *args, PyObject *options)
{
    static char *names[] = { "session", "start", "stop", "raw", "output", NULL };
    HistRange range = { .first = 1 };
    PyObject *stop = Py_None;
    int raw = 1;
    int output = 0;
    Session *s = session_part_session(self);
    if (s == NULL
        || !PyArg_ParseTupleAndKeywords(args, options, "|liOpp:get_range", names,
                                        &range.session, &range.first, &stop, &raw, &output))
        return NULL;
    int end = to_line(stop, INT_MAX);
    if (PyErr_Occurred())
        return NULL;
    range.last = end > 1 ? end - 1 : -1;  // 0 would be the session's end
    return iterate(session_past_range(s, &range, flags_of(raw, output)));
}

static PyObject *
manager_get_range_by_str(PyObject *self, PyObject *args, PyObject *options)
{
    static char *names[] = { "rangestr", "raw", "output", NULL };
    const char *ranges = NULL;
    int raw = 1;
    int output = 0;
    Session *s = session_part_session(self);
    if (s == NULL
        || !PyArg_ParseTupleAndKeywords(args, options, "s|pp:get_range_by_str", names,
                                        &ranges, &raw, &output))
        return NULL;
    return iterate(session_past_ranges(s, ranges, flags_of(raw, output)));
}

static PyObject *
manager_get_tail(PyObject *self, PyObject *args, PyObject *options)
{
    static char *names[] = { "n", "raw", "output", "include_latest", NULL };
    long long count = 10;
    int raw = 1;
    int output = 0;
    int latest = 0;
    Session *s = session_part_session(self);
    if (s == NULL
        || !PyArg_ParseTupleAndKeywords(args, options, "|Lppp:get_tail", names, &count,
                                        &raw, &output, &latest))
        return NULL;
    unsigned flags = flags_of(raw, output);
    return iterate(latest ? session_past_search(s, NULL, count, flags)
                          : session_past_tail(s, count, flags));
}

static PyObject *
manager_search(PyObject *self, PyObject *args, PyObject *options)
{
    static char *names[] = {
        "pattern", "raw", "search_raw", "output", "n", "unique", NULL
    };
    const char *pattern = "*";
    int raw = 1;
    int search_raw = 1;  // what is searched is what is shown
    int output = 0;
    PyObject *limit = Py_None;
    int unique = 0;
    Session *s = session_part_session(self);
    if (s == NULL
        || !PyArg_ParseTupleAndKeywords(args, options, "|spppOp:search", names, &pattern,
                                        &raw, &search_raw, &output, &limit, &unique))
        return NULL;
    long long most = limit == Py_None ? -1 : PyLong_AsLongLong(limit);
    if (PyErr_Occurred())
        return NULL;
    unsigned flags = flags_of(raw, output) | (unique ? HIST_UNIQUE : 0);
    return iterate(session_past_search(s, pattern, most, flags));
}

static PyObject *
manager_get_last_session_id(PyObject *self, PyObject *unused)
{
    Session *s = session_part_session(self);
    AUTO_DECREF PyObject *list = s == NULL ? NULL : session_past_search(s, NULL, 1, 0);
    if (list == NULL)
        return NULL;
    if (PyList_GET_SIZE(list) == 0)
        Py_RETURN_NONE;
    return Py_NewRef(PyTuple_GET_ITEM(PyList_GET_ITEM(list, 0), 0));
}

/* (session, start, end, inputs, remark) as IPython has it, the times in seconds. */
static PyObject *
manager_get_session_info(PyObject *self, PyObject *args)
{
    long long number = 0;
    Session *s = session_part_session(self);
    if (s == NULL || !PyArg_ParseTuple(args, "|L:get_session_info", &number))
        return NULL;
    if (number <= 0)
        number += hist_journal_session(s->history);
    HistError error;
    HistSession facts = { 0 };
    int r = 0;
    BORROWED HistStore *store = hist_journal_store(s->history, &r, &error);
    if (store != NULL)
        r = hist_query_session_facts(store, number, &facts, &error);
    if (r < 0)
        return PyErr_Format(PyExc_OSError, "%s", error.reason);
    if (r == 0)
        return PyErr_Format(PyExc_ValueError, "there is no session %lld", number);
    return Py_BuildValue("(LddLs)", number, facts.start, facts.end, (long long)facts.inputs,
                         "");
}

static PyObject *
manager_writeout_cache(PyObject *self, PyObject *args)
{
    Session *s = session_part_session(self);
    if (s == NULL)
        return NULL;
    session_history_save(s);
    Py_RETURN_NONE;
}

static PyObject *
get_session_number(PyObject *self, void *closure)
{
    Session *s = session_part_session(self);
    if (s == NULL)
        return NULL;
    session_history_save(s);
    return PyLong_FromLongLong(hist_journal_session(s->history));
}

/* In as it was typed or as Python, with the empty text at 0 and where nothing was kept. */
static PyObject *
get_inputs(PyObject *self, void *flags)
{
    Session *s = session_part_session(self);
    if (s == NULL)
        return NULL;
    const HistRange whole = { .first = 1 };
    AUTO_DECREF PyObject *entries = session_past_range(s, &whole, (unsigned)(size_t)flags);
    AUTO_DECREF PyObject *empty = PyUnicode_FromString("");
    AUTO_DECREF PyObject *list = PyList_New(0);
    if (entries == NULL || empty == NULL || list == NULL)
        return NULL;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(entries); i++) {
        BORROWED PyObject *entry = PyList_GET_ITEM(entries, i);
        long line = PyLong_AsLong(PyTuple_GET_ITEM(entry, 1));
        while (PyList_GET_SIZE(list) < line)
            if (PyList_Append(list, empty) < 0)
                return NULL;
        if (PyList_Append(list, PyTuple_GET_ITEM(entry, 2)) < 0)
            return NULL;
    }
    if (PyList_GET_SIZE(list) == 0 && PyList_Append(list, empty) < 0)
        return NULL;
    return TAKE(list);
}

static PyObject *
get_output_hist(PyObject *self, void *closure)
{
    Session *s = session_part_session(self);
    return s == NULL ? NULL : Py_NewRef(s->outputs);
}

static PyObject *
get_dir_hist(PyObject *self, void *closure)
{
    Session *s = session_part_session(self);
    return s == NULL ? NULL : Py_NewRef(s->folders);
}

static PyObject *
get_hist_file(PyObject *self, void *closure)
{
    Session *s = session_part_session(self);
    if (s == NULL)
        return NULL;
    const char *path = hist_journal_path(s->history);
    return PyUnicode_DecodeFSDefault(path != NULL ? path : ":memory:");
}

static PyObject *
get_enabled(PyObject *self, void *closure)
{
    Session *s = session_part_session(self);
    return s == NULL ? NULL : PyBool_FromLong(hist_journal_path(s->history) != NULL);
}

static PyObject *
get_log_output(PyObject *self, void *closure)
{
    Session *s = session_part_session(self);
    return s == NULL ? NULL : PyBool_FromLong(s->history_outputs);
}

static int
set_log_output(PyObject *self, PyObject *value, void *closure)
{
    Session *s = session_part_session(self);
    int on = s == NULL ? -1 : value == NULL ? 0 : PyObject_IsTrue(value);
    if (on < 0)
        return -1;
    s->history_outputs = on;
    return 0;
}

#define WITH_KEYWORDS(function)                                                            \
    (PyCFunction)(void (*)(void))(function), METH_VARARGS | METH_KEYWORDS

static PyMethodDef methods[] = {
    { "get_range", WITH_KEYWORDS(manager_get_range),
      "Inputs of a session: (session, line, text) from start to before stop." },
    { "get_range_by_str", WITH_KEYWORDS(manager_get_range_by_str),
      "The inputs of ranges such as '4-6 ~1/'." },
    { "get_tail", WITH_KEYWORDS(manager_get_tail), "The latest inputs of all sessions." },
    { "search", WITH_KEYWORDS(manager_search), "Inputs of all sessions by a pattern." },
    { "get_last_session_id", manager_get_last_session_id, METH_NOARGS,
      "The session of the latest input." },
    { "get_session_info", manager_get_session_info, METH_VARARGS,
      "(session, start, end, inputs, remark)." },
    { "writeout_cache", manager_writeout_cache, METH_VARARGS, "Save what is not saved." },
    { NULL, NULL, 0, NULL },
};

static PyGetSetDef members[] = {
    { "session_number", get_session_number, NULL, "0 before anything is saved.", NULL },
    { "input_hist_raw", get_inputs, NULL, "This session's inputs as typed.", (void *)0 },
    { "input_hist_parsed", get_inputs, NULL, "The same as Python.", (void *)HIST_SOURCE },
    { "output_hist", get_output_hist, NULL, "Out.", NULL },
    { "dir_hist", get_dir_hist, NULL, "_dh.", NULL },
    { "hist_file", get_hist_file, NULL, "The file, or ':memory:'.", NULL },
    { "enabled", get_enabled, NULL, "Whether there is a file.", NULL },
    { "db_log_output", get_log_output, set_log_output, "Whether outputs are stored.",
      NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

static const PartSpec manager_spec = {
    .name = "mainspring.HistoryManager",
    .doc = "What was typed, in this session and in earlier ones.",
    .methods = methods,
    .members = members,
};

PyObject *
session_history_manager_get(Session *s)
{
    if (s->history_manager == NULL)
        s->history_manager = session_part_new_single(&manager_spec, s->shell, Py_None);
    return Py_XNewRef(s->history_manager);
}
