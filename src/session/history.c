#include "session/history.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/sha256.h"
#include "hist/journal.h"
#include "py/exc.h"
#include "session/report.h"

int
session_history_start(Session *s)
{
    s->history = hist_journal_new(NULL);
    return s->history != NULL ? 0 : (PyErr_NoMemory(), -1);
}

int
session_history_keep(Session *s)
{
    AUTO_FREE char *path = NULL;
    int r = hist_store_path(&path);
    if (r == -ENOMEM)
        return PyErr_NoMemory(), -1;
    if (r != 0)
        return 0;
    HistJournal *journal = hist_journal_new(path);
    if (journal == NULL)
        return PyErr_NoMemory(), -1;
    hist_journal_free(s->history);
    s->history = journal;
    return 0;
}

/* The bytes that were typed, or NULL without an exception set where no text has them. */
static PyObject *
encode(PyObject *text)
{
    AUTO_DECREF PyObject *bytes =
        text == NULL ? NULL : PyUnicode_AsEncodedString(text, "utf-8", "surrogateescape");
    if (bytes == NULL)
        PyErr_Clear();  // half a surrogate pair, or no memory: nothing to keep
    return TAKE(bytes);
}

/* Without the newlines that ended it. */
static size_t
trimmed_length(PyObject *bytes)
{
    const char *text = PyBytes_AS_STRING(bytes);
    size_t length = (size_t)PyBytes_GET_SIZE(bytes);
    while (length > 0 && text[length - 1] == '\n')
        length--;
    return length;
}

void
session_history_save(Session *s)
{
    HistError error;
    int wait = s->history_failure == 0 ? HIST_WAIT : 0;
    int r = s->history == NULL ? 0 : hist_journal_save(s->history, wait, &error);
    if (r < 0 && s->history_failure != r)
        session_say("history: %s; it is kept in memory until it can be saved",
                    error.reason);
    else if (r == 0 && s->history_failure != 0)
        session_say("history: all of it is saved again");
    s->history_failure = r;
}

/* What was typed is Python already, or the shell's own name stands in it, which scripts have not. */
static PyObject *
python_of(PyObject *typed, PyObject *source)
{
    if (source == NULL || PyUnicode_Compare(typed, source) == 0)
        return NULL;
    return PyObject_CallMethod(source, "replace", "ss", "__mainspring__.",
                               "get_ipython().");
}

void
session_history_add_input(Session *s, PyObject *typed, PyObject *source)
{
    AUTO_EXC ExcHold hold = exc_hold();
    AUTO_DECREF PyObject *plain = python_of(typed, source);
    AUTO_DECREF PyObject *typed_bytes = encode(typed);
    AUTO_DECREF PyObject *source_bytes = encode(plain);
    if (typed_bytes == NULL || s->history == NULL)
        return;
    const HistCell cell = {
        .line = s->count,
        .time = clock_epoch(),
        .typed = PyBytes_AS_STRING(typed_bytes),
        .typed_length = trimmed_length(typed_bytes),
        .source = source_bytes != NULL ? PyBytes_AS_STRING(source_bytes) : NULL,
        .source_length = source_bytes != NULL ? trimmed_length(source_bytes) : 0
    };
    if (hist_journal_add_input(s->history, &cell) < 0)
        session_say("history: no memory for this input");
    session_history_save(s);
}

void
session_history_add_output(Session *s, PyObject *text)
{
    AUTO_DECREF PyObject *bytes = s->history_outputs ? encode(text) : NULL;
    if (bytes == NULL || s->history == NULL)
        return;
    if (hist_journal_add_output(s->history, s->count, PyBytes_AS_STRING(bytes)) < 0)
        session_say("history: no memory for this output");
}

static const char *
status_text(RunStatus status)
{
    static const char *const texts[] = { [RUN_RUNNING] = "running",
                                         [RUN_OK] = "ok",
                                         [RUN_ERROR] = "error",
                                         [RUN_EXIT] = "exit",
                                         [RUN_INTERRUPTED] = "interrupted" };
    return texts[status];
}

/* Whether the present cell is one that is not kept: it begins with a blank. */
static bool
is_hidden(const Session *s)
{
    Py_ssize_t count = PyList_GET_SIZE(s->inputs);
    if (count != s->count + 1)  // no cell that is stored, or In is not what it was
        return false;
    BORROWED PyObject *text = PyList_GET_ITEM(s->inputs, count - 1);
    return PyUnicode_Check(text) && PyUnicode_GET_LENGTH(text) > 0
           && Py_UNICODE_ISSPACE(PyUnicode_READ_CHAR(text, 0));
}

void
session_history_add_run(Session *s, const Run *run)
{
    if (s->history == NULL || hist_journal_path(s->history) == NULL || is_hidden(s))
        return;
    AUTO_EXC ExcHold hold = exc_hold();
    AUTO_DECREF PyObject *list = PySequence_List(run->argv);
    AUTO_DECREF PyObject *shown = list == NULL ? NULL : PyObject_Repr(list);
    AUTO_DECREF PyObject *path = encode(run->path);
    AUTO_DECREF PyObject *arguments = encode(shown);
    AUTO_DECREF PyObject *text = encode(run->source->text);
    if (path == NULL || arguments == NULL)
        return;
    const HistRun facts = { .number = run->number,
                            .started = run->started,
                            .elapsed = run->elapsed,
                            .status = status_text(run->status),
                            .path = PyBytes_AS_STRING(path),
                            .arguments = PyBytes_AS_STRING(arguments),
                            .sha256 = text == NULL ? "" : run_source_sha256(run->source),
                            .text = text == NULL ? "" : PyBytes_AS_STRING(text),
                            .text_length =
                                text == NULL ? 0 : (size_t)PyBytes_GET_SIZE(text) };
    if (hist_journal_add_run(s->history, &facts) < 0)
        session_say("history: no memory for this run");
}

void
session_history_end(Session *s)
{
    HistError error;
    if (s->history == NULL || hist_journal_end(s->history, &error) == 0)
        return;
    size_t lost = hist_journal_count(s->history) - hist_journal_saved(s->history);
    session_say("history: %zu input%s of this session could not be saved: %s", lost,
                lost == 1 ? "" : "s", error.reason);
}
