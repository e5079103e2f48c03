/* %save, %macro: inputs kept as a file, or under a name. */
#include "magic/input_code.h"
#include "magic/switches.h"
#include "magic/table.h"
#include "py/call.h"
#include "py/text.h"
#include "session/macro.h"
#include "session/output.h"
#include "session/past.h"
#include "session/report.h"

/* The code that the words name, whatever they are about. */
static int
find_code(Session *s, const MagicCall *call, PyObject *words, unsigned flags,
          InputCode *ret_code)
{
    *ret_code = (InputCode){ 0 };
    if (PyUnicode_GET_LENGTH(words) == 0) {
        magic_usage_error(s, call, "which inputs?");
        return -1;
    }
    int found = magic_input_code_find(s, call, words, flags, ret_code);
    if (found == 0)
        magic_usage_error(s, call, "%U is no range, no file and no name", words);
    return found == 1 ? 0 : -1;
}

/* Whether the file may be written: 1, 0, or -1 with an exception set. */
static int
may_write(Session *s, PyObject *path, bool force, bool *ret_exists)
{
    AUTO_DECREF PyObject *ask = call_import("posixpath", "exists");
    AUTO_DECREF PyObject *there = ask == NULL ? NULL : PyObject_CallOneArg(ask, path);
    if (there == NULL)
        return -1;
    *ret_exists = there == Py_True;
    if (!*ret_exists || force)
        return 1;
    if (s->front->confirm == NULL)
        return session_say("%U exists; -f overwrites it, -a appends", path), 0;
    AUTO_DECREF PyObject *question =
        PyUnicode_FromFormat("File `%U` exists. Overwrite (y/[N])? ", path);
    const char *text = question == NULL ? NULL : PyUnicode_AsUTF8(question);
    int answer = text == NULL ? -1 : s->front->confirm(s, text);
    if (answer == 0)
        session_say("nothing was written");
    return answer;
}

static PyObject *
save_path(PyObject *name, bool raw)
{
    bool typed = text_ends_with(name, ".py") || text_ends_with(name, ".ipy");
    AUTO_DECREF PyObject *full =
        typed ? Py_NewRef(name) : PyUnicode_FromFormat("%U%s", name, raw ? ".ipy" : ".py");
    return full == NULL ? NULL : magic_input_code_path(full);
}

static PyObject *
ended_by_newline(PyObject *text)
{
    return text_ends_with(text, "\n") ? Py_NewRef(text)
                                      : PyUnicode_FromFormat("%U\n", text);
}

static PyObject *
save_run(Session *s, const MagicCall *call)
{
    AUTO(magic_switches_done) MagicSwitches w;
    if (magic_switches_read(s, call, "rfa", &w) < 0)
        return NULL;
    if (PyUnicode_GET_LENGTH(w.first) == 0)
        return magic_usage_error(s, call, "to which file?");
    AUTO_DECREF PyObject *path = save_path(w.first, w.on['r']);
    AUTO(magic_input_code_done) InputCode code = { 0 };
    if (path == NULL
        || find_code(s, call, w.behind, w.on['r'] ? 0 : HIST_SOURCE, &code) < 0)
        return NULL;
    bool exists = false;
    int may = may_write(s, path, w.on['f'] || w.on['a'], &exists);
    if (may < 0)
        return NULL;
    if (may == 0)
        Py_RETURN_NONE;
    bool appends = w.on['a'] && exists;
    AUTO_DECREF PyObject *text = ended_by_newline(code.text);
    AUTO_DECREF PyObject *whole =
        text == NULL
            ? NULL
            : PyUnicode_FromFormat("%s%U", appends ? "" : "# coding: utf-8\n", text);
    AUTO_DECREF PyObject *told =
        text == NULL
            ? NULL
            : PyUnicode_FromFormat("The following commands were written to file `%U`:\n%U",
                                   path, text);
    if (whole == NULL || told == NULL
        || magic_input_code_write(s, call, path, w.on['a'] ? "a" : "w", whole) < 0
        || session_output_write(told) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *
macro_run(Session *s, const MagicCall *call)
{
    AUTO(magic_switches_done) MagicSwitches w;
    if (magic_switches_read(s, call, "rq", &w) < 0)
        return NULL;
    BORROWED PyObject *name = w.first;
    if (PyUnicode_GET_LENGTH(name) == 0)
        return magic_usage_error(s, call, "which name?");
    if (PyUnicode_IsIdentifier(name) != 1)
        return magic_usage_error(s, call, "%U is no name", name);
    AUTO(magic_input_code_done) InputCode code = { 0 };
    if (find_code(s, call, w.behind, 0, &code) < 0)
        return NULL;
    AUTO_DECREF PyObject *macro = session_macro_new(s, code.text);
    if (macro == NULL || PyDict_SetItem(s->namespace, name, macro) < 0)
        return NULL;
    AUTO_DECREF PyObject *told = PyUnicode_FromFormat(
        "Macro `%U` created. To execute, type its name (without quotes).\n"
        "=== Macro contents: ===\n%U",
        name, code.text);
    if (told == NULL || (!w.on['q'] && session_output_write(told) < 0))
        return NULL;
    Py_RETURN_NONE;
}

const Magic magic_macro = {
    .name = "macro",
    .usage = "[-q] NAME RANGE...|NAME",
    .summary = "Make a name that executes these inputs when it is typed; -q says nothing.",
    .flags = MAGIC_LINE,
    .run = macro_run,
};

const Magic magic_save = {
    .name = "save",
    .usage = "[-r] [-f] [-a] FILE RANGE...|NAME",
    .summary = "Write inputs to a file: as Python, or as typed (-r, an .ipy file). "
               "-f overwrites without asking, -a appends.",
    .flags = MAGIC_LINE,
    .run = save_run,
};
