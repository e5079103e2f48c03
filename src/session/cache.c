#include "session/cache.h"

#include "py/call.h"
#include "session/size.h"

/* Whether `_` is the shell's: it is what the shell put there, or nobody has it. */
static int
owns_underscore(const Session *s)
{
    AUTO_DECREF PyObject *name = PyUnicode_InternFromString("_");
    AUTO_DECREF PyObject *now = NULL;
    if (name == NULL || call_dict_get(s->namespace, name, &now) < 0)
        return -1;
    int shadowed = PyDict_Contains(PyEval_GetBuiltins(), name);
    return shadowed != 0 ? (shadowed < 0 ? -1 : 0) : now == NULL || now == s->underscore;
}

/* `_` moves to `__`, `__` to `___`. */
static int
shift_names(Session *s, PyObject *value)
{
    PyObject *ns = s->namespace;
    AUTO_DECREF PyObject *one = Py_XNewRef(PyDict_GetItemString(ns, "_"));
    AUTO_DECREF PyObject *two = Py_XNewRef(PyDict_GetItemString(ns, "__"));
    if ((two != NULL && PyDict_SetItemString(ns, "___", two) < 0)
        || (one != NULL && PyDict_SetItemString(ns, "__", one) < 0)
        || PyDict_SetItemString(ns, "_", value) < 0)
        return -1;
    Py_XSETREF(s->underscore, Py_NewRef(value));
    return 0;
}

/* The names `_`, `__` and `___` let go of `value`. */
static int
forget_recent(Session *s, PyObject *value)
{
    static const char *const names[] = { "_", "__", "___" };
    AUTO_DECREF PyObject *empty = PyUnicode_FromString("");
    if (empty == NULL)
        return -1;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (PyDict_GetItemString(s->namespace, names[i]) != value)
            continue;
        if (PyDict_SetItemString(s->namespace, names[i], empty) < 0)
            return -1;
        if (i == 0 && s->underscore == value)
            Py_XSETREF(s->underscore, Py_NewRef(empty));
    }
    return 0;
}

/* Forget one output; `recent` where `_` and its kin are to forget it as well. */
static int
forget(Session *s, PyObject *number, bool recent)
{
    AUTO_DECREF PyObject *name = PyUnicode_FromFormat("_%S", number);
    AUTO_DECREF PyObject *value = NULL;
    AUTO_DECREF PyObject *held = Py_NewRef(number);
    if (name == NULL || call_dict_get(s->namespace, name, &value) < 0
        || call_dict_discard(s->namespace, name) < 0
        || call_dict_discard(s->outputs, held) < 0 || call_dict_discard(s->sizes, held) < 0)
        return -1;
    heap_collector_suspect(&s->ledger->collector, value);
    return recent && value != NULL ? forget_recent(s, value) : 0;
}

static int
sum_sizes(const Session *s, size_t *ret_bytes)
{
    size_t bytes = 0;
    Py_ssize_t pos = 0;
    BORROWED PyObject *size;
    while (PyDict_Next(s->sizes, &pos, NULL, &size))
        bytes += PyLong_AsSize_t(size);
    *ret_bytes = bytes;
    return PyErr_Occurred() ? -1 : 0;
}

int
session_cache_trim(Session *s)
{
    for (;;) {
        size_t bytes = 0;
        if (sum_sizes(s, &bytes) < 0)
            return -1;
        Py_ssize_t count = PyDict_GET_SIZE(s->sizes);
        if (count <= 1 || ((size_t)count <= s->cache_count && bytes <= s->cache_bytes))
            return 0;
        Py_ssize_t pos = 0;
        BORROWED PyObject *oldest = NULL;
        (void)PyDict_Next(s->sizes, &pos, &oldest, NULL);  // there are two at least
        if (forget(s, oldest, false) < 0)
            return -1;
    }
}

int
session_cache_keep(Session *s, PyObject *value)
{
    AUTO_DECREF PyObject *number = PyLong_FromLong(s->count);
    AUTO_DECREF PyObject *name = PyUnicode_FromFormat("_%d", s->count);
    AUTO_DECREF PyObject *size =
        number == NULL || name == NULL ? NULL : PyLong_FromSize_t(session_size_of(value));
    if (size == NULL || PyDict_SetItem(s->outputs, number, value) < 0
        || PyDict_SetItem(s->sizes, number, size) < 0
        || PyDict_SetItem(s->namespace, name, value) < 0)
        return -1;
    int owned = owns_underscore(s);
    if (owned < 0 || (owned == 1 && shift_names(s, value) < 0))
        return -1;
    return session_cache_trim(s);
}

/* Forget what the user deleted from Out. */
static int
forget_deleted(Session *s)
{
    AUTO_DECREF PyObject *numbers = PyDict_Keys(s->sizes);
    for (Py_ssize_t i = 0; numbers != NULL && i < PyList_GET_SIZE(numbers); i++) {
        BORROWED PyObject *number = PyList_GET_ITEM(numbers, i);
        int kept = PyDict_Contains(s->outputs, number);
        if (kept < 0 || (kept == 0 && forget(s, number, true) < 0))
            return -1;
    }
    return numbers == NULL ? -1 : 0;
}

int
session_cache_settle(Session *s)
{
    if (PyDict_GET_SIZE(s->outputs) < PyDict_GET_SIZE(s->sizes) && forget_deleted(s) < 0)
        return -1;
    if (PyDict_GetItemString(s->namespace, "_") != s->underscore)
        Py_CLEAR(s->underscore);
    return 0;
}

int
session_cache_forget(Session *s, PyObject *value)
{
    AUTO_DECREF PyObject *numbers = PyDict_Keys(s->sizes);
    for (Py_ssize_t i = 0; numbers != NULL && i < PyList_GET_SIZE(numbers); i++) {
        BORROWED PyObject *number = PyList_GET_ITEM(numbers, i);
        AUTO_DECREF PyObject *output = NULL;
        if (call_dict_get(s->outputs, number, &output) < 0
            || (output == value && forget(s, number, true) < 0))
            return -1;
    }
    return numbers == NULL ? -1 : 0;
}

int
session_cache_clear(Session *s)
{
    AUTO_DECREF PyObject *numbers = PyDict_Keys(s->sizes);
    for (Py_ssize_t i = 0; numbers != NULL && i < PyList_GET_SIZE(numbers); i++)
        if (forget(s, PyList_GET_ITEM(numbers, i), true) < 0)
            return -1;
    PyDict_Clear(s->outputs);
    return numbers == NULL ? -1 : 0;
}
