#include "session/registry.h"

#include <string.h>

#include "py/call.h"
#include "py/exc.h"
#include "session/part.h"
#include "session/system.h"

#define CAPSULE "mainspring.magic"

static const Magic *
magic_of(PyObject *native)
{
    return PyCapsule_GetPointer(session_part_held(native), CAPSULE);
}

/* A native magic called as a function: with its line, which is taken as it is, and a cell. */
static PyObject *
native_call(PyObject *self, PyObject *args, PyObject *options)
{
    static char *names[] = { "line", "cell", NULL };
    PyObject *line = NULL;
    PyObject *cell = NULL;
    Session *s = session_part_session(self);
    if (s == NULL
        || !PyArg_ParseTupleAndKeywords(args, options, "|UO", names, &line, &cell))
        return NULL;
    AUTO_DECREF PyObject *text = line == NULL ? PyUnicode_FromString("") : Py_NewRef(line);
    if (text == NULL)
        return NULL;
    const Magic *m = magic_of(self);
    MagicCall call = { .magic = m, .line = text, .cell = cell == Py_None ? NULL : cell };
    if (call.cell != NULL && !PyUnicode_Check(call.cell))
        return PyErr_Format(PyExc_TypeError, "a cell is a str, not %R", call.cell);
    if (!(m->flags & (call.cell == NULL ? MAGIC_LINE : MAGIC_CELL)))
        return PyErr_Format(s->usage_error, "%s is no %s magic", m->name,
                            call.cell == NULL ? "line" : "cell");
    return m->run(s, &call);
}

static PyObject *
get_name(PyObject *self, void *closure)
{
    return PyUnicode_FromString(magic_of(self)->name);
}

static PyObject *
get_doc(PyObject *self, void *closure)
{
    const Magic *m = magic_of(self);
    return PyUnicode_FromFormat("%s\n\n%s%s %s", m->summary,
                                m->flags & MAGIC_LINE ? "%" : "%%", m->name, m->usage);
}

