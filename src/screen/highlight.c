#include "screen/highlight.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "input/lex.h"
#include "input/line.h"
#include "screen/theme.h"

enum { DEEPEST = 256 };

/* Sorted: they are searched. */
static const char *const builtins[] = {
    "ArithmeticError",
    "AssertionError",
    "AttributeError",
    "BaseException",
    "BaseExceptionGroup",
    "BlockingIOError",
    "BrokenPipeError",
    "BufferError",
    "BytesWarning",
    "ChildProcessError",
    "ConnectionAbortedError",
    "ConnectionError",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "DeprecationWarning",
    "EOFError",
    "Ellipsis",
    "EncodingWarning",
    "EnvironmentError",
    "Exception",
    "ExceptionGroup",
    "FileExistsError",
    "FileNotFoundError",
    "FloatingPointError",
    "FutureWarning",
    "GeneratorExit",
    "IOError",
    "ImportError",
    "ImportWarning",
    "IndentationError",
    "IndexError",
    "InterruptedError",
    "IsADirectoryError",
    "KeyError",
    "KeyboardInterrupt",
    "LookupError",
    "MemoryError",
    "ModuleNotFoundError",
    "NameError",
    "NotADirectoryError",
    "NotImplemented",
    "NotImplementedError",
    "OSError",
    "OverflowError",
    "PendingDeprecationWarning",
    "PermissionError",
    "ProcessLookupError",
    "RecursionError",
    "ReferenceError",
    "ResourceWarning",
    "RuntimeError",
    "RuntimeWarning",
    "StopAsyncIteration",
    "StopIteration",
    "SyntaxError",
    "SyntaxWarning",
    "SystemError",
    "SystemExit",
    "TabError",
    "TimeoutError",
    "TypeError",
    "UnboundLocalError",
    "UnicodeDecodeError",
    "UnicodeEncodeError",
    "UnicodeError",
    "UnicodeTranslateError",
    "UnicodeWarning",
    "UserWarning",
    "ValueError",
    "Warning",
    "ZeroDivisionError",
    "__import__",
    "abs",
    "aiter",
    "all",
    "anext",
    "any",
    "ascii",
    "bin",
    "bool",
    "breakpoint",
    "bytearray",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "compile",
    "complex",
    "delattr",
    "dict",
    "dir",
    "divmod",
    "enumerate",
    "eval",
    "exec",
    "exit",
    "filter",
    "float",
    "format",
    "frozenset",
    "get_ipython",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "help",
    "hex",
    "id",
    "input",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "list",
    "locals",
    "map",
    "max",
    "memoryview",
    "min",
    "next",
    "object",
    "oct",
    "open",
    "ord",
    "pow",
    "print",
    "property",
    "quit",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "vars",
    "zip",
};

typedef struct Word {
    const char *text;
    size_t length;
} Word;

static int
compare(const void *key, const void *item)
{
    const Word *word = key;
    const char *name = *(const char *const *)item;
    int r = strncmp(word->text, name, word->length);
    return r ? r : -(int)(unsigned char)name[word->length];
}

static bool
is_builtin(const char *text, size_t length)
{
    const Word word = { text, length };
    return bsearch(&word, builtins, COUNT_OF(builtins), sizeof builtins[0], compare);
}

/* What is known while the tokens go by. */
typedef struct Colouring {
    const char *text;
    unsigned char *styles;
    size_t cursor;
    size_t open[DEEPEST];  // the brackets that are open
    size_t depth;
    bool defines;    // the next name is one that def or class binds
    bool attribute;  // the next name follows a dot
    bool decorates;
    bool begins;  // nothing but blanks before, in this line
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

static ScreenStyle
style_of_keyword(Colouring *c, const InputToken *t)
{
    if (input_token_is(c->text, t, "def") || input_token_is(c->text, t, "class"))
        c->defines = true;
    bool constant = input_token_is(c->text, t, "None") || input_token_is(c->text, t, "True")
                    || input_token_is(c->text, t, "False");
    return constant ? STYLE_CONSTANT : STYLE_KEYWORD;
}

static ScreenStyle
style_of_name(Colouring *c, const InputToken *t)
{
    if (c->defines)
        return STYLE_DEFINED;
    if (c->decorates)
        return STYLE_DECORATOR;
    return !c->attribute && is_builtin(c->text + t->start, t->end - t->start)
               ? STYLE_BUILTIN
               : STYLE_PLAIN;
}

static ScreenStyle
style_of(Colouring *c, const InputToken *t)
{
    switch (t->kind) {
    case LEX_COMMENT:
        return STYLE_COMMENT;
    case LEX_NAME:
        return style_of_name(c, t);
    case LEX_KEYWORD:
        return style_of_keyword(c, t);
    case LEX_NUMBER:
        return STYLE_NUMBER;
    case LEX_STRING:
        return t->flags & LEX_UNTERMINATED && !(t->flags & LEX_UNFINISHED) ? STYLE_ERROR
                                                                           : STYLE_STRING;
    case LEX_OPEN:
    case LEX_CLOSE:
    case LEX_OPERATOR:
        return STYLE_OPERATOR;
    case LEX_ERROR:
        return STYLE_ERROR;
    default:
        return STYLE_PLAIN;
    }
}

static void
colour_token(Colouring *c, const InputToken *t)
{
    if (c->begins && input_token_is(c->text, t, "@"))
        c->decorates = true;
    ScreenStyle style = style_of(c, t);
    fill(c, t->start, t->end,
         c->decorates && t->kind == LEX_OPERATOR ? STYLE_DECORATOR : style);
    if (t->kind == LEX_OPEN) {
        if (c->depth < DEEPEST)
            c->open[c->depth] = t->start;
        c->depth++;
    }
    if (t->kind == LEX_CLOSE)
        close_bracket(c, t->start);
    if (t->kind == LEX_SPACE)
        return;
    c->attribute = input_token_is(c->text, t, ".");
    c->defines &= t->kind == LEX_KEYWORD;
    c->decorates &= t->kind == LEX_NAME || t->kind == LEX_OPERATOR;
    c->begins = t->kind == LEX_NEWLINE;
}

static void
colour_python(Colouring *c, size_t start, size_t end)
{
    InputLex lex;
    InputToken token;
    c->begins = true;
    c->decorates = c->defines = c->attribute = false;
    input_lex_init(&lex, c->text, end, start);
    while (input_lex_next(&lex, &token))
        colour_token(c, &token);
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

void
screen_highlight(const char *text, size_t length, ScreenPart part, unsigned char *styles)
{
    InputLine line;
    for (size_t at = 0; at < part.to && input_line_read(text, length, at, &line);
         at = line.end) {
        if (line.kind == LINE_CELL)
            line.end = length;
        if (line.end <= part.from)
            continue;
        Colouring c = { .text = text, .styles = styles, .cursor = part.cursor };
        memset(styles + line.start, STYLE_PLAIN, line.end - line.start);
        if (line.kind == LINE_PYTHON || line.kind == LINE_BLANK)
            colour_python(&c, line.start, line.end);
        else
            colour_shell(&c, &line);
    }
}
