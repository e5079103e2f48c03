/* input/highlight.h -- Python text with colours, as a terminal takes them (SGR sequences).
 *
 * The sixteen colours that every theme of a terminal has are used, so that it is readable on light
 * and on dark.
 *
 * World: plain.  Tests: tests/c/test_input_highlight.c
 */
#pragma once

#include <stddef.h>

#include "base/buf.h"

typedef enum InputColor {
    COLOR_PLAIN,
    COLOR_KEYWORD,
    COLOR_STRING,
    COLOR_NUMBER,
    COLOR_COMMENT,
    COLOR_CALLED,  // a name before `(`, or after `def` and `class`
    COLOR_FILE,
    COLOR_LINE,   // its number
    COLOR_FADED,  // what stands around
    COLOR_ERROR,
} InputColor;

/* Append the text in a colour.  Never fails. */
void input_highlight_add(Buf *out, InputColor color, const char *text, size_t length);

/* Append Python text, each token in its colour; a sequence never spans lines.  Never fails. */
void input_highlight_code(Buf *out, const char *text, size_t length);
