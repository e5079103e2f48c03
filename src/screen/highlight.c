#include "screen/highlight.h"

#include <string.h>

#include "base/attr.h"
#include "input/line.h"

enum { DEEPEST = 256 };

static const unsigned char styles_of_roles[ROLE_COUNT] = {
    [ROLE_PLAIN] = STYLE_PLAIN,       [ROLE_KEYWORD] = STYLE_KEYWORD,
    [ROLE_CONSTANT] = STYLE_CONSTANT, [ROLE_BUILTIN] = STYLE_BUILTIN,
    [ROLE_DEFINED] = STYLE_DEFINED,   [ROLE_DECORATOR] = STYLE_DECORATOR,
    [ROLE_STRING] = STYLE_STRING,     [ROLE_OPEN_STRING] = STYLE_ERROR,
    [ROLE_NUMBER] = STYLE_NUMBER,     [ROLE_COMMENT] = STYLE_COMMENT,
    [ROLE_OPERATOR] = STYLE_OPERATOR, [ROLE_ERROR] = STYLE_ERROR,
};

ScreenStyle
screen_style_of_role(InputRole role)
{
    return styles_of_roles[role];
}

/* What is known while the tokens go by. */
typedef struct Colouring {
    const char *text;
    unsigned char *styles;
    size_t cursor;
    size_t open[DEEPEST];  // the brackets that are open
    size_t depth;
} Colouring;

static void
fill(Colouring *c, size_t start, size_t end, ScreenStyle style)
{
    memset(c->styles + start, style, end - start);
}

/* The cursor is at a bracket when it stands before or behind it. */
static bool
is_at_cursor(const Colouring *c, size_t at)
{
    return c->cursor == at || c->cursor == at + 1;
}

static bool
are_partners(char open, char close)
{
    return (open == '(' && close == ')') || (open == '[' && close == ']')
           || (open == '{' && close == '}');
}

static void
close_bracket(Colouring *c, size_t at)
{
    if (c->depth == 0)
        return;
    c->depth--;
    if (c->depth >= DEEPEST)
        return;
    size_t open = c->open[c->depth];
    if (!are_partners(c->text[open], c->text[at])) {
        fill(c, at, at + 1, STYLE_ERROR);
        return;
    }
    if (!is_at_cursor(c, at) && !is_at_cursor(c, open))
        return;
    fill(c, open, open + 1, STYLE_MATCH);
    fill(c, at, at + 1, STYLE_MATCH);
}

static void
colour_token(Colouring *c, const InputToken *t, InputRole role)
{
    bool typed = role == ROLE_OPEN_STRING && c->cursor > t->start && c->cursor <= t->end;
    fill(c, t->start, t->end, typed ? STYLE_STRING : styles_of_roles[role]);
    if (t->kind == LEX_OPEN) {
        if (c->depth < DEEPEST)
            c->open[c->depth] = t->start;
        c->depth++;
    }
    if (t->kind == LEX_CLOSE)
        close_bracket(c, t->start);
}

static void
colour_python(Colouring *c, size_t start, size_t end)
{
    InputLex lex;
    InputRoles roles;
    InputToken token;
    input_roles_init(&roles, c->text);
    input_lex_init(&lex, c->text, end, start);
    while (input_lex_next(&lex, &token))
        colour_token(c, &token, input_roles_next(&roles, &token));
}

/* A line of the shell's own: what is Python before it, the name, the rest. */
static void
colour_shell(Colouring *c, const InputLine *line)
{
    if (line->shell > line->start && line->kind > LINE_CELL)
        colour_python(c, line->start, line->shell);
    size_t at = line->shell;
    while (at < line->stop && IS_ONE_OF(c->text[at], "%!?"))
        at++;
    if (line->kind == LINE_MAGIC || line->kind == LINE_CELL
        || line->kind == LINE_ASSIGN_MAGIC)
        while (at < line->stop && input_is_word(c->text[at]))
            at++;
    fill(c, line->shell, at, STYLE_MAGIC);
    if (line->kind == LINE_HELP)
        for (size_t last = line->stop; last > line->shell && c->text[last - 1] == '?';)
            fill(c, last - 1, last, STYLE_MAGIC), last--;
}

size_t
screen_highlight(const char *text, size_t length, ScreenPart part, unsigned char *styles)
{
    InputLine line;
    size_t first = part.begin;
    for (size_t at = part.begin; at < part.to && input_line_read(text, length, at, &line);
         at = line.end) {
        if (line.kind == LINE_CELL)
            line.end = length;
        if (line.end <= part.from && line.end < length) {
            first = line.end;
            continue;
        }
        Colouring c = { .text = text, .styles = styles, .cursor = part.cursor };
        memset(styles + line.start, STYLE_PLAIN, line.end - line.start);
        if (line.kind == LINE_PYTHON || line.kind == LINE_BLANK)
            colour_python(&c, line.start, line.end);
        else
            colour_shell(&c, &line);
    }
    return first;
}
