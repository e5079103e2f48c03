/* %recall, %rerun, %load: earlier inputs, and other texts, once more. */
#include <string.h>

#include "magic/input_code.h"
#include "magic/switches.h"
#include "magic/table.h"
#include "py/call.h"
#include "session/cell.h"
#include "session/output.h"
#include "session/past.h"

static PyObject *
set_next_input(Session *s, PyObject *text)
{
    AUTO_DECREF PyObject *bare = PyObject_CallMethod(text, "rstrip", NULL);
    return bare == NULL ? NULL : PyObject_CallMethod(s->shell, "set_next_input", "O", bare);
}

/* Whether the input itself asks for an earlier one. */
static bool
asks_for_another(const char *text)
{
    static const char *const names[] = { "rerun", "recall", "rep" };
    const char *name = text + (*text == '%');
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        size_t length = strlen(names[i]);
        const char *behind = name + length;
        if (strncmp(name, names[i], length) == 0 && IS_ONE_OF(*behind, "\0 \t\n"))
            return behind[strspn(behind, " \t")] != '=';
    }
    return false;
}

/* The latest input that has the text, other than a %recall or %rerun: 1, 0 or -1. */
static int
find_latest(Session *s, PyObject *words, PyObject **ret_text)
{
    AUTO_DECREF PyObject *pattern = session_past_pattern(words);
    const char *plain = pattern == NULL ? NULL : PyUnicode_AsUTF8(pattern);
    AUTO_DECREF PyObject *found =
        plain == NULL ? NULL : session_past_search(s, plain, -1, 0);
    if (found == NULL)
        return -1;
    for (Py_ssize_t i = PyList_GET_SIZE(found); i-- > 0;) {
        BORROWED PyObject *entry = PyList_GET_ITEM(found, i);
        const char *text = PyUnicode_AsUTF8(PyTuple_GET_ITEM(entry, 2));
        if (text == NULL)
            return -1;
        if (session_past_is_present(s, entry) || asks_for_another(text))
            continue;
        *ret_text = Py_NewRef(PyTuple_GET_ITEM(entry, 2));
        return 1;
    }
    return 0;
}

/* The text that the words mean: inputs, a value, or the latest input that has them. */
static int
find_recalled(Session *s, const MagicCall *call, PyObject *words, PyObject **ret_text)
{
    AUTO(magic_input_code_done) InputCode code = { 0 };
    AUTO_DECREF PyObject *last = PyUnicode_GET_LENGTH(words) == 0
                                     ? Py_XNewRef(PyDict_GetItemString(s->namespace, "_"))
                                     : NULL;
    AUTO_DECREF PyObject *value = last != NULL ? PyObject_Str(last)
                                  : PyUnicode_IsIdentifier(words) == 1
                                      ? PyObject_CallMethod(s->shell, "ev", "O", words)
                                      : NULL;
    if (value != NULL) {
        *ret_text = PyObject_Str(value);
        return *ret_text == NULL ? -1 : 1;
    }
    PyErr_Clear();  // no name at the prompt
    const char *plain = PyUnicode_AsUTF8(words);
    if (plain == NULL)
        return -1;
    AUTO_DECREF PyObject *entries = session_past_ranges(s, plain, 0);
    if (entries == NULL && PyErr_ExceptionMatches(PyExc_ValueError)) {
        PyErr_Clear();  // no range: a text
        return find_latest(s, words, ret_text);
    }
    if (entries == NULL || PyList_GET_SIZE(entries) == 0)
        return entries == NULL ? -1 : 0;
    *ret_text = session_past_join(entries);
    return *ret_text == NULL ? -1 : 1;
}

static PyObject *
recall_run(Session *s, const MagicCall *call)
{
    AUTO_DECREF PyObject *words = PyObject_CallMethod(call->line, "strip", NULL);
    AUTO_DECREF PyObject *text = NULL;
    int found = words == NULL ? -1 : find_recalled(s, call, words, &text);
    if (found < 0)
        return PyErr_ExceptionMatches(PyExc_OSError) ? magic_refuse(s, call) : NULL;
    if (found == 0)
        return magic_usage_error(s, call, "no input is %U", words);
    return set_next_input(s, text);
}

/* Execute the inputs one after the other, up to the first that fails. */
static PyObject *
execute_inputs(Session *s, PyObject *entries)
{
    AUTO_DECREF PyObject *code = session_past_join(entries);
    AUTO_DECREF PyObject *title =
        code == NULL
            ? NULL
            : PyUnicode_FromFormat("=== Executing: ===\n%U\n=== Output: ===\n", code);
    if (title == NULL || session_output_write(title) < 0)
        return NULL;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(entries) && !s->exiting; i++) {
        const Cell cell = { .text = PyTuple_GET_ITEM(PyList_GET_ITEM(entries, i), 2),
                            .line = 1 };
        if (session_cell_run(s, &cell) != 0)
            break;
    }
    Py_RETURN_NONE;
}

