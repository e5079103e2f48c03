#include "inspect/complete.h"

#include <string.h>

#include "base/clock.h"
#include "inspect/attribute.h"
#include "inspect/guarded.h"
#include "inspect/parameters.h"
#include "inspect/source.h"
#include "py/call.h"
#include "py/exc.h"
#include "py/limit.h"

void
inspect_source_plan(InspectCompletion *c, InspectStep step, bool asks)
{
    c->asks[c->step_count] = asks;
    c->steps[c->step_count++] = step;
}

PyObject *
inspect_source_text(const InspectCompletion *c, InputSpan span)
{
    return PyUnicode_DecodeUTF8(c->utf8 + span.start, (Py_ssize_t)(span.end - span.start),
                                "surrogateescape");
}

int
inspect_source_value(const InspectCompletion *c, InputSpan span, PyObject **ret_value)
{
    if (span.end == span.start)
        return 0;
    return inspect_guarded_evaluate(c->scope.namespace, c->utf8 + span.start,
                                    span.end - span.start, ret_value);
}

int
inspect_source_add_list(InspectCompletion *c, PyObject *list, InspectKind kind, int rank)
{
    if (list == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
        AUTO_DECREF PyObject *text = Py_NewRef(PyList_GET_ITEM(list, i));
        if (PyUnicode_Check(text)
            && inspect_candidates_add(&c->found, text, kind, rank) < 0)
            return -1;
    }
    return 0;
}

/* Whether the list of texts has `word`. */
static int
has_text(PyObject *list, PyObject *word)
{
    return list == NULL ? -1 : PySequence_Contains(list, word);
}

/* Whether the name is bound at the prompt or in builtins: a magic of that name needs its `%`. */
static int
is_variable(const InspectCompletion *c, PyObject *name)
{
    AUTO_DECREF PyObject *value = NULL;
    int found = call_dict_get(c->scope.namespace, name, &value);
    if (found != 0)
        return found;
    AUTO_DECREF PyObject *builtins = PyImport_ImportModule("builtins");
    return builtins == NULL ? -1 : PyDict_Contains(PyModule_GetDict(builtins), name);
}

/* A line like `cd fol`, where that is a magic's: what is wanted is a word of its line then. */
static int
look_for_automagic(InspectCompletion *c)
{
    if (!c->scope.automagic || c->scope.magics == NULL
        || memchr(c->utf8, '\n', c->cursor) != NULL)
        return 0;
    size_t end = 0;
    while (end < c->cursor && strchr(" \t=.([{,:;'\"", c->utf8[end]) == NULL)
        end++;
    size_t rest = end;
    while (rest < c->cursor && strchr(" \t", c->utf8[rest]) != NULL)
        rest++;
    if (end == 0 || rest == end
        || (rest < c->cursor && strchr("=,:;", c->utf8[rest]) != NULL))
        return 0;
    AUTO_DECREF PyObject *name = inspect_source_text(c, (InputSpan){ 0, end });
    AUTO_DECREF PyObject *magics = c->scope.magics(c->scope.context, false);
    int known = name == NULL ? -1 : has_text(magics, name);
    if (known != 1 || (known = is_variable(c, name)) != 0)
        return known < 0 ? -1 : 0;
    size_t word = c->cursor;
    while (word > rest && strchr(" \t", c->utf8[word - 1]) == NULL)
        word--;
    c->want = (InputWant){ .kind = WANT_ARGUMENT,
                           .replaced = { word, c->cursor },
                           .object = { 0, end },
                           .rest = { rest, c->cursor } };
    return 0;
}

static int
plan(InspectCompletion *c)
{
    switch (c->want.kind) {
    case WANT_NAME:
    case WANT_ATTRIBUTE:
        return inspect_source_names(c);
    case WANT_KEY:
        return inspect_source_keys(c);
    case WANT_MODULE:
    case WANT_IMPORT:
    case WANT_MEMBER:
        return inspect_source_modules(c);
    case WANT_STRING:
    case WANT_SHELL:
    case WANT_MAGIC:
    case WANT_ARGUMENT:
        return inspect_source_lines(c);
    case WANT_SYMBOL:
        return inspect_source_symbols(c);
    case WANT_NOTHING:
        break;
    }
    return 0;
}

/* The offset in bytes of the code point `cursor`, of the text that `c` has. */
static int
find_cursor(InspectCompletion *c, Py_ssize_t cursor)
{
    Py_ssize_t length = 0;
    Py_ssize_t points = PyUnicode_GET_LENGTH(c->text);
    AUTO_DECREF PyObject *head =
        PyUnicode_Substring(c->text, 0, Py_MAX(0, Py_MIN(cursor, points)));
    c->utf8 = head == NULL || PyUnicode_AsUTF8AndSize(head, &length) == NULL
                  ? NULL
                  : PyUnicode_AsUTF8AndSize(c->text, &points);
    c->cursor = (size_t)length;
    c->length = (size_t)points;
    return c->utf8 == NULL ? -1 : 0;
}

