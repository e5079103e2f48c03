/* screen/view.h -- laying out what is edited: prompts, text, suggestion, menu, in rows.
 *
 *     In [3]: for row in table:           the prompt before the first line,
 *        ...:     print(row.na            `more` before the others
 *                 name         instance   the menu, the message below
 *
 * A line that is longer than the terminal is wide is wrapped; a character of two columns is
 * never cut.  A text that is higher than the terminal is shown in part: the rows around the
 * cursor, as few changes as possible from one view to the next (`top`).
 *
 * Takes time linear in the text, memory for the rows that are shown.
 *
 * World: plain.  Tests: tests/c/test_screen_view.c, tests/fuzz/fuzz_paint.c
 */
#pragma once

#include "screen/frame.h"

enum { SCREEN_MENU_ROWS = 5 };

/* One line of the menu. */
typedef struct ScreenItem {
    const char *text;  // NUL-terminated, as `kind`, which may be NULL
    const char *kind;
} ScreenItem;

typedef struct ScreenView {
    int columns;  // of the terminal
    int rows;
    const char *prompt;  // NUL-terminated; its last line alone is shown with the text
    const char *more;
    const char *text;
    size_t length;
    size_t cursor;                // an offset in the text
    const unsigned char *styles;  // a ScreenStyle for each byte, or NULL
    const char *ghost;            // what stands behind the cursor and is not typed, or NULL
    size_t ghost_length;
    const ScreenItem *items;  // the menu
    size_t item_count;
    size_t chosen;        // item_count: none is
    const char *message;  // a line below, or NULL
    bool whole;           // all rows, however many: the text is final
} ScreenView;

/* Lay the view out.  `top` is the first row of the text that is shown, from one view to the
 * next; 0 at first.
 *
 * Returns 0, or -ENOMEM.
 */
CHECKED int screen_view_draw(const ScreenView *v, int *top, ScreenFrame *ret_frame);