/* The entries less those that ask for earlier ones, which would ask again and again. */
static PyObject *
without_reruns(PyObject *entries)
{
    AUTO_DECREF PyObject *kept = PyList_New(0);
    for (Py_ssize_t i = 0; kept != NULL && i < PyList_GET_SIZE(entries); i++) {
        BORROWED PyObject *entry = PyList_GET_ITEM(entries, i);
        const char *text = PyUnicode_AsUTF8(PyTuple_GET_ITEM(entry, 2));
        if (text == NULL)
            PyErr_Clear();  // bytes that are no text: no magic of ours
        if ((text == NULL || !asks_for_another(text)) && PyList_Append(kept, entry) < 0)
            return NULL;
    }
    return TAKE(kept);
}

/* The latest `count` inputs that are no %rerun. */
static PyObject *
select_latest(Session *s, long count)
{
    enum { MORE = 16, MOST = 1 << 20 };
    for (long wanted = count;; wanted += MORE + wanted) {
        AUTO_DECREF PyObject *entries = session_past_tail(s, wanted, 0);
        AUTO_DECREF PyObject *kept = entries == NULL ? NULL : without_reruns(entries);
        if (kept == NULL)
            return NULL;
        Py_ssize_t extra = PyList_GET_SIZE(kept) - count;
        bool whole = PyList_GET_SIZE(entries) < wanted || wanted > MOST;
        if (extra < 0 && !whole)
            continue;
        if (extra > 0 && PyList_SetSlice(kept, 0, extra, NULL) < 0)
            return NULL;
        return TAKE(kept);
    }
}

static PyObject *
select_rerun(Session *s, const MagicCall *call, const MagicSwitches *w)
{
    long count = 1;
    if (magic_switches_number(s, call, w, 'l', &count) < 0)
        return NULL;
    if (w->on['g']) {
        AUTO_DECREF PyObject *text = NULL;
        int found = find_latest(s, w->list, &text);
        return found < 0    ? NULL
               : found == 0 ? PyList_New(0)
                            : Py_BuildValue("[(iiO)]", 0, 0, text);
    }
    const char *ranges = PyUnicode_AsUTF8(w->rest);
    if (ranges == NULL)
        return NULL;
    return *ranges == '\0' ? select_latest(s, count) : session_past_ranges(s, ranges, 0);
}

static PyObject *
rerun_run(Session *s, const MagicCall *call)
{
    AUTO(magic_switches_done) MagicSwitches w;
    if (magic_switches_read(s, call, "l# g*", &w) < 0)
        return NULL;
    AUTO_DECREF PyObject *entries = select_rerun(s, call, &w);
    if (entries == NULL)
        return magic_refuse_input(s, call);
    if (PyList_GET_SIZE(entries) == 0)
        return magic_usage_error(s, call, "there are no such inputs");
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(entries); i++)
        if (session_past_is_present(s, PyList_GET_ITEM(entries, i)))
            return magic_usage_error(s, call, "that is this very input");
    return execute_inputs(s, entries);
}

/* Add the lines `first` to `last`, from 1, of the text's lines. */
static int
add_lines(PyObject *to, PyObject *lines, long first, long last)
{
    AUTO_DECREF PyObject *part = PyList_GetSlice(lines, first < 1 ? 0 : first - 1, last);
    Py_ssize_t end = PyList_GET_SIZE(to);
    return part == NULL ? -1 : PyList_SetSlice(to, end, end, part);
}

/* The lines `5-10,12,20-` of the text. */
static PyObject *
pick_lines(Session *s, const MagicCall *call, PyObject *text, const char *wanted)
{
    AUTO_DECREF PyObject *lines = PyUnicode_Splitlines(text, 1);
    AUTO_DECREF PyObject *picked = PyList_New(0);
    if (lines == NULL || picked == NULL)
        return NULL;
    for (const char *at = wanted; *at != '\0'; at += *at == ',') {
        HistRange ranges[HIST_RANGES_MOST];
        size_t count = 0;
        char word[32];
        size_t length = strcspn(at, ",");
        if (length >= sizeof word)
            return magic_usage_error(s, call, "-r needs lines such as 5-10,12");
        memcpy(word, at, length);
        word[length] = '\0';
        bool read = hist_range_read(word, ranges, &count) == 0 && count == 1;
        if (!read || ranges[0].session != 0)
            return magic_usage_error(s, call, "-r needs lines such as 5-10,12");
        long last = ranges[0].last == 0 ? PY_SSIZE_T_MAX : ranges[0].last;
        if (add_lines(picked, lines, ranges[0].first, last) < 0)
            return NULL;
        at += length;
    }
    AUTO_DECREF PyObject *nothing = PyUnicode_FromString("");
    return nothing == NULL ? NULL : PyUnicode_Join(nothing, picked);
}

