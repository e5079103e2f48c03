#include "input/highlight.h"

#include <stdbool.h>
#include <string.h>

#include "input/lex.h"

static const char *const sequences[] = {
    [COLOR_PLAIN] = "",           [COLOR_KEYWORD] = "\033[32m", [COLOR_STRING] = "\033[33m",
    [COLOR_NUMBER] = "\033[36m",  [COLOR_COMMENT] = "\033[90m", [COLOR_CALLED] = "\033[34m",
    [COLOR_FILE] = "\033[36m",    [COLOR_LINE] = "\033[33m",    [COLOR_FADED] = "\033[90m",
    [COLOR_ERROR] = "\033[1;31m",
};

static void
add_line(Buf *out, InputColor color, const char *text, size_t length)
{
    bool colored = color != COLOR_PLAIN && length > 0;
    buf_add_text(out, colored ? sequences[color] : "");
    buf_add(out, text, length);
    buf_add_text(out, colored ? "\033[0m" : "");
}

void
input_highlight_add(Buf *out, InputColor color, const char *text, size_t length)
{
    size_t start = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] != '\n')
            continue;
        add_line(out, color, text + start, i - start);
        buf_add_byte(out, '\n', 1);
        start = i + 1;
    }
    add_line(out, color, text + start, length - start);
}

static InputColor
color_of(const InputToken *token)
{
    switch (token->kind) {
    case LEX_KEYWORD:
        return COLOR_KEYWORD;
    case LEX_STRING:
        return COLOR_STRING;
    case LEX_NUMBER:
        return COLOR_NUMBER;
    case LEX_COMMENT:
        return COLOR_COMMENT;
    default:
        return COLOR_PLAIN;
    }
}

void
input_highlight_code(Buf *out, const char *text, size_t length)
{
    InputLex lex;
    InputToken token;
    bool defines = false;
    input_lex_init(&lex, text, length, 0);
    while (input_lex_next(&lex, &token)) {
        InputColor color = color_of(&token);
        bool called = token.end < length && text[token.end] == '(';
        if (token.kind == LEX_NAME && (called || defines))
            color = COLOR_CALLED;
        if (token.kind != LEX_SPACE)
            defines = input_token_is(text, &token, "def")
                      || input_token_is(text, &token, "class");
        input_highlight_add(out, color, text + token.start, token.end - token.start);
    }
}
