#include "session/manager.h"

#include <string.h>

#include "py/call.h"
#include "session/magic.h"
#include "session/part.h"
#include "session/registry.h"

/* What `magic_kind` says: MAGIC_LINE, MAGIC_CELL or both; -1 with ValueError set for anything
 * else. */
static int
ways_of(const char *kind, bool both_allowed)
{
    bool both = strcmp(kind, "line_cell") == 0;
    if (both && both_allowed)
        return MAGIC_LINE | MAGIC_CELL;
    if (strcmp(kind, "line") == 0)
        return MAGIC_LINE;
    if (strcmp(kind, "cell") == 0)
        return MAGIC_CELL;
    PyErr_Format(PyExc_ValueError, "magic_kind must be one of 'line', 'cell'%s, '%s' given",
                 both_allowed ? ", 'line_cell'" : "", kind);
    return -1;
}

static int
put_callable(Session *s, PyObject *name, int ways, PyObject *function)
{
    if (!PyUnicode_Check(name) || !PyCallable_Check(function)) {
        PyErr_Format(PyExc_TypeError, "a magic is a name and a callable, not %R and %R",
                     name, function);
        return -1;
    }
    return session_registry_put(s, name, (unsigned)ways, function);
}

static PyObject *
manager_register_function(PyObject *self, PyObject *args, PyObject *options)
{
    static char *names[] = { "func", "magic_kind", "magic_name", NULL };
    PyObject *function = NULL;
    const char *kind = "line";
    PyObject *name = Py_None;
    Session *s = session_part_session(self);
    if (s == NULL
        || !PyArg_ParseTupleAndKeywords(args, options, "O|sO:register_function", names,
                                        &function, &kind, &name))
        return NULL;
    int ways = ways_of(kind, true);
    AUTO_DECREF PyObject *called = ways < 0 ? NULL
                                   : name == Py_None
                                       ? PyObject_GetAttrString(function, "__name__")
                                       : Py_NewRef(name);
    if (called == NULL || put_callable(s, called, ways, function) < 0)
        return NULL;
    Py_RETURN_NONE;
}

/* The old way: a function of the shell and the line becomes a line magic. */
static PyObject *
manager_define_magic(PyObject *self, PyObject *args)
{
    PyObject *name = NULL;
    PyObject *function = NULL;
    Session *s = session_part_session(self);
    if (s == NULL || !PyArg_ParseTuple(args, "UO:define_magic", &name, &function))
        return NULL;
    AUTO_DECREF PyObject *method = PyMethod_New(function, s->shell);
    if (method == NULL || put_callable(s, name, MAGIC_LINE, method) < 0)
        return NULL;
    Py_RETURN_NONE;
}

/* The callable that an entry of a `.magics` table means: the name of a method, a function of the
 * class, or any callable. */
static PyObject *
callable_of(PyObject *object, PyObject *entry)
{
    if (PyUnicode_Check(entry))
        return PyObject_GetAttr(object, entry);
    if (!PyFunction_Check(entry))
        return Py_NewRef(entry);
    AUTO_DECREF PyObject *name = PyObject_GetAttrString(entry, "__name__");
    const char *text = name == NULL ? NULL : PyUnicode_AsUTF8(name);
    AUTO_DECREF PyObject *method = NULL;
    if (text == NULL || call_attr_get(object, text, &method) < 0)
        return NULL;
    bool own =
        method != NULL && PyMethod_Check(method) && PyMethod_GET_FUNCTION(method) == entry;
    return Py_NewRef(own ? method : entry);
}

