/* %why, %retained, %leaks: what holds an object, what it holds, what runs hold. */
#include <string.h>

#include "heap/chain.h"
#include "heap/report.h"
#include "magic/run_report.h"
#include "magic/table.h"
#include "session/cell.h"
#include "session/holders.h"
#include "session/output.h"
#include "session/report.h"

typedef enum Form { FORM_TEXT, FORM_JSON, FORM_DOT } Form;

// What a line asks: a run, or an expression.
typedef struct Question {
    Form form;
    PyObject *rest;      // str: without the options
    const char *number;  // the run's, or NULL; valid as long as `rest`
} Question;

static void
question_done(Question *q)
{
    Py_CLEAR(q->rest);
}

/* Where the text goes on after `word` and blanks, or NULL if it does not begin with it. */
static const char *
after_word(const char *text, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(text, word, length) != 0
        || (text[length] != '\0' && text[length] != ' ' && text[length] != '\t'))
        return NULL;
    return text + length + strspn(text + length, " \t");
}

static int
read_question(Session *s, const MagicCall *call, bool dot, Question *q)
{
    const char *text = PyUnicode_AsUTF8(call->line);
    if (text == NULL)
        return -1;
    text += strspn(text, " \t");
    for (const char *next; text[0] == '-' && text[1] == '-'; text = next) {
        if ((next = after_word(text, "--json")) != NULL)
            q->form = FORM_JSON;
        else if (dot && (next = after_word(text, "--dot")) != NULL)
            q->form = FORM_DOT;
        else
            return magic_usage_error(s, call, "no option %s", text), -1;
    }
    if (text[0] == '\0')
        return magic_usage_error(s, call, "what of?"), -1;
    q->rest = PyUnicode_FromString(text);
    const char *rest = q->rest == NULL ? NULL : PyUnicode_AsUTF8(q->rest);
    const char *number = rest == NULL ? NULL : after_word(rest, "run");
    if (number != NULL && number[0] >= '0' && number[0] <= '9')
        q->number = number;
    return rest == NULL ? -1 : 0;
}

/* The value of the expression.  What is wrong with it is one line. */
static PyObject *
evaluate(Session *s, const MagicCall *call, PyObject *expression)
{
    AUTO_DECREF PyObject *bare = PyObject_CallMethod(expression, "strip", NULL);
    AUTO_DECREF PyObject *filename = PyUnicode_FromString("<expression>");
    AUTO_DECREF PyObject *code = bare == NULL || filename == NULL
                                     ? NULL
                                     : session_cell_compile(s, bare, filename, "eval");
    AUTO_DECREF PyObject *value = code == NULL ? NULL : session_cell_evaluate(s, code);
    if (value == NULL && PyErr_ExceptionMatches(PyExc_Exception))
        (void)magic_refuse(s, call);  // always NULL
    return TAKE(value);
}

/* The run that the question is about, with one more user; NULL with an exception set. */
static Run *
take_run(Session *s, const MagicCall *call, const Question *q)
{
    BORROWED Run *r = run_report_find(s, call, q->number);
    if (r != NULL)
        r->users++;
    return r;
}

static int
write_line_take(STOLEN PyObject *text)
{
    AUTO_DECREF PyObject *owned = text;
    AUTO_DECREF PyObject *line = owned == NULL ? NULL : PyUnicode_FromFormat("%U\n", owned);
    return line == NULL ? -1 : session_output_write(line);
}

static int
write_chain(const Question *q, PyObject *chain)
{
    const HeapChain *c = (HeapChain *)chain;
    return write_line_take(q->form == FORM_JSON  ? heap_report_json(c)
                           : q->form == FORM_DOT ? heap_report_dot(c)
                                                 : heap_report_text(c));
}

/* The chain to a run; NULL without an exception set where the run is not alive. */
static PyObject *
why_run(Session *s, const MagicCall *call, const Question *q)
{
    Run *r = take_run(s, call, q);
    AUTO_DECREF PyObject *targets = r == NULL ? NULL : run_report_targets(r);
    PyObject *chain = NULL;
    if (targets != NULL && PyList_GET_SIZE(targets) > 0)
        chain = session_holders_why(s, targets, RUN_REPORT_OWN);
    else if (targets != NULL)
        session_say(r->in_prompt ? "run %d has no namespace of its own: the names are the "
                                   "prompt's"
                                 : "run %d is freed",
                    r->number);
    if (r != NULL)
        run_ledger_release(r);
    return chain;
}

