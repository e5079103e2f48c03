/* Lines of the shell: paths, commands, magics and their options; paths in strings too. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inspect/folder.h"
#include "inspect/source.h"
#include "py/exc.h"

static int
add_file(const InspectFile *file, void *context)
{
    InspectCompletion *c = context;
    return inspect_candidates_add(&c->found, file->text,
                                  file->folder ? INSPECT_FOLDER : INSPECT_FILE, RANK_NAMES);
}

static int
add_folder(const InspectFile *file, void *context)
{
    return file->folder ? add_file(file, context) : 0;
}

/* What %run can take. */
static int
add_script(const InspectFile *file, void *context)
{
    static const char *const endings[] = { ".py", ".ipy", ".ipynb", ".pyz", ".zip" };
    const char *text = PyUnicode_AsUTF8(file->text);
    if (text == NULL) {
        PyErr_Clear();  // no name for a line of text
        return 0;
    }
    bool script = file->folder;
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        size_t length = strlen(endings[i]);
        script = script
                 || (strlen(text) > length
                     && strcmp(text + strlen(text) - length, endings[i]) == 0);
    }
    return script ? add_file(file, context) : 0;
}

static int
visit_files(InspectCompletion *c, InspectFileVisit visit)
{
    bool shell = c->want.kind != WANT_STRING;
    return inspect_folder_each(c->found.typed, shell, visit, c);
}

static int
files_step(InspectCompletion *c)
{
    return visit_files(c, add_file);
}

static int
folders_step(InspectCompletion *c)
{
    return visit_files(c, add_folder);
}

static int
scripts_step(InspectCompletion *c)
{
    return visit_files(c, add_script);
}

/* Add the last part of a path that is one of a command. */
static int
add_command(const InspectFile *file, void *context)
{
    InspectCompletion *c = context;
    if (file->folder)
        return 0;
    Py_ssize_t length = PyUnicode_GET_LENGTH(file->text);
    Py_ssize_t slash = PyUnicode_FindChar(file->text, '/', 0, length, -1);
    AUTO_DECREF PyObject *name = PyUnicode_Substring(file->text, slash + 1, length);
    return name == NULL
               ? -1
               : inspect_candidates_add(&c->found, name, INSPECT_FUNCTION, RANK_SHARED);
}

/* The commands in the next folder of $PATH. */
static int
commands_step(InspectCompletion *c)
{
    const char *path = getenv("PATH");
    for (long i = 0; path != NULL && i < c->at; i++) {
        path = strchr(path, ':');
        path = path == NULL ? NULL : path + 1;
    }
    if (path == NULL)
        return 0;
    c->at++;
    AUTO_DECREF PyObject *folder =
        PyUnicode_DecodeUTF8(path, (Py_ssize_t)strcspn(path, ":"), "surrogateescape");
    AUTO_DECREF PyObject *typed =
        folder == NULL ? NULL : PyUnicode_FromFormat("%U/", folder);
    return typed == NULL || inspect_folder_each(typed, false, add_command, c) < 0 ? -1 : 1;
}

static int
magics_step(InspectCompletion *c)
{
    AUTO_DECREF PyObject *names = c->scope.magics(c->scope.context, c->want.cell);
    return inspect_source_add_list(c, names, INSPECT_MAGIC, RANK_NAMES);
}

/* How the magic is used, UTF-8, as long as `*ret_text` lives; "" where that is not known. */
static const char *
usage_of(const InspectCompletion *c, PyObject **ret_text)
{
    AUTO_DECREF PyObject *name = inspect_source_text(c, c->want.object);
    AUTO_DECREF PyObject *usage = name == NULL ? NULL
                                  : c->scope.usage == NULL
                                      ? Py_NewRef(Py_None)
                                      : c->scope.usage(c->scope.context, name);
    if (usage == NULL)
        return NULL;
    if (!PyUnicode_Check(usage))
        return "";
    const char *text = PyUnicode_AsUTF8(usage);
    *ret_text = TAKE(usage);
    return text;
}

static int
add_option(InspectCompletion *c, const char *text, size_t length)
{
    AUTO_DECREF PyObject *option = PyUnicode_FromStringAndSize(text, (Py_ssize_t)length);
    return option == NULL
               ? -1
               : inspect_candidates_add(&c->found, option, INSPECT_OPTION, RANK_FIRST);
}

/* `-abc` is three options. */
static int
add_short_options(InspectCompletion *c, const char *letters, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const char option[] = { '-', letters[i] };
        if (add_option(c, option, sizeof option) < 0)
            return -1;
    }
    return 0;
}

/* Add what stands in the usage as it is to be typed: options where they are wanted, and words that
 * have a small letter; words in capitals stand for something. */
