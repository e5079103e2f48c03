#include "input/paste.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "input/lex.h"
#include "input/line.h"

enum { LAYERS_MAX = 100 };

typedef enum Wrapping {
    WRAPPING_NONE,
    WRAPPING_INDENT,
    WRAPPING_CLASSIC,
    WRAPPING_IPYTHON,
} Wrapping;

/* What is wrapped around every line of the cell. */
typedef struct Wrapped {
    Wrapping kind;
    bool marked;  // the first line has a prompt
    const char *indent;
    size_t indent_length;
} Wrapped;

static bool
begins_with(const char *text, size_t stop, size_t at, const char *prefix)
{
    size_t length = strlen(prefix);
    return stop - at >= length && memcmp(text + at, prefix, length) == 0;
}

/* The length of `mark` and the blank after it; at the end of a line it needs none. */
static size_t
mark_length(const char *text, size_t stop, size_t at, const char *mark)
{
    size_t length = strlen(mark);
    if (!begins_with(text, stop, at, mark))
        return 0;
    if (at + length == stop)
        return length;
    return text[at + length] == ' ' ? length + 1 : 0;
}

/* The length of `In [3]: `. */
static size_t
numbered_length(const char *text, size_t stop, size_t at)
{
    if (!begins_with(text, stop, at, "In ["))
        return 0;
    size_t end = at + 4;
    while (end < stop && input_is_digit(text[end]))
        end++;
    size_t mark = mark_length(text, stop, end, "]:");
    return end > at + 4 && mark > 0 ? end + mark - at : 0;
}

/* The length of `   ...: `: blanks, at least three dots, a colon. */
static size_t
dotted_length(const char *text, size_t stop, size_t at)
{
    size_t dots = input_line_skip_blanks(text, stop, at), end = dots;
    while (end < stop && text[end] == '.')
        end++;
    if (end - dots < 3 || end == stop || text[end] != ':')
        return 0;
    return end + 1 + (end + 1 < stop && text[end + 1] == ' ') - at;
}

/* The length of the wrapping that the line [at, stop) begins with. */
static size_t
wrapping_length(const Wrapped *w, const char *text, size_t stop, size_t at)
{
    size_t length = 0;
    switch (w->kind) {
    case WRAPPING_NONE:
        break;
    case WRAPPING_INDENT:
        if (stop - at >= w->indent_length
            && memcmp(text + at, w->indent, w->indent_length) == 0)
            length = w->indent_length;
        break;
    case WRAPPING_CLASSIC:
        length = mark_length(text, stop, at, ">>>");
        if (length == 0)
            length = mark_length(text, stop, at, "...");
        break;
    case WRAPPING_IPYTHON:
        length = numbered_length(text, stop, at);
        if (length == 0)
            length = dotted_length(text, stop, at);
        break;
    }
    return length;
}

/* Whether every line from `at` on that is not blank is wrapped, and there is such a line.
 * */
static bool
all_wrapped(const Wrapped *w, const char *text, size_t length, size_t at)
{
    bool any = false;
    while (at < length) {
        size_t stop = input_line_stop(text, length, at);
        if (input_line_skip_blanks(text, stop, at) < stop) {
            if (wrapping_length(w, text, stop, at) == 0)
                return false;
            any = true;
        }
        at = input_line_after(text, length, stop);
    }
    return any;
}

/* The wrapping of a cell whose first line lacks its prompt, as when only the text after
 * it was copied.  `...` alone is Python too: so the first line must be one that cannot
 * stand alone. */
static Wrapping
find_headless(const char *text, size_t length, size_t first, size_t stop)
{
    InputLine line;
    if (!input_line_read(text, stop, first, &line)
        || !(line.flags & (LINE_OPEN | LINE_HEADER | LINE_DECORATOR)))
        return WRAPPING_NONE;
    size_t second = input_line_after(text, length, stop);
    for (Wrapping kind = WRAPPING_CLASSIC; kind <= WRAPPING_IPYTHON; kind++) {
        Wrapped w = { .kind = kind };
        if (all_wrapped(&w, text, length, second))
            return kind;
    }
    return WRAPPING_NONE;
}

