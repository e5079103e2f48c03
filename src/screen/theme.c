#include "screen/theme.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BOLD = 1 << 0,
    DIM = 1 << 1,
    REVERSE = 1 << 2,
    UNDERLINE = 1 << 3,
    // Attributes that stand for a colour where there is none.
    BARE_DIM = 1 << 4,
    BARE_REVERSE = 1 << 5,
};

/* One of 16 colours (-1: the terminal's own), and how it is exactly. */
typedef struct Colour {
    int basic;
    int indexed;
    unsigned rgb;
} Colour;

typedef struct Look {
    Colour text;
    Colour back;
    unsigned attributes;
} Look;

#define OWN                                                                                \
    {                                                                                      \
        -1, -1, 0                                                                          \
    }
#define C(b, i, rgb)                                                                       \
    {                                                                                      \
        b, i, 0x##rgb                                                                      \
    }

static const Look dark[STYLE_COUNT] = {
    [STYLE_PLAIN] = { OWN, OWN, 0 },
    [STYLE_PROMPT] = { C(2, 71, 5FAF5F), OWN, BOLD },
    [STYLE_MORE] = { C(2, 65, 5F875F), OWN, 0 },
    [STYLE_KEYWORD] = { C(5, 176, D787D7), OWN, 0 },
    [STYLE_CONSTANT] = { C(3, 179, D7AF5F), OWN, 0 },
    [STYLE_BUILTIN] = { C(6, 80, 5FD7D7), OWN, 0 },
    [STYLE_DEFINED] = { C(4, 75, 5FAFFF), OWN, BOLD },
    [STYLE_DECORATOR] = { C(6, 79, 5FD7AF), OWN, 0 },
    [STYLE_STRING] = { C(3, 150, AFD787), OWN, 0 },
    [STYLE_NUMBER] = { C(6, 215, FFAF5F), OWN, 0 },
    [STYLE_COMMENT] = { C(8, 245, 8A8A8A), OWN, 0 },
    [STYLE_OPERATOR] = { C(-1, 252, D0D0D0), OWN, 0 },
    [STYLE_MAGIC] = { C(4, 111, 87AFFF), OWN, BOLD },
    [STYLE_ERROR] = { C(1, 203, FF5F5F), OWN, UNDERLINE },
    [STYLE_MATCH] = { C(3, 226, FFFF00), OWN, BOLD | UNDERLINE },
    [STYLE_GHOST] = { C(8, 242, 6C6C6C), OWN, BARE_DIM },
    [STYLE_MENU] = { C(7, 252, D0D0D0), C(0, 236, 303030), 0 },
    [STYLE_MENU_KIND] = { C(6, 245, 8A8A8A), C(0, 236, 303030), 0 },
    [STYLE_CHOSEN] = { C(0, 231, FFFFFF), C(6, 25, 005FAF), BARE_REVERSE },
    [STYLE_CHOSEN_KIND] = { C(0, 252, D0D0D0), C(6, 25, 005FAF), BARE_REVERSE },
    [STYLE_MESSAGE] = { C(6, 80, 5FD7D7), OWN, 0 },
    [STYLE_CURSOR] = { OWN, OWN, REVERSE },
    [STYLE_FILE] = { C(6, 80, 5FD7D7), OWN, 0 },
    [STYLE_LINE] = { C(3, 179, D7AF5F), OWN, 0 },
    [STYLE_FADED] = { C(8, 245, 8A8A8A), OWN, 0 },
    [STYLE_FAILURE] = { C(1, 203, FF5F5F), OWN, BOLD },
    [STYLE_HEADING] = { C(6, 80, 5FD7D7), OWN, BOLD },
};

