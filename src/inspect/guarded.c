#include "inspect/guarded.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "input/lex.h"
#include "inspect/attribute.h"
#include "py/call.h"

/* What is read, token by token; `depth` counts subscripts and parentheses around. */
typedef struct Guarded {
    PyObject *namespace;
    const char *text;
    InputLex lex;
    InputToken token;
    bool more;  // `token` is one
    int depth;
} Guarded;

enum { DEPTH_LIMIT = 50 };

static void
advance(Guarded *g)
{
    do {
        g->more = input_lex_next(&g->lex, &g->token);
    } while (g->more && g->token.kind <= LEX_COMMENT);
}

static bool
at_word(const Guarded *g, const char *word)
{
    return g->more && input_token_is(g->text, &g->token, word);
}

static PyObject *
token_text(const Guarded *g)
{
    return PyUnicode_DecodeUTF8(g->text + g->token.start,
                                (Py_ssize_t)(g->token.end - g->token.start), "replace");
}

/* The value of a name at the prompt, or of a builtin one. */
static int
read_name(Guarded *g, PyObject **ret_value)
{
    AUTO_DECREF PyObject *name = token_text(g);
    if (name == NULL)
        return -1;
    advance(g);
    int found = call_dict_get(g->namespace, name, ret_value);
    if (found != 0)
        return found;
    AUTO_DECREF PyObject *builtins = PyImport_ImportModule("builtins");
    return builtins == NULL ? -1
                            : call_dict_get(PyModule_GetDict(builtins), name, ret_value);
}

static int
read_keyword(Guarded *g, PyObject **ret_value)
{
    BORROWED PyObject *value = at_word(g, "None")    ? Py_None
                               : at_word(g, "True")  ? Py_True
                               : at_word(g, "False") ? Py_False
                                                     : NULL;
    advance(g);
    if (value == NULL)
        return 0;
    *ret_value = Py_NewRef(value);
    return 1;
}

/* The text of a literal without any escape, or an empty one: its type counts in any case. */
static PyObject *
string_value(const Guarded *g)
{
    const char *first = g->text + g->token.start;
    const char *last = g->text + g->token.end;
    while (first < last && *first != '"' && *first != '\'')
        first++;
    Py_ssize_t quotes = g->token.flags & LEX_TRIPLE ? 3 : 1;
    Py_ssize_t length = last - first - 2 * quotes;
    bool plain = length > 0 && !(g->token.flags & LEX_FORMAT)
                 && memchr(first, '\\', (size_t)(last - first)) == NULL;
    if (!plain)
        length = 0;
    if (g->token.flags & LEX_BYTES)
        return PyBytes_FromStringAndSize(first + quotes, length);
    return PyUnicode_DecodeUTF8(first + quotes, length, "replace");
}

static int
read_string(Guarded *g, PyObject **ret_value)
{
    if (g->token.flags & LEX_UNTERMINATED)
        return 0;
    *ret_value = string_value(g);
    advance(g);
    return *ret_value == NULL ? -1 : 1;
}

/* A whole number is itself; of others only the type counts. */
static int
read_number(Guarded *g, PyObject **ret_value)
{
    AUTO_DECREF PyObject *text = token_text(g);
    if (text == NULL)
        return -1;
    advance(g);
    AUTO_DECREF PyObject *value = PyLong_FromUnicodeObject(text, 0);
    if (value == NULL) {
        PyErr_Clear();  // 1.5, or 2j
        bool imaginary =
            PyUnicode_FindChar(text, 'j', 0, PyUnicode_GET_LENGTH(text), 1) >= 0;
        Py_XSETREF(value, imaginary ? PyComplex_FromDoubles(0, 0) : PyFloat_FromDouble(0));
    }
    *ret_value = TAKE(value);
    return *ret_value == NULL ? -1 : 1;
}

/* Go past a display, whose opening bracket is the token: whether a dict's would look so. */
static bool
skip_display(Guarded *g)
{
    size_t count = 0;
    int depth = 0;
    bool colon = false;
    do {
        depth += g->token.kind == LEX_OPEN;
        depth -= g->token.kind == LEX_CLOSE;
        colon = colon || (depth == 1 && at_word(g, ":"));
        count++;
        advance(g);
    } while (g->more && depth > 0);
    return colon || count == 2;
}

