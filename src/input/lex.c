#include "input/lex.h"

#include <string.h>

#include "base/attr.h"

static const char *const keywords[] = {
    "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
    "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
    "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
    "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield",
};

// Longest first: the first that fits is the token.
static const char *const operators[] = {
    "**=", "//=", ">>=", "<<=", "...", "!=", "->", ":=", "==", "<=", ">=", "<>", "+=", "-=",
    "*=",  "/=",  "%=",  "&=",  "|=",  "^=", "@=", "**", "//", "<<", ">>", "+",  "-",  "*",
    "/",   "%",   "&",   "|",   "^",   "@",  "~",  "<",  ">",  "=",  ".",  ",",  ":",  ";",
};

/* The byte at `at`, or NUL at and after the end. */
static char
peek(const InputLex *lex, size_t at)
{
    if (at < lex->length)
        return lex->text[at];
    return '\0';
}

static size_t
skip_newline(const InputLex *lex, size_t at)
{
    return at + (peek(lex, at) == '\r' && peek(lex, at + 1) == '\n' ? 2 : 1);
}

static size_t
skip_to_newline(const InputLex *lex, size_t at)
{
    while (at < lex->length && !input_is_newline(lex->text[at]))
        at++;
    return at;
}

static size_t
skip_word(const InputLex *lex, size_t at)
{
    while (at < lex->length && input_is_word(lex->text[at]))
        at++;
    return at;
}

/* Digits of the base (2, 8, 10 or 16) and the underscores between them. */
static size_t
skip_digits(const InputLex *lex, size_t at, int base)
{
    for (; at < lex->length; at++) {
        char c = lex->text[at];
        bool fits = base == 16 ? input_is_digit(c) || (c >= 'a' && c <= 'f')
                                     || (c >= 'A' && c <= 'F')
                               : c >= '0' && c < '0' + base;
        if (!fits && !(c == '_' && input_is_word(peek(lex, at + 1))))
            break;
    }
    return at;
}

static size_t
skip_number(const InputLex *lex, size_t at)
{
    if (lex->text[at] == '0') {
        int mark = peek(lex, at + 1) | 0x20;
        int base = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 0;
        if (base > 0)
            return skip_digits(lex, at + 2, base);
    }
    at = skip_digits(lex, at, 10);
    if (peek(lex, at) == '.')
        at = skip_digits(lex, at + 1, 10);
    if ((peek(lex, at) | 0x20) == 'e') {
        size_t digits = at + 1;
        if (peek(lex, digits) == '+' || peek(lex, digits) == '-')
            digits++;
        if (input_is_digit(peek(lex, digits)))
            at = skip_digits(lex, digits, 10);
    }
    if ((peek(lex, at) | 0x20) == 'j')
        at++;
    return at;
}

/* The flags that the prefix [start, end) gives a string: -1 when it is no prefix. */
static int
prefix_flags(const InputLex *lex, size_t start, size_t end)
{
    int flags = 0, letters = 0;
    for (; start < end; start++) {
        int c = lex->text[start] | 0x20;
        int flag = c == 'r' ? LEX_RAW : c == 'b' ? LEX_BYTES : c == 'f' ? LEX_FORMAT : 0;
        if ((flag == 0 && c != 'u') || (flags & flag))
            return -1;
        flags |= flag;
        letters += c == 'u' ? 2 : 1;
    }
    return letters > 2 || (flags & LEX_BYTES && flags & LEX_FORMAT) ? -1 : flags;
}

/* The string whose opening quote is at `at`. */
static void
finish_string(const InputLex *lex, size_t at, InputToken *t)
{
    char quote = lex->text[at];
    bool triple = peek(lex, at + 1) == quote && peek(lex, at + 2) == quote;
    if (triple)
        t->flags |= LEX_TRIPLE;
    // Only a backslash carries a string in single quotes over the end of a line.
    bool carried = false;
    for (at += triple ? 3 : 1; at < lex->length; at++) {
        char c = lex->text[at];
        carried = false;
        if (c == '\\') {
            carried = at + 1 == lex->length || input_is_newline(lex->text[at + 1]);
            at = skip_newline(lex, at + 1) - 1;
        } else if (c == quote
                   && (!triple
                       || (peek(lex, at + 1) == quote && peek(lex, at + 2) == quote))) {
            t->end = at + (triple ? 3 : 1);
            return;
        } else if (!triple && input_is_newline(c)) {
            t->flags |= LEX_UNTERMINATED;
            t->end = at;
            return;
        }
    }
    t->flags |= LEX_UNTERMINATED | (triple || carried ? LEX_UNFINISHED : 0);
    t->end = lex->length;
}