static PyObject *
why_expression(Session *s, const MagicCall *call, const Question *q)
{
    enum { OUR_VALUE = 1 };
    AUTO_DECREF PyObject *value = evaluate(s, call, q->rest);
    AUTO_DECREF PyObject *targets = value == NULL ? NULL : Py_BuildValue("[O]", value);
    return targets == NULL ? NULL : session_holders_why(s, targets, OUR_VALUE);
}

static PyObject *
why_answer(Session *s, const MagicCall *call)
{
    __attribute__((cleanup(question_done))) Question q = { 0 };
    if (read_question(s, call, true, &q) < 0)
        return NULL;
    AUTO_DECREF PyObject *chain =
        q.number != NULL ? why_run(s, call, &q) : why_expression(s, call, &q);
    if (chain == NULL ? PyErr_Occurred() != NULL : write_chain(&q, chain) < 0)
        return NULL;
    Py_RETURN_NONE;
}

const Magic magic_why = {
    .name = "why",
    .usage = "[--json | --dot] EXPRESSION | run N",
    .summary = "Why an object, or a run, is alive: the shortest way to it from a name, a "
               "module, a thread's frame, an exit function, a signal handler.",
    .flags = MAGIC_LINE | MAGIC_RAW,
    .run = why_answer,
};

static int
retained_run(Session *s, const MagicCall *call, const Question *q, const HeapGraph *g,
             HeapAmount *ret_amount)
{
    BORROWED Run *r = run_report_find(s, call, q->number);
    return r == NULL ? -1 : run_report_retained(s, g, r, ret_amount);
}

static int
write_amount(const Question *q, const HeapAmount *amount)
{
    if (q->form == FORM_JSON)
        return write_line_take(PyUnicode_FromFormat("{\"retained\": %zu, \"objects\": %zu}",
                                                    amount->bytes, amount->objects));
    char bytes[HEAP_REPORT_BYTES];
    heap_report_bytes(amount->bytes, bytes);
    return write_line_take(PyUnicode_FromFormat("%s, %zu object%s", bytes, amount->objects,
                                                amount->objects == 1 ? "" : "s"));
}

static int
measure(Session *s, const MagicCall *call, const Question *q, HeapAmount *ret_amount)
{
    AUTO_DECREF PyObject *value =
        q->number != NULL ? Py_NewRef(Py_None) : evaluate(s, call, q->rest);
    AUTO_DECREF PyObject *objects = value == NULL ? NULL : Py_BuildValue("[O]", value);
    if (objects == NULL)
        return -1;
    const HeapWatch watch = session_holders_watch(s);
    AUTO(heap_graph_free) HeapGraph *g = heap_graph_new(&watch);
    heap_watch_over(&watch);
    if (g == NULL)
        return -1;
    return q->number != NULL
               ? retained_run(s, call, q, g, ret_amount)
               : heap_graph_retained(g, &(HeapGone){ .objects = objects }, ret_amount);
}

static PyObject *
retained_answer(Session *s, const MagicCall *call)
{
    __attribute__((cleanup(question_done))) Question q = { 0 };
    HeapAmount amount = { 0 };
    if (read_question(s, call, false, &q) < 0 || measure(s, call, &q, &amount) < 0
        || write_amount(&q, &amount) < 0)
        return NULL;
    Py_RETURN_NONE;
}

const Magic magic_retained = {
    .name = "retained",
    .usage = "[--json] EXPRESSION | run N",
    .summary = "How much memory would be freed if an object, or a run with the names that "
               "it shares, went.",
    .flags = MAGIC_LINE | MAGIC_RAW,
    .run = retained_answer,
};

static PyObject *
leaks_answer(Session *s, const MagicCall *call)
{
    bool mark = PyUnicode_CompareWithASCIIString(call->line, "--mark") == 0;
    bool json = PyUnicode_CompareWithASCIIString(call->line, "--json") == 0;
    if (!mark && !json && PyUnicode_GET_LENGTH(call->line) > 0)
        return magic_usage_error(s, call, "no option %U", call->line);
    if (mark) {
        s->leaks_mark = s->ledger->last_number;
        session_say("%%leaks is about the runs from run %d on", s->leaks_mark + 1);
        Py_RETURN_NONE;
    }
    int count = run_report_table(s, s->leaks_mark, json);
    if (count == 0 && !json)
        session_say(s->leaks_mark > 0 ? "no run since the mark is alive"
                                      : "no run is alive");
    if (count < 0)
        return NULL;
    Py_RETURN_NONE;
}

const Magic magic_leaks = {
    .name = "leaks",
    .usage = "[--mark | --json]",
    .summary =
        "What each run since the mark still holds, the largest first, and what holds "
        "it; --mark has it begin with the next run.",
    .flags = MAGIC_LINE,
    .run = leaks_answer,
};
