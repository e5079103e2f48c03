/* %load_ext, %unload_ext, %reload_ext: extensions written for IPython. */
#include <string.h>

#include "magic/table.h"
#include "py/call.h"
#include "py/exc.h"
#include "session/extensions.h"
#include "session/report.h"

/* The extension that the line names, or NULL with UsageError set. */
static PyObject *
name_of(Session *s, const MagicCall *call)
{
    AUTO_DECREF PyObject *words = PyUnicode_Split(call->line, NULL, -1);
    if (words == NULL)
        return NULL;
    if (PyList_GET_SIZE(words) != 1)
        return magic_usage_error(s, call,
                                 PyList_GET_SIZE(words) == 0 ? "no module is named"
                                                             : "name one module");
    return Py_NewRef(PyList_GET_ITEM(words, 0));
}

/* Whether `text` is `name` or one of the packages that it is in. */
static bool
is_part_of(const char *text, const char *name)
{
    size_t length = strlen(text);
    return strncmp(name, text, length) == 0
           && (name[length] == '\0' || name[length] == '.');
}

/* The name of the module that was not found, as UTF-8; NULL where the pending exception is
 * another. */
static const char *
missing_module(PyObject *error, PyObject **ret_name)
{
    if (!PyErr_GivenExceptionMatches(error, PyExc_ModuleNotFoundError)
        || call_attr_get(error, "name", ret_name) != 1 || !PyUnicode_Check(*ret_name))
        return NULL;
    return PyUnicode_AsUTF8(*ret_name);
}

/* Say in one line that the extension or its IPython is not there; any other exception stays. */
static PyObject *
explain(Session *s, const MagicCall *call, PyObject *name)
{
    AUTO_DECREF PyObject *error = exc_take();
    AUTO_DECREF PyObject *found = NULL;
    const char *missing = missing_module(error, &found);
    const char *wanted = missing == NULL ? NULL : PyUnicode_AsUTF8(name);
    PyErr_Clear();  // names that are no UTF-8: the error itself is shown
    if (wanted != NULL && is_part_of("IPython", missing))
        PyErr_Format(s->usage_error, "%%%s: %U imports %s, and IPython is not installed",
                     call->magic->name, name, missing);
    else if (wanted != NULL && is_part_of(missing, wanted))
        PyErr_Format(s->usage_error, "%%%s: no module named %s in sys.path",
                     call->magic->name, missing);
    else
        exc_raise_take(TAKE(error));
    return NULL;
}

static PyObject *
report_outcome(Session *s, const MagicCall *call, PyObject *name, int outcome)
{
    switch (outcome) {
    case EXTENSION_DONE:
        Py_RETURN_NONE;
    case EXTENSION_LOADED:
        session_say("%U is already loaded; %%reload_ext %U loads it anew", name, name);
        Py_RETURN_NONE;
    case EXTENSION_NOT_LOADED:
        session_say("%U is not loaded", name);
        Py_RETURN_NONE;
    case EXTENSION_NO_FUNCTION:
        return PyErr_Format(
            s->usage_error, "%%%s: %U has no %s_ipython_extension(ip)", call->magic->name,
            name, strcmp(call->magic->name, "unload_ext") == 0 ? "unload" : "load");
    default:
        return explain(s, call, name);
    }
}

static PyObject *
load_ext_run(Session *s, const MagicCall *call)
{
    AUTO_DECREF PyObject *name = name_of(s, call);
    return name == NULL ? NULL
                        : report_outcome(s, call, name, session_extensions_load(s, name));
}

static PyObject *
unload_ext_run(Session *s, const MagicCall *call)
{
    AUTO_DECREF PyObject *name = name_of(s, call);
    return name == NULL ? NULL
                        : report_outcome(s, call, name, session_extensions_unload(s, name));
}

static PyObject *
reload_ext_run(Session *s, const MagicCall *call)
{
    AUTO_DECREF PyObject *name = name_of(s, call);
    return name == NULL ? NULL
                        : report_outcome(s, call, name, session_extensions_reload(s, name));
}

const Magic magic_load_ext = {
    .name = "load_ext",
    .usage = "MODULE",
    .summary =
        "Import an extension written for IPython and call its load_ipython_extension().",
    .flags = MAGIC_LINE,
    .run = load_ext_run,
};

const Magic magic_unload_ext = {
    .name = "unload_ext",
    .usage = "MODULE",
    .summary = "Call its unload_ipython_extension() and unregister its magics.",
    .flags = MAGIC_LINE,
    .run = unload_ext_run,
};

const Magic magic_reload_ext = {
    .name = "reload_ext",
    .usage = "MODULE",
    .summary = "Unload an extension, import its present text and load it.",
    .flags = MAGIC_LINE,
    .run = reload_ext_run,
};
