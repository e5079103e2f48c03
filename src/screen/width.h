/* screen/width.h -- how many columns a terminal gives to a text.
 *
 * A text is read by grapheme: what a user takes for one character, and what one press of an
 * arrow key passes.  That is a character with its accents and other marks, a flag, an emoji with
 * its modifiers, and several of those that a joiner makes one.  Terminals disagree about the
 * width of some of them: such a grapheme is `loose`, and who paints it must not rely on where
 * the cursor is afterwards.
 *
 * The table is our own (tools/width_table.py): the C library's depends on the locale.
 *
 * World: plain.  Tests: tests/c/test_screen_width.c, tests/fuzz/fuzz_paint.c
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ScreenGrapheme {
    size_t length;  // in bytes, at least 1
    int columns;    // 0 (a mark without anything before it), 1 or 2
    int most;       // the columns in a terminal that shows each of its characters
    bool loose;     // terminals disagree about the columns
    bool valid;     // UTF-8, and no control character
} ScreenGrapheme;

/* Read the grapheme at the beginning of the text, which is not empty.
 *
 * A byte that is no UTF-8 and a control character are each one of a column that is not `valid`.
 * Never fails.
 */
ScreenGrapheme screen_grapheme_read(const char *text, size_t length);

/* The offset of the grapheme before the one at `at`; 0 at the beginning.  Never fails. */
size_t screen_grapheme_before(const char *text, size_t at);

/* The offset behind the grapheme at `at`; `length` at the end.  Never fails. */
size_t screen_grapheme_after(const char *text, size_t length, size_t at);

/* The columns of a text without newlines.  Never fails. */
int screen_width(const char *text, size_t length);

/* The columns of one character.  Never fails. */
int screen_width_of(uint32_t code);

/* Read a character of UTF-8: its length in bytes, or 0 where there is none.  Never fails. */
size_t screen_decode(const char *text, size_t length, uint32_t *ret_code);
