#include "py/linecache.h"

#include "py/call.h"

/* The text with "\n" alone at the ends of its lines, as a file opened as text has it. */
static PyObject *
with_universal_newlines(PyObject *text)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    Py_ssize_t found = PyUnicode_FindChar(text, '\r', 0, length, 1);
    if (found == -2)
        return NULL;
    if (found == -1)
        return Py_NewRef(text);

    AUTO_DECREF PyObject *crlf = PyUnicode_FromString("\r\n");
    AUTO_DECREF PyObject *cr = PyUnicode_FromString("\r");
    AUTO_DECREF PyObject *lf = PyUnicode_FromString("\n");
    if (crlf == NULL || cr == NULL || lf == NULL)
        return NULL;
    AUTO_DECREF PyObject *without_crlf = PyUnicode_Replace(text, crlf, lf, -1);
    return without_crlf == NULL ? NULL : PyUnicode_Replace(without_crlf, cr, lf, -1);
}

/* The lines of `text`, each with its newline, the last one too. */
static PyObject *
split_lines(PyObject *text)
{
    AUTO_DECREF PyObject *lines = PyList_New(0);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    Py_ssize_t start = 0;
    while (lines != NULL && start < length) {
        Py_ssize_t end = PyUnicode_FindChar(text, '\n', start, length, 1);
        if (end == -2)
            return NULL;
        AUTO_DECREF PyObject *line = end < 0 ? PyUnicode_FromFormat("%U\n", text)
                                             : PyUnicode_Substring(text, start, end + 1);
        if (end < 0 && line != NULL)
            Py_XSETREF(line, PyUnicode_Substring(line, start, length + 1));
        if (line == NULL || PyList_Append(lines, line) < 0)
            return NULL;
        start = end < 0 ? length : end + 1;
    }
    return TAKE(lines);
}

int
linecache_set(PyObject *filename, PyObject *text)
{
    AUTO_DECREF PyObject *cache = call_import("linecache", "cache");
    if (cache == NULL)
        return -1;
    AUTO_DECREF PyObject *plain = with_universal_newlines(text);
    AUTO_DECREF PyObject *lines = plain == NULL ? NULL : split_lines(plain);
    if (lines == NULL)
        return -1;
    AUTO_DECREF PyObject *entry =
        Py_BuildValue("(nOOO)", PyUnicode_GET_LENGTH(text), Py_None, lines, filename);
    return entry == NULL ? -1 : PyObject_SetItem(cache, filename, entry);
}

int
linecache_discard(PyObject *filename)
{
    AUTO_DECREF PyObject *cache = call_import("linecache", "cache");
    if (cache == NULL)
        return -1;
    return call_dict_discard(cache, filename) < 0 ? -1 : 0;
}
