#include "magic/run_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "heap/chain.h"
#include "heap/report.h"
#include "py/call.h"
#include "session/holders.h"
#include "session/output.h"
#include "session/report.h"

BORROWED Run *
run_report_find(Session *s, const MagicCall *call, const char *number)
{
    char *end = NULL;
    long n = strtol(number, &end, 10);
    bool numeric = number[0] >= '0' && number[0] <= '9' && *end == '\0' && n < INT32_MAX;
    BORROWED Run *r = numeric ? run_ledger_find(s->ledger, (int)n) : NULL;
    if (r == NULL)
        (void)magic_usage_error(s, call, numeric ? "no run %s" : "%s is no run's number",
                                number);  // always NULL
    return r;
}

PyObject *
run_report_targets(const Run *r)
{
    AUTO_DECREF PyObject *targets = PyList_New(0);
    AUTO_DECREF PyObject *module = NULL;
    int alive = targets == NULL ? -1 : r->in_prompt ? 0 : run_ledger_module(r, &module);
    if (alive < 0)
        return NULL;
    if (alive == 1
        && (PyList_Append(targets, module) < 0
            || PyList_Append(targets, PyModule_GetDict(module)) < 0))
        return NULL;
    return TAKE(targets);
}

int
run_report_retained(const Session *s, const HeapGraph *g, const Run *r,
                    HeapAmount *ret_amount)
{
    AUTO_DECREF PyObject *targets = run_report_targets(r);
    AUTO_DECREF PyObject *values =
        r->links == NULL ? PyList_New(0) : PyDict_Values(r->links);
    AUTO_DECREF PyObject *ours = PyList_New(0);
    PyObject *const tables[] = { r->links, r->wanted, r->remnants };
    for (size_t i = 0; ours != NULL && i < COUNT_OF(tables); i++)
        if (tables[i] != NULL && PyList_Append(ours, tables[i]) < 0)
            return -1;
    if (targets == NULL || values == NULL || ours == NULL)
        return -1;
    const HeapGone gone = {
        .objects = targets, .unlisted = ours, .holder = s->namespace, .values = values
    };
    return heap_graph_retained(g, &gone, ret_amount);
}

/* The chain to a run that is alive, a heap/chain.h, or NULL with an exception set. */
static PyObject *
chain_to(Session *s, const Run *r)
{
    AUTO_DECREF PyObject *targets = run_report_targets(r);
    return targets == NULL ? NULL : session_holders_why(s, targets, RUN_REPORT_OWN);
}

typedef struct Row {
    int number;
    HeapAmount amount;
} Row;

static int
compare_rows(const void *a, const void *b)
{
    const Row *x = a;
    const Row *y = b;
    if (x->amount.bytes != y->amount.bytes)
        return x->amount.bytes < y->amount.bytes ? 1 : -1;
    return (x->number > y->number) - (x->number < y->number);
}

static bool
is_alive(const Run *r)
{
    AUTO_DECREF PyObject *module = NULL;
    int alive = r->in_prompt ? 0 : run_ledger_module(r, &module);
    PyErr_Clear();  // a weak reference can be read
    return alive == 1;
}

/* One row for each run that is alive, unsorted: how many, or -1 with an exception set. */
static int
measure_runs(Session *s, int after, Row *rows)
{
    const HeapWatch watch = session_holders_watch(s);
    AUTO(heap_graph_free) HeapGraph *g = heap_graph_new(&watch);
    heap_watch_over(&watch);
    int count = 0;
    BORROWED Run *r;
    for (int n = after; g != NULL && (r = run_ledger_after(s->ledger, n)) != NULL;) {
        n = r->number;
        if (!is_alive(r))
            continue;
        rows[count].number = n;
        if (run_report_retained(s, g, r, &rows[count++].amount) < 0)
            return -1;
    }
    return g == NULL ? -1 : count;
}

static const char *
state_of(const Run *r)
{
    return r->sequence == 0 ? "running" : r->superseded ? "held" : "alive";
}

/* What holds the run, in one line. */
static PyObject *
holder_of(Session *s, Run *r)
{
    r->users++;
    AUTO_DECREF PyObject *chain = chain_to(s, r);
    run_ledger_release(r);
    if (chain == NULL)
        return NULL;
    const HeapChain *c = (HeapChain *)chain;
    return PyTuple_GET_SIZE(c->hops) == 0
               ? Py_NewRef(c->where)
               : PyUnicode_FromFormat("%U  (%U)", c->expression, c->where);
}

static PyObject *
text_row(const Run *r, const Row *row, PyObject *holder)
{
    char bytes[HEAP_REPORT_BYTES];
    char head[64];
    heap_report_bytes(row->amount.bytes, bytes);
    (void)snprintf(head, sizeof head, "%4d  %-7s  %12s", row->number, state_of(r), bytes);
    return PyUnicode_FromFormat("%s  %U: %U\n", head, r->path, holder);
}

