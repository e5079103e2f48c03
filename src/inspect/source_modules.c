/* Modules and what they have, for import statements. */
#include "inspect/attribute.h"
#include "inspect/modules.h"
#include "inspect/source.h"
#include "py/call.h"

/* The modules in the next one of the places. */
static int
place_step(InspectCompletion *c)
{
    if (c->at >= PyList_GET_SIZE(c->places))
        return 0;
    AUTO_DECREF PyObject *place = Py_NewRef(PyList_GET_ITEM(c->places, c->at++));
    AUTO_DECREF PyObject *names = inspect_modules_in(c->scope.modules, place);
    return inspect_source_add_list(c, names, INSPECT_MODULE, RANK_NAMES) < 0 ? -1 : 1;
}

static int
builtin_step(InspectCompletion *c)
{
    AUTO_DECREF PyObject *names = Py_XNewRef(PySys_GetObject("builtin_module_names"));
    AUTO_DECREF PyObject *list = names == NULL ? PyList_New(0) : PySequence_List(names);
    return inspect_source_add_list(c, list, INSPECT_MODULE, RANK_NAMES);
}

/* The modules right below `path` that are imported, wherever they came from. */
static int
imported_step(InspectCompletion *c)
{
    AUTO_DECREF PyObject *names = PyDict_Keys(PyImport_GetModuleDict());
    Py_ssize_t length = PyUnicode_GET_LENGTH(c->path);
    if (names == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(names); i++) {
        BORROWED PyObject *name = PyList_GET_ITEM(names, i);
        if (!PyUnicode_CheckExact(name) || PyUnicode_GET_LENGTH(name) <= length + 1
            || PyUnicode_READ_CHAR(name, length) != '.'
            || PyUnicode_Tailmatch(name, c->path, 0, length, -1) != 1)
            continue;
        Py_ssize_t last = PyUnicode_GET_LENGTH(name);
        Py_ssize_t dot = PyUnicode_FindChar(name, '.', length + 1, last, 1);
        AUTO_DECREF PyObject *text =
            PyUnicode_Substring(name, length + 1, dot < 0 ? last : dot);
        if (text == NULL
            || inspect_candidates_add(&c->found, text, INSPECT_MODULE, RANK_NAMES) < 0)
            return -1;
    }
    return 0;
}

/* Look for the submodules of `path`. */
static int
submodules_step(InspectCompletion *c)
{
    if (c->places == NULL)
        c->places = inspect_modules_places(c->path);
    return c->places == NULL ? -1 : place_step(c);
}

/* What the module would bind, if it were imported. */
static int
bound_step(InspectCompletion *c)
{
    AUTO_DECREF PyObject *names = inspect_modules_bound(c->path);
    return inspect_source_add_list(c, names, INSPECT_NAME, RANK_NAMES);
}

static int
import_step(InspectCompletion *c)
{
    AUTO_DECREF PyObject *word = PyUnicode_FromString("import");
    return word == NULL
               ? -1
               : inspect_candidates_add(&c->found, word, INSPECT_KEYWORD, RANK_NAMES);
}

static int
plan_members(InspectCompletion *c)
{
    int found = call_module_get(c->path, &c->owner);
    if (found < 0)
        return -1;
    inspect_source_plan(c, found == 1 ? inspect_source_attributes_step : bound_step, false);
    inspect_source_plan(c, submodules_step, false);
    inspect_source_plan(c, imported_step, false);
    int asks = found == 1 ? inspect_attribute_has_dir(c->owner) : 0;
    if (asks == 1)
        inspect_source_plan(c, inspect_source_dir_step, true);
    return asks < 0 ? -1 : 0;
}

int
inspect_source_modules(InspectCompletion *c)
{
    c->found.hides = true;
    if (c->want.kind == WANT_IMPORT) {
        inspect_source_plan(c, import_step, false);
        return 0;
    }
    bool object = c->want.kind != WANT_ARGUMENT;
    c->path = inspect_source_text(c, object ? c->want.object : (InputSpan){ 0, 0 });
    if (c->path == NULL)
        return -1;
    Py_ssize_t length = PyUnicode_GET_LENGTH(c->path);
    if (length > 0 && PyUnicode_READ_CHAR(c->path, 0) == '.')
        return 0;  // relative: the prompt is in no package
    if (c->want.kind == WANT_MEMBER)
        return plan_members(c);
    inspect_source_plan(c, submodules_step, false);
    inspect_source_plan(c, length == 0 ? builtin_step : imported_step, false);
    return 0;
}
