#include "plain/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "input/encoding.h"
#include "py/exc.h"
#include "py/interp.h"

enum { STATUS_REFUSED = 2, ENCODING_NAME_MAX = 64 };

typedef struct Text {
    const char *bytes;
    size_t length;
    int first_line;  // the number of the line that it starts with
} Text;

DEFINE_AUTO(char *, free)

/* Say in one line why `path` is not run. */
static int
refuse(const char *path, const char *reason)
{
    fprintf(stderr, "mainspring: %s: %s\n", path, reason);
    return -1;
}

static int
line_at(const Text *text, size_t offset)
{
    int line = text->first_line;
    for (size_t i = 0; i < offset; i++) {
        int next = i + 1 < text->length ? text->bytes[i + 1] : '\0';
        line += text->bytes[i] == '\n' || (text->bytes[i] == '\r' && next != '\n');
    }
    return line;
}

static int
refuse_unknown(const char *path, const Text *text, const char *encoding)
{
    const char *name = memmem(text->bytes, text->length, encoding, strlen(encoding));
    char reason[120];
    snprintf(reason, sizeof reason, "unknown encoding '%s' declared at line %d", encoding,
             name ? line_at(text, (size_t)(name - text->bytes)) : text->first_line);
    return refuse(path, reason);
}

static int
refuse_byte(const char *path, const Text *text, size_t offset, const char *encoding)
{
    char reason[120];
    snprintf(reason, sizeof reason, "byte 0x%02x at line %d is not %s",
             (unsigned char)text->bytes[offset], line_at(text, offset), encoding);
    return refuse(path, reason);
}

/* Say what the pending exception of decoding `text` says, and clear it: -1.
 *
 * 0 where it is some trouble of the codec's own: the interpreter shows it with its traceback.
 */
static int
refuse_decoding(const char *path, const Text *text, const char *encoding)
{
    AUTO_DECREF PyObject *error = exc_take();
    if (PyErr_GivenExceptionMatches(error, PyExc_LookupError))
        return refuse_unknown(path, text, encoding);
    Py_ssize_t start = -1;  // in what the codec decoded, which need not be our bytes
    if (PyErr_GivenExceptionMatches(error, PyExc_UnicodeDecodeError)
        && PyUnicodeDecodeError_GetStart(error, &start) < 0)
        PyErr_Clear();
    return start >= 0 && (size_t)start < text->length
               ? refuse_byte(path, text, (size_t)start, encoding)
               : 0;
}

static int
examine_encoding(const char *path, const Text *text)
{
    char encoding[ENCODING_NAME_MAX];
    bool bom = false;
    int r = input_encoding_detect((const unsigned char *)text->bytes, text->length,
                                  encoding, sizeof encoding, &bom);
    if (r == -EILSEQ)
        return refuse(path, "declares another encoding than its byte order mark, utf-8");
    if (r < 0)
        return refuse(path, "declares an encoding whose name is too long for one");
    AUTO_DECREF PyObject *decoded =
        PyUnicode_Decode(text->bytes, (Py_ssize_t)text->length, encoding, NULL);
    return decoded != NULL ? 0 : refuse_decoding(path, text, encoding);
}

/* Whether the import system takes `path` for a folder of modules, as it does a zip file.
 *
 * It caches the answer, which the interpreter is about to ask for.
 */
static bool
is_importable_from(const char *path)
{
    AUTO_DECREF PyObject *name = PyUnicode_DecodeFSDefault(path);
    AUTO_DECREF PyObject *importer = name == NULL ? NULL : PyImport_GetImporter(name);
    PyErr_Clear();
    return importer != NULL && importer != Py_None;
}

static int
examine_text(const char *path, const Text *text)
{
    const char *nul = memchr(text->bytes, '\0', text->length);
    if (!nul)
        return examine_encoding(path, text);
    if (is_importable_from(path))
        return 0;
    char reason[80];
    snprintf(reason, sizeof reason, "contains a NUL byte at line %d: not Python source",
             line_at(text, (size_t)(nul - text->bytes)));
    return refuse(path, reason);
}

static void
skip_first_line(Text *text)
{
    const char *end = memchr(text->bytes, '\n', text->length);
    size_t skipped = end ? (size_t)(end - text->bytes) + 1 : text->length;
    text->bytes += skipped;
    text->length -= skipped;
    text->first_line++;
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

    AUTO(free) char *bytes = NULL;
    Text text = { .first_line = 1 };
    int r = file_read(path, &bytes, &text.length);
    if (r < 0)
        return refuse(path, strerror(-r));
    text.bytes = bytes;
    if (options->skip_first_line)
        skip_first_line(&text);
    return examine_text(path, &text);
}

int
plain_file_main(const Options *options)
{
    if (options->action == OPTIONS_FILE && examine(options) < 0)
        return interp_stop(STATUS_REFUSED);
    return Py_RunMain();
}