static PyGetSetDef native_members[] = {
    { "__name__", get_name, NULL, NULL, NULL },
    { "__doc__", get_doc, NULL, NULL, NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

static const PartSpec native_spec = {
    .name = "mainspring.NativeMagic",
    .members = native_members,
    .call = native_call,
};

static const char *
key_of(unsigned way)
{
    return way == MAGIC_LINE ? "line" : "cell";
}

/* The table of that way: 1, 0 where nothing was ever registered, or -1. */
static int
table_of(const Session *s, unsigned way, PyObject **ret_table)
{
    if (s->registered == NULL)
        return 0;
    AUTO_DECREF PyObject *key = PyUnicode_InternFromString(key_of(way));
    AUTO_DECREF PyObject *table = NULL;
    int found = key == NULL ? -1 : call_dict_get(s->registered, key, &table);
    if (found <= 0 || !PyDict_Check(table))
        return found < 0 ? -1 : 0;
    *ret_table = TAKE(table);
    return 1;
}

/* Whether `function` is the native magic `name` itself. */
static bool
is_native(const Session *s, PyObject *function, PyObject *name)
{
    return (PyObject *)Py_TYPE(function) == s->native_type
           && PyUnicode_CompareWithASCIIString(name, magic_of(function)->name) == 0;
}

/* Put a native magic into the tables, where no other is registered. */
static int
add_native(Session *s, const Magic *m)
{
    AUTO_DECREF PyObject *name = PyUnicode_FromString(m->name);
    AUTO_DECREF PyObject *pointer = PyCapsule_New((void *)m, CAPSULE, NULL);
    AUTO_DECREF PyObject *native =
        pointer == NULL ? NULL : session_part_new(s->native_type, s->shell, pointer);
    if (name == NULL || native == NULL)
        return -1;
    for (unsigned way = MAGIC_LINE; way <= MAGIC_CELL; way <<= 1) {
        AUTO_DECREF PyObject *table = NULL;
        int found = m->flags & way ? table_of(s, way, &table) : 0;
        int taken = found == 1 ? PyDict_Contains(table, name) : found;
        if (taken < 0
            || (found == 1 && taken == 0 && PyDict_SetItem(table, name, native) < 0))
            return -1;
    }
    return 0;
}

PyObject *
session_registry_tables(Session *s)
{
    if (s->native_type == NULL)
        s->native_type = session_part_type_new(&native_spec);
    if (s->native_type != NULL && s->registered == NULL)
        s->registered = Py_BuildValue("{s:{},s:{}}", "line", "cell");
    if (s->registered == NULL)
        return NULL;
    for (const Magic *const *m = s->magics; *m != NULL; m++)
        if (add_native(s, *m) < 0)
            return NULL;
    return Py_NewRef(s->registered);
}

int
session_registry_get(Session *s, PyObject *name, unsigned way, PyObject **ret_function)
{
    AUTO_DECREF PyObject *table = NULL;
    AUTO_DECREF PyObject *function = NULL;
    int found = table_of(s, way, &table);
    if (found == 1)
        found = call_dict_get(table, name, &function);
    if (found != 1 || is_native(s, function, name))
        return found < 0 ? -1 : 0;
    *ret_function = TAKE(function);
    return 1;
}

bool
session_registry_has(Session *s, const char *name, size_t length, unsigned way)
{
    if (s->registered == NULL)
        return false;
    AUTO_EXC ExcHold hold = exc_hold();
    AUTO_DECREF PyObject *text = PyUnicode_DecodeUTF8(name, (Py_ssize_t)length, "strict");
    AUTO_DECREF PyObject *function = NULL;
    int found = text == NULL ? -1 : session_registry_get(s, text, way, &function);
    PyErr_Clear();  // not UTF-8: no magic's name
    return found == 1;
}

PyObject *
session_registry_names(Session *s, unsigned way)
{
    AUTO_DECREF PyObject *table = NULL;
    AUTO_DECREF PyObject *names = PyList_New(0);
    int any = names == NULL ? -1 : table_of(s, way, &table);
    if (any <= 0)
        return any < 0 ? NULL : TAKE(names);
    AUTO_DECREF PyObject *all = PyDict_Keys(table);
    if (all == NULL)
        return NULL;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(all); i++) {
        BORROWED PyObject *name = PyList_GET_ITEM(all, i);
        AUTO_DECREF PyObject *function = NULL;
        int found =
            PyUnicode_Check(name) ? session_registry_get(s, name, way, &function) : 0;
        if (found < 0 || (found == 1 && PyList_Append(names, name) < 0))
            return NULL;
    }
    return PyList_Sort(names) < 0 ? NULL : TAKE(names);
}

int
session_registry_put(Session *s, PyObject *name, unsigned ways, PyObject *function)
{
    AUTO_DECREF PyObject *tables = session_registry_tables(s);
    if (tables == NULL)
        return -1;
    for (unsigned way = MAGIC_LINE; way <= MAGIC_CELL; way <<= 1) {
        AUTO_DECREF PyObject *table = NULL;
        int found = ways & way ? table_of(s, way, &table) : 0;
        if (found < 0 || (found == 1 && PyDict_SetItem(table, name, function) < 0))
            return -1;
    }
    return 0;
}

/* Whether the callable has the attribute `name`, and it is true. */
static int
wants(PyObject *function, const char *name)
{
    AUTO_DECREF PyObject *value = NULL;
    int found = call_attr_get(function, name, &value);
    return found == 1 ? PyObject_IsTrue(value) : found;
}

PyObject *
session_registry_call(Session *s, PyObject *function, PyObject *line, PyObject *cell)
{
    int raw = wants(function, "_ipython_magic_no_var_expand");
    int scoped = raw < 0 ? -1 : wants(function, "needs_local_scope");
    if (scoped < 0)
        return NULL;
    AUTO_DECREF PyObject *text =
        raw == 1 ? Py_NewRef(line) : session_system_expand(s, line);
    AUTO_DECREF PyObject *options = PyDict_New();
    if (text == NULL || options == NULL
        || (scoped == 1 && PyDict_SetItemString(options, "local_ns", s->namespace) < 0))
        return NULL;
    AUTO_DECREF PyObject *args =
        cell == NULL ? PyTuple_Pack(1, text) : PyTuple_Pack(2, text, cell);
    return args == NULL ? NULL : PyObject_Call(function, args, options);
}