static int read_primary(Guarded *g, PyObject **ret_value);

/* (x), [...] or {...}. */
static int
read_bracket(Guarded *g, PyObject **ret_value)
{
    if (at_word(g, "[")) {
        (void)skip_display(g);  // a list, whatever is in it
        *ret_value = PyList_New(0);
        return *ret_value == NULL ? -1 : 1;
    }
    if (at_word(g, "{")) {
        *ret_value = skip_display(g) ? PyDict_New() : PySet_New(NULL);
        return *ret_value == NULL ? -1 : 1;
    }
    advance(g);
    AUTO_DECREF PyObject *value = NULL;
    int found = read_primary(g, &value);
    if (found != 1 || !at_word(g, ")"))
        return found < 0 ? -1 : 0;
    advance(g);
    *ret_value = TAKE(value);
    return 1;
}

static int
read_atom(Guarded *g, PyObject **ret_value)
{
    if (!g->more)
        return 0;
    switch (g->token.kind) {
    case LEX_NAME:
        return read_name(g, ret_value);
    case LEX_KEYWORD:
        return read_keyword(g, ret_value);
    case LEX_STRING:
        return read_string(g, ret_value);
    case LEX_NUMBER:
        return read_number(g, ret_value);
    case LEX_OPEN:
        return read_bracket(g, ret_value);
    default:
        return 0;
    }
}

/* Whether subscripts of the object are a library's that are known to be quick and to change nothing:
 * 1, 0, or -1 with an exception set. */
static int
is_known(PyObject *object)
{
    static const char *const classes[][2] = {
        { "numpy", "ndarray" },
        { "numpy", "void" },
        { "pandas", "DataFrame" },
        { "pandas", "Series" },
    };
    int known = 0;
    for (size_t i = 0; known == 0 && i < COUNT_OF(classes); i++)
        known = call_is_exactly(object, classes[i][0], classes[i][1]);
    return known;
}

/* The item of an object whose class is known to be harmless. */
static int
ask_item(PyObject *object, PyObject *key, PyObject **ret_value)
{
    AUTO_DECREF PyObject *value = PyObject_GetItem(object, key);
    if (value == NULL) {
        bool missing = PyErr_ExceptionMatches(PyExc_LookupError)
                       || PyErr_ExceptionMatches(PyExc_ValueError)
                       || PyErr_ExceptionMatches(PyExc_TypeError);
        if (missing)
            PyErr_Clear();  // nothing is there
        return missing ? 0 : -1;
    }
    *ret_value = TAKE(value);
    return 1;
}

/* Whether the attribute is one of a library's that is computed, quick and changes nothing: 1, 0,
 * or -1 with an exception set. */
static int
is_known_attribute(PyObject *object, PyObject *name)
{
    static const struct {
        const char *class;
        const char *attributes;  // each between blanks
    } known[] = {
        { "DataFrame", " at columns dtypes iat iloc index loc plot shape " },
        { "Series", " at cat dt dtype iat iloc index loc plot shape str " },
        { "Index", " dtype shape str " },
    };
    char word[16];
    const char *text = PyUnicode_AsUTF8(name);
    if (text == NULL)
        return -1;
    if ((size_t)snprintf(word, sizeof word, " %s ", text) >= sizeof word)
        return 0;
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        bool listed = strstr(known[i].attributes, word) != NULL;
        int exactly = listed ? call_is_exactly(object, "pandas", known[i].class) : 0;
        if (exactly != 0)
            return exactly;
    }
    return 0;
}

/* What a DataFrame's column or such an attribute is. */
static int
ask_attribute(PyObject *object, PyObject *name, PyObject **ret_value)
{
    int known = is_known_attribute(object, name);
    if (known < 0)
        return -1;
    if (known == 0) {
        int frame = call_is_exactly(object, "pandas", "DataFrame");
        return frame == 1 ? ask_item(object, name, ret_value) : frame;
    }
    AUTO_DECREF PyObject *value = PyObject_GetAttr(object, name);
    if (value == NULL) {
        bool missing = PyErr_ExceptionMatches(PyExc_AttributeError);
        if (missing)
            PyErr_Clear();  // no texts for `str`, no times for `dt`
        return missing ? 0 : -1;
    }
    *ret_value = TAKE(value);
    return 1;
}

