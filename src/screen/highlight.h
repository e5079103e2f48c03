/* screen/highlight.h -- which style each byte of a cell is shown in.
 *
 * World: plain.  Tests: tests/c/test_screen_highlight.c
 */
#pragma once

#include <stddef.h>

/* Write a ScreenStyle for each byte of the text: those of its tokens, of the shell's own lines,
 * and of the bracket at `cursor` with its partner.  Linear.  Never fails.
 */
void screen_highlight(const char *text, size_t length, size_t cursor,
                      unsigned char *styles);
