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
add_key(InspectCompletion *c, PyObject *key)
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

/* Whether the object is exactly of the class `name` in an imported `module`. */
static int
is_exactly(PyObject *object, const char *module, const char *name)
{
    AUTO_DECREF PyObject *key = PyUnicode_FromString(module);
    AUTO_DECREF PyObject *imported = NULL;
    AUTO_DECREF PyObject *type = NULL;
    int found = key == NULL ? -1 : call_module_get(key, &imported);
    if (found == 1)
        found = call_module_own(imported, name, &type);
    return found != 1 ? found : (PyObject *)Py_TYPE(object) == type;
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
        int exactly = is_exactly(c->owner, known[i].module, known[i].class);
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

int
inspect_source_keys(InspectCompletion *c)
{
    InputSpan object = c->want.kind == WANT_KEY ? c->want.object : c->want.subscript;
    int found = inspect_source_value(c, object, &c->owner);
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
