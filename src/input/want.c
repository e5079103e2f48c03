#include "input/want.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "input/lex.h"
#include "input/line.h"

enum { OPEN_LIMIT = 200 };  // CPython's own parser goes no deeper

static const size_t NONE = (size_t)-1;

/* What Python's grammar sees of a piece of code up to the cursor. */
typedef struct Code {
    const char *text;
    size_t length;  // the whole text's
    size_t cursor;
    InputToken *tokens;
    size_t count;
    size_t capacity;
    size_t
        open[OPEN_LIMIT];  // the tokens of the brackets that are open, the innermost last
    size_t depth;
    size_t statement;  // the first token of the statement with the cursor
    bool comment;      // the cursor is in one
} Code;

static void
code_done(Code *c)
{
    free(c->tokens);
}

static void
code_done_slot(Code *c)
{
    code_done(c);
}

static bool
is_word(const Code *c, size_t i, const char *word)
{
    return i < c->count && input_token_is(c->text, &c->tokens[i], word);
}

static int
add_token(Code *c, const InputToken *token)
{
    if (c->count == c->capacity) {
        size_t capacity = c->capacity ? 2 * c->capacity : 64;
        InputToken *grown = alloc_resize(c->tokens, capacity * sizeof *grown);
        if (!grown)
            return -ENOMEM;
        c->tokens = grown;
        c->capacity = capacity;
    }
    c->tokens[c->count++] = *token;
    return 0;
}

/* Whether the statement so far is a header, which a colon ends. */
static bool
is_header(const Code *c)
{
    static const char *const words[] = { "if",      "elif", "else",  "for",
                                         "while",   "try",  "with",  "except",
                                         "finally", "def",  "class", "async" };
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (is_word(c, c->statement, words[i]))
            return true;
    return false;
}

/* Take in the token that was added last. */
static void
follow(Code *c)
{
    size_t last = c->count - 1;
    const InputToken *token = &c->tokens[last];
    if (token->kind == LEX_OPEN && c->depth < OPEN_LIMIT)
        c->open[c->depth++] = last;
    else if (token->kind == LEX_CLOSE && c->depth > 0)
        c->depth--;
    else if (c->depth == 0
             && (is_word(c, last, ";") || (is_word(c, last, ":") && is_header(c))))
        c->statement = last + 1;
}

static int
read_code(Code *c, size_t start)
{
    InputLex lex;
    InputToken token;
    input_lex_init(&lex, c->text, c->cursor, start);
    while (input_lex_next(&lex, &token)) {
        c->comment = token.kind == LEX_COMMENT;
        if (token.kind == LEX_NEWLINE && c->depth == 0)
            c->statement = c->count;
        if (token.kind <= LEX_COMMENT)
            continue;
        int r = add_token(c, &token);
        if (r < 0)
            return r;
        follow(c);
    }
    return 0;
}

/* Whether a primary can end with the token: what follows it is a trailer. */
static bool
ends_primary(const Code *c, size_t i)
{
    if (i >= c->count)
        return false;
    LexKind kind = c->tokens[i].kind;
    return kind == LEX_NAME || kind == LEX_STRING || kind == LEX_CLOSE;
}

static size_t
matching_open(const Code *c, size_t i)
{
    size_t depth = 0;
    for (;; i--) {
        if (c->tokens[i].kind == LEX_CLOSE)
            depth++;
        else if (c->tokens[i].kind == LEX_OPEN && --depth == 0)
            return i;
        if (i == 0)
            return NONE;
    }
}

/* The first token of the primary whose last one is `i`, or NONE. */
static size_t
primary_first(const Code *c, size_t i)
{
    while (ends_primary(c, i)) {
        bool bracket = c->tokens[i].kind == LEX_CLOSE;
        bool curly = bracket && is_word(c, i, "}");
        size_t first = bracket ? matching_open(c, i) : i;
        if (first == NONE || first == 0)
            return first;
        if (bracket && !curly && ends_primary(c, first - 1)) {
            i = first - 1;  // a call, or a subscript
            continue;
        }
        if (bracket || !is_word(c, first - 1, "."))
            return first;
        if (first < 2)
            return NONE;
        i = first - 2;
    }
    return NONE;
}

