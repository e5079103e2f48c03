/* Keys: of dicts, of numpy's and pandas' own, and of those who say themselves what theirs are. */
#include <math.h>
#include <string.h>

#include "inspect/attribute.h"
#include "inspect/source.h"
#include "py/call.h"

/* A str or bytes as a literal in the quotes that the user began with. */
static PyObject *
literal(const InspectCompletion *c, PyObject *key)
{
    const char *quote = c->want.quote == '"' ? "\"" : "'";
    const char *prefix = PyBytes_Check(key) ? "b" : "";
    AUTO_DECREF PyObject *text = PyObject_Repr(key);
    AUTO_DECREF PyObject *mine = PyUnicode_FromString(quote);
    if (text == NULL || mine == NULL
        || PyUnicode_Tailmatch(text, mine, 0, PyUnicode_GET_LENGTH(text), 1) == 1)
        return mine == NULL ? NULL : TAKE(text);
    // repr() has the other quotes: they have to change places.
    AUTO_DECREF PyObject *inner = PyUnicode_Substring(text, (Py_ssize_t)strlen(prefix) + 1,
                                                      PyUnicode_GET_LENGTH(text) - 1);
    AUTO_DECREF PyObject *escaped = PyUnicode_FromFormat("\\%s", quote);
    AUTO_DECREF PyObject *quoted = inner == NULL || escaped == NULL
                                       ? NULL
                                       : PyUnicode_Replace(inner, mine, escaped, -1);
    return quoted == NULL ? NULL
                          : PyUnicode_FromFormat("%s%s%U%s", prefix, quote, quoted, quote);
}

/* Whether the key can be what is typed: a string of its kind where one was begun, or of a built-in
 * type; no other one could be written without asking it. */
static bool
is_writable(const InspectCompletion *c, PyObject *key)
{
    bool text = PyUnicode_CheckExact(key);
    bool bytes = PyBytes_CheckExact(key);
    if (c->want.kind == WANT_KEY)
        return IS_ONE_OF(c->utf8[c->want.replaced.start], "bB") ? bytes : text;
    return text || bytes || key == Py_None || PyLong_CheckExact(key) || PyBool_Check(key)
           || (PyFloat_CheckExact(key) && isfinite(PyFloat_AS_DOUBLE(key)));
}

static int
add_item(InspectCompletion *c, PyObject *key)
{
    if (!is_writable(c, key))
        return 0;
    bool quoted = PyUnicode_CheckExact(key) || PyBytes_CheckExact(key);
    AUTO_DECREF PyObject *written = quoted ? literal(c, key) : PyObject_Repr(key);
    if (written == NULL) {
        bool large = PyErr_ExceptionMatches(PyExc_ValueError);
        if (large)
            PyErr_Clear();  // a number that is too long to be written
        return large ? 0 : -1;
    }
    return inspect_candidates_add(&c->found, written, INSPECT_KEY, RANK_FIRST);
}

/* Whether the items are of one built-in type, and equal: 1, 0, or -1 with an exception set. */
static int
are_same(PyObject *a, PyObject *b)
{
    bool plain = PyUnicode_CheckExact(a) || PyBytes_CheckExact(a) || PyLong_CheckExact(a)
                 || PyFloat_CheckExact(a) || PyBool_Check(a) || a == Py_None;
    return plain && Py_IS_TYPE(b, Py_TYPE(a)) ? PyObject_RichCompareBool(a, b, Py_EQ) : 0;
}

/* Add a key, or the item of a tuple that is wanted next. */
static int
add_key(InspectCompletion *c, PyObject *key)
{
    Py_ssize_t at = c->before == NULL ? 0 : PyTuple_GET_SIZE(c->before);
    if (!PyTuple_CheckExact(key))
        return at > 0 ? 0 : add_item(c, key);
    if (PyTuple_GET_SIZE(key) <= at)
        return 0;
    for (Py_ssize_t i = 0; i < at; i++) {
        int same = are_same(PyTuple_GET_ITEM(key, i), PyTuple_GET_ITEM(c->before, i));
        if (same != 1)
            return same;
    }
    return add_item(c, PyTuple_GET_ITEM(key, at));
}

static int
add_keys(InspectCompletion *c, PyObject *keys)
{
    AUTO_DECREF PyObject *list = keys == NULL ? NULL : PySequence_List(keys);
    if (list == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
        AUTO_DECREF PyObject *key = Py_NewRef(PyList_GET_ITEM(list, i));
        if (add_key(c, key) < 0)
            return -1;
    }
    return 0;
}

/* A dict's, or a subclass's: read past its methods. */
static int
dict_step(InspectCompletion *c)
{
    Py_ssize_t pos = 0;
    BORROWED PyObject *item;
    while (PyDict_Next(c->owner, &pos, &item, NULL)) {
        AUTO_DECREF PyObject *key = Py_NewRef(item);
        if (add_key(c, key) < 0)
            return -1;
    }
    return 0;
}

