#include "plain/target.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "py/call.h"
#include "py/exc.h"
#include "run/decode.h"
#include "session/cell.h"
#include "session/magic.h"
#include "session/report.h"
#include "session/typed.h"

enum { STATUS_REFUSED = 2 };

/* The file's text; bytes that are not UTF-8 are an error that names it. */
static PyObject *
read_text(const char *path)
{
    AUTO_DECREF PyObject *name = PyUnicode_DecodeFSDefault(path);
    AUTO_FREE char *bytes = NULL;
    size_t length = 0;
    int r = file_read(path, &bytes, &length);
    if (r < 0 || name == NULL)
        return exc_from_errno(r < 0 ? r : -ENOMEM, name), NULL;
    bool refused = false;
    return run_decode(name, bytes, length, 1, &refused);
}

/* Say why there is nothing to execute. */
static int
refuse(Session *s)
{
    AUTO_DECREF PyObject *error = exc_take();
    session_say("mainspring: %S", error);
    s->exit_status = STATUS_REFUSED;
    s->exiting = true;
    return -1;
}

/* Execute `text` as if typed, or say why there is none. */
static int
execute_text(Session *s, PyObject *text, PyObject *filename)
{
    if (text == NULL)
        return refuse(s);
    if (session_cell_execute_file(s, text, filename) == 0)
        return 0;
    session_report(s, filename);
    return -1;
}

static int
run_typed(Session *s, const char *path)
{
    AUTO_DECREF PyObject *filename = PyUnicode_DecodeFSDefault(path);
    AUTO_DECREF PyObject *where = NULL;
    if (filename != NULL && session_typed_execute(s, filename, &where) == 0)
        return 0;
    if (where == NULL)
        return refuse(s);
    session_report(s, where);
    return -1;
}

/* What the program reads itself comes after it: nothing. */
static int
run_stdin(Session *s)
{
    AUTO_DECREF PyObject *filename = PyUnicode_FromString("<stdin>");
    AUTO_DECREF PyObject *text = filename == NULL ? NULL : read_text("/dev/stdin");
    (void)lseek(STDIN_FILENO, 0, SEEK_END);  // a file or memory: stdin_peek() saw to that
    return execute_text(s, text, filename);
}

static int
run_code(Session *s, const char *code)
{
    AUTO_DECREF PyObject *text = PyUnicode_DecodeFSDefault(code);
    AUTO_DECREF PyObject *filename = PyUnicode_FromString("<string>");
    return filename == NULL ? -1 : execute_text(s, text, filename);
}

/* The words as a line for %run, each quoted. */
static PyObject *
command_line(const char *option, PyObject *words)
{
    AUTO_DECREF PyObject *join = call_import("shlex", "join");
    AUTO_DECREF PyObject *line = join == NULL ? NULL : PyObject_CallOneArg(join, words);
    return line == NULL ? NULL : PyUnicode_FromFormat("%s %U", option, line);
}

static int
run_line(Session *s, PyObject *line)
{
    AUTO_DECREF PyObject *name = PyUnicode_FromString("run");
    AUTO_DECREF PyObject *none =
        name == NULL || line == NULL ? NULL : magic_call(s, name, line, NULL);
    if (none != NULL)
        return 0;
    session_report(s, NULL);
    return -1;
}

static int
run_script(Session *s)
{
    AUTO_DECREF PyObject *argv = Py_XNewRef(PySys_GetObject("argv"));
    AUTO_DECREF PyObject *line = argv == NULL ? NULL : command_line("--", argv);
    return run_line(s, line);
}

static int
run_module(Session *s, const char *module)
{
    AUTO_DECREF PyObject *argv = Py_XNewRef(PySys_GetObject("argv"));
    AUTO_DECREF PyObject *name = PyUnicode_DecodeFSDefault(module);
    AUTO_DECREF PyObject *words = argv == NULL ? NULL : PySequence_List(argv);
    if (name == NULL || words == NULL || PyList_SetItem(words, 0, TAKE(name)) < 0)
        return session_report(s, NULL), -1;
    AUTO_DECREF PyObject *line = command_line("-m", words);
    return run_line(s, line);
}

static int
run_startup(Session *s)
{
    const char *path = getenv("PYTHONSTARTUP");
    AUTO_DECREF PyObject *flags = Py_XNewRef(PySys_GetObject("flags"));
    AUTO_DECREF PyObject *ignore =
        flags == NULL ? NULL : PyObject_GetAttrString(flags, "ignore_environment");
    if (ignore == NULL)
        PyErr_Clear();  // no sys.flags: nothing says that the environment counts
    if (path == NULL || *path == '\0' || ignore == NULL || PyObject_IsTrue(ignore))
        return 0;
    return run_typed(s, path);
}

int
plain_target_run(Session *s, const Options *options)
{
    switch (options->action) {
    case OPTIONS_FILE:
        return options_target_is_typed(options) ? run_typed(s, options->target)
                                                : run_script(s);
    case OPTIONS_COMMAND:
        return run_code(s, options->target);
    case OPTIONS_MODULE:
        return run_module(s, options->target);
    case OPTIONS_STDIN:
        return run_stdin(s);
    default:
        return run_startup(s);
    }
}