static Wrapped
find_wrapping(const char *text, size_t length)
{
    Wrapped w = { 0 };
    size_t first = 0, stop = 0, code = 0;
    for (; first < length; first = input_line_after(text, length, stop)) {
        stop = input_line_stop(text, length, first);
        code = input_line_skip_blanks(text, stop, first);
        if (code < stop && text[code] != '#')
            break;
    }
    if (first >= length)
        return w;
    if (code > first) {
        w.kind = WRAPPING_INDENT;
        w.indent = text + first;
        w.indent_length = code - first;
    } else if (mark_length(text, stop, first, ">>>") > 0) {
        w.kind = WRAPPING_CLASSIC;
        w.marked = true;
    } else if (numbered_length(text, stop, first) > 0) {
        w.kind = WRAPPING_IPYTHON;
        w.marked = true;
    } else {
        w.kind = find_headless(text, length, first, stop);
    }
    return w;
}

/* The string, if any, that the line being unwrapped begins in. */
typedef struct Strings {
    InputLex lex;
    InputToken token;
    size_t judged;  // the end of the last string that was judged
    bool wrapped;   // all its lines were
} Strings;

/* Whether the line at `at` may be unwrapped: not in a string unless all lines of that
 * are. */
static bool
may_unwrap(Strings *s, const Wrapped *w, size_t at)
{
    while (s->token.end <= at && input_lex_next(&s->lex, &s->token))
        continue;
    if (s->token.kind != LEX_STRING || s->token.start >= at || at >= s->token.end)
        return true;
    if (s->judged != s->token.end) {
        s->judged = s->token.end;
        s->wrapped = all_wrapped(w, s->lex.text, s->token.end, at);
    }
    return s->wrapped;
}

/* Where the first line has a prompt, `code_only` leaves lines out that have none. */
static void
unwrap(const Wrapped *w, bool code_only, const char *text, size_t length, Buf *out)
{
    Strings strings = { 0 };
    input_lex_init(&strings.lex, text, length, 0);
    for (size_t at = 0; at < length;) {
        size_t stop = input_line_stop(text, length, at);
        size_t end = input_line_after(text, length, stop);
        if (may_unwrap(&strings, w, at)) {
            size_t wrapping = wrapping_length(w, text, stop, at);
            bool written = code_only && w->marked && wrapping == 0;
            at = written ? end : at + wrapping;
            if (written)
                continue;
        }
        buf_add(out, text + at, stop - at);
        // A lone \r would become one newline with the \n of a next line that is now empty.
        bool lone = end - stop == 1 && text[stop] == '\r';
        buf_add(out, lone ? "\n" : text + stop, end - stop);
        at = end;
    }
}

bool
input_paste_needed(const char *text, size_t length)
{
    return find_wrapping(text, length).kind != WRAPPING_NONE;
}

static int
take_out(const char *text, size_t length, bool code_only, char **ret_text,
         size_t *ret_length)
{
    AUTO(buf_done) Buf from = { 0 };
    buf_add(&from, text, length);
    for (int layer = 0;; layer++) {
        Wrapped w = find_wrapping(from.bytes, from.length);
        if (w.kind == WRAPPING_NONE || layer == LAYERS_MAX) {
            *ret_length = from.length;
            return buf_take(&from, ret_text);
        }
        Buf to = { 0 };
        unwrap(&w, code_only, from.bytes, from.length, &to);
        bool failed = from.failed || to.failed;
        buf_done(&from);
        from = to;
        if (failed)
            return -ENOMEM;
    }
}

int
input_paste_clean(const char *text, size_t length, char **ret_text, size_t *ret_length)
{
    return take_out(text, length, false, ret_text, ret_length);
}

int
input_paste_code(const char *text, size_t length, char **ret_text, size_t *ret_length)
{
    return take_out(text, length, true, ret_text, ret_length);
}
