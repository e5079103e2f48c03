/* %cd, %pwd, %env, and the shell's everyday commands under their own names. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "input/words.h"
#include "magic/table.h"
#include "py/call.h"
#include "py/exc.h"
#include "session/output.h"
#include "session/report.h"
#include "session/system.h"

static PyObject *
current_folder(void)
{
    char folder[PATH_MAX];
    if (getcwd(folder, sizeof folder) == NULL)
        return PyErr_SetFromErrno(PyExc_OSError);
    return PyUnicode_DecodeFSDefault(folder);
}

static PyObject *
pwd_run(Session *s, const MagicCall *call)
{
    AUTO_DECREF PyObject *folder = current_folder();
    return folder == NULL ? magic_refuse_input(s, call) : TAKE(folder);
}

const Magic magic_pwd = {
    .name = "pwd",
    .usage = "",
    .summary = "The current folder.",
    .flags = MAGIC_LINE,
    .run = pwd_run,
};

/* The folder that `-` stands for: the one before the present one in _dh. */
static PyObject *
previous_folder(Session *s, const MagicCall *call)
{
    Py_ssize_t count = PyList_GET_SIZE(s->folders);
    if (count < 2)
        return magic_usage_error(s, call, "-: there is no previous folder");
    return Py_NewRef(PyList_GET_ITEM(s->folders, count - 2));
}

static PyObject *
wanted_folder(Session *s, const MagicCall *call)
{
    Py_ssize_t length = 0;
    const char *line = PyUnicode_AsUTF8AndSize(call->line, &length);
    if (line == NULL)
        return NULL;
    AUTO(input_words_done) InputWords words = { 0 };
    size_t offset = 0;
    int r = input_words_split(line, (size_t)length, 0, NULL, &words, &offset);
    if (r == -ENOMEM)
        return PyErr_NoMemory();
    if (r < 0
        || words.count > 1)  // a folder with blanks or a quote in its name, as it stands
        return Py_NewRef(call->line);
    if (words.count == 0) {
        AUTO_DECREF PyObject *expand = call_import("posixpath", "expanduser");
        return expand == NULL ? NULL : PyObject_CallFunction(expand, "s", "~");
    }
    if (strcmp(words.items[0], "-") == 0)
        return previous_folder(s, call);
    return PyUnicode_DecodeFSDefault(words.items[0]);
}

static PyObject *
cd_run(Session *s, const MagicCall *call)
{
    AUTO_DECREF PyObject *folder = wanted_folder(s, call);
    AUTO_DECREF PyObject *encoded =
        folder == NULL ? NULL : PyUnicode_EncodeFSDefault(folder);
    if (encoded == NULL)
        return NULL;
    if (chdir(PyBytes_AS_STRING(encoded)) < 0) {
        session_say("%%cd: %S: %s", folder, strerror(errno));
        Py_RETURN_NONE;
    }
    AUTO_DECREF PyObject *now = current_folder();
    if (now == NULL)
        return magic_refuse_input(s, call);
    AUTO_DECREF PyObject *line = PyUnicode_FromFormat("%U\n", now);
    if (line == NULL || PyList_Append(s->folders, now) < 0
        || session_output_write(line) < 0)
        return NULL;
    Py_RETURN_NONE;
}

const Magic magic_cd = {
    .name = "cd",
    .usage = "[FOLDER | -]",
    .summary = "Change the current folder: to FOLDER, to the previous one, or home.",
    .flags = MAGIC_LINE,
    .run = cd_run,
};

/* NAME=VALUE or NAME VALUE: set it in this process and its children. */
static PyObject *
set_variable(PyObject *variables, PyObject *line, Py_ssize_t at)
{
    AUTO_DECREF PyObject *name = PyUnicode_Substring(line, 0, at);
    AUTO_DECREF PyObject *rest =
        name == NULL ? NULL : PyUnicode_Substring(line, at + 1, PY_SSIZE_T_MAX);
    AUTO_DECREF PyObject *plain_name =
        rest == NULL ? NULL : PyObject_CallMethod(name, "strip", NULL);
    AUTO_DECREF PyObject *value =
        plain_name == NULL ? NULL : PyObject_CallMethod(rest, "strip", NULL);
    if (value == NULL || PyObject_SetItem(variables, plain_name, value) < 0)
        return NULL;
    AUTO_DECREF PyObject *said = PyUnicode_FromFormat("env: %U=%U\n", plain_name, value);
    if (said == NULL || session_output_write(said) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *
get_variable(PyObject *variables, PyObject *name)
{
    AUTO_DECREF PyObject *value = PyObject_GetItem(variables, name);
    if (value != NULL || !PyErr_ExceptionMatches(PyExc_KeyError))
        return TAKE(value);
    PyErr_Clear();
    session_say("%%env: no variable %U in the environment", name);
    Py_RETURN_NONE;
}

static PyObject *
env_run(Session *s, const MagicCall *call)
{
    AUTO_DECREF PyObject *variables = call_import("os", "environ");
    AUTO_DECREF PyObject *line =
        variables == NULL ? NULL : PyObject_CallMethod(call->line, "strip", NULL);
    if (line == NULL)
        return NULL;
    Py_ssize_t length = PyUnicode_GET_LENGTH(line);
    if (length == 0)
        return PyObject_CallFunctionObjArgs((PyObject *)&PyDict_Type, variables, NULL);
    Py_ssize_t at = PyUnicode_FindChar(line, '=', 0, length, 1);
    if (at == -1)
        at = PyUnicode_FindChar(line, ' ', 0, length, 1);
    if (at == -2)
        return NULL;
    AUTO_DECREF PyObject *none =
        at < 0 ? get_variable(variables, line) : set_variable(variables, line, at);
    return none == NULL ? magic_refuse_input(s, call) : TAKE(none);
}

const Magic magic_env = {
    .name = "env",
    .usage = "[NAME | NAME=VALUE | NAME VALUE]",
    .summary = "Show the environment or a variable of it, or set one.",
    .flags = MAGIC_LINE,
    .run = env_run,
};

/* A magic that is a shell command; `command` is what the shell gets before the line. */
static PyObject *
run_command(Session *s, const MagicCall *call, const char *command)
{
    AUTO_DECREF PyObject *text = PyUnicode_FromFormat("%s %U", command, call->line);
    if (text == NULL || session_system_run(s, text) < 0)
        return NULL;
    Py_RETURN_NONE;
}

#define SHELL_COMMAND(identifier, command)                                                 \
    static PyObject *identifier##_run(Session *s, const MagicCall *call)                   \
    {                                                                                      \
        return run_command(s, call, command);                                              \
    }                                                                                      \
    const Magic magic_##identifier = { .name = #identifier,                                \
                                       .usage = "[ARGUMENTS]",                             \
                                       .summary = "The shell's `" command "`.",            \
                                       .flags = MAGIC_LINE,                                \
                                       .run = identifier##_run }

SHELL_COMMAND(cat, "cat");
SHELL_COMMAND(clear, "clear");
SHELL_COMMAND(cp, "cp");
SHELL_COMMAND(less, "less");
SHELL_COMMAND(ll, "ls -F -o --color=auto");
SHELL_COMMAND(ls, "ls -F --color=auto");
SHELL_COMMAND(man, "man");
SHELL_COMMAND(mkdir, "mkdir");
SHELL_COMMAND(mv, "mv");
SHELL_COMMAND(rm, "rm");
SHELL_COMMAND(rmdir, "rmdir");
