#include "session/transformers.h"

#include "py/call.h"
#include "py/exc.h"
#include "session/report.h"

PyObject *
session_transformers_get(Session *s, SessionTransform kind)
{
    if (s->transformers[kind] == NULL)
        s->transformers[kind] = PyList_New(0);
    return Py_XNewRef(s->transformers[kind]);
}

int
session_transformers_set(Session *s, SessionTransform kind, PyObject *list)
{
    if (list != NULL && !PyList_Check(list)) {
        PyErr_Format(PyExc_TypeError, "need a list, got %R", list);
        return -1;
    }
    Py_XSETREF(s->transformers[kind], Py_XNewRef(list));
    return 0;
}

/* A copy of the list, for a transformer may change it; NULL, without an exception, where there
 * is nothing to do. */
static PyObject *
copy_of(Session *s, SessionTransform kind)
{
    BORROWED PyObject *list = s->transformers[kind];
    return list == NULL || PyList_GET_SIZE(list) == 0
               ? NULL
               : PyList_GetSlice(list, 0, PY_SSIZE_T_MAX);
}

/* The lines of the text, each with its newline, the last one too. */
static PyObject *
lines_of(PyObject *text)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    bool ended = length == 0 || PyUnicode_READ_CHAR(text, length - 1) == '\n';
    AUTO_DECREF PyObject *whole = PyUnicode_FromFormat(ended ? "%U" : "%U\n", text);
    return whole == NULL ? NULL : PyUnicode_Splitlines(whole, 1);
}

PyObject *
session_transformers_text(Session *s, SessionTransform kind, PyObject *text)
{
    AUTO_DECREF PyObject *functions = copy_of(s, kind);
    if (functions == NULL)
        return PyErr_Occurred() ? NULL : Py_NewRef(text);
    AUTO_DECREF PyObject *lines = lines_of(text);
    for (Py_ssize_t i = 0; lines != NULL && i < PyList_GET_SIZE(functions); i++)
        Py_SETREF(lines, PyObject_CallOneArg(PyList_GET_ITEM(functions, i), lines));
    AUTO_DECREF PyObject *nothing = PyUnicode_FromString("");
    return lines == NULL || nothing == NULL ? NULL : PyUnicode_Join(nothing, lines);
}

/* Tell of a visitor that raised, and take it out of the list. */
static int
discard(Session *s, PyObject *visitor)
{
    AUTO_DECREF PyObject *error = exc_take();
    if (PyErr_GivenExceptionMatches(error, PyExc_Exception) == 0) {
        exc_raise_take(TAKE(error));
        return -1;
    }
    session_say("the AST transformer %R failed and is unregistered: %s: %S", visitor,
                Py_TYPE(error)->tp_name, error);
    AUTO_DECREF PyObject *list = session_transformers_get(s, TRANSFORM_TREE);
    int there = list == NULL ? -1 : PySequence_Contains(list, visitor);
    if (there <= 0)
        return there;
    AUTO_DECREF PyObject *none = PyObject_CallMethod(list, "remove", "O", visitor);
    return none == NULL ? -1 : 0;
}

PyObject *
session_transformers_tree(Session *s, PyObject *tree)
{
    AUTO_DECREF PyObject *visitors = copy_of(s, TRANSFORM_TREE);
    if (visitors == NULL)
        return PyErr_Occurred() ? NULL : Py_NewRef(tree);
    AUTO_DECREF PyObject *result = Py_NewRef(tree);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(visitors); i++) {
        BORROWED PyObject *visitor = PyList_GET_ITEM(visitors, i);
        AUTO_DECREF PyObject *visited = PyObject_CallMethod(visitor, "visit", "O", result);
        if (visited != NULL)
            Py_SETREF(result, TAKE(visited));
        else if (discard(s, visitor) < 0)
            return NULL;
    }
    AUTO_DECREF PyObject *fix = call_import("ast", "fix_missing_locations");
    return fix == NULL ? NULL : PyObject_CallOneArg(fix, result);
}
