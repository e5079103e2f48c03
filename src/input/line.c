#include "input/line.h"

#include <string.h>

#include "base/attr.h"
#include "input/lex.h"

enum { NESTING_MAX = 200 };  // CPython's MAXLEVEL

/* What is known of a Python line while its tokens go by. */
typedef struct Scan {
    const char *text;
    InputLine *line;
    InputToken first;  // significant tokens: neither space, join, newline nor comment
    InputToken second;
    InputToken last;
    size_t count;   // of significant tokens
    size_t colons;  // outside of brackets
    size_t lambdas;
    size_t depth;
    size_t line_start;  // of the physical line
    char open[NESTING_MAX];
    size_t open_line[NESTING_MAX];  // the physical line of each open bracket
} Scan;

size_t
input_line_stop(const char *text, size_t length, size_t start)
{
    while (start < length && !input_is_newline(text[start]))
        start++;
    return start;
}

size_t
input_line_after(const char *text, size_t length, size_t stop)
{
    if (stop + 1 < length && text[stop] == '\r' && text[stop + 1] == '\n')
        return stop + 2;
    return stop < length ? stop + 1 : length;
}

size_t
input_line_shell_stop(const char *text, size_t length, size_t start)
{
    for (;;) {
        size_t stop = input_line_stop(text, length, start), backslashes = 0;
        while (stop - backslashes > start && text[stop - backslashes - 1] == '\\')
            backslashes++;
        size_t after = input_line_after(text, length, stop);
        if (backslashes % 2 == 0 || after == length)
            return stop;
        start = after;
    }
}

size_t
input_line_skip_blanks(const char *text, size_t stop, size_t start)
{
    while (start < stop && input_is_blank(text[start]))
        start++;
    return start;
}

static size_t
count_columns(const char *text, size_t start, size_t stop)
{
    size_t columns = 0;
    for (; start < stop && input_is_blank(text[start]); start++) {
        if (text[start] == '\f')
            columns = 0;
        else
            columns = text[start] == '\t' ? columns / 8 * 8 + 8 : columns + 1;
    }
    return columns;
}

/* The end of `[\w*]+` that begins with no digit, or `at` when there is none. */
static size_t
skip_pattern(const char *text, size_t stop, size_t at)
{
    if (at < stop && input_is_digit(text[at]))
        return at;
    while (at < stop && (input_is_word(text[at]) || text[at] == '*'))
        at++;
    return at;
}

/* The end of `[n]` or `[-n]`, or `at` when there is none. */
static size_t
skip_index(const char *text, size_t stop, size_t at)
{
    size_t digits = at + 1 + (at + 1 < stop && text[at + 1] == '-');
    size_t end = digits;
    while (end < stop && input_is_digit(text[end]))
        end++;
    return end > digits && end < stop && text[end] == ']' ? end + 1 : at;
}

/* Whether the physical line asks for help with a mark at its end: a.b[0]?  %run??
 * *Error?; */
static bool
is_help(const char *text, size_t stop, size_t at)
{
    for (int i = 0; i < 2 && at < stop && text[at] == '%'; i++)
        at++;
    size_t target = at;
    at = skip_pattern(text, stop, at);
    for (size_t part = target; part < at && at < stop;) {
        part = at;
        size_t name = skip_pattern(text, stop, at + 1);
        if (text[at] == '.' && name > at + 1)
            at = name;
        else if (text[at] == '[')
            at = skip_index(text, stop, at);
    }
    if (at == target || at == stop || text[at] != '?')
        return false;
    at++;
    if (at < stop && text[at] == '?')
        at++;
    while (at < stop && (input_is_blank(text[at]) || text[at] == ';'))
        at++;
    return at == stop;
}

/* Where in the line the name begins that a mark at its end asks help for, `x = np.dot?`:
 * `stop` when there is none. */
static size_t
find_help(const char *text, size_t stop, size_t first)
{
    bool inside = false;  // of a dotted name
    for (size_t at = first; at < stop; at++) {
        bool part = input_is_word(text[at]) || IS_ONE_OF(text[at], "*.[]%");
        if (part && !inside && is_help(text, stop, at))
            return at;
        inside = part;
    }
    return stop;
}