static int
start(InspectCompletion *c, Py_ssize_t cursor)
{
    if (find_cursor(c, cursor) < 0)
        return -1;
    if (input_want_read(c->utf8, c->length, c->cursor, &c->want) < 0) {
        PyErr_NoMemory();
        return -1;
    }
    if (look_for_automagic(c) < 0)
        return -1;
    InputSpan typed = { c->want.replaced.start, c->cursor };
    AUTO_DECREF PyObject *text = inspect_source_text(c, typed);
    if (text == NULL || inspect_candidates_init(&c->found, text, c->scope.fuzzy) < 0)
        return -1;
    return plan(c);
}

InspectCompletion *
inspect_complete_new(const InspectScope *scope, PyObject *text, Py_ssize_t cursor)
{
    AUTO(inspect_complete_free) InspectCompletion *c = PyMem_Calloc(1, sizeof *c);
    if (c == NULL)
        return (InspectCompletion *)PyErr_NoMemory();
    c->scope = *scope;
    c->text = Py_NewRef(text);
    return start(c, cursor) < 0 ? NULL : TAKE(c);
}

/* A step that asks the user's code.  What goes wrong there is nobody's business, but Ctrl-C. */
static int
ask(InspectCompletion *c, double seconds)
{
    AUTO(limit_leave) Limit limit = { 0 };
    limit_enter(&limit, seconds);
    int r = c->steps[c->step](c);
    bool late = limit_leave(&limit);
    if (late || r >= 0)
        return late ? 0 : r;
    if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)
        || PyErr_ExceptionMatches(PyExc_MemoryError))
        return -1;
    PyErr_Clear();  // `__dir__` raised, or gave what is none
    return 0;
}

int
inspect_complete_next(InspectCompletion *c, double seconds)
{
    double end = clock_monotonic() + seconds;
    bool began = false;
    int r = 0;
    while (r >= 0 && c->step < c->step_count && !(began && clock_monotonic() > end)) {
        bool asks = c->asks[c->step];
        if (asks && (began || c->step == 0) && c->at == 0) {
            c->at = 1;  // a call of its own
            break;
        }
        r = asks ? ask(c, seconds) : c->steps[c->step](c);
        began = true;
        if (r == 0) {
            c->step++;
            c->at = 0;
        }
        if (r >= 0 && PyErr_CheckSignals() < 0)
            r = -1;
    }
    inspect_candidates_sort(&c->found);
    if (r < 0)
        c->step = c->step_count;  // it is over
    return r < 0 ? -1 : c->step < c->step_count;
}

const InspectCandidates *
inspect_complete_found(const InspectCompletion *c)
{
    return &c->found;
}

/* How many code points the first `bytes` of the text are. */
static Py_ssize_t
code_points(const InspectCompletion *c, size_t bytes)
{
    Py_ssize_t count = 0;
    for (size_t i = 0; i < bytes; i++)
        count += ((unsigned char)c->utf8[i] & 0xC0) != 0x80;
    return count;
}

void
inspect_complete_range(const InspectCompletion *c, Py_ssize_t *ret_start,
                       Py_ssize_t *ret_end)
{
    *ret_start = code_points(c, c->want.replaced.start);
    *ret_end = code_points(c, c->want.replaced.end);
}

/* The value that a candidate is the name of: 1, 0 where there is none to be had. */
static int
value_of(const InspectCompletion *c, PyObject *name, PyObject **ret_value)
{
    bool member = c->want.kind == WANT_ATTRIBUTE || c->want.kind == WANT_MEMBER;
    if (member)
        return c->owner == NULL ? 0 : inspect_attribute_get(c->owner, name, ret_value);
    Py_ssize_t length = 0;
    const char *text = PyUnicode_AsUTF8AndSize(name, &length);
    return text == NULL ? -1
                        : inspect_guarded_evaluate(c->scope.namespace, text, (size_t)length,
                                                   ret_value);
}

PyObject *
inspect_complete_signature(const InspectCompletion *c, size_t i)
{
    const InspectCandidate *candidate = &c->found.items[i];
    if (candidate->kind > INSPECT_CLASS)
        Py_RETURN_NONE;
    AUTO_DECREF PyObject *value = NULL;
    int found = value_of(c, candidate->text, &value);
    if (found <= 0)
        return found < 0 ? NULL : Py_NewRef(Py_None);
    return inspect_parameters_text(value);
}

void
inspect_complete_free(InspectCompletion *c)
{
    if (c == NULL)
        return;
    AUTO_EXC ExcHold hold = exc_hold();
    inspect_candidates_done(&c->found);
    Py_CLEAR(c->text);
    Py_CLEAR(c->owner);
    Py_CLEAR(c->before);
    Py_CLEAR(c->callable);
    Py_CLEAR(c->path);
    Py_CLEAR(c->places);
    PyMem_Free(c);
}