/* The source of a function or class at the text's top, or NULL where `node` is another thing. */
static PyObject *
segment_of(PyObject *text, PyObject *node, PyObject *names)
{
    AUTO_DECREF PyObject *name = NULL;
    if (call_attr_get(node, "name", &name) <= 0)
        return NULL;
    int wanted = PySequence_Contains(names, name);
    AUTO_DECREF PyObject *get =
        wanted == 1 ? call_import("ast", "get_source_segment") : NULL;
    return get == NULL ? NULL : PyObject_CallFunctionObjArgs(get, text, node, NULL);
}

/* The functions and classes `a,b` of the text. */
static PyObject *
pick_symbols(Session *s, const MagicCall *call, PyObject *text, const char *wanted)
{
    AUTO_DECREF PyObject *given = PyUnicode_FromString(wanted);
    AUTO_DECREF PyObject *comma = PyUnicode_FromString(",");
    AUTO_DECREF PyObject *names =
        given == NULL || comma == NULL ? NULL : PyUnicode_Split(given, comma, -1);
    AUTO_DECREF PyObject *parse = names == NULL ? NULL : call_import("ast", "parse");
    AUTO_DECREF PyObject *tree = parse == NULL ? NULL : PyObject_CallOneArg(parse, text);
    if (tree == NULL && PyErr_ExceptionMatches(PyExc_SyntaxError))
        return magic_refuse(s, call);
    AUTO_DECREF PyObject *body = tree == NULL ? NULL : PyObject_GetAttrString(tree, "body");
    AUTO_DECREF PyObject *picked = body == NULL ? NULL : PyList_New(0);
    if (picked == NULL)
        return NULL;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(body); i++) {
        AUTO_DECREF PyObject *part = segment_of(text, PyList_GET_ITEM(body, i), names);
        if (PyErr_Occurred() || (part != NULL && PyList_Append(picked, part) < 0))
            return NULL;
    }
    if (PyList_GET_SIZE(picked) == 0)
        return magic_usage_error(s, call, "nothing there is named %s", wanted);
    AUTO_DECREF PyObject *newlines = PyUnicode_FromString("\n\n");
    return newlines == NULL ? NULL : PyUnicode_Join(newlines, picked);
}

static PyObject *
load_run(Session *s, const MagicCall *call)
{
    AUTO(magic_switches_done) MagicSwitches w;
    if (magic_switches_read(s, call, "yn r: s:", &w) < 0)
        return NULL;
    if (PyUnicode_GET_LENGTH(w.rest) == 0)
        return magic_usage_error(s, call, "load what?");
    AUTO(magic_input_code_done) InputCode code;
    int found = magic_input_code_find(s, call, w.rest, 0, &code);
    if (found < 0)
        return NULL;
    if (found == 0)
        return magic_usage_error(s, call, "%U is no file, no name and no range", w.rest);
    AUTO_DECREF PyObject *lines = w.values['r'] != NULL
                                      ? pick_lines(s, call, code.text, w.values['r'])
                                      : Py_NewRef(code.text);
    AUTO_DECREF PyObject *text = lines != NULL && w.values['s'] != NULL
                                     ? pick_symbols(s, call, lines, w.values['s'])
                                     : Py_XNewRef(lines);
    AUTO_DECREF PyObject *whole =
        text == NULL ? NULL : PyUnicode_FromFormat("# %%load %U\n%U", call->line, text);
    return whole == NULL ? NULL : set_next_input(s, whole);
}

const Magic magic_load = {
    .name = "load",
    .usage = "[-r LINES] [-s NAMES] FILE|URL|RANGE|NAME",
    .summary =
        "Put the text of a file, a URL, of inputs or of an object behind the next prompt. "
        "-r 5-10,12 takes lines, -s f,g functions and classes.",
    .flags = MAGIC_LINE,
    .run = load_run,
};

const Magic magic_recall = {
    .name = "recall",
    .usage = "[RANGE|NAME|TEXT]",
    .summary = "Put inputs, a value or the latest input that has the text behind the next "
               "prompt; without any, the last output.",
    .flags = MAGIC_LINE | MAGIC_RAW,
    .run = recall_run,
};

const Magic magic_rep = {
    .name = "rep",
    .usage = "[RANGE|NAME|TEXT]",
    .summary = "The same as %recall.",
    .flags = MAGIC_LINE | MAGIC_RAW,
    .run = recall_run,
};

const Magic magic_rerun = {
    .name = "rerun",
    .usage = "[-l N] [-g TEXT] [RANGE...]",
    .summary = "Execute inputs again: the last one, the last N, the latest with a text, or "
               "those of ranges.",
    .flags = MAGIC_LINE | MAGIC_RAW,
    .run = rerun_run,
};
