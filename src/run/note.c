#include "run/note.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "py/call.h"

// Nanoseconds: file systems tell times no coarser than this, so that a file that was left alone
// for longer has not the same times by chance.
#define COARSEST_TIME INT64_C(2000000000)

enum { BYTECODE_HEAD = 16 };

/* What is known of a file's text: the digest, and by what to see that it may have changed. */
typedef struct Stamp {
    dev_t device;
    ino_t inode;
    off_t size;
    int64_t
        changed;  // nanoseconds: when text or attributes changed, which none can set back
    int64_t modified;
    Py_hash_t text;
    bool settled;  // the same figures mean the same text
} Stamp;

/* A note is a tuple: the spec, `origin` as it was, a Stamp in bytes. */
enum { NOTE_SPEC, NOTE_ORIGIN, NOTE_STAMP };

static int64_t
nanoseconds(struct timespec t)
{
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* The figures of the file, without its text.  Returns whether there is such a file. */
static bool
stamp_look(const char *path, Stamp *ret_stamp)
{
    struct stat status;
    struct timespec now;
    if (stat(path, &status) < 0 || !S_ISREG(status.st_mode))
        return false;
    (void)clock_gettime(CLOCK_REALTIME, &now);  // this clock exists
    *ret_stamp = (Stamp){ .device = status.st_dev,
                          .inode = status.st_ino,
                          .size = status.st_size,
                          .changed = nanoseconds(status.st_ctim),
                          .modified = nanoseconds(status.st_mtim) };
    ret_stamp->settled = ret_stamp->changed < nanoseconds(now) - COARSEST_TIME;
    return true;
}

static bool
stamp_same(const Stamp *a, const Stamp *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size
           && a->changed == b->changed && a->modified == b->modified;
}

/* The digest of the file's text: 1, 0 where it can't be read, -1 with an exception set. */
static int
digest_file(const char *path, Py_hash_t *ret_digest)
{
    AUTO_FREE char *content = NULL;
    size_t length = 0;
    if (file_read(path, &content, &length) < 0)
        return 0;
    AUTO_DECREF PyObject *bytes = PyBytes_FromStringAndSize(content, (Py_ssize_t)length);
    if (bytes == NULL)
        return -1;
    *ret_digest = PyObject_Hash(bytes);
    return 1;
}

/* Put a note about `name` into `notes`. */
static int
note_put(PyObject *notes, PyObject *name, PyObject *spec, PyObject *origin,
         const Stamp *stamp)
{
    AUTO_DECREF PyObject *bytes =
        PyBytes_FromStringAndSize((const char *)stamp, sizeof *stamp);
    AUTO_DECREF PyObject *note =
        bytes == NULL ? NULL : PyTuple_Pack(3, spec, origin, bytes);
    return note == NULL ? -1 : PyDict_SetItem(notes, name, note);
}

int
run_note_loaded(PyObject *name, PyObject *spec, PyObject **ret_module)
{
    AUTO_DECREF PyObject *module = NULL;
    AUTO_DECREF PyObject *own = NULL;
    int found = call_module_get(name, &module);
    if (found == 1)
        found = call_module_own(module, "__spec__", &own);
    if (found <= 0)
        return found;
    if (own != spec)
        return 0;
    *ret_module = TAKE(module);
    return 1;
}

/* The folder that `os` was loaded from is the standard library's. */
static int
is_standard(const char *path)
{
    AUTO_DECREF PyObject *os_name = PyUnicode_InternFromString("os");
    AUTO_DECREF PyObject *os = NULL;
    AUTO_DECREF PyObject *file = NULL;
    int found = os_name == NULL ? -1 : call_module_get(os_name, &os);
    if (found == 1)
        found = call_module_own(os, "__file__", &file);
    if (found <= 0 || !PyUnicode_Check(file))
        return found < 0 ? -1 : 0;
    AUTO_DECREF PyObject *encoded = PyUnicode_EncodeFSDefault(file);
    if (encoded == NULL)
        return -1;
    char folder[PATH_MAX];
    char *slash = strrchr(PyBytes_AS_STRING(encoded), '/');
    if (slash == NULL || slash - PyBytes_AS_STRING(encoded) >= PATH_MAX)
        return 0;
    memcpy(folder, PyBytes_AS_STRING(encoded),
           (size_t)(slash - PyBytes_AS_STRING(encoded)));
    folder[slash - PyBytes_AS_STRING(encoded)] = '\0';
    return file_lies_in(path, folder);
}

/* Whether the file belongs to the interpreter or to an installed package, as it is named or
 * where symbolic links lead. */
static int
is_installed(const char *path)
{
    char real[PATH_MAX];
    if (realpath(path, real) == NULL)
        real[0] = '\0';
    const char *const names[] = { path, real };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (strstr(names[i], "/site-packages/") || strstr(names[i], "/dist-packages/"))
            return 1;
        int standard = is_standard(names[i]);
        if (standard != 0)
            return standard;
    }
    return 0;
}

/* Whether the source loader itself will load it: 1, 0 or -1. */
static int
is_source_loader(PyObject *loader)
{
    AUTO_DECREF PyObject *type =
        call_import("_frozen_importlib_external", "SourceFileLoader");
    if (type != NULL)
        return (PyObject *)Py_TYPE(loader) == type;
    if (!PyErr_ExceptionMatches(PyExc_ImportError))
        return -1;
    PyErr_Clear();  // a test took it out of sys.modules: nothing is noted meanwhile
    return 0;
}

