/* %history: what was typed, in this session and in earlier ones. */
#include <fnmatch.h>
#include <string.h>

#include "hist/journal.h"
#include "magic/input_code.h"
#include "magic/switches.h"
#include "magic/table.h"
#include "py/call.h"
#include "session/output.h"
#include "session/past.h"

/* How the inputs are written. */
typedef struct Layout {
    bool numbers;
    bool prompts;
    bool outputs;
} Layout;

/* Leave out the present cell, which has the pattern itself, or what the pattern doesn't match. */
static PyObject *
without(Session *s, PyObject *entries, const char *pattern)
{
    AUTO_DECREF PyObject *kept = PyList_New(0);
    for (Py_ssize_t i = 0; kept != NULL && i < PyList_GET_SIZE(entries); i++) {
        BORROWED PyObject *entry = PyList_GET_ITEM(entries, i);
        BORROWED PyObject *input = PyTuple_GET_ITEM(entry, 2);
        const char *text = pattern == NULL ? NULL
                           : PyTuple_Check(input)
                               ? PyUnicode_AsUTF8(PyTuple_GET_ITEM(input, 0))
                               : PyUnicode_AsUTF8(input);
        if (PyErr_Occurred())
            PyErr_Clear();  // bytes that are no text: nothing matches them
        bool leaves = pattern == NULL
                          ? session_past_is_present(s, entry)
                          : text == NULL || fnmatch(pattern, text, FNM_NOESCAPE) != 0;
        if (!leaves && PyList_Append(kept, entry) < 0)
            return NULL;
    }
    return TAKE(kept);
}

static PyObject *
search(Session *s, const MagicSwitches *w, long limit, unsigned flags)
{
    AUTO_DECREF PyObject *pattern = session_past_pattern(w->list);
    const char *text = pattern == NULL ? NULL : PyUnicode_AsUTF8(pattern);
    long wanted = limit < 0 ? limit : limit + 1;  // the present cell may be one of them
    AUTO_DECREF PyObject *found =
        text == NULL ? NULL : session_past_search(s, text, wanted, flags);
    AUTO_DECREF PyObject *kept = found == NULL ? NULL : without(s, found, NULL);
    if (kept == NULL)
        return NULL;
    Py_ssize_t extra = limit < 0 ? 0 : PyList_GET_SIZE(kept) - limit;
    if (extra > 0 && PyList_SetSlice(kept, 0, extra, NULL) < 0)
        return NULL;
    return TAKE(kept);
}

static PyObject *
select_ranges(Session *s, const MagicSwitches *w, unsigned flags)
{
    const char *ranges = PyUnicode_AsUTF8(w->rest);
    AUTO_DECREF PyObject *entries =
        ranges == NULL ? NULL : session_past_ranges(s, ranges, flags);
    if (entries == NULL || !w->on['g'])
        return TAKE(entries);
    AUTO_DECREF PyObject *pattern = session_past_pattern(w->list);
    const char *text = pattern == NULL ? NULL : PyUnicode_AsUTF8(pattern);
    return text == NULL ? NULL : without(s, entries, text);
}

static PyObject *
select_inputs(Session *s, const MagicCall *call, const MagicSwitches *w)
{
    enum { LATEST = 10 };
    unsigned flags = (w->on['t'] ? HIST_SOURCE : 0) | (w->on['o'] ? HIST_OUTPUTS : 0)
                     | (w->on['u'] ? HIST_UNIQUE : 0);
    bool has_ranges = PyUnicode_GET_LENGTH(w->rest) > 0;
    long limit = w->on['l'] && !w->on['g'] ? LATEST : -1;
    if (magic_switches_number(s, call, w, 'l', &limit) < 0)
        return NULL;
    if (w->on['g'] && !has_ranges)
        return search(s, w, limit, flags);
    return w->on['l'] && !has_ranges ? session_past_tail(s, limit, flags)
                                     : select_ranges(s, w, flags);
}

/* `4` in this session, `12/4` in another. */
static PyObject *
number_of(Session *s, PyObject *entry)
{
    long session = PyLong_AsLong(PyTuple_GET_ITEM(entry, 0));
    bool own = session == 0 || session == hist_journal_session(s->history);
    AUTO_DECREF PyObject *text =
        own ? PyObject_Str(PyTuple_GET_ITEM(entry, 1))
            : PyUnicode_FromFormat("%S/%S", PyTuple_GET_ITEM(entry, 0),
                                   PyTuple_GET_ITEM(entry, 1));
    return text == NULL ? NULL : PyObject_CallMethod(text, "rjust", "i", 4);
}