/* The primary that ends with token `i`; empty where there is none. */
static InputSpan
primary_before(const Code *c, size_t i)
{
    size_t first = primary_first(c, i);
    if (first == NONE)
        return (InputSpan){ 0, 0 };
    return (InputSpan){ c->tokens[first].start, c->tokens[i].end };
}

/* What the innermost open bracket is a trailer of, if the token before the wanted one (`before`
 * counts those) is that bracket or a comma in it. */
static void
want_trailer(const Code *c, size_t before, InputWant *w)
{
    if (c->depth == 0 || before == 0)
        return;
    size_t open = c->open[c->depth - 1];
    if (open == 0 || open >= before || !ends_primary(c, open - 1))
        return;
    bool directly = open == before - 1;
    InputSpan object = primary_before(c, open - 1);
    size_t first = primary_first(c, open - 1);
    bool defines = first != NONE && first > 0
                   && (is_word(c, first - 1, "def") || is_word(c, first - 1, "class"));
    if (is_word(c, open, "[") && directly)
        w->subscript = object;
    else if (is_word(c, open, "(") && !defines && (directly || is_word(c, before - 1, ",")))
        w->call = object;
}

/* The dotted path that ends before token `end`; `ret_first` is its first token, or `end`. */
static InputSpan
path_before(const Code *c, size_t end, size_t *ret_first)
{
    size_t first = end;
    while (first > c->statement) {
        const InputToken *token = &c->tokens[first - 1];
        bool dots = is_word(c, first - 1, ".") || is_word(c, first - 1, "...");
        bool touches = first == end || token->end == c->tokens[first].start;
        if (!touches || (token->kind != LEX_NAME && !dots))
            break;
        if (first < end && !dots && c->tokens[first].kind == LEX_NAME)
            break;
        first--;
    }
    *ret_first = first;
    if (first == end)
        return (InputSpan){ 0, 0 };
    return (InputSpan){ c->tokens[first].start, c->tokens[end - 1].end };
}

/* A module's path up to the word, which begins with token `word`. */
static void
want_module(const Code *c, size_t word, InputWant *w)
{
    size_t first = word;
    bool dotted = word > 0 && c->tokens[word - 1].end == w->replaced.start
                  && (is_word(c, word - 1, ".") || is_word(c, word - 1, "..."));
    InputSpan path = dotted ? path_before(c, word, &first) : (InputSpan){ 0, 0 };
    bool begins = first > 0
                  && (is_word(c, first - 1, "import") || is_word(c, first - 1, "from")
                      || is_word(c, first - 1, ","));
    w->kind = begins ? WANT_MODULE : WANT_NOTHING;
    if (path.end > path.start)  // a relative one keeps its dots
        w->object = (InputSpan){ path.start, path.end - (c->text[path.start] != '.') };
}

/* from PATH import NAMES, at the word. */
static void
want_from(const Code *c, size_t word, InputWant *w)
{
    size_t import = c->statement + 1;
    while (import < word && !is_word(c, import, "import"))
        import++;
    if (import < word) {
        size_t first = 0;
        w->object = path_before(c, import, &first);
        bool begins = is_word(c, word - 1, "import") || is_word(c, word - 1, "(")
                      || is_word(c, word - 1, ",");
        w->kind = begins ? WANT_MEMBER : WANT_NOTHING;
        return;
    }
    want_module(c, word, w);
    if (w->kind == WANT_NOTHING && word > c->statement + 1)
        w->kind = WANT_IMPORT;
}

/* Whether the token before a name says that it is a new one. */
static bool
is_new_name(const Code *c, size_t word)
{
    return word > 0
           && (is_word(c, word - 1, "def") || is_word(c, word - 1, "class")
               || is_word(c, word - 1, "as"));
}

/* A name that begins with token `word`, or with the next one to come. */
static void
want_name(const Code *c, size_t word, InputWant *w)
{
    if (is_word(c, c->statement, "import") && word > c->statement) {
        want_module(c, word, w);
    } else if (is_word(c, c->statement, "from") && word > c->statement) {
        want_from(c, word, w);
    } else if (word > 0 && is_word(c, word - 1, ".")) {
        w->object = word > 1 ? primary_before(c, word - 2) : w->object;
        w->kind = w->object.end > w->object.start ? WANT_ATTRIBUTE : WANT_NOTHING;
    } else if (is_new_name(c, word)) {
        w->kind = WANT_NOTHING;
    } else {
        w->kind = WANT_NAME;
        w->first = word == c->statement && c->depth == 0;
        want_trailer(c, word, w);
    }
}

