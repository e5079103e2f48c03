#include "show/brief.h"

#include <stdbool.h>

#include "py/exc.h"
#include "py/limit.h"

enum {
    DEPTH = 3,
    ITEMS = 6,     // of a container
    LETTERS = 60,  // of a str or bytes
    LENGTH = 120,  // of what a `__repr__` says
    DIGITS = 40,
};

static const char DOTS[] = "\u2026";  // a format has to be ASCII
static const double PATIENCE = 0.1;   // seconds, for one `__repr__`

static PyObject *brief(PyObject *value, int depth);

static PyObject *
type_name(PyObject *value)
{
    AUTO_DECREF PyObject *name = PyType_GetQualName(Py_TYPE(value));
    return name == NULL ? NULL : PyUnicode_FromFormat("%U", name);
}

/* What is said where a `__repr__` says nothing; a pending exception is the reason. */
static PyObject *
excuse(PyObject *value, bool late)
{
    AUTO_DECREF PyObject *error = exc_take();
    AUTO_DECREF PyObject *name = type_name(value);
    if (name == NULL)
        return NULL;
    if (late)
        return PyUnicode_FromFormat("<%U: its repr takes too long>", name);
    AUTO_DECREF PyObject *why = type_name(error);
    return why == NULL ? NULL : PyUnicode_FromFormat("<%U: its repr raises %U>", name, why);
}

/* The text on one line, and no longer than that; in C's words so that nobody is called. */
static PyObject *
shorten(PyObject *text)
{
    Py_UCS4 kept[LENGTH + 1];
    Py_ssize_t count = 0;
    bool blank = false;
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    for (Py_ssize_t i = 0; i < length && count < LENGTH; i++) {
        Py_UCS4 c = PyUnicode_READ_CHAR(text, i);
        bool space = Py_UNICODE_ISSPACE(c);
        if (!(space && blank))
            kept[count++] = space ? ' ' : c < ' ' || c == 0x7F ? '?' : c;
        blank = space;
    }
    if (count == LENGTH)
        kept[LENGTH - 1] = 0x2026;  // ...
    return PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, kept, count);
}

static PyObject *
own_repr(PyObject *value)
{
    Limit limit = { 0 };
    limit_enter(&limit, PATIENCE);
    AUTO_DECREF PyObject *text = PyObject_Repr(value);
    bool late = limit_leave(&limit);
    if (text != NULL && !late)
        return shorten(text);
    bool ends = !late
                && (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)
                    || PyErr_ExceptionMatches(PyExc_MemoryError));
    return ends ? NULL : excuse(value, late);
}

/* A str or bytes, of which only the beginning is looked at. */
static PyObject *
brief_letters(PyObject *value)
{
    Py_ssize_t length = PyObject_Size(value);
    if (length <= LETTERS)
        return PyObject_Repr(value);
    AUTO_DECREF PyObject *head = PySequence_GetSlice(value, 0, LETTERS);
    AUTO_DECREF PyObject *text = head == NULL ? NULL : PyObject_Repr(head);
    return text == NULL ? NULL : PyUnicode_FromFormat("%U%s (%zd)", text, DOTS, length);
}

static PyObject *
brief_number(PyObject *value)
{
    AUTO_DECREF PyObject *bits = PyObject_CallMethod(value, "bit_length", NULL);
    Py_ssize_t count = bits == NULL ? -1 : PyLong_AsSsize_t(bits);
    if (PyErr_Occurred())
        return NULL;
    return count > DIGITS * 10 / 3 ? PyUnicode_FromFormat("<int of %zd bits>", count)
                                   : PyObject_Repr(value);
}

static int
add_text(PyObject *parts, STOLEN PyObject *text)
{
    AUTO_DECREF PyObject *part = text;
    return part == NULL ? -1 : PyList_Append(parts, part);
}

static int
add_pairs(PyObject *parts, PyObject *dict, int depth)
{
    Py_ssize_t pos = 0;
    BORROWED PyObject *next_key;
    BORROWED PyObject *next_value;
    for (int n = 0; n < ITEMS && PyDict_Next(dict, &pos, &next_key, &next_value); n++) {
        AUTO_DECREF PyObject *key = Py_NewRef(next_key);
        AUTO_DECREF PyObject *value = Py_NewRef(next_value);
        AUTO_DECREF PyObject *left = brief(key, depth + 1);
        AUTO_DECREF PyObject *right = left == NULL ? NULL : brief(value, depth + 1);
        if (right == NULL
            || add_text(parts, PyUnicode_FromFormat("%U: %U", left, right)) < 0)
            return -1;
    }
    return 0;
}

/* The first items of a list, a tuple or a set; the user's code may change it meanwhile. */
static int
add_items(PyObject *parts, PyObject *value, int depth)
{
    AUTO_DECREF PyObject *iterator = PyObject_GetIter(value);
    for (int n = 0; iterator != NULL && n < ITEMS; n++) {
        AUTO_DECREF PyObject *item = PyIter_Next(iterator);
        if (item == NULL)
            break;
        if (add_text(parts, brief(item, depth + 1)) < 0)
            return -1;
    }
    if (PyErr_ExceptionMatches(PyExc_RuntimeError))
        PyErr_Clear();  // a set that has changed: enough was seen
    return PyErr_Occurred() ? -1 : 0;
}

typedef struct Brackets {
    const char *open;
    const char *close;
} Brackets;

static PyObject *
brief_container(PyObject *value, const Brackets *brackets, int depth)
{
    Py_ssize_t length = PyObject_Size(value);
    if (depth >= DEPTH && length > 0)
        return PyUnicode_FromFormat("%s%s%s", brackets->open, DOTS, brackets->close);
    AUTO_DECREF PyObject *parts = PyList_New(0);
    AUTO_DECREF PyObject *comma = PyUnicode_FromString(", ");
    if (parts == NULL || comma == NULL)
        return NULL;
    int r = PyDict_Check(value) ? add_pairs(parts, value, depth)
                                : add_items(parts, value, depth);
    if (r == 0 && length > ITEMS)
        r = add_text(parts, PyUnicode_FromFormat("%s (%zd)", DOTS, length));
    AUTO_DECREF PyObject *inner = r < 0 ? NULL : PyUnicode_Join(comma, parts);
    bool lone = length == 1 && PyTuple_Check(value);
    return inner == NULL ? NULL
                         : PyUnicode_FromFormat("%s%U%s%s", brackets->open, inner,
                                                lone ? "," : "", brackets->close);
}

static PyObject *
brief(PyObject *value, int depth)
{
    static const Brackets list = { "[", "]" };
    static const Brackets tuple = { "(", ")" };
    static const Brackets curly = { "{", "}" };
    if (PyUnicode_CheckExact(value) || PyBytes_CheckExact(value))
        return brief_letters(value);
    if (PyLong_CheckExact(value))
        return brief_number(value);
    if (PyList_CheckExact(value))
        return brief_container(value, &list, depth);
    if (PyTuple_CheckExact(value))
        return brief_container(value, &tuple, depth);
    bool filled = PyAnySet_CheckExact(value) && PySet_GET_SIZE(value) > 0;
    if (PyDict_CheckExact(value) || (filled && PySet_CheckExact(value)))
        return brief_container(value, &curly, depth);
    return own_repr(value);
}

PyObject *
brief_text(PyObject *value)
{
    return brief(value, 0);
}
