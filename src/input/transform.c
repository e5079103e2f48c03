#include "input/transform.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "input/lex.h"
#include "input/line.h"
#include "input/paste.h"

#define SHELL "__mainspring__."

/* A stretch of a text. */
typedef struct Span {
    const char *bytes;
    size_t length;
} Span;

static Span
span(const char *text, size_t start, size_t stop)
{
    return (Span){ .bytes = text + start, .length = stop - start };
}

/* Whether a backslash quotes the last character, which is none itself. */
static bool
is_last_quoted(Span s)
{
    size_t marks = 0;
    while (marks + 1 < s.length && s.bytes[s.length - 2 - marks] == '\\')
        marks++;
    return marks % 2 == 1;
}

static Span
span_trim(Span s)
{
    while (s.length > 0 && input_is_blank(s.bytes[0]))
        s = (Span){ s.bytes + 1, s.length - 1 };
    while (s.length > 0 && input_is_blank(s.bytes[s.length - 1]) && !is_last_quoted(s))
        s.length--;
    return s;
}

/* Cut the first word, up to a blank, off `s`. */
static Span
span_cut_word(Span *s)
{
    Span word = { s->bytes, 0 };
    while (word.length < s->length && !input_is_blank(s->bytes[word.length]))
        word.length++;
    *s = span_trim((Span){ s->bytes + word.length, s->length - word.length });
    return word;
}

/* The letter that stands for the byte behind a backslash, or NUL. */
static char
escape_letter(char c)
{
    switch (c) {
    case '\\':
    case '\'':
        return c;
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return '\0';
    }
}

/* Add a Python literal of the string. */
static void
add_literal(Buf *out, Span s)
{
    static const char hex[] = "0123456789abcdef";
    buf_add_byte(out, '\'', 1);
    for (size_t i = 0; i < s.length; i++) {
        unsigned char c = (unsigned char)s.bytes[i];
        char letter = escape_letter((char)c);
        if (letter)
            buf_add(out, (char[]){ '\\', letter }, 2);
        else if (c < ' ' || c == 0x7f)
            buf_add(out, (char[]){ '\\', 'x', hex[c >> 4], hex[c & 15] }, 4);
        else
            buf_add(out, s.bytes + i, 1);
    }
    buf_add_byte(out, '\'', 1);
}

static void
add_call(Buf *out, const char *method, Span argument)
{
    buf_add_text(out, SHELL);
    buf_add_text(out, method);
    buf_add_byte(out, '(', 1);
    add_literal(out, argument);
    buf_add_byte(out, ')', 1);
}

static void
add_magic_call(Buf *out, Span name, Span rest)
{
    add_call(out, "run_line_magic", name);
    if (out->length > 0)
        out->length--;  // the parenthesis: one more argument comes
    buf_add_text(out, ", ");
    add_literal(out, rest);
    buf_add_byte(out, ')', 1);
}

/* Join the physical lines of [start, stop) as a shell does; returns how many were joined
 * on. */
static size_t
join_lines(const char *text, size_t start, size_t stop, Buf *out)
{
    size_t joined = 0;
    while (start < stop) {
        size_t end = input_line_stop(text, stop, start);
        size_t after = input_line_after(text, stop, end);
        bool more = end < stop;
        buf_add(out, text + start, end - start - more);  // the backslash goes
        joined += more;
        start = after;
    }
    return joined;
}

static void
add_help(Buf *out, Span s)
{
    bool detailed = s.length > 1 && s.bytes[0] == '?' && s.bytes[1] == '?';
    while (s.length > 0 && s.bytes[0] == '?')
        s = (Span){ s.bytes + 1, s.length - 1 };
    s = span_trim(s);
    size_t marks = 0;
    while (s.length > 0 && IS_ONE_OF(s.bytes[s.length - 1], "?; \t\f"))
        marks += s.bytes[--s.length] == '?';
    const char *name = memchr(s.bytes, '*', s.length) ? "psearch"
                       : detailed || marks > 1        ? "pinfo2"
                                                      : "pinfo";
    add_magic_call(out, (Span){ name, strlen(name) }, s);
}

static void
add_magic(Buf *out, Span s)
{
    Span name = span_cut_word(&s);
    add_magic_call(out, name, s);
}

/* Add the shell's own part of a line, whose text without continuations is `s`. */
static void
add_shell_part(Buf *out, LineKind kind, Span s)
{
    if (kind == LINE_HELP) {
        add_help(out, s);
        return;
    }
    char mark = kind == LINE_SYSTEM || kind == LINE_OUTPUT || kind == LINE_ASSIGN_OUTPUT
                    ? '!'
                    : '%';
    size_t marks = s.bytes[0] == mark;  // automagic has none
    if (mark == '!' && s.length > 1 && s.bytes[1] == '!')
        marks = 2;
    s = span_trim((Span){ s.bytes + marks, s.length - marks });
    if (mark == '%')
        add_magic(out, s);
    else
        add_call(out, kind == LINE_SYSTEM ? "system" : "getoutput", s);
}

