#include "show/values.h"

#include <stdbool.h>

#include "base/clock.h"
#include "input/lex.h"
#include "show/brief.h"

enum {
    NAMES = 30,  // of one frame
    SHOWN = 3,   // frames in a row that are the same: the interpreter folds the others
};

static const double PATIENCE = 2.0;  // seconds, for one exception

/* Whether the line of Python has the name as a word of its own. */
static int
names(PyObject *line, PyObject *name)
{
    Py_ssize_t length = 0;
    const char *text = PyUnicode_AsUTF8AndSize(line, &length);
    const char *word = text == NULL ? NULL : PyUnicode_AsUTF8(name);
    if (word == NULL)
        return -1;
    InputLex lex;
    InputToken token;
    input_lex_init(&lex, text, (size_t)length, 0);
    while (input_lex_next(&lex, &token))
        if (token.kind == LEX_NAME && input_token_is(text, &token, word))
            return 1;
    return 0;
}

/* Whether the frame's variables are those of a function, and not a module's or a class's. */
static bool
is_function(PyObject *frame)
{
    AUTO_DECREF PyObject *code = (PyObject *)PyFrame_GetCode((PyFrameObject *)frame);
    return ((PyCodeObject *)code)->co_flags & CO_OPTIMIZED;
}

static int
add_value(PyObject *texts, PyObject *pair, double end)
{
    BORROWED PyObject *value = PyTuple_GET_ITEM(pair, 1);
    AUTO_DECREF PyObject *text =
        clock_monotonic() < end ? brief_text(value) : PyUnicode_FromString("\u2026");
    return text == NULL ? -1 : PyDict_SetItem(texts, PyTuple_GET_ITEM(pair, 0), text);
}

/* The texts of the frame's variables; `line` is the one that it was in. */
static PyObject *
texts_of(PyObject *frame, PyObject *line, double end)
{
    AUTO_DECREF PyObject *locals = PyFrame_GetLocals((PyFrameObject *)frame);
    AUTO_DECREF PyObject *pairs = locals == NULL ? NULL : PyMapping_Items(locals);
    AUTO_DECREF PyObject *texts = pairs == NULL ? NULL : PyDict_New();
    bool all = is_function(frame);
    for (Py_ssize_t i = 0; texts != NULL && i < PyList_GET_SIZE(pairs); i++) {
        BORROWED PyObject *pair = PyList_GET_ITEM(pairs, i);
        BORROWED PyObject *name = PyTuple_GET_ITEM(pair, 0);
        bool text = PyUnicode_Check(name) && PyUnicode_Check(line);
        int wanted = !text ? 0 : all ? 1 : names(line, name);
        if (wanted < 0
            || (wanted == 1 && PyDict_GET_SIZE(texts) < NAMES
                && add_value(texts, pair, end) < 0))
            return NULL;
    }
    return TAKE(texts);
}

/* Where a frame of the traceback is; the ones that come again and again are shown but a few times. */
typedef struct Place {
    PyObject *code;  // an address that is only compared: the traceback holds it
    int place;       // its instruction
    int count;
} Place;

/* Whether the frame is one of those that are not shown. */
static bool
is_folded(PyObject *entry, PyObject *frame, Place *last)
{
    AUTO_DECREF PyObject *code = (PyObject *)PyFrame_GetCode((PyFrameObject *)frame);
    int place = ((PyTracebackObject *)entry)->tb_lasti;
    bool same = code == last->code && place == last->place;
    *last = (Place){ .code = code, .place = place, .count = same ? last->count + 1 : 1 };
    return last->count > SHOWN;
}

static int
attach(PyObject *summary, PyObject *entry, double end, Place *last)
{
    AUTO_DECREF PyObject *frame = PyObject_GetAttrString(entry, "tb_frame");
    AUTO_DECREF PyObject *line =
        frame == NULL ? NULL : PyObject_GetAttrString(summary, "line");
    if (line == NULL || is_folded(entry, frame, last))
        return line == NULL ? -1 : 0;
    AUTO_DECREF PyObject *texts = texts_of(frame, line, end);
    return texts == NULL ? -1 : PyObject_SetAttrString(summary, "locals", texts);
}

int
values_attach(PyObject *stack, PyObject *traceback)
{
    double end = clock_monotonic() + PATIENCE;
    Place last = { 0 };
    AUTO_DECREF PyObject *entry = Py_XNewRef(traceback);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(stack) && entry != NULL && entry != Py_None;
         i++) {
        AUTO_DECREF PyObject *summary = Py_NewRef(PyList_GET_ITEM(stack, i));
        if (attach(summary, entry, end, &last) < 0)
            return -1;
        Py_SETREF(entry, PyObject_GetAttrString(entry, "tb_next"));
    }
    return entry == NULL && traceback != NULL ? -1 : 0;
}