/* Register what the object's `.magics` has for one way. */
static int
register_table(Session *s, PyObject *object, PyObject *tables, int way)
{
    AUTO_DECREF PyObject *key = PyUnicode_FromString(way == MAGIC_LINE ? "line" : "cell");
    AUTO_DECREF PyObject *table = NULL;
    if (key == NULL || call_dict_get(tables, key, &table) < 0)
        return -1;
    AUTO_DECREF PyObject *items = table == NULL ? PyList_New(0) : PyMapping_Items(table);
    if (items == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items); i++) {
        PyObject *name = NULL;
        PyObject *entry = NULL;
        if (!PyArg_ParseTuple(PyList_GET_ITEM(items, i), "OO", &name, &entry))
            return -1;
        AUTO_DECREF PyObject *function = callable_of(object, entry);
        if (function == NULL || put_callable(s, name, way, function) < 0)
            return -1;
    }
    return 0;
}

static PyObject *
instantiate(Session *s, PyObject *type)
{
    AUTO_DECREF PyObject *nothing = PyTuple_New(0);
    AUTO_DECREF PyObject *options = Py_BuildValue("{s:O}", "shell", s->shell);
    return nothing == NULL || options == NULL ? NULL
                                              : PyObject_Call(type, nothing, options);
}

static int
register_object(Session *s, PyObject *registry, PyObject *given)
{
    AUTO_DECREF PyObject *object =
        PyType_Check(given) ? instantiate(s, given) : Py_NewRef(given);
    AUTO_DECREF PyObject *tables = NULL;
    if (object == NULL || call_attr_get(object, "magics", &tables) < 0)
        return -1;
    if (tables == NULL || !PyDict_Check(tables)) {
        PyErr_Format(PyExc_TypeError,
                     "%R has no `magics` table {'line': {...}, 'cell': {...}}", given);
        return -1;
    }
    AUTO_DECREF PyObject *name =
        PyObject_GetAttrString((PyObject *)Py_TYPE(object), "__name__");
    if (name == NULL || PyObject_SetItem(registry, name, object) < 0)
        return -1;
    return register_table(s, object, tables, MAGIC_LINE) < 0
               ? -1
               : register_table(s, object, tables, MAGIC_CELL);
}

static PyObject *
manager_register(PyObject *self, PyObject *objects)
{
    Session *s = session_part_session(self);
    if (s == NULL)
        return NULL;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(objects); i++)
        if (register_object(s, session_part_held(self), PyTuple_GET_ITEM(objects, i)) < 0)
            return NULL;
    Py_RETURN_NONE;
}

/* An alias: what it holds is the other magic's name and the text that goes before the line. */
static PyObject *
alias_call(PyObject *self, PyObject *args)
{
    PyObject *line = NULL;
    PyObject *cell = NULL;
    PyObject *name = NULL;
    PyObject *before = NULL;
    Session *s = session_part_session(self);
    if (s == NULL || !PyArg_ParseTuple(args, "U|U:alias", &line, &cell)
        || !PyArg_ParseTuple(session_part_held(self), "UO", &name, &before))
        return NULL;
    AUTO_DECREF PyObject *text =
        before == Py_None ? Py_NewRef(line) : PyUnicode_FromFormat("%S %U", before, line);
    if (text == NULL || Py_EnterRecursiveCall(" in the alias of a magic"))
        return NULL;
    AUTO_DECREF PyObject *value = magic_call(s, name, text, cell);
    Py_LeaveRecursiveCall();
    return TAKE(value);
}

static PyObject *
alias_call_slot(PyObject *self, PyObject *args, PyObject *options)
{
    if (options == NULL || PyDict_GET_SIZE(options) == 0)
        return alias_call(self, args);
    return PyErr_Format(PyExc_TypeError, "a magic takes no keyword arguments");
}

static PyObject *
alias_name(PyObject *self, void *closure)
{
    return Py_NewRef(PyTuple_GET_ITEM(session_part_held(self), 0));
}

static PyObject *
alias_doc(PyObject *self, void *closure)
{
    BORROWED PyObject *held = session_part_held(self);
    BORROWED PyObject *before = PyTuple_GET_ITEM(held, 1);
    if (before == Py_None)
        return PyUnicode_FromFormat("Alias for the magic %U.", PyTuple_GET_ITEM(held, 0));
    return PyUnicode_FromFormat("Alias for the magic `%U %S`.", PyTuple_GET_ITEM(held, 0),
                                before);
}

