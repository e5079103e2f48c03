/* %edit: a text in the user's editor, executed when that is done. */
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/editor.h"
#include "magic/input_code.h"
#include "magic/switches.h"
#include "magic/table.h"
#include "py/call.h"
#include "py/exc.h"
#include "session/cell.h"
#include "session/macro.h"
#include "session/past.h"
#include "session/report.h"
#include "session/system.h"

/* What is edited. */
typedef struct Edit {
    InputCode code;
    PyObject *path;  // str: the file that the editor gets
    bool temporary;
    long line;
} Edit;

static void
edit_done_slot(Edit *e)
{
    magic_input_code_done(&e->code);
    Py_CLEAR(e->path);
}

/* Have the file removed when the session ends: until then `-p` may edit it again. */
static int
remove_at_exit(PyObject *path)
{
    AUTO_DECREF PyObject *enlist = call_import("atexit", "register");
    AUTO_DECREF PyObject *class = enlist == NULL ? NULL : call_import("pathlib", "Path");
    AUTO_DECREF PyObject *file = class == NULL ? NULL : PyObject_CallOneArg(class, path);
    AUTO_DECREF PyObject *remove =
        file == NULL ? NULL : PyObject_GetAttrString(file, "unlink");
    AUTO_DECREF PyObject *done =
        remove == NULL ? NULL : PyObject_CallFunctionObjArgs(enlist, remove, Py_True, NULL);
    return done == NULL ? -1 : 0;
}

/* Make a file for the text. */
static PyObject *
make_file(Session *s, const MagicCall *call, PyObject *text)
{
    AUTO_DECREF PyObject *bytes =
        PyUnicode_AsEncodedString(text, "utf-8", "surrogateescape");
    AUTO_FREE char *name = NULL;
    if (bytes == NULL)
        return NULL;
    int r = editor_file(PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes), &name);
    if (r < 0) {
        magic_usage_error(s, call, "no file for the editor: %s", strerror(-r));
        return NULL;
    }
    AUTO_DECREF PyObject *path = PyUnicode_DecodeFSDefault(name);
    if (path != NULL && remove_at_exit(path) == 0)
        return TAKE(path);
    (void)unlink(name);
    return NULL;
}

/* What `%edit -p` edits again, an attribute of the shell object's; new, or NULL. */
static int
previous(Session *s, PyObject **ret_path)
{
    return call_attr_get(s->shell, "_last_edited", ret_path);
}

static int
find_previous(Session *s, const MagicCall *call, Edit *e)
{
    int found = previous(s, &e->path);
    if (found == 0)
        magic_usage_error(s, call, "nothing was edited yet");
    e->temporary = true;
    return found == 1 ? 0 : -1;
}

/* A new file is what a word is that names nothing. */
static int
find_target(Session *s, const MagicCall *call, PyObject *words, bool raw, Edit *e)
{
    if (PyUnicode_GET_LENGTH(words) == 0) {
        AUTO_DECREF PyObject *empty = PyUnicode_FromString("");
        e->path = empty == NULL ? NULL : make_file(s, call, empty);
        e->temporary = true;
        return e->path == NULL ? -1 : 0;
    }
    int found = magic_input_code_find(s, call, words, raw ? 0 : HIST_SOURCE, &e->code);
    if (found < 0)
        return -1;
    if (found == 1 && e->code.path != NULL) {
        AUTO_DECREF PyObject *exists = call_import("posixpath", "isfile");
        AUTO_DECREF PyObject *there =
            exists == NULL ? NULL : PyObject_CallOneArg(exists, e->code.path);
        if (there == NULL)
            return -1;
        if (there == Py_True) {
            e->path = Py_NewRef(e->code.path);
            e->line = e->code.line;
            return 0;
        }
    }
    e->temporary = found == 1;
    e->path = found == 1 ? make_file(s, call, e->code.text) : magic_input_code_file(words);
    return e->path == NULL ? -1 : 0;
}

/* Let the user edit: 0, or -1 with an exception set where the editor can't be started or fails. */
static int
open_editor(Session *s, const MagicCall *call, const Edit *e)
{
    AUTO_DECREF PyObject *path = PyUnicode_EncodeFSDefault(e->path);
    AUTO_FREE char *line = NULL;
    if (path == NULL)
        return -1;
    if (editor_command(PyBytes_AS_STRING(path), e->line, &line) < 0)
        return PyErr_NoMemory(), -1;
    AUTO_DECREF PyObject *command = PyUnicode_DecodeFSDefault(line);
    if (command == NULL || session_system_run(s, command) < 0)
        return -1;
    BORROWED PyObject *status = PyDict_GetItemString(s->namespace, "_exit_code");
    if (status == NULL || !PyLong_Check(status) || PyLong_AsLong(status) == 0)
        return 0;
    magic_usage_error(s, call, "%s ended with status %S: nothing is executed",
                      editor_name(), status);
    return -1;
}

/* Give the edited macro its new text. */
static PyObject *
replace_macro(Session *s, PyObject *name, PyObject *text)
{
    AUTO_DECREF PyObject *macro = session_macro_new(s, text);
    if (macro == NULL || PyDict_SetItem(s->namespace, name, macro) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *
execute(Session *s, const MagicCall *call, const Edit *e, bool executes)
{
    AUTO_DECREF PyObject *text = magic_input_code_read(s, call, e->path);
    if (text == NULL)
        return NULL;
    if (e->code.macro != NULL)
        return replace_macro(s, e->code.macro, text);
    if (executes) {
        session_say("Editing... done. Executing edited code...");
        if (session_cell_execute_file(s, text, e->path) < 0)
            return NULL;
    }
    if (e->temporary)
        return TAKE(text);
    Py_RETURN_NONE;
}

static PyObject *
edit_run(Session *s, const MagicCall *call)
{
    AUTO(magic_switches_done) MagicSwitches w;
    if (magic_switches_read(s, call, "prx n:", &w) < 0)
        return NULL;
    __attribute__((cleanup(edit_done_slot))) Edit e = { 0 };
    int r = w.on['p'] ? find_previous(s, call, &e)
                      : find_target(s, call, w.rest, w.on['r'], &e);
    if (r < 0 || magic_switches_number(s, call, &w, 'n', &e.line) < 0
        || PyObject_SetAttrString(s->shell, "_last_edited", e.path) < 0
        || open_editor(s, call, &e) < 0)
        return NULL;
    return execute(s, call, &e, !w.on['x']);
}

#define EDIT_USAGE "[-p] [-x] [-r] [-n LINE] [FILE|RANGE|NAME]"

const Magic magic_edit = {
    .name = "edit",
    .usage = EDIT_USAGE,
    .summary =
        "Open a file, inputs, a macro or an object's source in $VISUAL or $EDITOR, and "
        "execute what it is then; -x doesn't, -p takes the previous one again, -r takes "
        "inputs as typed, -n goes to a line.",
    .flags = MAGIC_LINE,
    .run = edit_run,
};

const Magic magic_ed = {
    .name = "ed",
    .usage = EDIT_USAGE,
    .summary = "The same as %edit.",
    .flags = MAGIC_LINE,
    .run = edit_run,
};
