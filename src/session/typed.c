#include "session/typed.h"

#include "py/call.h"
#include "py/exc.h"
#include "py/linecache.h"
#include "py/text.h"
#include "run/decode.h"
#include "run/source.h"
#include "session/cell.h"

bool
session_typed_is(PyObject *path)
{
    return text_ends_with(path, ".ipy") || text_ends_with(path, ".ipynb");
}

/* The value of a key of a dict, of the type that it must have; NULL for any other. */
static BORROWED PyObject *
member(PyObject *object, const char *key, PyTypeObject *type)
{
    BORROWED PyObject *value =
        PyDict_CheckExact(object) ? PyDict_GetItemString(object, key) : NULL;
    return value != NULL && Py_IS_TYPE(value, type) ? value : NULL;
}

static bool
is_text(PyObject *object, const char *key, const char *text)
{
    BORROWED PyObject *value = member(object, key, &PyUnicode_Type);
    return value != NULL && PyUnicode_CompareWithASCIIString(value, text) == 0;
}

/* The text of a cell, which may be stored as a list of lines. */
static PyObject *
source_of(PyObject *cell)
{
    static const char *const keys[] = { "source", "input" };  // of format 4, of 3
    for (int i = 0; i < 2; i++) {
        BORROWED PyObject *text = member(cell, keys[i], &PyUnicode_Type);
        BORROWED PyObject *lines = member(cell, keys[i], &PyList_Type);
        AUTO_DECREF PyObject *empty = lines == NULL ? NULL : PyUnicode_FromString("");
        if (text != NULL)
            return Py_NewRef(text);
        if (empty != NULL)
            return PyUnicode_Join(empty, lines);
    }
    PyErr_SetString(PyExc_ValueError, "a code cell has no text");
    return NULL;
}

/* Add the texts of the code cells in `cells`. */
static int
add_sources(PyObject *sources, PyObject *cells)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(cells); i++) {
        BORROWED PyObject *cell = PyList_GET_ITEM(cells, i);
        if (!is_text(cell, "cell_type", "code"))
            continue;
        AUTO_DECREF PyObject *source = source_of(cell);
        if (source == NULL || PyList_Append(sources, source) < 0)
            return -1;
    }
    return 0;
}

/* Add those of the sheets of a notebook in format 3. */
static int
add_sheets(PyObject *sources, PyObject *sheets)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(sheets); i++) {
        BORROWED PyObject *cells =
            member(PyList_GET_ITEM(sheets, i), "cells", &PyList_Type);
        if (cells != NULL && add_sources(sources, cells) < 0)
            return -1;
    }
    return 0;
}

/* The language that the notebook says it is in, if it is another. */
static BORROWED PyObject *
foreign_language(PyObject *notebook)
{
    BORROWED PyObject *metadata = member(notebook, "metadata", &PyDict_Type);
    BORROWED PyObject *info =
        metadata == NULL ? NULL : member(metadata, "language_info", &PyDict_Type);
    BORROWED PyObject *name = info == NULL ? NULL : member(info, "name", &PyUnicode_Type);
    return name == NULL || is_text(info, "name", "python") ? NULL : name;
}

/* The texts of the code cells, in order. */
static PyObject *
sources_of(PyObject *text)
{
    AUTO_DECREF PyObject *loads = call_import("json", "loads");
    AUTO_DECREF PyObject *notebook =
        loads == NULL ? NULL : PyObject_CallOneArg(loads, text);
    AUTO_DECREF PyObject *sources = notebook == NULL ? NULL : PyList_New(0);
    if (sources == NULL)
        return NULL;
    BORROWED PyObject *cells = member(notebook, "cells", &PyList_Type);
    BORROWED PyObject *sheets = member(notebook, "worksheets", &PyList_Type);
    BORROWED PyObject *language = foreign_language(notebook);
    if (language != NULL)
        return PyErr_Format(PyExc_ValueError, "its language is %U", language);
    if (cells == NULL && sheets == NULL)
        return PyErr_Format(PyExc_ValueError, "it has no cells");
    int added = cells ? add_sources(sources, cells) : add_sheets(sources, sheets);
    return added < 0 ? NULL : TAKE(sources);
}

/* Have the pending exception be one line that names the file; no trouble of the user's making
 * stays as it is. */
static void
refuse_notebook(PyObject *path)
{
    if (!PyErr_ExceptionMatches(PyExc_Exception)
        || PyErr_ExceptionMatches(PyExc_MemoryError))
        return;
    AUTO_DECREF PyObject *error = exc_take();
    PyErr_Format(PyExc_ValueError, "%U: not a notebook that can be run: %S", path, error);
}

static int
execute_source(Session *s, PyObject *source, PyObject *filename)
{
    Cell cell = { .text = source, .filename = filename, .line = 1, .silent = true };
    return linecache_set(filename, source) < 0 ? -1 : session_cell_execute(s, &cell);
}

static int
execute_notebook(Session *s, PyObject *text, PyObject *path, PyObject **ret_where)
{
    AUTO_DECREF PyObject *sources = sources_of(text);
    if (sources == NULL)
        return refuse_notebook(path), -1;
    Py_ssize_t count = PyList_GET_SIZE(sources);
    for (Py_ssize_t i = 0; i < count && !s->exiting; i++) {
        AUTO_DECREF PyObject *filename = PyUnicode_FromFormat("%U <cell %zd>", path, i + 1);
        if (filename == NULL
            || execute_source(s, PyList_GET_ITEM(sources, i), filename) < 0) {
            *ret_where = TAKE(filename);
            return -1;
        }
    }
    return 0;
}

int
session_typed_execute(Session *s, PyObject *path, PyObject **ret_where)
{
    AUTO_DECREF PyObject *found = NULL;
    AUTO_DECREF PyObject *bytes = run_source_read(path, &found);
    if (bytes == NULL)
        return -1;
    bool refused = false;
    AUTO_DECREF PyObject *text = run_decode(found, PyBytes_AS_STRING(bytes),
                                            (size_t)PyBytes_GET_SIZE(bytes), 1, &refused);
    if (text == NULL)
        return -1;
    if (text_ends_with(found, ".ipynb"))
        return execute_notebook(s, text, found, ret_where);
    int r = session_cell_execute_file(s, text, found);
    if (r < 0)
        *ret_where = TAKE(found);
    return r;
}
