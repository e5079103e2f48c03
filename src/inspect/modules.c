#include "inspect/modules.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "input/lex.h"
#include "py/call.h"
#include "py/exc.h"

static void
closedir_slot(DIR **folder)
{
    if (*folder != NULL)
        closedir(*folder);
}

static bool
ends_with(const char *name, size_t length, const char *suffix)
{
    size_t of = strlen(suffix);
    return length > of && memcmp(name + length - of, suffix, of) == 0;
}

/* How long the module's name is that the file is of, or 0: `name.py`, `name.cpython-311-x.so`. */
static size_t
module_length(const char *file)
{
    size_t length = strlen(file);
    bool source = ends_with(file, length, ".py");
    if (!source && !ends_with(file, length, ".so"))
        return 0;
    return source ? length - 3 : strcspn(file, ".");
}

/* Whether the folder is a package; one without any `__init__` counts for none. */
static bool
is_package(const char *folder, const char *name)
{
    char path[4096];
    struct stat file;
    int n = snprintf(path, sizeof path, "%s/%s/__init__.py", folder, name);
    return n > 0 && (size_t)n < sizeof path && stat(path, &file) == 0;
}

static int
add_entry(const char *folder, const struct dirent *entry, PyObject *list)
{
    const char *name = entry->d_name;
    size_t length = module_length(name);
    bool whole = length == 0 && strchr(name, '.') == NULL && entry->d_type != DT_REG
                 && is_package(folder, name);
    if (whole)
        length = strlen(name);
    if (length == 0 || (length == 8 && memcmp(name, "__init__", 8) == 0))
        return 0;
    AUTO_DECREF PyObject *text = PyUnicode_DecodeUTF8(name, (Py_ssize_t)length, "replace");
    if (text == NULL)
        return -1;
    return PyUnicode_IsIdentifier(text) == 1 ? PyList_Append(list, text) : 0;
}

static PyObject *
list_folder(const char *path)
{
    __attribute__((cleanup(closedir_slot))) DIR *folder = opendir(path);
    AUTO_DECREF PyObject *list = PyList_New(0);
    if (list == NULL)
        return NULL;
    const struct dirent *entry;
    while (folder != NULL && (entry = readdir(folder)) != NULL)
        if (add_entry(path, entry, list) < 0)
            return NULL;
    return TAKE(list);
}

/* The first part of each thing that the importer of a zip file, or of another place, has. */
static PyObject *
ask_importer(PyObject *entry)
{
    AUTO_DECREF PyObject *get = call_import("pkgutil", "get_importer");
    AUTO_DECREF PyObject *importer = get == NULL ? NULL : PyObject_CallOneArg(get, entry);
    AUTO_DECREF PyObject *iterate =
        importer == NULL ? NULL : call_import("pkgutil", "iter_importer_modules");
    AUTO_DECREF PyObject *found =
        iterate == NULL ? NULL : PyObject_CallOneArg(iterate, importer);
    AUTO_DECREF PyObject *pairs = found == NULL ? NULL : PySequence_List(found);
    AUTO_DECREF PyObject *list = pairs == NULL ? NULL : PyList_New(0);
    if (list == NULL)
        return NULL;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(pairs); i++) {
        AUTO_DECREF PyObject *name = PySequence_GetItem(PyList_GET_ITEM(pairs, i), 0);
        if (name == NULL || (PyUnicode_Check(name) && PyList_Append(list, name) < 0))
            return NULL;
    }
    return TAKE(list);
}

/* What is true of a place as long as it stays as it is: its time and its number. */
static PyObject *
stamp_of(const struct stat *place)
{
    return Py_BuildValue("LLK", (long long)place->st_mtim.tv_sec,
                         (long long)place->st_mtim.tv_nsec,
                         (unsigned long long)place->st_ino);
}

/* What is kept of the place with that stamp: 1, 0 where there is nothing. */
static int
recall(PyObject *known, PyObject *entry, PyObject *stamp, PyObject **ret_list)
{
    AUTO_DECREF PyObject *kept = NULL;
    int found = known == NULL ? 0 : call_dict_get(known, entry, &kept);
    if (found != 1)
        return found;
    int same = PyObject_RichCompareBool(PyTuple_GET_ITEM(kept, 0), stamp, Py_EQ);
    if (same == 1)
        *ret_list = Py_NewRef(PyTuple_GET_ITEM(kept, 1));
    return same;
}

static int
keep(PyObject *known, PyObject *entry, PyObject *stamp, PyObject *list)
{
    AUTO_DECREF PyObject *kept = PyTuple_Pack(2, stamp, list);
    return kept == NULL ? -1 : known == NULL ? 0 : PyDict_SetItem(known, entry, kept);
}

/* Look at the place, or at the file that it lies in: a folder of a zip file. */
static bool
look_at(const char *path, struct stat *ret_place)
{
    char outer[4096];
    if (stat(path, ret_place) == 0)
        return true;
    if (strlen(path) >= sizeof outer)
        return false;
    memcpy(outer, path, strlen(path) + 1);
    for (char *slash = strrchr(outer, '/'); slash != NULL; slash = strrchr(outer, '/')) {
        *slash = '\0';
        if (stat(outer, ret_place) == 0)
            return S_ISREG(ret_place->st_mode);
    }
    return false;
}