/* The kind that the beginning of a line tells: LINE_PYTHON when it is not the shell's
 * own. */
static LineKind
shell_kind(const char *text, size_t stop, size_t first)
{
    char c = text[first], next = '\0';
    if (first + 1 < stop)
        next = text[first + 1];
    if (c == '?' || is_help(text, stop, first))
        return LINE_HELP;
    if (c == '!')
        return next == '!' ? LINE_OUTPUT : LINE_SYSTEM;
    if (c != '%')
        return LINE_PYTHON;
    if (next == '%')
        return first + 2 < stop && !input_is_blank(text[first + 2]) ? LINE_CELL
                                                                    : LINE_PYTHON;
    return input_is_letter(next) ? LINE_MAGIC : LINE_PYTHON;
}

static void
finish_shell(const char *text, size_t length, size_t shell, LineKind kind, InputLine *line)
{
    line->kind = kind;
    line->shell = shell;
    line->stop = kind == LINE_CELL || kind == LINE_HELP
                     ? input_line_stop(text, length, shell)
                     : input_line_shell_stop(text, length, shell);
    line->end = input_line_after(text, length, line->stop);
    if (kind == LINE_CELL || kind == LINE_HELP)
        return;
    size_t backslashes = 0;
    while (line->stop - backslashes > shell && text[line->stop - backslashes - 1] == '\\')
        backslashes++;
    if (backslashes % 2 == 1)
        line->flags |= LINE_OPEN;
}

static void
scan_open(Scan *s, const InputToken *token)
{
    if (s->depth == NESTING_MAX) {
        s->line->flags |= LINE_BROKEN;
        return;
    }
    s->open[s->depth] = s->text[token->start];
    s->open_line[s->depth++] = s->line_start;
}

static void
scan_close(Scan *s, const InputToken *token)
{
    char close = s->text[token->start];
    int open = close == ')' ? '(' : close == ']' ? '[' : '{';
    if (s->depth > 0 && s->open[s->depth - 1] == open)
        s->depth--;
    else
        s->line->flags |= LINE_BROKEN;
}

static void
scan_string(Scan *s, const InputToken *token)
{
    if (token->flags & LEX_UNFINISHED) {
        s->line->flags |= LINE_OPEN;
        s->line->in_string = true;
    } else if (token->flags & LEX_UNTERMINATED) {
        s->line->flags |= LINE_BROKEN;
    }
}

/* Take in a significant token. */
static void
scan_token(Scan *s, const InputToken *token)
{
    if (token->kind == LEX_OPEN)
        scan_open(s, token);
    else if (token->kind == LEX_CLOSE)
        scan_close(s, token);
    else if (token->kind == LEX_STRING)
        scan_string(s, token);
    else if (token->kind == LEX_ERROR)
        s->line->flags |= LINE_BROKEN;
    else if (s->depth == 0 && input_token_is(s->text, token, ":"))
        s->colons++;
    else if (s->depth == 0 && input_token_is(s->text, token, "lambda"))
        s->lambdas++;
    if (s->count == 0)
        s->first = *token;
    else if (s->count == 1)
        s->second = *token;
    s->last = *token;
    s->count++;
}

static bool
is_one_of(const Scan *s, const InputToken *token, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (input_token_is(s->text, token, words[i]))
            return true;
    }
    return false;
}

