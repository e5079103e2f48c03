/* Names: attributes, those at the prompt, parameters. */
#include <string.h>

#include "inspect/attribute.h"
#include "inspect/parameters.h"
#include "inspect/source.h"
#include "py/call.h"

static int
add_attribute(PyObject *name, PyObject *raw, void *context)
{
    InspectCompletion *c = context;
    return inspect_candidates_add(&c->found, name, inspect_candidates_kind(raw),
                                  RANK_NAMES);
}

int
inspect_source_attributes_step(InspectCompletion *c)
{
    return inspect_attribute_each(c->owner, add_attribute, c);
}

int
inspect_source_dir_step(InspectCompletion *c)
{
    AUTO_DECREF PyObject *names = PyObject_Dir(c->owner);
    return inspect_source_add_list(c, names, INSPECT_NAME, RANK_NAMES);
}

static int
plan_attributes(InspectCompletion *c)
{
    int found = inspect_source_value(c, c->want.object, &c->owner);
    if (found <= 0)
        return found;
    inspect_source_plan(c, inspect_source_attributes_step, false);
    int asks = inspect_attribute_has_dir(c->owner);
    if (asks == 1)
        inspect_source_plan(c, inspect_source_dir_step, true);
    return asks < 0 ? -1 : 0;
}

static int
parameters_step(InspectCompletion *c)
{
    AUTO_DECREF PyObject *names = inspect_parameters_names(c->callable);
    if (names == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(names); i++) {
        AUTO_DECREF PyObject *text = PyUnicode_FromFormat("%U=", PyList_GET_ITEM(names, i));
        if (text == NULL
            || inspect_candidates_add(&c->found, text, INSPECT_PARAMETER, RANK_FIRST) < 0)
            return -1;
    }
    return 0;
}

static int
add_dict(InspectCompletion *c, PyObject *dict, int rank)
{
    Py_ssize_t pos = 0;
    BORROWED PyObject *key;
    BORROWED PyObject *value;
    while (PyDict_Next(dict, &pos, &key, &value)) {
        AUTO_DECREF PyObject *name = Py_NewRef(key);
        InspectKind kind = inspect_candidates_kind(value);
        if (PyUnicode_Check(name)
            && inspect_candidates_add(&c->found, name, kind, rank) < 0)
            return -1;
    }
    return 0;
}

static int
namespace_step(InspectCompletion *c)
{
    return add_dict(c, c->scope.namespace, RANK_NAMES);
}

static int
builtins_step(InspectCompletion *c)
{
    AUTO_DECREF PyObject *builtins = PyImport_ImportModule("builtins");
    return builtins == NULL ? -1 : add_dict(c, PyModule_GetDict(builtins), RANK_SHARED);
}

static int
keywords_step(InspectCompletion *c)
{
    static const char WORDS[] =
        "False None True and as assert async await break class continue def del elif else "
        "except finally for from global if import in is lambda match nonlocal not or pass "
        "raise return try while with yield";
    for (const char *word = WORDS; *word != '\0'; word += strspn(word, " ")) {
        size_t length = strcspn(word, " ");
        AUTO_DECREF PyObject *text = PyUnicode_FromStringAndSize(word, (Py_ssize_t)length);
        if (text == NULL
            || inspect_candidates_add(&c->found, text, INSPECT_KEYWORD, RANK_SHARED) < 0)
            return -1;
        word += length;
    }
    return 0;
}

/* The magics that need no `%` here. */
static int
magics_step(InspectCompletion *c)
{
    AUTO_DECREF PyObject *names = c->scope.magics(c->scope.context, false);
    return inspect_source_add_list(c, names, INSPECT_MAGIC, RANK_SPECIAL);
}

int
inspect_source_names(InspectCompletion *c)
{
    c->found.hides = true;
    if (c->want.kind == WANT_ATTRIBUTE)
        return plan_attributes(c);
    int called = inspect_source_value(c, c->want.call, &c->callable);
    if (called == 1)
        inspect_source_plan(c, parameters_step, false);
    inspect_source_plan(c, namespace_step, false);
    inspect_source_plan(c, builtins_step, false);
    inspect_source_plan(c, keywords_step, false);
    if (c->want.first && c->scope.automagic && c->scope.magics != NULL)
        inspect_source_plan(c, magics_step, false);
    bool keys = c->want.subscript.end > c->want.subscript.start;
    return called < 0 ? -1 : keys ? inspect_source_keys(c) : 0;
}
