#include "session/complete.h"

#include "session/magic.h"
#include "session/registry.h"

static const double PATIENCE = 2.0;  // seconds for each `__dir__`

/* The names of the magics of that way: the native ones and those that are registered. */
static PyObject *
magic_names(void *context, bool cell)
{
    Session *s = context;
    unsigned way = cell ? MAGIC_CELL : MAGIC_LINE;
    AUTO_DECREF PyObject *names = session_registry_names(s, way);
    for (const Magic *const *m = s->magics; names != NULL && *m != NULL; m++) {
        AUTO_DECREF PyObject *name =
            (*m)->flags & way ? PyUnicode_FromString((*m)->name) : Py_NewRef(Py_None);
        if (name == NULL || (name != Py_None && PyList_Append(names, name) < 0))
            return NULL;
    }
    return TAKE(names);
}

static PyObject *
magic_usage(void *context, PyObject *name)
{
    Session *s = context;
    Py_ssize_t length = 0;
    const char *text = PyUnicode_AsUTF8AndSize(name, &length);
    if (text == NULL)
        return NULL;
    if (session_registry_has(s, text, (size_t)length, MAGIC_LINE)
        || session_registry_has(s, text, (size_t)length, MAGIC_CELL))
        Py_RETURN_NONE;
    const Magic *m = magic_find(s, text, (size_t)length);
    return m == NULL ? Py_NewRef(Py_None) : PyUnicode_FromString(m->usage);
}

InspectCompletion *
session_complete_start(Session *s, PyObject *text, Py_ssize_t cursor)
{
    if (s->importable == NULL && (s->importable = PyDict_New()) == NULL)
        return NULL;
    const InspectScope scope = { .namespace = s->namespace,
                                 .modules = s->importable,
                                 .fuzzy = s->fuzzy,
                                 .automagic = true,
                                 .context = s,
                                 .magics = magic_names,
                                 .usage = magic_usage };
    return inspect_complete_new(&scope, text, cursor);
}

static PyObject *
texts_of(const InspectCandidates *found)
{
    AUTO_DECREF PyObject *list = PyList_New(0);
    for (size_t i = 0; list != NULL && i < found->count; i++)
        if (PyList_Append(list, found->items[i].text) < 0)
            return NULL;
    return TAKE(list);
}

PyObject *
session_complete_all(Session *s, PyObject *text, Py_ssize_t cursor)
{
    AUTO(inspect_complete_free)
    InspectCompletion *c = session_complete_start(s, text, cursor);
    int more = c == NULL ? -1 : 1;
    while (more == 1)
        more = inspect_complete_next(c, PATIENCE);
    if (more < 0)
        return NULL;
    Py_ssize_t first = 0;
    Py_ssize_t last = 0;
    inspect_complete_range(c, &first, &last);
    AUTO_DECREF PyObject *replaced = PyUnicode_Substring(text, first, last);
    AUTO_DECREF PyObject *list = texts_of(inspect_complete_found(c));
    return replaced == NULL || list == NULL ? NULL : PyTuple_Pack(2, replaced, list);
}