/* Add the line in Python, with the newline it has and a comment for each joined one. */
static void
add_line(Buf *out, const char *text, const InputLine *line)
{
    if (line->kind <= LINE_PYTHON) {
        buf_add(out, text + line->start, line->end - line->start);
        return;
    }
    AUTO(buf_done) Buf joined = { 0 };
    size_t further_lines = join_lines(text, line->shell, line->stop, &joined);
    // Help for a name at the end of a line takes the place of the whole line.
    size_t kept = line->kind == LINE_HELP ? line->first : line->shell;
    buf_add(out, text + line->start, kept - line->start);
    if (joined.failed)
        out->failed = true;
    else if (joined.length > 0)
        add_shell_part(out, line->kind, (Span){ joined.bytes, joined.length });
    for (; further_lines > 0; further_lines--)
        buf_add_text(out, "\n#");
    buf_add(out, text + line->stop, line->end - line->stop);
}

/* Add the call of the cell magic that `line` begins. */
static void
add_cell(Buf *out, const char *text, size_t length, const InputLine *line)
{
    Span rest = span_trim(span(text, line->shell + 2, line->stop));
    Span name = span_cut_word(&rest);
    AUTO(buf_done) Buf body = { 0 };
    buf_add(&body, text + line->end, length - line->end);
    if (body.length > 0 && !input_is_newline(body.bytes[body.length - 1]))
        buf_add_byte(&body, '\n', 1);
    buf_add(out, text + line->start, line->shell - line->start);
    buf_add_text(out, SHELL "run_cell_magic(");
    add_literal(out, name);
    buf_add_text(out, ", ");
    add_literal(out, rest);
    buf_add_text(out, ", ");
    if (body.failed)
        out->failed = true;
    else
        add_literal(out, (Span){ body.bytes, body.length });
    buf_add_text(out, ")\n");
}

/* Whether what follows a word is what follows a variable in Python. */
static bool
looks_like_variable(const char *text, size_t stop, size_t at)
{
    static const char *const marks[] = { "=",  ",",   ":",   ";",   "+=", "-=",
                                         "*=", "/=",  "%=",  "@=",  "&=", "|=",
                                         "^=", "**=", "//=", "<<=", ">>=" };
    if (at < stop && !input_is_blank(text[at]))
        return true;
    at = input_line_skip_blanks(text, stop, at);
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        size_t length = strlen(marks[i]);
        if (length <= stop - at && memcmp(text + at, marks[i], length) == 0)
            return true;
    }
    return false;
}

/* Make `line`, the first that is not blank, a magic's if automagic applies to the cell. */
static void
apply_automagic(const char *text, size_t length, const InputNames *names, InputLine *line)
{
    size_t stop = input_line_shell_stop(text, length, line->first), word = line->first;
    bool python = line->kind == LINE_PYTHON || line->kind >= LINE_ASSIGN_MAGIC;
    if (!names || !python || !input_is_letter(text[word]))
        return;
    while (word < stop && input_is_word(text[word]))
        word++;
    const char *name = text + line->first;
    size_t name_length = word - line->first;
    if (looks_like_variable(text, stop, word) || input_lex_is_keyword(name, name_length))
        return;

    size_t end = input_line_after(text, length, stop);
    InputLine next;
    for (size_t at = end; input_line_read(text, length, at, &next); at = next.end) {
        if (next.kind != LINE_BLANK)
            return;
    }
    if (!names->is_magic(name, name_length, names->context)
        || names->is_variable(name, name_length, names->context))
        return;
    line->kind = LINE_MAGIC;
    line->shell = line->first;
    line->stop = stop;
    line->end = end;
}

/* Read the line at `at`.  The first that is not blank may be a cell magic's, and counts
 * as a magic's where automagic applies; `seen` says that there was one. */
static bool
next_line(Span text, size_t at, const InputNames *names, bool *seen, InputLine *ret_line)
{
    if (!input_line_read(text.bytes, text.length, at, ret_line))
        return false;
    bool first = !*seen && ret_line->kind != LINE_BLANK;
    if (first)
        apply_automagic(text.bytes, text.length, names, ret_line);
    if (ret_line->kind == LINE_CELL && !first)
        ret_line->kind = LINE_MAGIC;
    *seen = *seen || first;
    return true;
}

bool
input_transform_needed(const char *text, size_t length, const InputNames *names)
{
    InputLine line;
    bool seen = false;
    if (input_paste_needed(text, length))
        return true;
    for (size_t at = 0; next_line((Span){ text, length }, at, names, &seen, &line);
         at = line.end) {
        if (line.kind > LINE_PYTHON)
            return true;
    }
    return false;
}

int
input_transform(const char *text, size_t length, const InputNames *names, char **ret_text)
{
    if (length > 0 && memchr(text, '\0', length))
        return -EINVAL;
    AUTO_FREE char *clean = NULL;
    Span from = { 0 };
    int r = input_paste_clean(text, length, &clean, &from.length);
    if (r < 0)
        return r;
    from.bytes = clean;

    AUTO(buf_done) Buf out = { 0 };
    InputLine line;
    bool seen = false;
    for (size_t at = 0; next_line(from, at, names, &seen, &line); at = line.end) {
        if (line.kind == LINE_CELL) {
            add_cell(&out, from.bytes, from.length, &line);
            break;
        }
        add_line(&out, from.bytes, &line);
    }
    return buf_take(&out, ret_text);
}