/* Where the expression of an f-string begins that the cursor is in, or NONE. */
static size_t
open_field(const Code *c, size_t start)
{
    size_t field = NONE;
    size_t depth = 0;
    for (size_t i = start; i < c->cursor; i++) {
        if (c->text[i] == '{' && depth == 0 && i + 1 < c->cursor && c->text[i + 1] == '{')
            i++;
        else if (c->text[i] == '{' && depth++ == 0)
            field = i + 1;
        else if (c->text[i] == '}' && depth > 0)
            depth--;
    }
    return depth > 0 ? field : NONE;
}

/* The cursor is in the string that is the last token. */
static int
want_string(const Code *c, InputWant *w)
{
    const InputToken *token = &c->tokens[c->count - 1];
    size_t content = token->start;
    while (c->text[content] != '"' && c->text[content] != '\'')
        content++;
    w->quote = c->text[content];
    w->raw = token->flags & LEX_RAW;
    content += token->flags & LEX_TRIPLE ? 3 : 1;
    if (content > c->cursor)
        content = c->cursor;
    size_t field = token->flags & LEX_FORMAT ? open_field(c, content) : NONE;
    if (field != NONE)
        return input_want_code(c->text, c->length, field, c->cursor, w);
    want_trailer(c, c->count - 1, w);
    bool key = w->subscript.end > w->subscript.start && !(token->flags & LEX_TRIPLE);
    w->kind = key ? WANT_KEY : WANT_STRING;
    if (key)
        w->object = w->subscript;
    w->subscript = w->call = (InputSpan){ 0, 0 };
    w->replaced.start = key ? token->start : content;
    if (key && c->cursor < c->length && c->text[c->cursor] == w->quote)
        w->replaced.end++;
    return 0;
}

int
input_want_code(const char *text, size_t length, size_t start, size_t cursor,
                InputWant *ret_want)
{
    AUTO(code_done) Code c = { .text = text, .length = length, .cursor = cursor };
    InputWant w = { .kind = WANT_NOTHING, .replaced = { cursor, cursor } };
    int r = read_code(&c, start);
    if (r < 0)
        return r;
    const InputToken *last = c.count > 0 ? &c.tokens[c.count - 1] : NULL;
    bool touches = last && last->end == cursor;
    if (c.comment) {
        w.kind = WANT_NOTHING;
    } else if (touches && last->kind == LEX_STRING) {
        r = last->flags & LEX_UNTERMINATED ? want_string(&c, &w) : 0;
    } else if (touches && (last->kind == LEX_NAME || last->kind == LEX_KEYWORD)) {
        w.replaced.start = last->start;
        want_name(&c, c.count - 1, &w);
    } else if (touches && last->kind == LEX_NUMBER) {
        w.replaced.start = last->start;
        want_trailer(&c, c.count - 1, &w);
        w.call = (InputSpan){ 0, 0 };
        w.kind = w.subscript.end > 0 ? WANT_NAME : WANT_NOTHING;
    } else if (!touches || last->kind != LEX_ERROR) {
        want_name(&c, c.count, &w);
    }
    if (w.kind == WANT_NOTHING)
        w = (InputWant){ .replaced = { cursor, cursor } };
    if (r == 0)
        *ret_want = w;
    return r;
}

/* A backslash and the beginning of a name behind it, just before the cursor. */
static bool
want_symbol(const char *text, size_t start, size_t cursor, InputWant *w)
{
    size_t at = cursor;
    while (at > start
           && (input_is_word(text[at - 1]) || IS_ONE_OF(text[at - 1], "^ -+=()")))
        at--;
    if (at == start || text[at - 1] != '\\' || (at > start + 1 && text[at - 2] == '\\'))
        return false;
    bool spelled = at < cursor && text[at] >= 'A' && text[at] <= 'Z';
    for (size_t i = at; i < cursor && !spelled; i++)
        if (IS_ONE_OF(text[i], " -+=()") && text[at] != '^' && text[at] != '_')
            return false;  // only Unicode's own names have blanks
    if (at == cursor || (!spelled && memchr(text + at, ' ', cursor - at)))
        return false;
    *w = (InputWant){ .kind = WANT_SYMBOL, .replaced = { at - 1, cursor } };
    return true;
}