static PyObject *
json_row(const Run *r, const Row *row, PyObject *holder)
{
    AUTO_DECREF PyObject *path = heap_report_quote(r->path);
    AUTO_DECREF PyObject *held = heap_report_quote(holder);
    return path == NULL || held == NULL
               ? NULL
               : PyUnicode_FromFormat("{\"run\": %d, \"script\": %U, \"state\": \"%s\", "
                                      "\"retained\": %zu, \"objects\": %zu, "
                                      "\"holder\": %U}",
                                      row->number, path, state_of(r), row->amount.bytes,
                                      row->amount.objects, held);
}

/* The rows as texts; runs that went meanwhile are left out. */
static PyObject *
row_texts(Session *s, const Row *rows, int count, bool json)
{
    AUTO_DECREF PyObject *texts = PyList_New(0);
    for (int i = 0; texts != NULL && i < count; i++) {
        BORROWED Run *r = run_ledger_find(s->ledger, rows[i].number);
        if (r == NULL || !is_alive(r))
            continue;
        AUTO_DECREF PyObject *holder = holder_of(s, r);
        r = run_ledger_find(s->ledger, rows[i].number);
        if (holder == NULL || r == NULL)
            return NULL;
        AUTO_DECREF PyObject *text =
            json ? json_row(r, &rows[i], holder) : text_row(r, &rows[i], holder);
        if (text == NULL || PyList_Append(texts, text) < 0)
            return NULL;
    }
    return TAKE(texts);
}

static int
write_rows(PyObject *texts, bool json)
{
    AUTO_DECREF PyObject *between = PyUnicode_FromString(json ? ", " : "");
    AUTO_DECREF PyObject *rows = between == NULL ? NULL : PyUnicode_Join(between, texts);
    if (rows == NULL)
        return -1;
    AUTO_DECREF PyObject *text =
        json ? PyUnicode_FromFormat("[%U]\n", rows)
             : PyUnicode_FromFormat(" run  state        retained  script: held by\n%U",
                                    rows);
    return text == NULL ? -1 : session_output_write(text);
}

int
run_report_table(Session *s, int after, bool json)
{
    Row *rows = PyMem_Calloc(s->ledger->count + 1, sizeof *rows);
    if (rows == NULL)
        return PyErr_NoMemory(), -1;
    int count = measure_runs(s, after, rows);
    if (count > 0)
        qsort(rows, (size_t)count, sizeof *rows, compare_rows);
    AUTO_DECREF PyObject *texts = count < 0 ? NULL : row_texts(s, rows, count, json);
    PyMem_Free(rows);
    if (texts == NULL || ((json || count > 0) && write_rows(texts, json) < 0))
        return -1;
    return count;
}

/* `name: text`, aligned; `text` is consumed and may be NULL with an exception set. */
static int
write_field(const char *name, STOLEN PyObject *text)
{
    AUTO_DECREF PyObject *owned = text;
    if (owned == NULL)
        return -1;
    char head[16];
    (void)snprintf(head, sizeof head, "%-9s", name);
    AUTO_DECREF PyObject *line = PyUnicode_FromFormat("%s %U\n", head, owned);
    return line == NULL ? -1 : session_output_write(line);
}

static PyObject *
join_names(PyObject *names)
{
    AUTO_DECREF PyObject *blank = PyUnicode_FromString(" ");
    AUTO_DECREF PyObject *sorted = PySequence_List(names);
    if (blank == NULL || sorted == NULL || PyList_Sort(sorted) < 0)
        return NULL;
    return PyUnicode_Join(blank, sorted);
}

/* What is known of it only while it is alive. */
static int
write_life(Session *s, const Run *r)
{
    const HeapWatch watch = session_holders_watch(s);
    AUTO(heap_graph_free) HeapGraph *g = heap_graph_new(&watch);
    heap_watch_over(&watch);
    HeapAmount amount;
    if (g == NULL || run_report_retained(s, g, r, &amount) < 0)
        return -1;
    heap_graph_free(TAKE(g));
    char bytes[HEAP_REPORT_BYTES];
    heap_report_bytes(amount.bytes, bytes);
    AUTO_DECREF PyObject *chain = chain_to(s, r);
    if (chain == NULL
        || write_field("retained",
                       PyUnicode_FromFormat("%s, %zu objects", bytes, amount.objects))
               < 0)
        return -1;
    return write_field("held by", heap_report_text((HeapChain *)chain));
}

static int
write_run(Session *s, const Run *r)
{
    static const char *const statuses[] = { [RUN_RUNNING] = "running",
                                            [RUN_OK] = "ok",
                                            [RUN_ERROR] = "error",
                                            [RUN_EXIT] = "exit",
                                            [RUN_INTERRUPTED] = "interrupted" };
    AUTO_DECREF PyObject *blank = PyUnicode_FromString(" ");
    AUTO_DECREF PyObject *argv = blank == NULL ? NULL : PyUnicode_Join(blank, r->argv);
    bool alive = is_alive(r);
    if (argv == NULL
        || write_field("run",
                       PyUnicode_FromFormat("%d, %s, %s", r->number, statuses[r->status],
                                            r->in_prompt ? "in the prompt's names"
                                            : alive      ? state_of(r)
                                                         : "freed"))
               < 0
        || write_field("script", PyUnicode_FromFormat("%U", argv)) < 0
        || write_field("names", join_names(r->names)) < 0)
        return -1;
    return alive ? write_life(s, r) : 0;
}