/* The names of a structured array's fields, which C code has. */
static int
fields_step(InspectCompletion *c)
{
    AUTO_DECREF PyObject *dtype = PyObject_GetAttrString(c->owner, "dtype");
    AUTO_DECREF PyObject *names =
        dtype == NULL ? NULL : PyObject_GetAttrString(dtype, "names");
    if (names == Py_None)
        return 0;
    return add_keys(c, names);
}

/* Add what is in the Index that the attribute is. */
static int
add_index(InspectCompletion *c, const char *attribute)
{
    AUTO_DECREF PyObject *index = PyObject_GetAttrString(c->owner, attribute);
    AUTO_DECREF PyObject *list =
        index == NULL ? NULL : PyObject_CallMethod(index, "tolist", NULL);
    return add_keys(c, list);
}

static int
columns_step(InspectCompletion *c)
{
    return add_index(c, "columns");
}

static int
index_step(InspectCompletion *c)
{
    return add_index(c, "index");
}

static int
own_step(InspectCompletion *c)
{
    AUTO_DECREF PyObject *keys =
        PyObject_CallMethod(c->owner, "_ipython_key_completions_", NULL);
    return add_keys(c, keys);
}

/* The libraries' classes whose keys are known; their code is asked, and in a step of its own. */
static int
plan_libraries(InspectCompletion *c)
{
    static const struct {
        const char *module;
        const char *class;
        InspectStep step;
    } known[] = { { "numpy", "ndarray", fields_step },
                  { "numpy", "void", fields_step },
                  { "pandas", "DataFrame", columns_step },
                  { "pandas", "Series", index_step } };
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        int exactly = call_is_exactly(c->owner, known[i].module, known[i].class);
        if (exactly == 1)
            inspect_source_plan(c, known[i].step, known[i].module[0] == 'p');
        if (exactly != 0)
            return exactly;
    }
    return 0;
}

/* Whether the object's class has the method by which it opts in. */
static int
opts_in(PyObject *object)
{
    AUTO_DECREF PyObject *name = PyUnicode_FromString("_ipython_key_completions_");
    AUTO_DECREF PyObject *raw = NULL;
    return name == NULL ? -1
                        : inspect_attribute_find((PyObject *)Py_TYPE(object), name, &raw);
}

/* Of `df.loc` and its kin: the frame, whose rows are wanted first and its columns then; whatever
 * stands before these.  1, 0 where the owner is no such thing, or -1 with an exception set. */
static int
plan_labels(InspectCompletion *c)
{
    static const char *const classes[] = { "_LocIndexer", "_AtIndexer" };
    int exactly = 0;
    for (size_t i = 0; exactly == 0 && i < COUNT_OF(classes); i++)
        exactly = call_is_exactly(c->owner, "pandas.core.indexing", classes[i]);
    if (exactly != 1)
        return exactly;
    PyObject *labelled = PyObject_GetAttrString(c->owner, "obj");
    if (labelled == NULL)
        return -1;
    Py_SETREF(c->owner, labelled);
    bool first = c->want.before.end == c->want.before.start;
    inspect_source_plan(c, first ? index_step : columns_step, true);
    return 1;
}

/* What stands before the wanted item of a tuple: 1, 0 where it is not of literals, or -1. */
static int
read_before(InspectCompletion *c)
{
    if (c->want.before.end == c->want.before.start)
        return 1;
    AUTO_DECREF PyObject *items = inspect_source_text(c, c->want.before);
    AUTO_DECREF PyObject *tuple =
        items == NULL ? NULL : PyUnicode_FromFormat("(%U)", items);
    AUTO_DECREF PyObject *read = tuple == NULL ? NULL : call_import("ast", "literal_eval");
    if (read == NULL)
        return -1;
    c->before = PyObject_CallOneArg(read, tuple);
    if (c->before != NULL && PyTuple_CheckExact(c->before))
        return 1;
    Py_CLEAR(c->before);
    if (PyErr_ExceptionMatches(PyExc_MemoryError))
        return -1;
    PyErr_Clear();  // names, or no Python
    return 0;
}

int
inspect_source_keys(InspectCompletion *c)
{
    InputSpan object = c->want.kind == WANT_KEY ? c->want.object : c->want.subscript;
    int found = inspect_source_value(c, object, &c->owner);
    int labels = found == 1 ? plan_labels(c) : 0;
    if (labels != 0)
        return labels < 0 ? -1 : 0;
    if (found == 1)
        found = read_before(c);
    if (found <= 0)
        return found;
    if (PyDict_Check(c->owner))
        inspect_source_plan(c, dict_step, false);
    int planned = plan_libraries(c);
    int own = planned < 0 ? -1 : opts_in(c->owner);
    if (own == 1)
        inspect_source_plan(c, own_step, true);
    return own < 0 ? -1 : 0;
}
