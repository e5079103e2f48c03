#include "inspect/folder.h"

#include <dirent.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"

enum { SIGNALS_EVERY = 256 };  // files between two looks at Ctrl-C

static void
closedir_slot(DIR **folder)
{
    if (*folder != NULL)
        closedir(*folder);
}

/* The word as the shell would hand it on: without its quotes and backslashes. */
static void
add_unquoted(Buf *out, const char *word, size_t length)
{
    char quote = '\0';
    for (size_t i = 0; i < length; i++) {
        if (word[i] == '\\' && quote != '\'' && i + 1 < length)
            buf_add(out, &word[++i], 1);
        else if (quote == '\0' && (word[i] == '"' || word[i] == '\''))
            quote = word[i];
        else if (quote != '\0' && word[i] == quote)
            quote = '\0';
        else
            buf_add(out, &word[i], 1);
    }
}

/* Add the home of the user named after `~`: whether there is one. */
static bool
add_home(Buf *out, const char *name, size_t length)
{
    const char *home = getenv("HOME");
    char user[64];
    if (length > 0) {
        if (length >= sizeof user)
            return false;
        memcpy(user, name, length);
        user[length] = '\0';
        const struct passwd *found = getpwnam(user);
        home = found == NULL ? NULL : found->pw_dir;
    }
    if (home == NULL)
        return false;
    buf_add_text(out, home);
    return true;
}

/* The folder to be read, NUL-terminated in `out`. */
static void
add_folder(Buf *out, const char *path, size_t length)
{
    size_t name = 0;
    if (length > 0 && path[0] == '~') {
        name = 1;
        while (name < length && path[name] != '/')
            name++;
        if (!add_home(out, path + 1, name - 1))
            name = 0;
    }
    buf_add(out, path + name, length - name);
    if (out->length == 0)
        buf_add_text(out, ".");
}

typedef struct Reading {
    const char *folder;
    const char *typed;  // what stays of the path as it was typed
    size_t typed_length;
    char quote;  // the one that the shell's word began with
    bool shell;
    bool hidden;
    InspectFileVisit visit;
    void *context;
} Reading;

static bool
is_folder(const Reading *r, const struct dirent *entry)
{
    struct stat file;
    char path[4096];
    if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
    int n = snprintf(path, sizeof path, "%s/%s", r->folder, entry->d_name);
    return n > 0 && (size_t)n < sizeof path && stat(path, &file) == 0
           && S_ISDIR(file.st_mode);
}

static void
add_file_name(Buf *out, const Reading *r, const char *name)
{
    for (; *name != '\0'; name++) {
        if (r->shell && r->quote == '\0'
            && strchr(" \t\"'\\$`*?[](){}<>|&;!#", *name) != NULL)
            buf_add_byte(out, '\\', 1);
        buf_add(out, name, 1);
    }
}

static int
visit_entry(const Reading *r, const struct dirent *entry)
{
    const char *name = entry->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || (name[0] == '.' && !r->hidden))
        return 0;
    AUTO(buf_done) Buf out = { 0 };
    InspectFile file = { .folder = is_folder(r, entry) };
    buf_add(&out, r->typed, r->typed_length);
    add_file_name(&out, r, name);
    if (file.folder)
        buf_add_byte(&out, '/', 1);
    if (out.failed) {
        PyErr_NoMemory();
        return -1;
    }
    AUTO_DECREF PyObject *text =
        PyUnicode_DecodeUTF8(out.bytes, (Py_ssize_t)out.length, "surrogateescape");
    file.text = text;
    return text == NULL ? -1 : r->visit(&file, r->context);
}

static int
read_folder(const Reading *r)
{
    __attribute__((cleanup(closedir_slot))) DIR *folder = opendir(r->folder);
    const struct dirent *entry;
    for (int n = 1; folder != NULL && (entry = readdir(folder)) != NULL; n++)
        if (visit_entry(r, entry) < 0
            || (n % SIGNALS_EVERY == 0 && PyErr_CheckSignals() < 0))
            return -1;
    return 0;
}

int
inspect_folder_each(PyObject *typed, bool shell, InspectFileVisit visit, void *context)
{
    AUTO_DECREF PyObject *bytes =
        PyUnicode_AsEncodedString(typed, "utf-8", "surrogateescape");
    if (bytes == NULL)
        return -1;
    const char *text = PyBytes_AS_STRING(bytes);
    size_t length = (size_t)PyBytes_GET_SIZE(bytes);
    size_t last = length;
    while (last > 0 && text[last - 1] != '/')
        last--;
    bool quoted = shell && length > 0 && (text[0] == '"' || text[0] == '\'');
    size_t name = last == 0 && quoted ? 1 : last;
    AUTO(buf_done) Buf plain = { 0 };
    AUTO(buf_done) Buf folder = { 0 };
    if (shell)
        add_unquoted(&plain, text, last);
    else
        buf_add(&plain, text, last);
    add_folder(&folder, plain.bytes, plain.length);
    buf_add_byte(&folder, '\0', 1);
    if (plain.failed || folder.failed) {
        PyErr_NoMemory();
        return -1;
    }
    Reading r = { .folder = folder.bytes,
                  .typed = text,
                  .typed_length = name,
                  .quote = (char)(quoted ? text[0] : '\0'),
                  .shell = shell,
                  .hidden = name < length && text[name] == '.',
                  .visit = visit,
                  .context = context };
    return read_folder(&r);
}
