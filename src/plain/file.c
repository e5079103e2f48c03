#include "plain/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "py/exc.h"
#include "py/interp.h"
#include "run/decode.h"

enum { STATUS_REFUSED = 2 };

/* Say in one line why `path` is not run. */
static int
refuse(const char *path, const char *reason)
{
    fprintf(stderr, "mainspring: %s: %s\n", path, reason);
    return -1;
}

/* Say the pending exception, whose text is one line, and clear it. */
static int
refuse_text(void)
{
    AUTO_DECREF PyObject *error = exc_take();
    AUTO_DECREF PyObject *reason = PyObject_Str(error);
    const char *utf8 = reason == NULL ? NULL : PyUnicode_AsUTF8(reason);
    fprintf(stderr, "mainspring: %s\n", utf8 ? utf8 : Py_TYPE(error)->tp_name);
    PyErr_Clear();
    return -1;
}

/* Whether the import system takes `path` for a folder of modules, as it does a zip file.
 *
 * It caches the answer, which the interpreter is about to ask for.
 */
static bool
is_importable_from(const char *path)
{
    AUTO_EXC ExcHold hold = exc_hold();
    AUTO_DECREF PyObject *name = PyUnicode_DecodeFSDefault(path);
    AUTO_DECREF PyObject *importer = name == NULL ? NULL : PyImport_GetImporter(name);
    PyErr_Clear();
    return importer != NULL && importer != Py_None;
}

/* The number of bytes in the first line, which -x leaves out. */
static size_t
first_line_length(const char *bytes, size_t length)
{
    const char *end = memchr(bytes, '\n', length);
    return end ? (size_t)(end - bytes) + 1 : length;
}

/* Whether the text can be decoded: 0, or -1 where it can not and that was said.
 *
 * Some trouble of the codec's own is for the interpreter to show, with its traceback.
 */
static int
examine_text(const char *path, const char *bytes, size_t length, int first_line)
{
    AUTO_DECREF PyObject *name = PyUnicode_DecodeFSDefault(path);
    bool refused = false;
    AUTO_DECREF PyObject *text =
        name == NULL ? NULL : run_decode(name, bytes, length, first_line, &refused);
    bool archive = text == NULL && memchr(bytes, '\0', length) && is_importable_from(path);
    if (text == NULL && refused && !archive)
        return refuse_text();
    PyErr_Clear();
    return 0;
}

/* Whether the file can be Python source: 0, or -1 where it can not and that was said.
 *
 * Directories, pipes and devices are the interpreter's to look at.
 */
static int
examine(const Options *options)
{
    const char *path = options->target;
    struct stat status;
    if (!*path)
        return refuse("''", "an empty file name");
    if (stat(path, &status) < 0)
        return refuse(path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return 0;
    if (options_target_ends_with(options, ".pyc"))
        return refuse(path, "compiled code, not Python source");

    AUTO_FREE char *bytes = NULL;
    size_t length = 0;
    int r = file_read(path, &bytes, &length);
    if (r < 0)
        return refuse(path, strerror(-r));
    size_t skipped = options->skip_first_line ? first_line_length(bytes, length) : 0;
    return examine_text(path, bytes + skipped, length - skipped, skipped ? 2 : 1);
}

int
plain_file_main(const Options *options)
{
    if (options->action == OPTIONS_FILE && examine(options) < 0)
        return interp_stop(STATUS_REFUSED);
    return Py_RunMain();
}
