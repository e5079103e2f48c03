/* obj?, obj?? and wildcards: %pinfo, %pinfo2, %psearch. */
#include <string.h>

#include "base/buf.h"
#include "inspect/object.h"
#include "magic/table.h"
#include "py/call.h"
#include "session/cell.h"
#include "session/pager.h"
#include "session/registry.h"
#include "session/report.h"
#include "show/color.h"

enum { WIDTH = 78 };  // of a summary's lines

/* The summary in lines, each behind four blanks. */
static PyObject *
wrap(const char *summary)
{
    AUTO(buf_done) Buf out = { 0 };
    size_t column = 0;
    for (const char *word = summary; *word != '\0';) {
        size_t length = strcspn(word, " ");
        bool fits = column > 0 && column + 1 + length <= WIDTH;
        if (!fits)
            buf_add_text(&out, column > 0 ? "\n    " : "    ");
        column = fits ? column + 1 + length : 4 + length;
        buf_add_text(&out, fits ? " " : "");
        buf_add(&out, word, length);
        word += length;
        word += strspn(word, " ");
    }
    AUTO_FREE char *text = NULL;
    if (buf_take(&out, &text) < 0)
        return PyErr_NoMemory();
    return PyUnicode_FromString(text);
}

static int
write_magic(const Magic *m)
{
    const char *sign = m->flags & MAGIC_LINE ? "%" : "%%";
    AUTO_DECREF PyObject *summary = wrap(m->summary);
    AUTO_DECREF PyObject *text =
        summary == NULL
            ? NULL
            : PyUnicode_FromFormat("%s%s %s\n%U\n%s", sign, m->name, m->usage, summary,
                                   (m->flags & MAGIC_CELL) && (m->flags & MAGIC_LINE)
                                       ? "    Also for a cell, with %%.\n"
                                       : "");
    return text == NULL ? -1 : session_pager_show(text);
}

/* Tell about an object below a heading, a str. */
static int
write_object(PyObject *heading, PyObject *object, bool with_source)
{
    AUTO_DECREF PyObject *out = Py_XNewRef(PySys_GetObject("stdout"));
    const InspectDetail detail = { .source = with_source,
                                   .color = out != NULL && color_is_wanted(out) };
    AUTO_DECREF PyObject *text = inspect_object_text(object, detail);
    AUTO_DECREF PyObject *page = text == NULL ? NULL : PyUnicode_Concat(heading, text);
    return page == NULL ? -1 : session_pager_show(page);
}

/* What is known of a registered magic: that of its callable. */
static int
write_registered(PyObject *name, PyObject *function, bool with_source)
{
    AUTO_DECREF PyObject *heading = PyUnicode_FromFormat("%%%U, registered\n", name);
    return heading == NULL ? -1 : write_object(heading, function, with_source);
}

/* Help on the magic that the line names, with or without its `%`: 1, 0 where it names none. */
static int
help_on_magic(Session *s, PyObject *line, bool with_source)
{
    AUTO_DECREF PyObject *name = PyObject_CallMethod(line, "lstrip", "s", "%");
    Py_ssize_t length = 0;
    const char *text = name == NULL ? NULL : PyUnicode_AsUTF8AndSize(name, &length);
    if (text == NULL)
        return -1;
    AUTO_DECREF PyObject *function = NULL;
    int found = session_registry_get(s, name, MAGIC_LINE, &function);
    if (found == 0)
        found = session_registry_get(s, name, MAGIC_CELL, &function);
    if (found != 0)
        return found < 0 || write_registered(name, function, with_source) < 0 ? -1 : 1;
    const Magic *m = magic_find(s, text, (size_t)length);
    if (m == NULL)
        return 0;
    return write_magic(m) < 0 ? -1 : 1;
}

static PyObject *
evaluate(Session *s, PyObject *line)
{
    AUTO_DECREF PyObject *filename = PyUnicode_FromString("<help>");
    AUTO_DECREF PyObject *code =
        filename == NULL ? NULL : session_cell_compile(s, line, filename, "eval");
    return code == NULL ? NULL : session_cell_evaluate(s, code);
}

/* The object that the line names: as it lies there, or as evaluating the line has it. */
static PyObject *
find_object(Session *s, PyObject *line)
{
    AUTO_DECREF PyObject *object = NULL;
    int found = inspect_object_find(s->namespace, line, &object);
    if (found != 0)
        return found < 0 ? NULL : TAKE(object);
    return evaluate(s, line);
}