static int
take_attribute(Guarded *g, PyObject *object, PyObject **ret_value)
{
    advance(g);
    if (!g->more || g->token.kind != LEX_NAME)
        return 0;
    AUTO_DECREF PyObject *name = token_text(g);
    if (name == NULL)
        return -1;
    advance(g);
    int found = inspect_attribute_get(object, name, ret_value);
    return found == 0 ? ask_attribute(object, name, ret_value) : found;
}

/* The value of a key that is a number or a text; other keys are not asked whether they are equal.
 */
static int
find_key(PyObject *dict, PyObject *key, PyObject **ret_value)
{
    Py_ssize_t pos = 0;
    BORROWED PyObject *other;
    BORROWED PyObject *value;
    while (PyDict_Next(dict, &pos, &other, &value)) {
        if (!Py_IS_TYPE(other, Py_TYPE(key)))
            continue;
        int same = PyObject_RichCompareBool(other, key, Py_EQ);
        if (same < 0)
            return -1;
        if (same == 1) {
            *ret_value = Py_NewRef(value);
            return 1;
        }
    }
    return 0;
}

static int
find_item(PyObject *object, PyObject *key, PyObject **ret_value)
{
    bool number = PyLong_CheckExact(key);
    if (PyDict_CheckExact(object))
        return number || PyUnicode_CheckExact(key) ? find_key(object, key, ret_value) : 0;
    if (!number && !PyUnicode_CheckExact(key))
        return 0;
    bool sequence = PyList_CheckExact(object) || PyTuple_CheckExact(object)
                    || PyUnicode_CheckExact(object);
    int known = sequence ? number : is_known(object);
    return known == 1 ? ask_item(object, key, ret_value) : known;
}

static int
negate(PyObject **number)
{
    if (!PyLong_CheckExact(*number))
        return 0;
    Py_SETREF(*number, PyNumber_Negative(*number));
    return *number == NULL ? -1 : 1;
}

static int
take_subscript(Guarded *g, PyObject *object, PyObject **ret_value)
{
    advance(g);
    bool minus = at_word(g, "-");
    if (minus)
        advance(g);
    AUTO_DECREF PyObject *key = NULL;
    int found = read_primary(g, &key);
    if (found == 1 && minus)
        found = negate(&key);
    if (found != 1 || !at_word(g, "]"))
        return found < 0 ? -1 : 0;
    advance(g);
    return find_item(object, key, ret_value);
}

static int
read_trailers(Guarded *g, PyObject **value)
{
    while (at_word(g, ".") || at_word(g, "[") || at_word(g, "(")) {
        AUTO_DECREF PyObject *next = NULL;
        int found = at_word(g, ".")   ? take_attribute(g, *value, &next)
                    : at_word(g, "[") ? take_subscript(g, *value, &next)
                                      : 0;
        if (found != 1)
            return found;
        Py_SETREF(*value, TAKE(next));
    }
    return 1;
}

static int
read_primary(Guarded *g, PyObject **ret_value)
{
    if (g->depth >= DEPTH_LIMIT)
        return 0;
    g->depth++;
    AUTO_DECREF PyObject *value = NULL;
    int found = read_atom(g, &value);
    if (found == 1)
        found = read_trailers(g, &value);
    g->depth--;
    if (found == 1)
        *ret_value = TAKE(value);
    return found;
}

int
inspect_guarded_evaluate(PyObject *namespace, const char *text, size_t length,
                         PyObject **ret_value)
{
    Guarded g = { .namespace = namespace, .text = text };
    input_lex_init(&g.lex, text, length, 0);
    advance(&g);
    AUTO_DECREF PyObject *value = NULL;
    int found = read_primary(&g, &value);
    if (found != 1 || g.more)
        return found < 0 ? -1 : 0;
    *ret_value = TAKE(value);
    return 1;
}