static LexKind
read_word(const InputLex *lex, InputToken *t)
{
    t->end = skip_word(lex, t->start);
    char quote = peek(lex, t->end);
    if ((quote == '\'' || quote == '"') && t->end - t->start <= 2) {
        int flags = prefix_flags(lex, t->start, t->end);
        if (flags >= 0) {
            t->flags = (unsigned)flags;
            finish_string(lex, t->end, t);
            return LEX_STRING;
        }
    }
    return input_lex_is_keyword(lex->text + t->start, t->end - t->start) ? LEX_KEYWORD
                                                                         : LEX_NAME;
}

static LexKind
read_operator(const InputLex *lex, InputToken *t)
{
    size_t left = lex->length - t->start;
    for (size_t i = 0; i < COUNT_OF(operators); i++) {
        if (operators[i][0] != lex->text[t->start])
            continue;
        size_t length = strlen(operators[i]);
        if (length <= left && memcmp(lex->text + t->start, operators[i], length) == 0) {
            t->end = t->start + length;
            return LEX_OPERATOR;
        }
    }
    t->end = t->start + 1;
    return LEX_ERROR;
}

static LexKind
read_backslash(const InputLex *lex, InputToken *t)
{
    t->end = t->start + 1;
    if (t->end < lex->length && !input_is_newline(lex->text[t->end]))
        return LEX_ERROR;
    if (t->end < lex->length)
        t->end = skip_newline(lex, t->end);
    return LEX_JOIN;
}

static LexKind
read_space(const InputLex *lex, InputToken *t)
{
    t->end = t->start;
    while (t->end < lex->length && input_is_blank(lex->text[t->end]))
        t->end++;
    return LEX_SPACE;
}

static LexKind
read_token(const InputLex *lex, InputToken *t)
{
    char c = lex->text[t->start];
    if (input_is_letter(c))
        return read_word(lex, t);
    if (input_is_blank(c))
        return read_space(lex, t);
    if (input_is_newline(c)) {
        t->end = skip_newline(lex, t->start);
        return LEX_NEWLINE;
    }
    if (c == '#') {
        t->end = skip_to_newline(lex, t->start);
        return LEX_COMMENT;
    }
    if (input_is_digit(c) || (c == '.' && input_is_digit(peek(lex, t->start + 1)))) {
        t->end = skip_number(lex, t->start);
        return LEX_NUMBER;
    }
    if (c == '\'' || c == '"') {
        finish_string(lex, t->start, t);
        return LEX_STRING;
    }
    if (c == '\\')
        return read_backslash(lex, t);
    if (c != '\0' && strchr("()[]{}", c)) {
        t->end = t->start + 1;
        return strchr("([{", c) ? LEX_OPEN : LEX_CLOSE;
    }
    return read_operator(lex, t);
}

void
input_lex_init(InputLex *lex, const char *text, size_t length, size_t start)
{
    *lex = (InputLex){ .text = text, .length = length, .at = start };
}

bool
input_lex_next(InputLex *lex, InputToken *ret_token)
{
    if (lex->at >= lex->length)
        return false;
    InputToken token = { .start = lex->at };
    token.kind = read_token(lex, &token);
    lex->at = token.end;
    *ret_token = token;
    return true;
}

bool
input_token_is(const char *text, const InputToken *token, const char *word)
{
    size_t length = token->end - token->start;
    return length > 0 && text[token->start] == word[0] && length == strlen(word)
           && memcmp(text + token->start, word, length) == 0;
}

bool
input_lex_is_keyword(const char *name, size_t length)
{
    for (size_t i = 0; i < COUNT_OF(keywords) && length > 1; i++) {
        if (keywords[i][0] == name[0] && strlen(keywords[i]) == length
            && memcmp(keywords[i], name, length) == 0)
            return true;
    }
    return false;
}