static int
add_literals(InspectCompletion *c, const char *usage, bool options)
{
    static const char BETWEEN[] = " [|]()";
    int r = 0;
    while (r == 0 && *usage != '\0') {
        usage += strspn(usage, BETWEEN);
        size_t length = strcspn(usage, BETWEEN);
        bool literal = length > 0 && usage[length - 1] >= 'a' && usage[length - 1] <= 'z';
        if (length > 0 && usage[0] == '-' && !options)
            r = 0;
        else if (length > 1 && usage[0] == '-' && usage[1] != '-')
            r = add_short_options(c, usage + 1, length - 1);
        else if ((length > 2 && usage[0] == '-')
                 || (literal && memchr(usage, '=', length) == NULL))
            r = add_option(c, usage, length);
        usage += length;
    }
    return r;
}

/* Whether the word stands in the usage, not as the value of an option. */
static bool
takes(const char *usage, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = strstr(usage, word); at != NULL; at = strstr(at + 1, word)) {
        bool whole = at[length] == '\0' || strchr(" |].=", at[length]) != NULL;
        bool value = at - usage > 3 && at[-1] == ' ' && at[-3] == '-';
        if (whole && !value)
            return true;
    }
    return false;
}

/* Whether the rest of the line has a word before this one that is no option; `ret_module`: the one
 * just before it is `-m`. */
static bool
has_argument(const InspectCompletion *c, bool *ret_module)
{
    bool argument = false;
    size_t at = c->want.rest.start;
    *ret_module = false;
    while (at < c->want.replaced.start) {
        size_t length = strcspn(c->utf8 + at, " \t");
        if (length > 0) {
            *ret_module = length == 2 && memcmp(c->utf8 + at, "-m", 2) == 0;
            argument = argument || c->utf8[at] != '-';
        }
        at += length + 1;
    }
    return argument;
}

/* What the magic takes is Python: complete the rest of its line as that. */
static int
plan_code(InspectCompletion *c)
{
    InputWant want;
    if (input_want_code(c->utf8, c->length, c->want.rest.start, c->cursor, &want) < 0) {
        PyErr_NoMemory();
        return -1;
    }
    want.first = false;
    c->want = want;
    InputSpan typed = { want.replaced.start, c->cursor };
    AUTO_DECREF PyObject *text = inspect_source_text(c, typed);
    if (text == NULL)
        return -1;
    Py_XSETREF(c->found.typed, TAKE(text));
    switch (want.kind) {
    case WANT_NAME:
    case WANT_ATTRIBUTE:
        return inspect_source_names(c);
    case WANT_KEY:
        return inspect_source_keys(c);
    case WANT_STRING:
        inspect_source_plan(c, files_step, false);
        return 0;
    case WANT_MODULE:
    case WANT_IMPORT:
    case WANT_MEMBER:
        return inspect_source_modules(c);
    default:
        return 0;
    }
}

static int
plan_argument(InspectCompletion *c)
{
    AUTO_DECREF PyObject *owner = NULL;
    const char *usage = usage_of(c, &owner);
    bool module = false;
    if (usage == NULL)
        return -1;
    bool argument = has_argument(c, &module);
    bool dash =
        c->utf8[c->want.replaced.start] == '-' && c->want.replaced.start < c->cursor;
    // Where files are to be chosen from, options would be in the way of them.
    bool files = takes(usage, "MODULE") || takes(usage, "FILE") || takes(usage, "FOLDER");
    if (add_literals(c, usage, dash || !files) < 0)
        return -1;
    if (dash)
        return 0;
    if (takes(usage, "MODULE") || (module && takes(usage, "FILE")))
        return inspect_source_modules(c);
    if (takes(usage, "FOLDER")) {
        inspect_source_plan(c, folders_step, false);
    } else if (takes(usage, "FILE")) {
        bool script = !argument && takes(usage, "ARGUMENTS");
        inspect_source_plan(c, script ? scripts_step : files_step, false);
    } else if (takes(usage, "ARGUMENTS")) {
        inspect_source_plan(c, files_step, false);
    } else {
        return c->found.count > 0 ? 0 : plan_code(c);
    }
    return 0;
}

int
inspect_source_lines(InspectCompletion *c)
{
    switch (c->want.kind) {
    case WANT_MAGIC:
        if (c->scope.magics != NULL)
            inspect_source_plan(c, magics_step, false);
        return 0;
    case WANT_ARGUMENT:
        return plan_argument(c);
    case WANT_SHELL:
        if (c->want.rest.start == c->want.replaced.start
            && c->want.replaced.start < c->cursor)
            inspect_source_plan(c, commands_step, false);
        break;
    default:
        break;
    }
    inspect_source_plan(c, files_step, false);
    return 0;
}
