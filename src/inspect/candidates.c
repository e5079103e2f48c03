#include "inspect/candidates.h"

#include <stdlib.h>

int
inspect_candidates_init(InspectCandidates *c, PyObject *typed, bool fuzzy)
{
    AUTO_DECREF PyObject *seen = PySet_New(NULL);
    if (seen == NULL)
        return -1;
    *c = (InspectCandidates){ .typed = Py_NewRef(typed),
                              .seen = TAKE(seen),
                              .fuzzy = fuzzy };
    return 0;
}

/* Whether `text` has the letters typed, in their order; `ret_spread`: the length of the part that
 * they are in, and where that begins. */
static bool
has_letters(PyObject *text, PyObject *typed, size_t *ret_spread)
{
    Py_ssize_t wanted = PyUnicode_GET_LENGTH(typed);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    Py_ssize_t found = 0;
    Py_ssize_t first = 0;
    for (Py_ssize_t i = 0; i < length && found < wanted; i++) {
        Py_UCS4 have = Py_UNICODE_TOLOWER(PyUnicode_READ_CHAR(text, i));
        if (have != Py_UNICODE_TOLOWER(PyUnicode_READ_CHAR(typed, found)))
            continue;
        if (found == 0)
            first = i;
        found++;
        *ret_spread = (size_t)(i - first) + (size_t)first;
    }
    return found == wanted;
}

static bool
begins_with(PyObject *text, PyObject *typed)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(typed);
    if (PyUnicode_GET_LENGTH(text) < length)
        return false;
    for (Py_ssize_t i = 0; i < length; i++)
        if (PyUnicode_READ_CHAR(text, i) != PyUnicode_READ_CHAR(typed, i))
            return false;
    return true;
}

static bool
matches(const InspectCandidates *c, PyObject *text, size_t *ret_spread)
{
    *ret_spread = 0;
    bool bare = PyUnicode_GET_LENGTH(c->typed) == 0;
    bool private = PyUnicode_GET_LENGTH(text) > 0 && PyUnicode_READ_CHAR(text, 0) == '_';
    if (c->hides && private && (bare || PyUnicode_READ_CHAR(c->typed, 0) != '_'))
        return false;
    if (begins_with(text, c->typed))
        return true;
    return c->fuzzy && has_letters(text, c->typed, ret_spread);
}

static int
make_room(InspectCandidates *c)
{
    if (c->count < c->capacity)
        return 0;
    size_t capacity = c->capacity ? 2 * c->capacity : 64;
    InspectCandidate *grown = PyMem_Realloc(c->items, capacity * sizeof *grown);
    if (grown == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    c->items = grown;
    c->capacity = capacity;
    return 0;
}

static int
take(InspectCandidates *c, STOLEN PyObject *exact, const InspectCandidate *as)
{
    AUTO_DECREF PyObject *text = exact;
    int seen = PySet_Contains(c->seen, text);
    if (seen != 0)
        return seen < 0 ? -1 : 0;
    if (make_room(c) < 0 || PySet_Add(c->seen, text) < 0)
        return -1;
    c->items[c->count] = *as;
    c->items[c->count++].text = TAKE(text);
    return 0;
}

int
inspect_candidates_put(InspectCandidates *c, PyObject *text, InspectKind kind, int rank)
{
    AUTO_DECREF PyObject *exact = PyUnicode_FromObject(text);
    const InspectCandidate as = { .kind = kind, .rank = rank };
    return exact == NULL ? -1 : take(c, TAKE(exact), &as);
}

int
inspect_candidates_add(InspectCandidates *c, PyObject *text, InspectKind kind, int rank)
{
    AUTO_DECREF PyObject *exact = PyUnicode_FromObject(text);
    InspectCandidate as = { .kind = kind, .rank = rank };
    if (exact == NULL)
        return -1;
    return matches(c, exact, &as.spread) ? take(c, TAKE(exact), &as) : 0;
}

/* Names with more underscores in front come later. */
static int
underscores(PyObject *text)
{
    int count = 0;
    while (count < 2 && count < PyUnicode_GET_LENGTH(text)
           && PyUnicode_READ_CHAR(text, count) == '_')
        count++;
    return count;
}

static int
compare(const void *a, const void *b)
{
    const InspectCandidate *x = a;
    const InspectCandidate *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    if (x->spread != y->spread)
        return x->spread < y->spread ? -1 : 1;
    int difference = underscores(x->text) - underscores(y->text);
    return difference != 0 ? difference : PyUnicode_Compare(x->text, y->text);
}

void
inspect_candidates_sort(InspectCandidates *c)
{
    if (c->count > 1)
        qsort(c->items, c->count, sizeof *c->items, compare);
}

void
inspect_candidates_done(InspectCandidates *c)
{
    for (size_t i = 0; i < c->count; i++)
        Py_CLEAR(c->items[i].text);
    PyMem_Free(c->items);
    Py_CLEAR(c->typed);
    Py_CLEAR(c->seen);
    *c = (InspectCandidates){ 0 };
}

InspectKind
inspect_candidates_kind(PyObject *raw)
{
    PyTypeObject *type = Py_TYPE(raw);
    if (PyType_Check(raw))
        return INSPECT_CLASS;
    if (PyModule_Check(raw))
        return INSPECT_MODULE;
    if (type == &PyFunction_Type || type == &PyMethod_Type || PyCFunction_Check(raw)
        || type == &PyMethodDescr_Type || type == &PyClassMethodDescr_Type
        || type == &PyWrapperDescr_Type || type == &PyStaticMethod_Type
        || type == &PyClassMethod_Type)
        return INSPECT_FUNCTION;
    if (type == &PyProperty_Type || type == &PyGetSetDescr_Type)
        return INSPECT_PROPERTY;
    return INSPECT_NAME;
}

const char *
inspect_candidates_kind_name(InspectKind kind)
{
    static const char *const names[] = {
        [INSPECT_NAME] = "instance",     [INSPECT_FUNCTION] = "function",
        [INSPECT_CLASS] = "class",       [INSPECT_MODULE] = "module",
        [INSPECT_PROPERTY] = "property", [INSPECT_PARAMETER] = "param",
        [INSPECT_KEYWORD] = "keyword",   [INSPECT_KEY] = "dict key",
        [INSPECT_FILE] = "path",         [INSPECT_FOLDER] = "folder",
        [INSPECT_MAGIC] = "magic",       [INSPECT_OPTION] = "option",
        [INSPECT_SYMBOL] = "symbol",
    };
    return names[kind];
}