/* Say what statement a whole Python line is, and whether its header has a colon. */
static void
classify(const Scan *s)
{
    static const char *const compounds[] = { "if",   "for", "while", "try",
                                             "with", "def", "class", "async" };
    static const char *const clauses[] = { "elif", "else", "except", "finally" };
    static const char *const soft[] = { "match", "case" };
    static const char *const leaving[] = { "return", "pass", "break", "continue", "raise" };
    InputLine *line = s->line;
    if (s->count == 0)
        return;
    bool ends_with_colon = s->colons > 0 && input_token_is(s->text, &s->last, ":");
    if (is_one_of(s, &s->first, compounds, COUNT_OF(compounds))
        || (is_one_of(s, &s->first, soft, COUNT_OF(soft)) && s->count > 2
            && ends_with_colon))
        line->flags |= LINE_COMPOUND;
    else if (is_one_of(s, &s->first, clauses, COUNT_OF(clauses)))
        line->flags |= LINE_CLAUSE;
    else if (is_one_of(s, &s->first, leaving, COUNT_OF(leaving)))
        line->flags |= LINE_LEAVES;
    else if (input_token_is(s->text, &s->first, "@"))
        line->flags |= LINE_DECORATOR;

    bool compound = line->flags & (LINE_COMPOUND | LINE_CLAUSE);
    if (compound && ends_with_colon)
        line->flags |= LINE_HEADER;
    bool whole = !(line->flags & LINE_OPEN);
    if (whole && (compound ? s->colons <= s->lambdas : ends_with_colon))
        line->flags |= LINE_BROKEN;
}

/* The shell's own part after the `=` of an assignment: its kind, or LINE_PYTHON. */
static LineKind
assigned_kind(const Scan *s, const InputToken *token, size_t length)
{
    if (s->depth > 0 || s->count == 0 || !input_token_is(s->text, &s->last, "="))
        return LINE_PYTHON;
    if (input_token_is(s->text, token, "!"))
        return LINE_ASSIGN_OUTPUT;
    bool named = token->end < length && input_is_letter(s->text[token->end]);
    return named && input_token_is(s->text, token, "%") ? LINE_ASSIGN_MAGIC : LINE_PYTHON;
}

/* Make the line that has been scanned one of help, if it asks for it at its end. */
static bool
finish_help(const Scan *s, size_t length)
{
    InputLine *line = s->line;
    bool one_physical = input_line_stop(s->text, length, line->start) == line->stop;
    if (s->depth > 0 || !one_physical || s->count == 0
        || !input_token_is(s->text, &s->last, "?"))
        return false;
    size_t name = find_help(s->text, line->stop, line->first);
    if (name == line->stop)
        return false;
    line->flags = 0;
    finish_shell(s->text, length, name, LINE_HELP, line);
    return true;
}

static void
scan_python(const char *text, size_t length, InputLine *line)
{
    Scan s = { .text = text, .line = line, .line_start = line->start };
    InputLex lex;
    InputToken token;
    line->kind = LINE_PYTHON;
    line->stop = line->end = length;
    input_lex_init(&lex, text, length, line->first);
    while (input_lex_next(&lex, &token)) {
        if (token.kind == LEX_NEWLINE && s.depth == 0) {
            line->stop = token.start;
            line->end = token.end;
            break;
        }
        if (token.kind == LEX_NEWLINE || token.kind == LEX_JOIN)
            s.line_start = token.end;
        if (token.kind == LEX_JOIN && token.end == length)
            line->flags |= LINE_OPEN;
        if (token.kind <= LEX_COMMENT)  // nothing that Python's grammar sees
            continue;
        LineKind kind = assigned_kind(&s, &token, length);
        if (kind != LINE_PYTHON) {
            classify(&s);
            finish_shell(text, length, token.start, kind, line);
            return;
        }
        scan_token(&s, &token);
    }
    if (finish_help(&s, length))
        return;
    if (s.depth > 0) {
        line->flags |= LINE_OPEN;
        line->in_bracket = true;
        line->inner_columns = count_columns(text, s.open_line[s.depth - 1], length);
    }
    classify(&s);
}

bool
input_line_read(const char *text, size_t length, size_t start, InputLine *ret_line)
{
    if (start >= length)
        return false;
    size_t stop = input_line_stop(text, length, start);
    InputLine line = { .start = start, .stop = stop };
    line.first = input_line_skip_blanks(text, stop, start);
    line.columns = count_columns(text, start, stop);
    line.end = input_line_after(text, length, stop);
    if (line.first < stop && text[line.first] == '#') {
        line.flags = LINE_COMMENT;
    } else if (line.first < stop) {
        LineKind kind = shell_kind(text, stop, line.first);
        if (kind == LINE_PYTHON)
            scan_python(text, length, &line);
        else
            finish_shell(text, length, line.first, kind, &line);
    }
    *ret_line = line;
    return true;
}