PyObject *
inspect_modules_in(PyObject *known, PyObject *entry)
{
    struct stat place;
    if (!PyUnicode_CheckExact(entry))
        return PyList_New(0);
    const char *path = PyUnicode_AsUTF8(entry);
    if (path == NULL) {
        PyErr_Clear();  // no name that a file can have
        return PyList_New(0);
    }
    path = *path == '\0' ? "." : path;
    if (!look_at(path, &place))
        return PyList_New(0);
    AUTO_DECREF PyObject *stamp = stamp_of(&place);
    AUTO_DECREF PyObject *list = NULL;
    int found =
        stamp == NULL || strcmp(path, ".") == 0 ? 0 : recall(known, entry, stamp, &list);
    if (stamp == NULL || found != 0)
        return found < 0 ? NULL : TAKE(list);
    list = S_ISDIR(place.st_mode) ? list_folder(path) : ask_importer(entry);
    if (list == NULL && PyErr_ExceptionMatches(PyExc_Exception)
        && !PyErr_ExceptionMatches(PyExc_MemoryError)) {
        PyErr_Clear();  // a broken zip file: it has no modules
        list = PyList_New(0);
    }
    return list == NULL || keep(known, entry, stamp, list) < 0 ? NULL : TAKE(list);
}

/* The spec of `name` in the places: 1, 0 where there is none.  Nothing is imported. */
static int
find_spec(PyObject *name, PyObject *places, PyObject **ret_spec)
{
    AUTO_DECREF PyObject *finder = call_import("importlib.machinery", "PathFinder");
    AUTO_DECREF PyObject *spec =
        finder == NULL ? NULL
                       : PyObject_CallMethod(finder, "find_spec", "OO", name, places);
    if (spec == NULL)
        return -1;
    if (spec == Py_None)
        return 0;
    *ret_spec = TAKE(spec);
    return 1;
}

/* The `__path__` that an imported module has in its dict: 1, 0 where it has none. */
static int
path_of_imported(PyObject *module, PyObject **ret_places)
{
    AUTO_DECREF PyObject *path = NULL;
    int found = call_module_own(module, "__path__", &path);
    if (found != 1)
        return found;
    *ret_places = PySequence_List(path);
    return *ret_places == NULL ? -1 : 1;
}

static PyObject *
search_path(void)
{
    AUTO_DECREF PyObject *path = Py_XNewRef(PySys_GetObject("path"));
    return path == NULL || !PyList_Check(path) ? PyList_New(0) : PySequence_List(path);
}

/* The places of the package that `name` is in. */
static PyObject *
places_around(PyObject *name)
{
    Py_ssize_t dot = PyUnicode_FindChar(name, '.', 0, PyUnicode_GET_LENGTH(name), -1);
    AUTO_DECREF PyObject *parent = PyUnicode_Substring(name, 0, dot < 0 ? 0 : dot);
    return parent == NULL ? NULL : inspect_modules_places(parent);
}

static PyObject *
places_of_spec(PyObject *spec)
{
    AUTO_DECREF PyObject *places =
        PyObject_GetAttrString(spec, "submodule_search_locations");
    if (places == NULL)
        return NULL;
    return places == Py_None ? PyList_New(0) : PySequence_List(places);
}

PyObject *
inspect_modules_places(PyObject *name)
{
    if (PyUnicode_GET_LENGTH(name) == 0)
        return search_path();
    AUTO_DECREF PyObject *module = NULL;
    int found = call_module_get(name, &module);
    if (found < 0)
        return NULL;
    if (found == 1) {
        AUTO_DECREF PyObject *places = NULL;
        found = path_of_imported(module, &places);
        return found < 0 ? NULL : found == 0 ? PyList_New(0) : TAKE(places);
    }
    AUTO_DECREF PyObject *around = places_around(name);
    AUTO_DECREF PyObject *spec = NULL;
    found = around == NULL ? -1 : find_spec(name, around, &spec);
    return found < 0 ? NULL : found == 0 ? PyList_New(0) : places_of_spec(spec);
}

/* Reads the statements at the top of a source text. */
typedef struct Top {
    const char *text;
    InputLex lex;
    InputToken token;
    PyObject *list;
} Top;

static bool
next_token(Top *t)
{
    bool more;
    do {
        more = input_lex_next(&t->lex, &t->token);
    } while (more && (t->token.kind == LEX_SPACE || t->token.kind == LEX_JOIN));
    return more;
}

static bool
is_word(const Top *t, const char *word)
{
    return input_token_is(t->text, &t->token, word);
}

static int
add_name(Top *t, const InputToken *token)
{
    AUTO_DECREF PyObject *name = PyUnicode_DecodeUTF8(
        t->text + token->start, (Py_ssize_t)(token->end - token->start), "replace");
    return name == NULL ? -1 : PyList_Append(t->list, name);
}

