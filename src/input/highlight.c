#include "input/highlight.h"

#include <stdbool.h>
#include <string.h>

#include "input/role.h"

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

static const InputColor colors_of_roles[ROLE_COUNT] = {
    [ROLE_KEYWORD] = COLOR_KEYWORD, [ROLE_CONSTANT] = COLOR_KEYWORD,
    [ROLE_DEFINED] = COLOR_CALLED,  [ROLE_STRING] = COLOR_STRING,
    [ROLE_NUMBER] = COLOR_NUMBER,   [ROLE_OPEN_STRING] = COLOR_STRING,
    [ROLE_COMMENT] = COLOR_COMMENT,
};

void
input_highlight_code(Buf *out, const char *text, size_t length)
{
    InputLex lex;
    InputRoles roles;
    InputToken token;
    input_roles_init(&roles, text);
    input_lex_init(&lex, text, length, 0);
    while (input_lex_next(&lex, &token)) {
        InputColor color = colors_of_roles[input_roles_next(&roles, &token)];
        if (token.kind == LEX_NAME && token.end < length && text[token.end] == '(')
            color = COLOR_CALLED;
        input_highlight_add(out, color, text + token.start, token.end - token.start);
    }
}