/* The text that ran, as a str that ends with a newline. */
static PyObject *
source_of(const Run *r)
{
    if (r->source == NULL || r->source->text == NULL)
        return PyUnicode_FromString("");
    return Py_NewRef(r->source->text);
}

static int
write_source(const Run *r)
{
    AUTO_DECREF PyObject *text = source_of(r);
    return text == NULL ? -1 : session_output_write(text);
}

static PyObject *
source_lines(const Run *r)
{
    AUTO_DECREF PyObject *text = source_of(r);
    return text == NULL ? NULL : PyUnicode_Splitlines(text, 1);
}

static int
write_diff(const Run *a, const Run *b)
{
    AUTO_DECREF PyObject *before = source_lines(a);
    AUTO_DECREF PyObject *after = before == NULL ? NULL : source_lines(b);
    AUTO_DECREF PyObject *unified =
        after == NULL ? NULL : call_import("difflib", "unified_diff");
    if (unified == NULL)
        return -1;
    AUTO_DECREF PyObject *before_name =
        PyUnicode_FromFormat("%U <run %d>", a->path, a->number);
    AUTO_DECREF PyObject *after_name =
        PyUnicode_FromFormat("%U <run %d>", b->path, b->number);
    if (before_name == NULL || after_name == NULL)
        return -1;
    AUTO_DECREF PyObject *lines =
        PyObject_CallFunctionObjArgs(unified, before, after, before_name, after_name, NULL);
    AUTO_DECREF PyObject *nothing = PyUnicode_FromString("");
    AUTO_DECREF PyObject *text =
        lines == NULL || nothing == NULL ? NULL : PyUnicode_Join(nothing, lines);
    if (text == NULL)
        return -1;
    if (PyUnicode_GET_LENGTH(text) > 0)
        return session_output_write(text);
    session_say("the sources are the same");
    return 0;
}

/* `--diff N M`. */
static int
answer_diff(Session *s, const MagicCall *call, PyObject *words)
{
    if (PyList_GET_SIZE(words) != 3)
        return magic_usage_error(s, call, "--diff wants the numbers of two runs"), -1;
    const char *first = PyUnicode_AsUTF8(PyList_GET_ITEM(words, 1));
    const char *second = PyUnicode_AsUTF8(PyList_GET_ITEM(words, 2));
    if (first == NULL || second == NULL)
        return -1;
    Run *a = run_report_find(s, call, first);
    Run *b = a == NULL ? NULL : run_report_find(s, call, second);
    if (b == NULL)
        return -1;
    a->users++;
    b->users++;
    int r = write_diff(a, b);
    run_ledger_release(a);
    run_ledger_release(b);
    return r;
}

/* `N`, `N -s`, `-s N`. */
static int
answer_one(Session *s, const MagicCall *call, PyObject *words)
{
    const char *number = NULL;
    bool source = false;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(words); i++) {
        const char *word = PyUnicode_AsUTF8(PyList_GET_ITEM(words, i));
        if (word == NULL)
            return -1;
        if (strcmp(word, "-s") == 0)
            source = true;
        else if (number == NULL)
            number = word;
        else
            return magic_usage_error(s, call, "one run at a time"), -1;
    }
    if (number == NULL)
        return magic_usage_error(s, call, "-s wants the number of a run"), -1;
    Run *r = run_report_find(s, call, number);
    if (r == NULL)
        return -1;
    r->users++;
    int done = source ? write_source(r) : write_run(s, r);
    run_ledger_release(r);
    return done;
}

static int
answer_table(Session *s, bool json)
{
    int count = run_report_table(s, 0, json);
    if (count == 0 && !json)
        session_say("no run is alive");
    return count < 0 ? -1 : 0;
}

PyObject *
run_report_answer(Session *s, const MagicCall *call)
{
    AUTO_DECREF PyObject *words = PyUnicode_Split(call->line, NULL, -1);
    if (words == NULL)
        return NULL;
    BORROWED PyObject *first = PyList_GET_ITEM(words, 0);
    bool sizes = PyUnicode_CompareWithASCIIString(first, "-r") == 0;
    bool json =
        sizes && PyList_GET_SIZE(words) == 2
        && PyUnicode_CompareWithASCIIString(PyList_GET_ITEM(words, 1), "--json") == 0;
    int done = sizes && PyList_GET_SIZE(words) == 1 + json ? answer_table(s, json)
               : PyUnicode_CompareWithASCIIString(first, "--diff") == 0
                   ? answer_diff(s, call, words)
                   : answer_one(s, call, words);
    if (done < 0)
        return NULL;
    Py_RETURN_NONE;
}