/* import a.b as c, d; from a import b as c, (d): the last name before each comma, but the first
 * part of a dotted one. */
static int
read_import(Top *t, bool from)
{
    InputToken name = { 0 };
    bool dotted = false;
    bool named = !from;
    int depth = 0;
    while (next_token(t)) {
        depth += t->token.kind == LEX_OPEN;
        depth -= t->token.kind == LEX_CLOSE;
        if (t->token.kind == LEX_NEWLINE && depth <= 0)
            break;
        bool comma = is_word(t, ",");
        if (comma && name.end > 0 && add_name(t, &name) < 0)
            return -1;
        if (comma)
            name = (InputToken){ 0 };
        named = named || is_word(t, "import");
        if (named && t->token.kind == LEX_NAME && !dotted)
            name = t->token;
        dotted = named && is_word(t, ".");
    }
    return name.end > 0 ? add_name(t, &name) : 0;
}

/* Go to the end of the logical line. */
static void
skip_line(Top *t)
{
    int depth = 0;
    do {
        depth += t->token.kind == LEX_OPEN;
        depth -= t->token.kind == LEX_CLOSE;
        if (t->token.kind == LEX_NEWLINE && depth <= 0)
            return;
    } while (next_token(t));
}

/* A statement that begins with the token, which no blank stands before. */
static int
read_statement(Top *t)
{
    if (is_word(t, "async") && !next_token(t))
        return 0;
    if (is_word(t, "import") || is_word(t, "from"))
        return read_import(t, is_word(t, "from"));
    bool defines = is_word(t, "def") || is_word(t, "class");
    if (defines && !next_token(t))
        return 0;
    InputToken name = t->token;
    if (defines || name.kind != LEX_NAME) {
        skip_line(t);
        return defines && name.kind == LEX_NAME ? add_name(t, &name) : 0;
    }
    if (next_token(t) && (is_word(t, "=") || is_word(t, ":")) && add_name(t, &name) < 0)
        return -1;
    skip_line(t);
    return 0;
}

static int
read_top(PyObject *source, PyObject *list)
{
    Py_ssize_t length = 0;
    const char *text = PyUnicode_AsUTF8AndSize(source, &length);
    if (text == NULL)
        return -1;
    Top t = { .text = text, .list = list };
    input_lex_init(&t.lex, text, (size_t)length, 0);
    while (next_token(&t)) {
        bool outer = t.token.start == 0 || input_is_newline(text[t.token.start - 1]);
        if (t.token.kind == LEX_NEWLINE || t.token.kind == LEX_COMMENT)
            continue;
        if (!outer)
            skip_line(&t);
        else if (read_statement(&t) < 0)
            return -1;
    }
    return 0;
}

/* Whether importing it runs no code but C's, and that of a library which everybody has. */
static int
is_standard(PyObject *name)
{
    BORROWED PyObject *names = PySys_GetObject("stdlib_module_names");
    return names == NULL || !PyAnySet_Check(names) ? 0 : PySet_Contains(names, name);
}

static int
add_imported(PyObject *name, PyObject *list)
{
    int standard = is_standard(name);
    if (standard != 1)
        return standard;
    AUTO_DECREF PyObject *module = PyImport_Import(name);
    AUTO_DECREF PyObject *names = module == NULL || !PyModule_Check(module)
                                      ? NULL
                                      : PyDict_Keys(PyModule_GetDict(module));
    return names == NULL ? -1 : PyList_SetSlice(list, 0, 0, names);
}

/* The source as the loader has it; None where it has none. */
static PyObject *
source_of(PyObject *spec, PyObject *name)
{
    AUTO_DECREF PyObject *loader = PyObject_GetAttrString(spec, "loader");
    AUTO_DECREF PyObject *get = NULL;
    if (loader == NULL || call_attr_get(loader, "get_source", &get) < 0)
        return NULL;
    return get == NULL ? Py_NewRef(Py_None) : PyObject_CallOneArg(get, name);
}

static int
add_bound(PyObject *name, PyObject *list)
{
    AUTO_DECREF PyObject *around = places_around(name);
    AUTO_DECREF PyObject *spec = NULL;
    int found = around == NULL ? -1 : find_spec(name, around, &spec);
    if (found < 0)
        return -1;
    AUTO_DECREF PyObject *source = found == 0 ? Py_NewRef(Py_None) : source_of(spec, name);
    if (source == NULL)
        return -1;
    return PyUnicode_Check(source) ? read_top(source, list) : add_imported(name, list);
}

PyObject *
inspect_modules_bound(PyObject *name)
{
    AUTO_DECREF PyObject *list = PyList_New(0);
    if (list == NULL)
        return NULL;
    if (add_bound(name, list) == 0)
        return TAKE(list);
    if (!PyErr_ExceptionMatches(PyExc_Exception)
        || PyErr_ExceptionMatches(PyExc_MemoryError))
        return NULL;
    PyErr_Clear();  // a source that can't be read
    return PyList_New(0);
}
