#include "session/past.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "hist/journal.h"
#include "session/formatter.h"
#include "session/history.h"

static PyObject *
decode(const char *text, size_t length)
{
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)length, "surrogateescape");
}

static int
raise_reason(int r, const HistError *error)
{
    if (r == -ENOMEM)
        PyErr_NoMemory();
    else
        PyErr_Format(PyExc_OSError, "%s", error->reason);
    return -1;
}

/* Append (session, line, text) or, with an output that may be NULL, the same with both. */
static int
append(PyObject *list, int64_t session, int line, STOLEN PyObject *text,
       STOLEN PyObject *output, unsigned flags)
{
    AUTO_DECREF PyObject *input = text;
    AUTO_DECREF PyObject *shown = output;
    if (input == NULL)
        return -1;
    AUTO_DECREF PyObject *both =
        flags & HIST_OUTPUTS ? PyTuple_Pack(2, input, shown == NULL ? Py_None : shown)
                             : Py_NewRef(input);
    AUTO_DECREF PyObject *entry =
        both == NULL ? NULL : Py_BuildValue("(LiO)", (long long)session, line, both);
    return entry == NULL ? -1 : PyList_Append(list, entry);
}

static int
append_row(PyObject *list, const HistRows *rows, size_t i, unsigned flags)
{
    const HistRow *row = &rows->items[i];
    AUTO_DECREF PyObject *text = decode(hist_rows_text(rows, i), row->length);
    AUTO_DECREF PyObject *output =
        row->has_output ? decode(hist_rows_output(rows, i), row->output_length) : NULL;
    if (text == NULL || (row->has_output && output == NULL))
        return -1;
    return append(list, row->session, row->line, TAKE(text), TAKE(output), flags);
}

static int
append_rows(PyObject *list, const HistRows *rows, unsigned flags)
{
    for (size_t i = 0; i < rows->count; i++)
        if (append_row(list, rows, i, flags) < 0)
            return -1;
    return 0;
}

static PyObject *
input_text(const HistInput *input, unsigned flags)
{
    bool as_python = flags & HIST_SOURCE && input->source != NULL;
    return decode(as_python ? input->source : input->typed,
                  as_python ? input->source_length : input->typed_length);
}

/* What is in Out for the line, as it is displayed; NULL, maybe with an exception set. */
static PyObject *
shown_output(Session *s, int line)
{
    AUTO_DECREF PyObject *number = PyLong_FromLong(line);
    if (number == NULL)
        return NULL;
    AUTO_DECREF PyObject *value = Py_XNewRef(PyDict_GetItemWithError(s->outputs, number));
    AUTO_DECREF PyObject *text = value == NULL ? NULL : session_formatter_text(s, value);
    return text == Py_None ? NULL : TAKE(text);
}

/* Append an input of this session under the number `session`. */
static int
append_own(Session *s, PyObject *list, size_t i, int64_t session, unsigned flags)
{
    const HistInput *input = &hist_journal_inputs(s->history)[i];
    int line = input->line;
    AUTO_DECREF PyObject *text = input_text(input, flags);  // before user code runs
    AUTO_DECREF PyObject *output = flags & HIST_OUTPUTS ? shown_output(s, line) : NULL;
    if (text == NULL || PyErr_Occurred())
        return -1;
    return append(list, session, line, TAKE(text), TAKE(output), flags);
}

static int
append_own_lines(Session *s, PyObject *list, const HistRange *range, unsigned flags)
{
    for (size_t i = 0; i < hist_journal_count(s->history); i++) {
        int line = hist_journal_inputs(s->history)[i].line;
        bool wanted = line >= range->first && (range->last == 0 || line <= range->last);
        if (wanted && append_own(s, list, i, range->session, flags) < 0)
            return -1;
    }
    return 0;
}

/* The store to read from: 1, 0 where nobody has saved anything, -1 with an exception set. */
static int
open_store(Session *s, HistStore **ret_store)
{
    HistError error;
    int r = 0;
    *ret_store = hist_journal_store(s->history, &r, &error);
    if (*ret_store != NULL)
        return 1;
    return r == -ENOENT ? 0 : raise_reason(r, &error);
}

/* The number of the session that the range is about: 1, 0 where there is none, or -1. */
static int
find_session(Session *s, HistStore *store, long wanted, int64_t *ret_session)
{
    *ret_session = wanted;
    if (wanted > 0)
        return 1;
    HistError error;
    int r =
        hist_query_session(store, hist_journal_session(s->history),
                           hist_journal_start(s->history), -wanted, ret_session, &error);
    return r < 0 ? raise_reason(r, &error) : r;
}

static int
append_stored_lines(Session *s, PyObject *list, const HistRange *range, unsigned flags)
{
    HistStore *store = NULL;
    int64_t session = 0;
    int found = open_store(s, &store);
    if (found == 1)
        found = find_session(s, store, range->session, &session);
    if (found <= 0)
        return found;
    AUTO(hist_rows_done) HistRows rows = { 0 };
    HistError error;
    const int lines[2] = { range->first, range->last };
    int r = hist_query_lines(store, flags, session, lines, &rows, &error);
    return r < 0 ? raise_reason(r, &error) : append_rows(list, &rows, flags);
}

PyObject *
session_past_range(Session *s, const HistRange *range, unsigned flags)
{
    AUTO_DECREF PyObject *list = PyList_New(0);
    if (list == NULL)
        return NULL;
    int64_t own = hist_journal_session(s->history);
    bool is_own = range->session == 0 || (own != 0 && range->session == own);
    int r = is_own ? append_own_lines(s, list, range, flags)
                   : append_stored_lines(s, list, range, flags);
    return r < 0 ? NULL : TAKE(list);
}