static PyObject *
alias_is_raw(PyObject *self, void *closure)
{
    Py_RETURN_TRUE;  // the other magic decides whether its line is expanded
}

static PyGetSetDef alias_members[] = {
    { "magic_name", alias_name, NULL, "The magic that it calls.", NULL },
    { "__doc__", alias_doc, NULL, NULL, NULL },
    { "_ipython_magic_no_var_expand", alias_is_raw, NULL, NULL, NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

static const PartSpec alias_spec = {
    .name = "mainspring.MagicAlias",
    .members = alias_members,
    .call = alias_call_slot,
};

static PyObject *
alias_new(Session *s, PyObject *held)
{
    if (s->alias_type == NULL)
        s->alias_type = session_part_type_new(&alias_spec);
    return s->alias_type == NULL ? NULL : session_part_new(s->alias_type, s->shell, held);
}

static PyObject *
manager_register_alias(PyObject *self, PyObject *args, PyObject *options)
{
    static char *names[] = { "alias_name", "magic_name", "magic_kind", "magic_params",
                             NULL };
    PyObject *alias = NULL;
    PyObject *name = NULL;
    const char *kind = "line";
    PyObject *before = Py_None;
    Session *s = session_part_session(self);
    if (s == NULL
        || !PyArg_ParseTupleAndKeywords(args, options, "UU|sO:register_alias", names,
                                        &alias, &name, &kind, &before))
        return NULL;
    int ways = ways_of(kind, false);
    AUTO_DECREF PyObject *held = ways < 0 ? NULL : PyTuple_Pack(2, name, before);
    AUTO_DECREF PyObject *function = held == NULL ? NULL : alias_new(s, held);
    if (function == NULL || session_registry_put(s, alias, (unsigned)ways, function) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *
get_magics(PyObject *self, void *closure)
{
    Session *s = session_part_session(self);
    return s == NULL ? NULL : session_registry_tables(s);
}

static PyObject *
manager_lsmagic(PyObject *self, PyObject *unused)
{
    return get_magics(self, NULL);
}

static PyObject *
get_registry(PyObject *self, void *closure)
{
    return Py_NewRef(session_part_held(self));
}

static PyObject *
get_shell(PyObject *self, void *closure)
{
    return Py_NewRef(((Part *)self)->shell);
}

static PyMethodDef methods[] = {
    { "lsmagic", manager_lsmagic, METH_NOARGS,
      "The magics: {'line': {...}, 'cell': {...}}." },
    { "register", manager_register, METH_VARARGS,
      "Register what the `magics` tables of objects name; classes are instantiated." },
    { "register_function", (PyCFunction)(void (*)(void))manager_register_function,
      METH_VARARGS | METH_KEYWORDS,
      "Register a function as a 'line', 'cell' or 'line_cell' magic." },
    { "register_alias", (PyCFunction)(void (*)(void))manager_register_alias,
      METH_VARARGS | METH_KEYWORDS, "Register another name for a magic." },
    { "define_magic", manager_define_magic, METH_VARARGS,
      "Register a function of the shell and the line." },
    { NULL, NULL, 0, NULL },
};

static PyGetSetDef members[] = {
    { "magics", get_magics, NULL, "The magics: {'line': {...}, 'cell': {...}}.", NULL },
    { "registry", get_registry, NULL,
      "The registered objects by the names of their classes.", NULL },
    { "shell", get_shell, NULL, "The interactive shell.", NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

static const PartSpec manager_spec = {
    .name = "mainspring.MagicsManager",
    .doc = "The magics that there are.",
    .methods = methods,
    .members = members,
};

PyObject *
session_manager_get(Session *s)
{
    if (s->manager == NULL) {
        AUTO_DECREF PyObject *registry = PyDict_New();
        s->manager = session_part_new_single(&manager_spec, s->shell, registry);
    }
    return Py_XNewRef(s->manager);
}