static bool
is_quoted(const char *text, size_t start, size_t at)
{
    size_t count = 0;
    while (at > start && text[at - 1] == '\\') {
        count++;
        at--;
    }
    return count % 2 == 1;
}

/* The beginning of the word that ends at the cursor; blanks in quotes are part of it. */
static size_t
word_start(const char *text, size_t start, size_t cursor)
{
    size_t word = start;
    char quote = '\0';
    for (size_t i = start; i < cursor; i++) {
        bool literal = is_quoted(text, start, i);
        if (quote && text[i] == quote && !literal)
            quote = '\0';
        else if (!quote && !literal && (text[i] == '"' || text[i] == '\''))
            quote = text[i];
        else if (!quote && !literal && IS_ONE_OF(text[i], " \t;|&<>=()\n"))
            word = i + 1;
    }
    return word;
}

/* In a line `%name rest`, whose signs begin at `sign`. */
static void
want_magic(const char *text, size_t sign, size_t cursor, InputWant *w)
{
    size_t name = sign;
    while (name < cursor && text[name] == '%')
        name++;
    size_t end = name;
    while (end < cursor && !input_is_blank(text[end]))
        end++;
    w->cell = name - sign > 1;
    w->object = (InputSpan){ name, end };
    if (end == cursor) {
        w->kind = WANT_MAGIC;
        w->replaced.start = name;
        return;
    }
    w->kind = WANT_ARGUMENT;
    w->rest.start = input_line_skip_blanks(text, cursor, end);
    w->rest.end = cursor;
    w->replaced.start = word_start(text, w->rest.start, cursor);
}

/* Whether there is nothing but the `%` or `%%` of a magic whose name is to come. */
static bool
is_bare_sign(const char *text, size_t start, size_t cursor)
{
    size_t length = cursor > start ? cursor - start : 0;
    return length > 0 && length <= 2 && memcmp(text + start, "%%", length) == 0;
}

static int
want_line(const char *text, size_t length, size_t cursor, const InputLine *line,
          InputWant *ret_want)
{
    InputWant w = { .replaced = { cursor, cursor } };
    size_t at = line->shell;
    switch (line->kind) {
    case LINE_MAGIC:
    case LINE_CELL:
    case LINE_ASSIGN_MAGIC:
        want_magic(text, at, cursor, &w);
        break;
    case LINE_SYSTEM:
    case LINE_OUTPUT:
    case LINE_ASSIGN_OUTPUT:
        while (at < cursor && text[at] == '!')
            at++;
        w.kind = WANT_SHELL;
        w.rest = (InputSpan){ at, cursor };
        w.replaced.start = word_start(text, at, cursor);
        break;
    case LINE_HELP:
        while (at < cursor && text[at] == '?')
            at++;
        if (at < cursor && text[at] == '%') {
            want_magic(text, at, cursor, &w);
            break;
        }
        return input_want_code(text, length, at, cursor, ret_want);
    default:
        if (is_bare_sign(text, line->first, cursor)) {
            want_magic(text, line->first, cursor, &w);
            break;
        }
        if (want_symbol(text, line->first, cursor, &w))
            break;
        return input_want_code(text, length, line->first, cursor, ret_want);
    }
    *ret_want = w;
    return 0;
}

int
input_want_read(const char *text, size_t length, size_t cursor, InputWant *ret_want)
{
    InputLine line = { .kind = LINE_BLANK };
    size_t start = 0;
    InputLine next;
    while (input_line_read(text, cursor, start, &next) && next.end > start) {
        line = next;
        start = next.end;
    }
    bool behind =
        line.end == cursor && line.stop < line.end;  // a newline is before the cursor
    if (start == 0 || behind)
        line = (InputLine){ .kind = LINE_PYTHON, .first = cursor };
    return want_line(text, length, cursor, &line, ret_want);
}
