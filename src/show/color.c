#include "show/color.h"

#include <stdlib.h>
#include <string.h>

#include "input/lex.h"
#include "screen/text.h"

bool
color_is_wanted(PyObject *stream)
{
    const char *refused = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    if ((refused != NULL && *refused != '\0') || terminal == NULL
        || strcmp(terminal, "dumb") == 0 || *terminal == '\0')
        return false;
    AUTO_DECREF PyObject *answer = PyObject_CallMethod(stream, "isatty", NULL);
    bool wanted = answer == Py_True;
    if (answer == NULL)
        PyErr_Clear();  // a stream of somebody's own
    return wanted;
}

static PyObject *
take_text(Buf *out)
{
    AUTO_FREE char *text = NULL;
    if (buf_take(out, &text) < 0)
        return PyErr_NoMemory();
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "surrogatepass");
}

typedef void (*Colorer)(const ScreenTheme *theme, const char *text, size_t length,
                        Buf *out);

static PyObject *
with_colors(PyObject *text, Colorer color)
{
    AUTO_DECREF PyObject *bytes = PyUnicode_AsEncodedString(text, "utf-8", "surrogatepass");
    if (bytes == NULL)
        return NULL;
    size_t length = (size_t)PyBytes_GET_SIZE(bytes);
    if (memchr(PyBytes_AS_STRING(bytes), '\0', length) != NULL)
        return Py_NewRef(text);
    AUTO(buf_done) Buf out = { 0 };
    const ScreenTheme theme = screen_theme_from_environment();
    color(&theme, PyBytes_AS_STRING(bytes), length, &out);
    return take_text(&out);
}

static void
color_as_heading(const ScreenTheme *theme, const char *text, size_t length, Buf *out)
{
    screen_text_add(theme, STYLE_HEADING, text, length, out);
}

PyObject *
color_heading(PyObject *text)
{
    return with_colors(text, color_as_heading);
}

PyObject *
color_code(PyObject *text)
{
    return with_colors(text, screen_text_code);
}

/* One line of a traceback. */
typedef struct Line {
    const char *text;
    size_t length;
    bool after_file;  // the one before it says which file
} Line;

static bool
begins(const Line *line, const char *with)
{
    size_t length = strlen(with);
    return line->length >= length && memcmp(line->text, with, length) == 0;
}

/* Go over `count` bytes of the line. */
static void
skip(Line *line, size_t count)
{
    line->text += count;
    line->length -= count;
}

/* How long the frame around the exceptions of a group is: `  | `. */
static size_t
margin_of(const Line *line)
{
    size_t at = 0;
    while (at < line->length && line->text[at] == ' ')
        at++;
    bool bar = at + 1 < line->length && line->text[at] == '|' && line->text[at + 1] == ' ';
    return bar ? at + 2 : 0;
}

static bool
is_carets(const Line *line)
{
    size_t at = 0;
    while (at < line->length && IS_ONE_OF(line->text[at], " ~^\t"))
        at++;
    bool any = memchr(line->text, '^', line->length) != NULL
               || memchr(line->text, '~', line->length) != NULL;
    return line->length > 0 && at == line->length && any;
}

/* `  File "path", line 3, in name`: the parts between, and before a further quote or comma. */
static void
color_file(const ScreenTheme *theme, const Line *line, Buf *out)
{
    const char *end = line->text + line->length;
    const char *path = memchr(line->text, '"', line->length);
    const char *quote = memrchr(line->text, '"', line->length);
    const char *number = quote + 1;
    while (number < end && !input_is_digit(*number))
        number++;
    const char *after = number;
    while (after < end && input_is_digit(*after))
        after++;
    buf_add(out, line->text, (size_t)(path - line->text));
    screen_text_add(theme, STYLE_FILE, path, (size_t)(quote + 1 - path), out);
    buf_add(out, quote + 1, (size_t)(number - quote - 1));
    screen_text_add(theme, STYLE_LINE, number, (size_t)(after - number), out);
    buf_add(out, after, (size_t)(end - after));
}

/* How long the line's number is, with what is before it (`--->   12 `), or 0. */
static size_t
number_length(const Line *line)
{
    size_t at = begins(line, "---> ") || begins(line, "     ") ? 5 : 0;
    size_t digits = at;
    while (digits < line->length && line->text[digits] == ' ')
        digits++;
    size_t end = digits;
    while (end < line->length && input_is_digit(line->text[end]))
        end++;
    bool number = at > 0 && end > digits && (end == line->length || line->text[end] == ' ');
    return number ? end : 0;
}

/* `module.Error: message`: the name, where that looks like one. */
static void
color_error(const ScreenTheme *theme, const Line *line, Buf *out)
{
    size_t name = 0;
    while (name < line->length
           && (input_is_word(line->text[name]) || line->text[name] == '.'))
        name++;
    bool proper = name > 0
                  && (memchr(line->text, '.', name) != NULL
                      || (line->text[0] >= 'A' && line->text[0] <= 'Z'));
    bool whole = name == line->length || line->text[name] == ':';
    size_t colored = proper && whole ? name : 0;
    screen_text_add(theme, STYLE_FAILURE, line->text, colored, out);
    buf_add(out, line->text + colored, line->length - colored);
}

static void
color_line(const ScreenTheme *theme, Line line, Buf *out)
{
    size_t margin = margin_of(&line);
    screen_text_add(theme, STYLE_FADED, line.text, margin, out);
    skip(&line, margin);
    size_t number = number_length(&line);
    if (begins(&line, "  File \"")) {
        color_file(theme, &line, out);
    } else if (is_carets(&line)) {
        screen_text_add(theme, STYLE_FAILURE, line.text, line.length, out);
    } else if (number > 0) {
        bool here = begins(&line, "---> ");
        screen_text_add(theme, here ? STYLE_FAILURE : STYLE_FADED, line.text, number, out);
        screen_text_code(theme, line.text + number, line.length - number, out);
    } else if (line.after_file && begins(&line, "    ")) {
        screen_text_code(theme, line.text, line.length, out);
    } else {
        color_error(theme, &line, out);
    }
}

static void
color_lines(const ScreenTheme *theme, const char *text, size_t length, Buf *out)
{
    bool after_file = false;
    for (size_t at = 0; at < length;) {
        const char *newline = memchr(text + at, '\n', length - at);
        size_t end = newline == NULL ? length : (size_t)(newline - text);
        Line line = { .text = text + at, .length = end - at, .after_file = after_file };
        color_line(theme, line, out);
        buf_add(out, text + end, end < length);
        skip(&line, margin_of(&line));
        after_file = begins(&line, "  File \"");
        at = end + 1;
    }
}

PyObject *
color_traceback(PyObject *text)
{
    return with_colors(text, color_lines);
}
