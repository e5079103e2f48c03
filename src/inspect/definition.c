#include "inspect/definition.h"

#include <stdbool.h>
#include <string.h>

#include "input/lex.h"
#include "py/call.h"
#include "py/vars.h"

/* Whether the function says by its name that it was defined in the class. */
static int
is_own(PyObject *class, PyObject *name, PyObject *function)
{
    AUTO_DECREF PyObject *qualified = PyType_GetQualName((PyTypeObject *)class);
    AUTO_DECREF PyObject *expected =
        qualified == NULL ? NULL : PyUnicode_FromFormat("%U.%U", qualified, name);
    AUTO_DECREF PyObject *its =
        expected == NULL ? NULL : PyObject_GetAttrString(function, "__qualname__");
    return its == NULL ? -1 : PyObject_RichCompareBool(its, expected, Py_EQ);
}

/* A function of the class's own: 1, 0 where it has none. */
static int
find_function(PyObject *class, PyObject **ret_function)
{
    AUTO_DECREF PyObject *dict = vars_of(class);
    AUTO_DECREF PyObject *pairs = dict == NULL ? NULL : PyDict_Items(dict);
    for (Py_ssize_t i = 0; pairs != NULL && i < PyList_GET_SIZE(pairs); i++) {
        BORROWED PyObject *pair = PyList_GET_ITEM(pairs, i);
        BORROWED PyObject *name = PyTuple_GET_ITEM(pair, 0);
        BORROWED PyObject *value = PyTuple_GET_ITEM(pair, 1);
        bool function = PyUnicode_Check(name) && Py_IS_TYPE(value, &PyFunction_Type);
        int own = function ? is_own(class, name, value) : 0;
        if (own == 1)
            *ret_function = Py_NewRef(value);
        if (own != 0)
            return own;
    }
    return PyErr_Occurred() ? -1 : 0;
}

/* Whether the line begins the definition of the class `name`. */
static bool
begins_class(const char *line, const char *name)
{
    line += strspn(line, " \t\f");
    if (strncmp(line, "class", 5) != 0 || !input_is_blank(line[5]))
        return false;
    line += 5 + strspn(line + 5, " \t\f");
    size_t length = strlen(name);
    return strncmp(line, name, length) == 0 && !input_is_word(line[length]);
}

/* The index of the definition's first line, at or above line `from`; -1 without an exception where
 * it is not there. */
static Py_ssize_t
find_line(PyObject *lines, Py_ssize_t from, PyObject *class)
{
    AUTO_DECREF PyObject *name = PyType_GetName((PyTypeObject *)class);
    const char *wanted = name == NULL ? NULL : PyUnicode_AsUTF8(name);
    Py_ssize_t i = wanted == NULL ? 0 : Py_MIN(from, PyList_GET_SIZE(lines));
    while (i-- > 0) {
        BORROWED PyObject *line = PyList_GET_ITEM(lines, i);
        const char *text = PyUnicode_Check(line) ? PyUnicode_AsUTF8(line) : NULL;
        if (text == NULL || begins_class(text, wanted))
            return text == NULL ? -1 : i;
    }
    return -1;
}

/* The block that begins with line `first`. */
static PyObject *
block_of(PyObject *lines, Py_ssize_t first)
{
    AUTO_DECREF PyObject *getblock = call_import("inspect", "getblock");
    AUTO_DECREF PyObject *rest =
        getblock == NULL ? NULL : PyList_GetSlice(lines, first, PyList_GET_SIZE(lines));
    AUTO_DECREF PyObject *block = rest == NULL ? NULL : PyObject_CallOneArg(getblock, rest);
    AUTO_DECREF PyObject *nothing = PyUnicode_FromString("");
    return block == NULL || nothing == NULL ? NULL : PyUnicode_Join(nothing, block);
}

/* The lines of the file, as linecache has them. */
static PyObject *
lines_of(PyObject *filename)
{
    AUTO_DECREF PyObject *getlines = call_import("linecache", "getlines");
    return getlines == NULL ? NULL : PyObject_CallOneArg(getlines, filename);
}

static int
read_block(PyObject *class, PyCodeObject *code, PyObject **ret_source)
{
    AUTO_DECREF PyObject *lines = lines_of(code->co_filename);
    if (lines == NULL || !PyList_Check(lines))
        return lines == NULL ? -1 : 0;
    Py_ssize_t first = find_line(lines, code->co_firstlineno, class);
    if (first < 0)
        return PyErr_Occurred() ? -1 : 0;
    *ret_source = block_of(lines, first);
    return *ret_source == NULL ? -1 : 1;
}

int
inspect_definition_find(PyObject *class, PyObject **ret_file, PyObject **ret_source)
{
    AUTO_DECREF PyObject *function = NULL;
    int found = find_function(class, &function);
    if (found != 1)
        return found;
    AUTO_DECREF PyObject *code = Py_NewRef(PyFunction_GET_CODE(function));
    found = read_block(class, (PyCodeObject *)code, ret_source);
    if (found == 1)
        *ret_file = Py_NewRef(((PyCodeObject *)code)->co_filename);
    return found;
}

/* The file of the module that the function says it is from: 1, 0 where there is none. */
static int
file_of_module(PyObject *function, PyObject **ret_file)
{
    AUTO_DECREF PyObject *name = PyObject_GetAttrString(function, "__module__");
    AUTO_DECREF PyObject *module = NULL;
    AUTO_DECREF PyObject *file = NULL;
    int found = name == NULL                 ? -1
                : PyUnicode_CheckExact(name) ? call_module_get(name, &module)
                                             : 0;
    if (found == 1)
        found = call_module_own(module, "__file__", &file);
    if (found != 1 || !PyUnicode_CheckExact(file))
        return found < 0 ? -1 : 0;
    *ret_file = TAKE(file);
    return 1;
}

static bool
is_frozen(PyCodeObject *code)
{
    const char *file = PyUnicode_AsUTF8(code->co_filename);
    if (file == NULL)
        PyErr_Clear();  // a name that only a file system can have
    return file != NULL && strncmp(file, "<frozen ", 8) == 0;
}

int
inspect_definition_find_frozen(PyObject *function, PyObject **ret_file,
                               PyObject **ret_source)
{
    BORROWED PyObject *inner =
        Py_IS_TYPE(function, &PyMethod_Type) ? PyMethod_GET_FUNCTION(function) : function;
    if (!Py_IS_TYPE(inner, &PyFunction_Type))
        return 0;
    AUTO_DECREF PyObject *code = Py_NewRef(PyFunction_GET_CODE(inner));
    if (!is_frozen((PyCodeObject *)code))
        return 0;
    AUTO_DECREF PyObject *file = NULL;
    int found = file_of_module(inner, &file);
    AUTO_DECREF PyObject *lines = found == 1 ? lines_of(file) : NULL;
    Py_ssize_t first = ((PyCodeObject *)code)->co_firstlineno - 1;
    if (found != 1 || lines == NULL || !PyList_Check(lines) || first < 0
        || first >= PyList_GET_SIZE(lines))
        return PyErr_Occurred() ? -1 : 0;
    *ret_source = block_of(lines, first);
    if (*ret_source == NULL)
        return -1;
    *ret_file = TAKE(file);
    return 1;
}
