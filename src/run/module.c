#include "run/module.h"

#include <stdbool.h>

#include "py/call.h"
#include "py/exc.h"

// Where `runpy` says what we say in its place.
#define WARNING_FILE "<frozen runpy>"
enum { WARNING_LINE = 128 };

/* The name of the package around the module `name`, or NULL: 1, 0 or -1. */
static int
parent_of(PyObject *name, PyObject **ret_parent)
{
    Py_ssize_t dot = PyUnicode_FindChar(name, '.', 0, PyUnicode_GET_LENGTH(name), -1);
    if (dot < 0)
        return dot == -1 ? 0 : -1;
    *ret_parent = PyUnicode_Substring(name, 0, dot);
    return *ret_parent == NULL ? -1 : 1;
}

/* Whether `missing` is the package `name` itself or one around it. */
static bool
is_or_contains(PyObject *missing, PyObject *name)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(missing);
    if (length > PyUnicode_GET_LENGTH(name)
        || PyUnicode_Tailmatch(name, missing, 0, length, -1) != 1)
        return false;
    return length == PyUnicode_GET_LENGTH(name) || PyUnicode_READ_CHAR(name, length) == '.';
}

/* Where the pending ImportError is for the package `name` or one around it, and not for something
 * that these import, have it be one line, without a traceback. */
static void
refuse_missing(PyObject *name)
{
    AUTO_DECREF PyObject *error = exc_take();
    AUTO_DECREF PyObject *missing = NULL;
    if (call_attr_get(error, "name", &missing) < 0)
        return;
    if (missing != NULL && PyUnicode_Check(missing) && is_or_contains(missing, name))
        PyErr_Format(PyExc_ImportError, "No module named %U", missing);
    else
        exc_raise_take(TAKE(error));
}

/* Import the package `name`.  What it raises is its own; that there is none is one line. */
static PyObject *
import_package(PyObject *name)
{
    AUTO_DECREF PyObject *package = PyImport_Import(name);
    if (package == NULL && PyErr_ExceptionMatches(PyExc_ImportError))
        refuse_missing(name);
    return TAKE(package);
}

/* Where the package's modules are searched. */
static PyObject *
search_path(PyObject *package, PyObject *parent, PyObject *name)
{
    AUTO_DECREF PyObject *path = NULL;
    int found = call_attr_get(package, "__path__", &path);
    if (found != 0)
        return found < 0 ? NULL : TAKE(path);
    AUTO_DECREF PyObject *suffix = PyUnicode_FromString(".py");
    if (suffix == NULL)
        return NULL;
    if (PyUnicode_Tailmatch(name, suffix, 0, PyUnicode_GET_LENGTH(name), 1) == 1)
        return PyErr_Format(PyExc_ImportError,
                            "No module named %U; a module is named without its .py", name);
    return PyErr_Format(PyExc_ImportError, "No module named %U; %R is not a package", name,
                        parent);
}

/* As `runpy` does: the package imported the module on its way, which will be there twice. */
static int
warn_of_import(PyObject *name, PyObject *parent)
{
    AUTO_DECREF PyObject *module = PyImport_GetModule(name);
    if (module == NULL)
        return PyErr_Occurred() ? -1 : 0;
    AUTO_DECREF PyObject *path = NULL;
    int found = call_attr_get(module, "__path__", &path);
    if (found != 0)
        return found < 0 ? -1 : 0;
    AUTO_DECREF PyObject *text = PyUnicode_FromFormat(
        "%R found in sys.modules after import of package %R, but prior to execution of %R; "
        "this may result in unpredictable behaviour",
        name, parent, name);
    const char *utf8 = text == NULL ? NULL : PyUnicode_AsUTF8(text);
    return utf8 == NULL ? -1
                        : PyErr_WarnExplicit(PyExc_RuntimeWarning, utf8, WARNING_FILE,
                                             WARNING_LINE, "runpy", NULL);
}

/* Import the packages around the module; where it is searched then goes to `ret_path`. */
static int
enter_packages(PyObject *name, PyObject **ret_path)
{
    AUTO_DECREF PyObject *parent = NULL;
    int nested = parent_of(name, &parent);
    if (nested == 0)
        *ret_path = Py_NewRef(Py_None);
    if (nested <= 0)
        return nested;
    AUTO_DECREF PyObject *before = PyImport_GetModule(name);
    if (before == NULL && PyErr_Occurred())
        return -1;
    AUTO_DECREF PyObject *package = import_package(parent);
    if (package == NULL || (before == NULL && warn_of_import(name, parent) < 0))
        return -1;
    *ret_path = search_path(package, parent, name);
    return *ret_path == NULL ? -1 : 0;
}

/* The spec of the module: 1, 0 where the finders know none, or -1 with an exception set. */
static int
find_spec(PyObject *name, PyObject **ret_spec)
{
    AUTO_DECREF PyObject *path = NULL;
    if (enter_packages(name, &path) < 0)
        return -1;
    AUTO_DECREF PyObject *find = call_import("_frozen_importlib", "_find_spec");
    AUTO_DECREF PyObject *spec =
        find == NULL ? NULL : PyObject_CallFunctionObjArgs(find, name, path, NULL);
    if (spec == NULL || spec == Py_None)
        return spec == NULL ? -1 : 0;
    *ret_spec = TAKE(spec);
    return 1;
}

static int
has(PyObject *spec, const char *attribute)
{
    AUTO_DECREF PyObject *value = NULL;
    int found = call_attr_get(spec, attribute, &value);
    return found == 1 ? value != Py_None : found;
}

/* The spec of a package's `__main__`. */
static PyObject *
find_main(PyObject *package)
{
    AUTO_DECREF PyObject *main = PyUnicode_FromFormat("%U.__main__", package);
    AUTO_DECREF PyObject *spec = NULL;
    int found = main == NULL ? -1 : find_spec(main, &spec);
    if (found == 0)
        PyErr_Format(PyExc_ImportError,
                     "No module named %U; %R is a package and cannot be directly executed",
                     main, package);
    int nested = found == 1 ? has(spec, "submodule_search_locations") : -1;
    if (nested == 1)
        PyErr_SetString(PyExc_ImportError, "Cannot use package as __main__ module");
    return nested == 0 ? TAKE(spec) : NULL;
}

/* A name that no module can have: no part of it may be empty. */
static bool
is_relative(PyObject *name)
{
    return PyUnicode_GET_LENGTH(name) == 0 || PyUnicode_READ_CHAR(name, 0) == '.';
}

PyObject *
run_module_find(PyObject *name)
{
    if (is_relative(name))
        return PyErr_Format(PyExc_ImportError, "%R: the name of a module is needed", name);
    AUTO_DECREF PyObject *spec = NULL;
    int found = find_spec(name, &spec);
    if (found == 0)
        PyErr_Format(PyExc_ImportError, "No module named %U", name);
    int package = found == 1 ? has(spec, "submodule_search_locations") : -1;
    if (package < 0)
        return NULL;
    if (package == 1)
        Py_SETREF(spec, find_main(name));
    int loader = spec == NULL ? -1 : has(spec, "loader");
    if (loader == 0)
        PyErr_Format(PyExc_ImportError, "%R is a namespace package and cannot be executed",
                     name);
    return loader == 1 ? TAKE(spec) : NULL;
}
