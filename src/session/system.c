#include "session/system.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "input/expand.h"
#include "py/call.h"
#include "session/cell.h"
#include "session/output.h"

/* The text for `expression`, with the format and conversion of an f-string; anything that goes
 * wrong means that it can't be resolved. */
static PyObject *
evaluate_text(Session *s, const char *expression, size_t length)
{
    AUTO_DECREF PyObject *filename = PyUnicode_FromString("<expansion>");
    AUTO_DECREF PyObject *body =
        PyUnicode_DecodeUTF8(expression, (Py_ssize_t)length, "strict");
    AUTO_DECREF PyObject *source =
        body == NULL ? NULL : PyUnicode_FromFormat("f'''{%U}'''", body);
    AUTO_DECREF PyObject *code = filename == NULL || source == NULL
                                     ? NULL
                                     : session_cell_compile(s, source, filename, "eval");
    return code == NULL ? NULL : session_cell_evaluate(s, code);
}

int
session_system_evaluate(const char *expression, size_t length, void *context,
                        char **ret_text)
{
    AUTO_DECREF PyObject *text = evaluate_text(context, expression, length);
    const char *utf8 = text == NULL ? NULL : PyUnicode_AsUTF8(text);
    if (utf8 == NULL) {
        if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt))
            return -EINTR;
        PyErr_Clear();  // it stays as the user wrote it
        return 0;
    }
    *ret_text = strdup(utf8);
    return *ret_text == NULL ? -ENOMEM : 1;
}

PyObject *
session_system_expand(Session *s, PyObject *line)
{
    Py_ssize_t length = 0;
    const char *utf8 = PyUnicode_AsUTF8AndSize(line, &length);
    if (utf8 == NULL)
        return NULL;
    char *expanded = NULL;
    int r = input_expand(utf8, (size_t)length, session_system_evaluate, s, &expanded);
    if (r == -ENOMEM)
        return PyErr_NoMemory();
    if (r < 0)
        return NULL;  // -EINTR: KeyboardInterrupt is set
    AUTO_DECREF PyObject *text = PyUnicode_FromString(expanded);
    free(expanded);
    return TAKE(text);
}

/* Call a function of subprocess with `command` for the user's shell. */
static PyObject *
call_subprocess(const char *function, PyObject *command, PyObject *options)
{
    AUTO_DECREF PyObject *call = call_import("subprocess", function);
    AUTO_DECREF PyObject *arguments = PyTuple_Pack(1, command);
    const char *shell = getenv("SHELL");
    AUTO_DECREF PyObject *path =
        PyUnicode_DecodeFSDefault(shell != NULL && *shell != '\0' ? shell : "/bin/sh");
    if (call == NULL || arguments == NULL || path == NULL
        || PyDict_SetItemString(options, "shell", Py_True) < 0
        || PyDict_SetItemString(options, "executable", path) < 0)
        return NULL;
    AUTO_DECREF PyObject *result = PyObject_Call(call, arguments, options);
    if (result == NULL && PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) {
        PyErr_Clear();
        PyErr_SetNone(PyExc_KeyboardInterrupt);  // without the frames of subprocess
    }
    return TAKE(result);
}

/* A child that Ctrl-C ended means that the user wants the cell to end as well. */
static int
keep_exit_code(Session *s, PyObject *code)
{
    if (PyDict_SetItemString(s->namespace, "_exit_code", code) < 0)
        return -1;
    long status = PyLong_AsLong(code);
    if (status == -1 && PyErr_Occurred())
        return -1;
    if (status == -SIGINT || status == 128 + SIGINT) {
        PyErr_SetNone(PyExc_KeyboardInterrupt);
        return -1;
    }
    return 0;
}

int
session_system_run(Session *s, PyObject *command)
{
    AUTO_DECREF PyObject *options = PyDict_New();
    if (options == NULL || session_output_flush() < 0)
        return -1;
    AUTO_DECREF PyObject *code = call_subprocess("call", command, options);
    return code == NULL ? -1 : keep_exit_code(s, code);
}

PyObject *
session_system_lines(Session *s, PyObject *command)
{
    AUTO_DECREF PyObject *pipe = call_import("subprocess", "PIPE");
    AUTO_DECREF PyObject *merged =
        pipe == NULL ? NULL : call_import("subprocess", "STDOUT");
    if (merged == NULL)
        return NULL;
    AUTO_DECREF PyObject *options = Py_BuildValue("{s:O,s:O,s:s}", "stdout", pipe, "stderr",
                                                  merged, "errors", "replace");
    AUTO_DECREF PyObject *done =
        options == NULL ? NULL : call_subprocess("run", command, options);
    AUTO_DECREF PyObject *code =
        done == NULL ? NULL : PyObject_GetAttrString(done, "returncode");
    AUTO_DECREF PyObject *text =
        done == NULL ? NULL : PyObject_GetAttrString(done, "stdout");
    if (code == NULL || text == NULL || keep_exit_code(s, code) < 0)
        return NULL;
    return PyUnicode_Splitlines(text, 0);
}
