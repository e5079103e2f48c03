#include "magic/statement.h"

#include "py/linecache.h"
#include "session/cell.h"

/* An expression has a value; whatever is none is executed. */
static PyObject *
compile_either(Session *s, PyObject *source, PyObject *filename)
{
    AUTO_DECREF PyObject *code = session_cell_compile(s, source, filename, "eval");
    if (code != NULL || !PyErr_ExceptionMatches(PyExc_SyntaxError))
        return TAKE(code);
    PyErr_Clear();
    return session_cell_compile(s, source, filename, "exec");
}

PyObject *
magic_statement_compile(Session *s, PyObject *text, const char *filename)
{
    AUTO_DECREF PyObject *source = session_cell_transform(s, text);
    AUTO_DECREF PyObject *name = PyUnicode_FromString(filename);
    if (source == NULL || name == NULL || linecache_set(name, source) < 0)
        return NULL;
    return compile_either(s, source, name);
}
