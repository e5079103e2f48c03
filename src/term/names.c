#include "term/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "input/lex.h"
#include "py/call.h"
#include "py/compat.h"

static const char *const keywords[] = {
    "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
    "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
    "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
    "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield",
};

/* What is in an instance itself, past any `__dict__` of its class; NULL for nothing. */
static PyObject *
own_dict(PyObject *object)
{
    AUTO_DECREF PyObject *dict = PyObject_GenericGetDict(object, NULL);
    PyErr_Clear();  // it has none
    return dict != NULL && PyDict_Check(dict) ? TAKE(dict) : NULL;
}

/* The attribute of an object or the name in a dict, found without running code; NULL for none. */
static PyObject *
static_lookup(PyObject *object, const char *name)
{
    if (PyModule_Check(object))
        return Py_XNewRef(PyDict_GetItemString(PyModule_GetDict(object), name));
    PyTypeObject *type = PyType_Check(object) ? (PyTypeObject *)object : NULL;
    for (Py_ssize_t i = 0; type && type->tp_mro && i < PyTuple_GET_SIZE(type->tp_mro);
         i++) {
        AUTO_DECREF PyObject *dict = compat_type_dict(PyTuple_GET_ITEM(type->tp_mro, i));
        BORROWED PyObject *value = dict == NULL ? NULL : PyDict_GetItemString(dict, name);
        if (value != NULL)
            return Py_NewRef(value);
    }
    AUTO_DECREF PyObject *dict = type ? NULL : own_dict(object);
    return dict == NULL ? NULL : Py_XNewRef(PyDict_GetItemString(dict, name));
}

/* Names that begin so, in a set. */
static int
add_names(PyObject *names, PyObject *dict, const char *part, size_t length)
{
    AUTO_DECREF PyObject *keys = PyDict_Keys(dict);
    if (keys == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(keys); i++) {
        BORROWED PyObject *key = PyList_GET_ITEM(keys, i);
        const char *name = PyUnicode_CheckExact(key) ? PyUnicode_AsUTF8(key) : NULL;
        PyErr_Clear();  // lone surrogates can't be typed
        if (name == NULL || strncmp(name, part, length) != 0
            || (length == 0 && name[0] == '_'))
            continue;
        if (PySet_Add(names, key) < 0)
            return -1;
    }
    return 0;
}

static int
add_attributes(PyObject *names, PyObject *object, const char *part, size_t length)
{
    if (PyModule_Check(object))
        return add_names(names, PyModule_GetDict(object), part, length);
    AUTO_DECREF PyObject *own = PyType_Check(object) ? NULL : own_dict(object);
    if (own != NULL && add_names(names, own, part, length) < 0)
        return -1;
    PyTypeObject *type = PyType_Check(object) ? (PyTypeObject *)object : Py_TYPE(object);
    for (Py_ssize_t i = 0; type->tp_mro && i < PyTuple_GET_SIZE(type->tp_mro); i++) {
        AUTO_DECREF PyObject *dict = compat_type_dict(PyTuple_GET_ITEM(type->tp_mro, i));
        if (dict == NULL || add_names(names, dict, part, length) < 0)
            return -1;
    }
    return 0;
}

static int
add_keywords(PyObject *names, const char *part, size_t length)
{
    for (size_t i = 0; i < COUNT_OF(keywords); i++) {
        if (strncmp(keywords[i], part, length) != 0)
            continue;
        AUTO_DECREF PyObject *name = PyUnicode_FromString(keywords[i]);
        if (name == NULL || PySet_Add(names, name) < 0)
            return -1;
    }
    return 0;
}

/* What the name means at the prompt, or NULL. */
static PyObject *
look_up(Session *s, const char *name)
{
    BORROWED PyObject *value = PyDict_GetItemString(s->namespace, name);
    return Py_XNewRef(value ? value : PyDict_GetItemString(PyEval_GetBuiltins(), name));
}

/* The object that `a.b.` names, or NULL where it is not to be found. */
static PyObject *
resolve(Session *s, const char *start, const char *end)
{
    AUTO_DECREF PyObject *object = NULL;
    for (const char *at = start; at < end;) {
        const char *dot = memchr(at, '.', (size_t)(end - at));
        AUTO_FREE char *name = strndup(at, (size_t)(dot - at));
        if (!name)
            return NULL;
        Py_XSETREF(object, object != NULL ? static_lookup(object, name) : look_up(s, name));
        if (object == NULL)
            return NULL;
        at = dot + 1;
    }
    return TAKE(object);
}

static int
fill(PyObject *names, LineCandidates *c)
{
    AUTO_DECREF PyObject *list = PySequence_List(names);
    if (list == NULL || PyList_Sort(list) < 0)
        return -1;
    size_t count = (size_t)PyList_GET_SIZE(list);
    c->items = calloc(count ? count : 1, sizeof *c->items);
    for (size_t i = 0; c->items && i < count; i++) {
        const char *name = PyUnicode_AsUTF8(PyList_GET_ITEM(list, (Py_ssize_t)i));
        c->items[i].text = name ? strdup(name) : NULL;
        if (!c->items[i].text)
            break;
        c->count++;
    }
    if (c->count == count && c->items)
        return 0;
    line_candidates_done(c);
    if (!PyErr_Occurred())
        PyErr_NoMemory();
    return -1;
}

int
names_complete(Session *s, const char *text, size_t cursor, LineCandidates *ret_candidates)
{
    size_t word = cursor;
    while (word > 0 && input_is_word(text[word - 1]))
        word--;
    size_t path = word;
    while (path > 0 && (input_is_word(text[path - 1]) || text[path - 1] == '.'))
        path--;
    const char *part = text + word;
    AUTO_FREE char *typed = strndup(part, cursor - word);
    AUTO_DECREF PyObject *names = PySet_New(NULL);
    if (!typed || names == NULL)
        return PyErr_NoMemory(), -1;
    ret_candidates->start = word;
    size_t length = cursor - word;
    if (path < word) {
        AUTO_DECREF PyObject *object = resolve(s, text + path, text + word);
        if (object == NULL)
            return 0;
        return add_attributes(names, object, typed, length) < 0
                   ? -1
                   : fill(names, ret_candidates);
    }
    if (add_names(names, s->namespace, typed, length) < 0
        || add_names(names, PyEval_GetBuiltins(), typed, length) < 0
        || add_keywords(names, typed, length) < 0)
        return -1;
    return fill(names, ret_candidates);
}
