/* screen/theme.h -- what kinds of text there are on the screen, and in which colours.
 *
 * World: plain.  Tests: tests/c/test_screen_theme.c
 */
#pragma once

#include <stdbool.h>

#include "base/buf.h"

typedef enum ScreenStyle {
    STYLE_PLAIN,
    STYLE_PROMPT,
    STYLE_MORE,  // the prompt of the lines after the first
    STYLE_KEYWORD,
    STYLE_CONSTANT,  // True, False, None
    STYLE_BUILTIN,
    STYLE_DEFINED,  // the name behind def or class
    STYLE_DECORATOR,
    STYLE_STRING,
    STYLE_NUMBER,
    STYLE_COMMENT,
    STYLE_OPERATOR,
    STYLE_MAGIC,  // the shell's own syntax
    STYLE_ERROR,
    STYLE_MATCH,  // the bracket at the cursor and its partner
    STYLE_GHOST,  // what was typed once and could be meant
    STYLE_MENU,
    STYLE_MENU_KIND,
    STYLE_CHOSEN,
    STYLE_CHOSEN_KIND,
    STYLE_MESSAGE,
    STYLE_CURSOR,   // what stands where the cursor would be
    STYLE_FILE,     // of a traceback's line
    STYLE_LINE,     // its number
    STYLE_FADED,    // what stands around
    STYLE_FAILURE,  // the error's name, and where it is
    STYLE_HEADING,
    STYLE_COUNT,
} ScreenStyle;

typedef enum ScreenDepth {
    DEPTH_NONE,  // attributes alone
    DEPTH_16,
    DEPTH_256,
    DEPTH_TRUE,
} ScreenDepth;

typedef struct ScreenTheme {
    ScreenDepth depth;
    bool light;
} ScreenTheme;

/* The theme that the environment asks for: TERM, COLORTERM, NO_COLOR, COLORFGBG,
 * MAINSPRING_THEME=light|dark.  Never fails. */
ScreenTheme screen_theme_from_environment(void);

/* Add the sequence that makes a style the present one, whatever the present one is.  Never
 * fails. */
void screen_theme_add(const ScreenTheme *theme, ScreenStyle style, Buf *out);