static int
append_word(Session *s, PyObject *list, const char *word, unsigned flags)
{
    HistRange ranges[HIST_RANGES_MOST];
    size_t count = 0;
    int r = hist_range_read(word, ranges, &count);
    if (r < 0) {
        PyErr_Format(PyExc_ValueError,
                     r == -E2BIG ? "%s is about too many sessions"
                                 : "%s is no range such as 4-6, ~1/ or 12/3",
                     word);
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        AUTO_DECREF PyObject *part = session_past_range(s, &ranges[i], flags);
        Py_ssize_t end = PyList_GET_SIZE(list);
        if (part == NULL || PyList_SetSlice(list, end, end, part) < 0)
            return -1;
    }
    return 0;
}

PyObject *
session_past_ranges(Session *s, const char *ranges, unsigned flags)
{
    AUTO_DECREF PyObject *text = PyUnicode_FromString(ranges);
    AUTO_DECREF PyObject *words = text == NULL ? NULL : PyUnicode_Split(text, NULL, -1);
    if (words == NULL)
        return NULL;
    const HistRange whole = { .first = 1 };
    if (PyList_GET_SIZE(words) == 0)
        return session_past_range(s, &whole, flags);
    AUTO_DECREF PyObject *list = PyList_New(0);
    for (Py_ssize_t i = 0; list != NULL && i < PyList_GET_SIZE(words); i++) {
        const char *word = PyUnicode_AsUTF8(PyList_GET_ITEM(words, i));
        if (word == NULL || append_word(s, list, word, flags) < 0)
            return NULL;
    }
    return TAKE(list);
}

/* Append the inputs of this session from the i-th on that match: those that aren't saved. */
static int
append_unsaved(Session *s, PyObject *list, const char *pattern, unsigned flags)
{
    for (size_t i = hist_journal_saved(s->history); i < hist_journal_count(s->history);
         i++) {
        const HistInput *input = &hist_journal_inputs(s->history)[i];
        bool as_python = flags & HIST_SOURCE && input->source != NULL;
        const char *text = as_python ? input->source : input->typed;
        if ((pattern == NULL || fnmatch(pattern, text, FNM_NOESCAPE) == 0)
            && append_own(s, list, i, hist_journal_session(s->history), flags) < 0)
            return -1;
    }
    return 0;
}

/* Leave the last `limit` entries in the list. */
static int
cut(PyObject *list, int64_t limit)
{
    Py_ssize_t extra = limit < 0 ? 0 : PyList_GET_SIZE(list) - (Py_ssize_t)limit;
    return extra <= 0 ? 0 : PyList_SetSlice(list, 0, extra, NULL);
}

PyObject *
session_past_pattern(PyObject *words)
{
    AUTO_DECREF PyObject *literal = PyObject_CallMethod(words, "replace", "ss", "[", "[[]");
    return literal == NULL                     ? NULL
           : PyUnicode_GET_LENGTH(literal) > 0 ? PyUnicode_FromFormat("*%U*", literal)
                                               : PyUnicode_FromString("*");
}

PyObject *
session_past_search(Session *s, const char *pattern, int64_t limit, unsigned flags)
{
    session_history_save(s);
    AUTO_DECREF PyObject *list = PyList_New(0);
    HistStore *store = NULL;
    int found = list == NULL ? -1 : open_store(s, &store);
    if (found < 0)
        return NULL;
    AUTO(hist_rows_done) HistRows rows = { 0 };
    HistError error;
    int r = found == 0 ? 0 : hist_query_search(store, flags, pattern, limit, &rows, &error);
    if (r < 0)
        return raise_reason(r, &error), NULL;
    if (append_rows(list, &rows, flags) < 0 || append_unsaved(s, list, pattern, flags) < 0
        || cut(list, limit) < 0)
        return NULL;
    return TAKE(list);
}

bool
session_past_is_present(const Session *s, PyObject *entry)
{
    long session = PyLong_AsLong(PyTuple_GET_ITEM(entry, 0));
    long line = PyLong_AsLong(PyTuple_GET_ITEM(entry, 1));
    return line == s->count
           && (session == 0 || session == hist_journal_session(s->history));
}

PyObject *
session_past_tail(Session *s, int64_t count, unsigned flags)
{
    AUTO_DECREF PyObject *list =
        session_past_search(s, NULL, count < 0 ? -1 : count + 1, flags);
    if (list == NULL)
        return NULL;
    for (Py_ssize_t i = PyList_GET_SIZE(list); i-- > 0;) {
        if (!session_past_is_present(s, PyList_GET_ITEM(list, i)))
            continue;
        if (PyList_SetSlice(list, i, i + 1, NULL) < 0)
            return NULL;
        break;
    }
    return cut(list, count) < 0 ? NULL : TAKE(list);
}

PyObject *
session_past_join(PyObject *entries)
{
    AUTO_DECREF PyObject *texts = PyList_New(0);
    for (Py_ssize_t i = 0; texts != NULL && i < PyList_GET_SIZE(entries); i++)
        if (PyList_Append(texts, PyTuple_GET_ITEM(PyList_GET_ITEM(entries, i), 2)) < 0)
            return NULL;
    AUTO_DECREF PyObject *newline = PyUnicode_FromString("\n");
    return texts == NULL || newline == NULL ? NULL : PyUnicode_Join(newline, texts);
}
