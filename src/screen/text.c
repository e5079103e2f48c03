#include "screen/text.h"

#include "input/role.h"

static void
add_line(const ScreenTheme *theme, ScreenStyle style, const char *text, size_t length,
         Buf *out)
{
    bool styled = style != STYLE_PLAIN && length > 0;
    if (styled)
        screen_theme_add(theme, style, out);
    buf_add(out, text, length);
    buf_add_text(out, styled ? "\033[0m" : "");
}

void
screen_text_add(const ScreenTheme *theme, ScreenStyle style, const char *text,
                size_t length, Buf *out)
{
    size_t start = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] != '\n')
            continue;
        add_line(theme, style, text + start, i - start, out);
        buf_add_byte(out, '\n', 1);
        start = i + 1;
    }
    add_line(theme, style, text + start, length - start, out);
}

/* As at the prompt, but that nothing is wrong with a line taken out of its text. */
static const unsigned char styles_of_roles[ROLE_COUNT] = {
    [ROLE_KEYWORD] = STYLE_KEYWORD, [ROLE_CONSTANT] = STYLE_CONSTANT,
    [ROLE_BUILTIN] = STYLE_BUILTIN, [ROLE_DEFINED] = STYLE_DEFINED,
    [ROLE_STRING] = STYLE_STRING,   [ROLE_DECORATOR] = STYLE_DECORATOR,
    [ROLE_NUMBER] = STYLE_NUMBER,   [ROLE_OPEN_STRING] = STYLE_STRING,
    [ROLE_COMMENT] = STYLE_COMMENT, [ROLE_OPERATOR] = STYLE_PLAIN,
    [ROLE_PLAIN] = STYLE_PLAIN,     [ROLE_ERROR] = STYLE_PLAIN,
};

void
screen_text_code(const ScreenTheme *theme, const char *text, size_t length, Buf *out)
{
    InputLex lex;
    InputRoles roles;
    InputToken token;
    input_roles_init(&roles, text);
    input_lex_init(&lex, text, length, 0);
    while (input_lex_next(&lex, &token)) {
        ScreenStyle style = styles_of_roles[input_roles_next(&roles, &token)];
        screen_text_add(theme, style, text + token.start, token.end - token.start, out);
    }
}
