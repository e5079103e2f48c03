#include "session/magic.h"

#include <stdarg.h>
#include <string.h>

#include "py/call.h"
#include "py/exc.h"
#include "session/registry.h"
#include "session/system.h"

BORROWED const Magic *
magic_find(const Session *s, const char *name, size_t length)
{
    for (const Magic *const *m = s->magics; *m != NULL; m++)
        if (strlen((*m)->name) == length && memcmp((*m)->name, name, length) == 0)
            return *m;
    return NULL;
}

static PyObject *
unknown_magic(Session *s, PyObject *name, PyObject *cell)
{
    return PyErr_Format(s->usage_error, "no magic %s%U: %%lsmagic lists them",
                        cell == NULL ? "%" : "%%", name);
}

PyObject *
magic_call(Session *s, PyObject *name, PyObject *line, PyObject *cell)
{
    Py_ssize_t length = 0;
    const char *text = PyUnicode_AsUTF8AndSize(name, &length);
    if (text == NULL)
        return NULL;
    unsigned way = cell == NULL ? MAGIC_LINE : MAGIC_CELL;
    AUTO_DECREF PyObject *function = NULL;
    int registered = session_registry_get(s, name, way, &function);
    if (registered != 0)
        return registered < 0 ? NULL : session_registry_call(s, function, line, cell);
    const Magic *m = magic_find(s, text, (size_t)length);
    if (m == NULL || !(m->flags & way))
        return unknown_magic(s, name, cell);
    AUTO_DECREF PyObject *expanded =
        m->flags & MAGIC_RAW ? Py_NewRef(line) : session_system_expand(s, line);
    if (expanded == NULL)
        return NULL;
    MagicCall call = { .magic = m, .line = expanded, .cell = cell };
    return m->run(s, &call);
}

PyObject *
magic_usage_error(Session *s, const MagicCall *call, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    AUTO_DECREF PyObject *message = PyUnicode_FromFormatV(format, arguments);
    va_end(arguments);
    if (message == NULL)
        return NULL;
    return PyErr_Format(s->usage_error, "%%%s: %U (usage: %%%s %s)", call->magic->name,
                        message, call->magic->name, call->magic->usage);
}

/* What went wrong, as a shell says it of a file: without the error's number. */
static PyObject *
reason_of(PyObject *cause)
{
    if (!PyErr_GivenExceptionMatches(cause, PyExc_OSError))
        return PyObject_Str(cause);
    AUTO_DECREF PyObject *file = NULL;
    AUTO_DECREF PyObject *reason = NULL;
    if (call_attr_get(cause, "filename", &file) < 0
        || call_attr_get(cause, "strerror", &reason) < 0)
        return NULL;
    if (reason == NULL || !PyUnicode_Check(reason))
        return PyObject_Str(cause);
    return file != NULL && PyUnicode_Check(file)
               ? PyUnicode_FromFormat("%U: %U", file, reason)
               : Py_NewRef(reason);
}

PyObject *
magic_refuse(Session *s, const MagicCall *call)
{
    AUTO_DECREF PyObject *cause = exc_take();
    AUTO_DECREF PyObject *reason = reason_of(cause);
    if (reason == NULL)
        return NULL;
    PyErr_Format(s->usage_error, "%%%s: %U", call->magic->name, reason);
    AUTO_DECREF PyObject *error = exc_take();
    PyException_SetCause(error, TAKE(cause));
    exc_raise_take(TAKE(error));
    return NULL;
}

PyObject *
magic_refuse_input(Session *s, const MagicCall *call)
{
    bool bad =
        PyErr_ExceptionMatches(PyExc_ValueError) || PyErr_ExceptionMatches(PyExc_OSError);
    return bad ? magic_refuse(s, call) : NULL;
}