static const Look light[STYLE_COUNT] = {
    [STYLE_PLAIN] = { OWN, OWN, 0 },
    [STYLE_PROMPT] = { C(2, 28, 008700), OWN, BOLD },
    [STYLE_MORE] = { C(2, 65, 5F875F), OWN, 0 },
    [STYLE_KEYWORD] = { C(5, 90, 870087), OWN, 0 },
    [STYLE_CONSTANT] = { C(1, 130, AF5F00), OWN, 0 },
    [STYLE_BUILTIN] = { C(6, 30, 008787), OWN, 0 },
    [STYLE_DEFINED] = { C(4, 25, 005FAF), OWN, BOLD },
    [STYLE_DECORATOR] = { C(6, 29, 00875F), OWN, 0 },
    [STYLE_STRING] = { C(2, 64, 5F8700), OWN, 0 },
    [STYLE_NUMBER] = { C(1, 166, D75F00), OWN, 0 },
    [STYLE_COMMENT] = { C(8, 243, 767676), OWN, 0 },
    [STYLE_OPERATOR] = { C(-1, 238, 444444), OWN, 0 },
    [STYLE_MAGIC] = { C(4, 26, 005FD7), OWN, BOLD },
    [STYLE_ERROR] = { C(1, 160, D70000), OWN, UNDERLINE },
    [STYLE_MATCH] = { C(1, 196, FF0000), OWN, BOLD | UNDERLINE },
    [STYLE_GHOST] = { C(8, 248, A8A8A8), OWN, BARE_DIM },
    [STYLE_MENU] = { C(0, 236, 303030), C(7, 254, E4E4E4), 0 },
    [STYLE_MENU_KIND] = { C(4, 243, 767676), C(7, 254, E4E4E4), 0 },
    [STYLE_CHOSEN] = { C(7, 231, FFFFFF), C(4, 25, 005FAF), BARE_REVERSE },
    [STYLE_CHOSEN_KIND] = { C(7, 254, E4E4E4), C(4, 25, 005FAF), BARE_REVERSE },
    [STYLE_MESSAGE] = { C(6, 30, 008787), OWN, 0 },
    [STYLE_CURSOR] = { OWN, OWN, REVERSE },
    [STYLE_FILE] = { C(6, 30, 008787), OWN, 0 },
    [STYLE_LINE] = { C(1, 130, AF5F00), OWN, 0 },
    [STYLE_FADED] = { C(8, 243, 767676), OWN, 0 },
    [STYLE_FAILURE] = { C(1, 160, D70000), OWN, BOLD },
    [STYLE_HEADING] = { C(6, 30, 008787), OWN, BOLD },
};

static bool
is_set(const char *value)
{
    return value && *value;
}

static ScreenDepth
depth_of(const char *term, const char *colour)
{
    if (is_set(colour) && (strstr(colour, "truecolor") || strstr(colour, "24bit")))
        return DEPTH_TRUE;
    if (is_set(term) && (strstr(term, "direct") || strstr(term, "truecolor")))
        return DEPTH_TRUE;
    return is_set(term) && strstr(term, "256") ? DEPTH_256 : DEPTH_16;
}

/* COLORFGBG is `text;background`, of the 16 colours: 7 and those above 8 are light. */
static bool
is_light(const char *theme, const char *colours)
{
    if (is_set(theme))
        return strcmp(theme, "light") == 0;
    const char *back = is_set(colours) ? strrchr(colours, ';') : NULL;
    int number = back ? atoi(back + 1) : 0;
    return number == 7 || number > 8;
}

ScreenTheme
screen_theme_from_environment(void)
{
    ScreenTheme theme = { .depth = depth_of(getenv("TERM"), getenv("COLORTERM")),
                          .light =
                              is_light(getenv("MAINSPRING_THEME"), getenv("COLORFGBG")) };
    if (is_set(getenv("NO_COLOR")))
        theme.depth = DEPTH_NONE;
    return theme;
}

static void
add_number(Buf *out, int number)
{
    char text[16];
    (void)snprintf(text, sizeof text, ";%d", number);
    buf_add_text(out, text);
}

static void
add_colour(Buf *out, ScreenDepth depth, Colour colour, int base)
{
    if (colour.indexed < 0 || depth == DEPTH_NONE)
        return;
    if (depth == DEPTH_16) {
        if (colour.basic >= 0)
            add_number(out, (colour.basic >= 8 ? base + 60 - 8 : base) + colour.basic);
        return;
    }
    add_number(out, base + 8);
    add_number(out, depth == DEPTH_TRUE ? 2 : 5);
    if (depth == DEPTH_256) {
        add_number(out, colour.indexed);
        return;
    }
    for (int shift = 16; shift >= 0; shift -= 8)
        add_number(out, (int)(colour.rgb >> shift & 0xFF));
}

void
screen_theme_add(const ScreenTheme *theme, ScreenStyle style, Buf *out)
{
    const Look *look = theme->light ? &light[style] : &dark[style];
    bool bare = theme->depth == DEPTH_NONE;
    buf_add_text(out, "\033[0");
    if (look->attributes & BOLD)
        add_number(out, 1);
    if (look->attributes & DIM || (bare && look->attributes & BARE_DIM))
        add_number(out, 2);
    if (look->attributes & UNDERLINE)
        add_number(out, 4);
    if (look->attributes & REVERSE || (bare && look->attributes & BARE_REVERSE))
        add_number(out, 7);
    add_colour(out, theme->depth, look->text, 30);
    add_colour(out, theme->depth, look->back, 40);
    buf_add_text(out, "m");
}