/* What `?` alone tells. */
static PyObject *
write_short_help(void)
{
    static const char HELP[] =
        "len?  len??     what an object is, and its source\n"
        "np.*load*?      names like this\n"
        "%run?           a magic; %lsmagic lists them all\n"
        "!ls  x = !ls    the shell's commands\n"
        "help(len)       Python's own help\n"
        "Tab completes, Up and Ctrl-R find what was typed, Alt-Enter runs a cell as it "
        "is,\n"
        "Ctrl-O adds a line to it, F2 opens it in $EDITOR, Ctrl-D leaves.\n";
    AUTO_DECREF PyObject *text = PyUnicode_FromString(HELP);
    if (text == NULL || session_pager_show(text) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *
help_on_line(Session *s, const MagicCall *call, bool with_source)
{
    if (PyUnicode_GET_LENGTH(call->line) == 0)
        return write_short_help();
    bool magic = PyUnicode_READ_CHAR(call->line, 0) == '%';
    AUTO_DECREF PyObject *object = magic ? NULL : find_object(s, call->line);
    if (object == NULL && PyErr_ExceptionMatches(PyExc_KeyboardInterrupt))
        return NULL;
    if (object == NULL) {
        PyErr_Clear();  // it is said below, in one line
        int found = help_on_magic(s, call->line, with_source);
        if (found < 0)
            return NULL;
        if (found == 0)
            session_say("no object %U", call->line);
        Py_RETURN_NONE;
    }
    AUTO_DECREF PyObject *heading = PyUnicode_FromString("");
    if (heading == NULL || write_object(heading, object, with_source) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *
pinfo_run(Session *s, const MagicCall *call)
{
    return help_on_line(s, call, false);
}

static PyObject *
pinfo2_run(Session *s, const MagicCall *call)
{
    return help_on_line(s, call, true);
}

const Magic magic_pinfo = {
    .name = "pinfo",
    .usage = "OBJECT",
    .summary = "What an object is: signature, type, file, docstring; also OBJECT?",
    .flags = MAGIC_LINE | MAGIC_RAW,
    .run = pinfo_run,
};

const Magic magic_pinfo2 = {
    .name = "pinfo2",
    .usage = "OBJECT",
    .summary = "The same with its source, as it ran; also OBJECT??",
    .flags = MAGIC_LINE | MAGIC_RAW,
    .run = pinfo2_run,
};

/* Add the str among the keys of a dict. */
static int
add_keys(PyObject *names, PyObject *dict)
{
    AUTO_DECREF PyObject *keys = PyDict_Keys(dict);
    for (Py_ssize_t i = 0; keys != NULL && i < PyList_GET_SIZE(keys); i++)
        if (PyUnicode_CheckExact(PyList_GET_ITEM(keys, i))
            && PyList_Append(names, PyList_GET_ITEM(keys, i)) < 0)
            return -1;
    return keys == NULL ? -1 : 0;
}

/* The names at the prompt, and the builtin ones that these do not cover. */
static PyObject *
prompt_names(Session *s)
{
    AUTO_DECREF PyObject *builtins = PyImport_ImportModule("builtins");
    AUTO_DECREF PyObject *all =
        builtins == NULL ? NULL : PyDict_Copy(PyModule_GetDict(builtins));
    AUTO_DECREF PyObject *names =
        all == NULL || PyDict_Update(all, s->namespace) < 0 ? NULL : PyList_New(0);
    return names == NULL || add_keys(names, all) < 0 ? NULL : TAKE(names);
}

/* The names of the magics, with a `%`. */
static PyObject *
magic_names(Session *s)
{
    AUTO_DECREF PyObject *names = PyList_New(0);
    for (const Magic *const *m = s->magics; names != NULL && *m != NULL; m++) {
        AUTO_DECREF PyObject *name = PyUnicode_FromFormat("%%%s", (*m)->name);
        if (name == NULL || PyList_Append(names, name) < 0)
            return NULL;
    }
    return TAKE(names);
}

/* The names that the pattern's last part is matched with. */
static PyObject *
candidates(Session *s, PyObject *owner, PyObject *pattern)
{
    if (owner != NULL) {
        AUTO_DECREF PyObject *object = find_object(s, owner);
        return object == NULL ? NULL : PyObject_Dir(object);
    }
    bool magic =
        PyUnicode_GET_LENGTH(pattern) > 0 && PyUnicode_READ_CHAR(pattern, 0) == '%';
    return magic ? magic_names(s) : prompt_names(s);
}

/* A row for each of the names, behind the object that they are of. */
static PyObject *
rows_of(PyObject *owner, PyObject *names)
{
    AUTO_DECREF PyObject *before =
        owner == NULL ? PyUnicode_FromString("") : PyUnicode_FromFormat("%U.", owner);
    AUTO_DECREF PyObject *rows = before == NULL ? NULL : PyList_New(0);
    for (Py_ssize_t i = 0; rows != NULL && i < PyList_GET_SIZE(names); i++) {
        AUTO_DECREF PyObject *row =
            PyUnicode_FromFormat("%U%U\n", before, PyList_GET_ITEM(names, i));
        if (row == NULL || PyList_Append(rows, row) < 0)
            return NULL;
    }
    AUTO_DECREF PyObject *nothing = PyUnicode_FromString("");
    return rows == NULL || nothing == NULL ? NULL : PyUnicode_Join(nothing, rows);
}

static PyObject *
psearch_run(Session *s, const MagicCall *call)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(call->line);
    Py_ssize_t dot = PyUnicode_FindChar(call->line, '.', 0, length, -1);
    AUTO_DECREF PyObject *owner = dot > 0 ? PyUnicode_Substring(call->line, 0, dot) : NULL;
    AUTO_DECREF PyObject *pattern = PyUnicode_Substring(call->line, dot + 1, length);
    AUTO_DECREF PyObject *filter =
        PyErr_Occurred() ? NULL : call_import("fnmatch", "filter");
    AUTO_DECREF PyObject *names = filter == NULL ? NULL : candidates(s, owner, pattern);
    if (names == NULL)
        return NULL;
    AUTO_DECREF PyObject *found =
        PyObject_CallFunctionObjArgs(filter, names, pattern, NULL);
    if (found == NULL || PyList_Sort(found) < 0)
        return NULL;
    if (PyList_GET_SIZE(found) == 0)
        session_say("no name matches %U", call->line);
    AUTO_DECREF PyObject *rows = rows_of(owner, found);
    if (rows == NULL || session_pager_show(rows) < 0)
        return NULL;
    Py_RETURN_NONE;
}

const Magic magic_psearch = {
    .name = "psearch",
    .usage = "PATTERN",
    .summary = "The names that a pattern with * and ? matches; also np.*load*?",
    .flags = MAGIC_LINE | MAGIC_RAW,
    .run = psearch_run,
};