/* The input as `>>> ` and `... ` lines. */
static PyObject *
with_prompts(PyObject *input)
{
    AUTO_DECREF PyObject *text =
        PyObject_CallMethod(input, "replace", "ss", "\n", "\n... ");
    bool whole = PyUnicode_FindChar(input, '\n', 0, PyUnicode_GET_LENGTH(input), 1) < 0;
    return text == NULL ? NULL
                        : PyUnicode_FromFormat(whole ? ">>> %U" : ">>> %U\n... ", text);
}

static PyObject *
lay_out_input(Session *s, PyObject *entry, PyObject *input, const Layout *layout)
{
    AUTO_DECREF PyObject *tabless = PyObject_CallMethod(input, "expandtabs", "i", 4);
    AUTO_DECREF PyObject *bare =
        tabless == NULL ? NULL : PyObject_CallMethod(tabless, "rstrip", NULL);
    if (bare == NULL)
        return NULL;
    bool lines = PyUnicode_FindChar(bare, '\n', 0, PyUnicode_GET_LENGTH(bare), 1) >= 0;
    AUTO_DECREF PyObject *text = layout->prompts ? with_prompts(bare) : Py_NewRef(bare);
    if (text == NULL || !layout->numbers)
        return text == NULL ? NULL : PyUnicode_FromFormat("%U\n", text);
    AUTO_DECREF PyObject *number = number_of(s, entry);
    return number == NULL
               ? NULL
               : PyUnicode_FromFormat(lines ? "%U:\n%U\n" : "%U: %U\n", number, text);
}

static PyObject *
lay_out(Session *s, PyObject *entry, const Layout *layout)
{
    BORROWED PyObject *what = PyTuple_GET_ITEM(entry, 2);
    BORROWED PyObject *input = layout->outputs ? PyTuple_GET_ITEM(what, 0) : what;
    BORROWED PyObject *output = layout->outputs ? PyTuple_GET_ITEM(what, 1) : Py_None;
    AUTO_DECREF PyObject *text = lay_out_input(s, entry, input, layout);
    if (text == NULL || output == Py_None)
        return TAKE(text);
    return PyUnicode_FromFormat("%U%U\n", text, output);
}

static PyObject *
lay_out_all(Session *s, PyObject *entries, const Layout *layout)
{
    AUTO_DECREF PyObject *parts = PyList_New(0);
    for (Py_ssize_t i = 0; parts != NULL && i < PyList_GET_SIZE(entries); i++) {
        AUTO_DECREF PyObject *part = lay_out(s, PyList_GET_ITEM(entries, i), layout);
        if (part == NULL || PyList_Append(parts, part) < 0)
            return NULL;
    }
    AUTO_DECREF PyObject *nothing = PyUnicode_FromString("");
    return parts == NULL || nothing == NULL ? NULL : PyUnicode_Join(nothing, parts);
}

static int
write_file(Session *s, const MagicCall *call, const char *name, PyObject *text)
{
    AUTO_DECREF PyObject *given = PyUnicode_DecodeFSDefault(name);
    AUTO_DECREF PyObject *path = given == NULL ? NULL : magic_input_code_path(given);
    return path == NULL ? -1 : magic_input_code_write(s, call, path, "w", text);
}

static PyObject *
history_run(Session *s, const MagicCall *call)
{
    AUTO(magic_switches_done) MagicSwitches w;
    if (magic_switches_read(s, call, "noptu l# g* f:", &w) < 0)
        return NULL;
    AUTO_DECREF PyObject *entries = select_inputs(s, call, &w);
    if (entries == NULL)
        return magic_refuse_input(s, call);
    const Layout layout = { .numbers = w.on['n'] || w.on['g'],
                            .prompts = w.on['p'],
                            .outputs = w.on['o'] };
    AUTO_DECREF PyObject *text = lay_out_all(s, entries, &layout);
    int r = text == NULL ? -1
            : w.on['f']  ? write_file(s, call, w.values['f'], text)
                         : session_output_write(text);
    if (r < 0)
        return NULL;
    Py_RETURN_NONE;
}

#define HISTORY_USAGE "[-nopt] [-l [LIMIT]] [-g PATTERN] [-u] [-f FILE] [RANGE...]"

const Magic magic_history = {
    .name = "history",
    .usage = HISTORY_USAGE,
    .summary =
        "Show inputs: of this session, of ranges (4-6, 12/1-5 of session 12, ~1/ of "
        "the one before), the latest of all sessions (-l), or those with a pattern "
        "(-g). -n numbers, -o outputs, -p prompts, -t as Python, -u each once, -f to a "
        "file.",
    .flags = MAGIC_LINE | MAGIC_RAW,
    .run = history_run,
};

const Magic magic_hist = {
    .name = "hist",
    .usage = HISTORY_USAGE,
    .summary = "The same as %history.",
    .flags = MAGIC_LINE | MAGIC_RAW,
    .run = history_run,
};
