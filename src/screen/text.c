#include "screen/text.h"

#include "screen/highlight.h"

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

/* As at the prompt, but that operators are plain, and nothing is wrong with a line taken out of its
 * text. */
static ScreenStyle
style_of(InputRole role)
{
    if (role == ROLE_OPERATOR || role == ROLE_ERROR)
        return STYLE_PLAIN;
    return screen_style_of_role(role == ROLE_OPEN_STRING ? ROLE_STRING : role);
}

void
screen_text_code(const ScreenTheme *theme, const char *text, size_t length, Buf *out)
{
    InputLex lex;
    InputRoles roles;
    InputToken token;
    input_roles_init(&roles, text);
    input_lex_init(&lex, text, length, 0);
    while (input_lex_next(&lex, &token)) {
        ScreenStyle style = style_of(input_roles_next(&roles, &token));
        screen_text_add(theme, style, text + token.start, token.end - token.start, out);
    }
}
