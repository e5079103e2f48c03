/* screen/text.h -- text in the theme's colours for output: tracebacks, sources.
 *
 * Each piece has its own sequences, and none spans lines: a pager may begin anywhere.
 *
 * World: plain.  Tests: tests/c/test_screen_text.c
 */
#pragma once

#include <stddef.h>

#include "screen/theme.h"

/* Append the text in a style.  Never fails. */
void screen_text_add(const ScreenTheme *theme, ScreenStyle style, const char *text,
                     size_t length, Buf *out);

/* Append Python text, each token in its style.  Never fails. */
void screen_text_code(const ScreenTheme *theme, const char *text, size_t length, Buf *out);
