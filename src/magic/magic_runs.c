/* %runs: the list of the runs, and what is left of them. */
#include <stdio.h>
#include <time.h>

#include "magic/run_report.h"
#include "magic/table.h"
#include "session/output.h"
#include "session/report.h"
#include "session/threads.h"

static const char *
status_text(const Run *r)
{
    static const char *const texts[] = { [RUN_RUNNING] = "running",
                                         [RUN_OK] = "ok",
                                         [RUN_ERROR] = "error",
                                         [RUN_EXIT] = "exit",
                                         [RUN_INTERRUPTED] = "interrupted" };
    return texts[r->status];
}

static const char *
life_text(const Run *r, int alive)
{
    if (r->in_prompt)
        return "prompt";
    if (!alive)
        return "freed";
    return r->superseded ? "held" : "alive";
}

/* One row of the list. */
static PyObject *
describe_row(const Run *r)
{
    AUTO_DECREF PyObject *module = NULL;
    int alive = run_ledger_module(r, &module);
    AUTO_DECREF PyObject *blank = PyUnicode_FromString(" ");
    AUTO_DECREF PyObject *argv = blank == NULL ? NULL : PyUnicode_Join(blank, r->argv);
    if (alive < 0 || argv == NULL)
        return NULL;
    char started[16];
    char elapsed[24];
    time_t seconds = (time_t)r->started;
    struct tm local;
    (void)localtime_r(&seconds, &local);  // a time of today
    (void)strftime(started, sizeof started, "%H:%M:%S", &local);
    (void)snprintf(elapsed, sizeof elapsed, "%10.3f", r->elapsed);
    char row[80];
    (void)snprintf(row, sizeof row, "%4d  %-8s %s s  %-11s  %-6s", r->number, started,
                   elapsed, status_text(r), life_text(r, alive));
    return PyUnicode_FromFormat("%s  %U\n", row, argv);
}

/* `what` and the text below the row, cut to what a line holds; nothing for an empty text. */
static PyObject *
detail(const char *what, PyObject *text)
{
    enum { WIDTH = 80 };
    if (PyUnicode_GET_LENGTH(text) <= WIDTH)
        return PyUnicode_GET_LENGTH(text) == 0
                   ? PyUnicode_FromString("")
                   : PyUnicode_FromFormat("      %s  %U\n", what, text);
    Py_ssize_t end = PyUnicode_FindChar(text, ' ', 0, WIDTH, -1);
    AUTO_DECREF PyObject *start = PyUnicode_Substring(text, 0, end < 0 ? WIDTH : end);
    return start == NULL ? NULL : PyUnicode_FromFormat("      %s  %U ...\n", what, start);
}

/* The prompt's names that are the run's. */
static PyObject *
describe_names(const Run *r)
{
    AUTO_DECREF PyObject *names = PyDict_Keys(r->links);
    AUTO_DECREF PyObject *comma = names == NULL ? NULL : PyUnicode_FromString(", ");
    AUTO_DECREF PyObject *text = comma == NULL ? NULL : PyUnicode_Join(comma, names);
    return text == NULL ? NULL : detail("names  ", text);
}

static PyObject *
describe_threads(Session *s, const Run *r)
{
    AUTO_DECREF PyObject *text = session_threads_text(s, r, false);
    return text == NULL ? NULL : detail("threads", text);
}

/* All that is said of one run. */
static PyObject *
describe(Session *s, const Run *r)
{
    AUTO_DECREF PyObject *row = describe_row(r);
    AUTO_DECREF PyObject *names = row == NULL ? NULL : describe_names(r);
    AUTO_DECREF PyObject *threads = names == NULL ? NULL : describe_threads(s, r);
    return threads == NULL ? NULL : PyUnicode_FromFormat("%U%U%U", row, names, threads);
}

/* What the collector has to say below the list. */
static PyObject *
describe_collector(const HeapCollector *c)
{
    AUTO_DECREF PyObject *whole =
        c->whole == 0 ? PyUnicode_FromString("")
                      : PyUnicode_FromFormat("the whole heap was collected %lu time%s, for "
                                             "runs that garbage of its own might hold\n",
                                             c->whole, c->whole == 1 ? "" : "s");
    if (whole == NULL || c->broken == NULL)
        return TAKE(whole);
    return PyUnicode_FromFormat(
        "%U%s reports more references than it has (its tp_traverse): "
        "what it leads to waits for the garbage collector\n",
        whole, c->broken->tp_name);
}

static PyObject *
runs_run(Session *s, const MagicCall *call)
{
    if (PyUnicode_GET_LENGTH(call->line) > 0)
        return run_report_answer(s, call);
    if (s->ledger->count == 0) {
        session_say("no runs yet: %%run FILE makes one");
        Py_RETURN_NONE;
    }
    AUTO_DECREF PyObject *text =
        PyUnicode_FromString(" run  started     elapsed    status       state   script\n");
    BORROWED Run *r;
    for (int n = 0; text != NULL && (r = run_ledger_after(s->ledger, n)) != NULL;) {
        n = r->number;
        r->users++;
        AUTO_DECREF PyObject *part = describe(s, r);
        run_ledger_release(r);
        Py_SETREF(text, part == NULL ? NULL : PyUnicode_Concat(text, part));
    }
    AUTO_DECREF PyObject *more =
        text == NULL ? NULL : describe_collector(&s->ledger->collector);
    AUTO_DECREF PyObject *all = more == NULL ? NULL : PyUnicode_Concat(text, more);
    if (all == NULL || session_output_write(all) < 0)
        return NULL;
    Py_RETURN_NONE;
}

const Magic magic_runs = {
    .name = "runs",
    .usage = "[N [-s] | --diff N M | -r [--json]]",
    .summary = "List the runs: when, how long, how they ended, whether they are alive, "
               "which of the prompt's names are theirs, and which threads they left. "
               "N is about one: its names, what it holds, what holds it, -s its source; "
               "--diff compares the sources of two; -r lists what is alive by size.",
    .flags = MAGIC_LINE,
    .run = runs_run,
};