/* `spec`.origin if the spec is of a `.py` file that the source loader loads: 1, 0 or -1. */
static int
find_origin(PyObject *spec, PyObject **ret_origin)
{
    AUTO_DECREF PyObject *loader = NULL;
    AUTO_DECREF PyObject *origin = NULL;
    if (call_attr_get(spec, "loader", &loader) < 0
        || call_attr_get(spec, "origin", &origin) < 0)
        return -1;
    int suits = loader == NULL || origin == NULL || !PyUnicode_Check(origin)
                    ? 0
                    : is_source_loader(loader);
    AUTO_DECREF PyObject *suffix = suits == 1 ? PyUnicode_FromString(".py") : NULL;
    if (suffix == NULL)
        return suits == 0 ? 0 : -1;
    Py_ssize_t end = PyUnicode_Tailmatch(origin, suffix, 0, PY_SSIZE_T_MAX, 1);
    if (end == 1)
        *ret_origin = TAKE(origin);
    return (int)end;
}

static uint32_t
little_endian(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16
           | (uint32_t)bytes[3] << 24;
}

/* Whether the loader would take the bytecode file for that of the source, by time and size,
 * although it was written before the source's last change, or too close to that to tell. */
static bool
is_doubtful(const char *bytecode, const Stamp *source)
{
    unsigned char head[BYTECODE_HEAD];
    struct stat status;
    int fd = open(bytecode, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool whole = fstat(fd, &status) == 0 && read(fd, head, sizeof head) == sizeof head;
    (void)close(fd);                              // it was only read
    return whole && little_endian(head + 4) == 0  // not told by a hash instead
           && little_endian(head + 8) == (uint32_t)(source->modified / 1000000000)
           && little_endian(head + 12) == (uint32_t)source->size
           && nanoseconds(status.st_mtim) < source->changed + COARSEST_TIME;
}

static int
remove_doubtful(PyObject *spec, const Stamp *source)
{
    AUTO_DECREF PyObject *cached = NULL;
    if (call_attr_get(spec, "cached", &cached) < 0)
        return -1;
    if (cached == NULL || !PyUnicode_Check(cached))
        return 0;
    AUTO_DECREF PyObject *encoded = PyUnicode_EncodeFSDefault(cached);
    if (encoded == NULL)
        return -1;
    if (is_doubtful(PyBytes_AS_STRING(encoded), source))
        (void)unlink(
            PyBytes_AS_STRING(encoded));  // not ours to remove: as python3 takes it
    return 0;
}

/* Whether a note under `name` is about a module that stays loaded: somebody only looks. */
static int
is_still_needed(PyObject *notes, PyObject *name, PyObject *target)
{
    AUTO_DECREF PyObject *note = NULL;
    AUTO_DECREF PyObject *module = NULL;
    int found = target != Py_None ? 0 : call_dict_get(notes, name, &note);
    return found <= 0 ? found
                      : run_note_loaded(name, PyTuple_GET_ITEM(note, NOTE_SPEC), &module);
}

int
run_note_take(PyObject *notes, PyObject *spec, PyObject *target)
{
    AUTO_DECREF PyObject *origin = NULL;
    AUTO_DECREF PyObject *name = NULL;
    int suits = find_origin(spec, &origin);
    if (suits <= 0)
        return suits;
    AUTO_DECREF PyObject *encoded = PyUnicode_EncodeFSDefault(origin);
    if (encoded == NULL || call_attr_get(spec, "name", &name) < 0)
        return -1;
    const char *path = PyBytes_AS_STRING(encoded);
    int passed = name == NULL || !PyUnicode_Check(name) ? 1 : is_installed(path);
    if (passed == 0)
        passed = is_still_needed(notes, name, target);
    Stamp stamp;
    if (passed != 0 || !stamp_look(path, &stamp))
        return passed < 0 ? -1 : 0;
    int known = digest_file(path, &stamp.text);
    if (known <= 0 || remove_doubtful(spec, &stamp) < 0)
        return known < 0 || known == 1 ? -1 : 0;
    return note_put(notes, name, spec, origin, &stamp);
}

/* Whether the text is another than the one noted: 1, 0 or -1.  A file that is gone, or can't be
 * read, has not changed.  `stamp` is what was noted, and becomes what is known now. */
static int
has_changed(const char *path, Stamp *stamp)
{
    Stamp now;
    if (!stamp_look(path, &now) || (stamp->settled && stamp_same(stamp, &now)))
        return 0;
    int known = digest_file(path, &now.text);
    if (known <= 0)
        return known;
    bool changed = now.text != stamp->text;
    *stamp = now;
    return changed;
}

int
run_note_is_stale(PyObject *notes, PyObject *name, PyObject *note)
{
    BORROWED PyObject *origin = run_note_origin(note);
    AUTO_DECREF PyObject *encoded = PyUnicode_EncodeFSDefault(origin);
    if (encoded == NULL)
        return -1;
    Stamp noted;
    memcpy(&noted, PyBytes_AS_STRING(PyTuple_GET_ITEM(note, NOTE_STAMP)), sizeof noted);
    Stamp stamp = noted;
    int changed = has_changed(PyBytes_AS_STRING(encoded), &stamp);
    bool renewed = stamp.settled && !(noted.settled && stamp_same(&noted, &stamp));
    return changed == 0 && renewed
               ? note_put(notes, name, run_note_spec(note), origin, &stamp)
               : changed;
}

BORROWED PyObject *
run_note_spec(PyObject *note)
{
    return PyTuple_GET_ITEM(note, NOTE_SPEC);
}

BORROWED PyObject *
run_note_origin(PyObject *note)
{
    return PyTuple_GET_ITEM(note, NOTE_ORIGIN);
}
