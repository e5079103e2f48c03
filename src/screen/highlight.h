/* screen/highlight.h -- which style each byte of a cell is shown in.
 *
 * World: plain.  Tests: tests/c/test_screen_highlight.c
 */
#pragma once

#include <stddef.h>

#include "input/role.h"
#include "screen/theme.h"

/* Which part of a text is wanted, and where the cursor is in it. */
typedef struct ScreenPart {
    size_t from, to;
    size_t cursor;
    // `from` at most, where a logical line begins: 0, or what an earlier call returned.
    size_t begin;
} ScreenPart;

/* The style of a token in a cell.  Never fails. */
ScreenStyle screen_style_of_role(InputRole role);

/* Write a ScreenStyle for each byte of that part, and of the logical lines that reach into it:
 * those of the tokens, of the shell's own lines, and of the bracket at the cursor with its
 * partner; a string without an end is wrong once the cursor is elsewhere.  Linear in what is behind
 * `begin`.  Never fails.
 *
 * Returns where the first of these lines begins.  That depends on the text before it alone: as long
 * as that stays the same, it may be the next call's `begin`.
 */
size_t screen_highlight(const char *text, size_t length, ScreenPart part,
                        unsigned char *styles);
