#include "run/decode.h"

#include <errno.h>
#include <string.h>

#include "input/encoding.h"
#include "py/exc.h"

enum { ENCODING_SIZE = 64, BOM_LENGTH = 3 };

typedef struct Text {
    PyObject *path;
    const char *bytes;
    size_t length;
    int first_line;
} Text;

/* The number of the line with the byte at `offset`. */
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

static PyObject *
refuse_unknown(const Text *text, const char *encoding)
{
    const char *name = memmem(text->bytes, text->length, encoding, strlen(encoding));
    return PyErr_Format(
        PyExc_LookupError, "%U: unknown encoding '%s' declared at line %d", text->path,
        encoding, name ? line_at(text, (size_t)(name - text->bytes)) : text->first_line);
}

static PyObject *
refuse_byte(const Text *text, size_t offset, const char *encoding)
{
    return PyErr_Format(PyExc_ValueError, "%U: byte 0x%02x at line %d is not %s",
                        text->path, (unsigned char)text->bytes[offset],
                        line_at(text, offset), encoding);
}

/* Say what the pending exception of a codec means for the user; what is some trouble of the
 * codec's own stays as it is. */
static PyObject *
explain(const Text *text, const char *encoding, bool *ret_refused)
{
    AUTO_DECREF PyObject *error = exc_take();
    if (PyErr_GivenExceptionMatches(error, PyExc_LookupError))
        return *ret_refused = true, refuse_unknown(text, encoding);
    Py_ssize_t start = -1;  // in what the codec decoded, which need not be our bytes
    if (PyErr_GivenExceptionMatches(error, PyExc_UnicodeDecodeError)
        && PyUnicodeDecodeError_GetStart(error, &start) < 0)
        PyErr_Clear();
    if (start >= 0 && (size_t)start < text->length)
        return *ret_refused = true, refuse_byte(text, (size_t)start, encoding);
    exc_raise_take(TAKE(error));
    return NULL;
}

PyObject *
run_decode(PyObject *path, const char *bytes, size_t length, int first_line,
           bool *ret_refused)
{
    Text text = { path, bytes, length, first_line };
    const char *nul = memchr(bytes, '\0', length);
    *ret_refused = nul != NULL;
    if (nul != NULL) {
        return PyErr_Format(PyExc_ValueError,
                            "%U: contains a NUL byte at line %d: not Python source", path,
                            line_at(&text, (size_t)(nul - bytes)));
    }
    char encoding[ENCODING_SIZE];
    bool bom = false;
    int r = input_encoding_detect((const unsigned char *)bytes, length, encoding,
                                  sizeof encoding, &bom);
    *ret_refused = r < 0;
    if (r < 0)
        return PyErr_Format(PyExc_LookupError, "%U: declares %s", path,
                            r == -EILSEQ
                                ? "another encoding than its byte order mark, utf-8"
                                : "an encoding whose name is too long for one");
    if (bom) {
        text.bytes += BOM_LENGTH;
        text.length -= BOM_LENGTH;
    }
    AUTO_DECREF PyObject *decoded =
        PyUnicode_Decode(text.bytes, (Py_ssize_t)text.length, encoding, "strict");
    return decoded != NULL ? TAKE(decoded) : explain(&text, encoding, ret_refused);
}
