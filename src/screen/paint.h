/* screen/paint.h -- from the frame that the terminal shows to the next one, in as few bytes as
 * are worth looking for.
 *
 * The painter knows what it has shown and where it left the cursor; it never asks the terminal.
 * It moves relative to where it is, so that it needs no place on the screen of its own: below
 * the output before it, the frame begins in the first column of the row the cursor was in.
 *
 * 1. Each row is compared with the same row of the last frame; what is between the first and the
 *    last difference is written, and the rest of a row that became shorter erased.
 * 2. A row that wraps is written through into the next one: the terminal breaks it.  So is one
 *    that did not wrap in the last frame, from its last cell on.
 * 3. A row below all that were ever there is reached by a newline, which scrolls at the bottom;
 *    any other by moving.
 * 4. Rows that are no longer there are erased, and the cursor goes to its place.
 *
 * Contracts: the frame is no higher than the terminal unless it is the last one before
 * screen_painter_leave().  Nobody else writes to the terminal between two calls, or
 * screen_painter_erase() comes before it and a new frame after.
 *
 * What would go wrong: a cursor behind the last column is in one of two places, depending on the
 * terminal, so nothing is ever moved from there but by a carriage return.  After a grapheme
 * whose width terminals disagree about the column is set anew.
 *
 * World: plain.  Tests: tests/c/test_screen_paint.c, tests/fuzz/fuzz_paint.c
 */
#pragma once

#include "base/buf.h"
#include "screen/frame.h"
#include "screen/theme.h"

/* All zeros with a theme: nothing is shown, the cursor is in the first column of a row. */
typedef struct ScreenPainter {
    ScreenTheme theme;
    ScreenFrame shown;
    int row;  // where the cursor is, relative to the first row of the frame
    int column;
    int height;   // rows from the first on that are known to exist
    bool behind;  // the cursor is behind the last column
    bool broken;  // and where that is nobody knows
    int style;    // the present style
} ScreenPainter;

/* Add to `out` what turns the frame that is shown into `next`, which becomes that.
 *
 * `next` gets the memory of the frame before.  Never fails but by `out`.
 */
void screen_painter_show(ScreenPainter *p, ScreenFrame *next, Buf *out);

/* Erase the frame: the cursor is where it began.  Nothing is shown then.  Never fails. */
void screen_painter_erase(ScreenPainter *p, Buf *out);

/* Leave the frame on the screen and go to the first column of the row below it.  Nothing is
 * shown then.  Never fails. */
void screen_painter_leave(ScreenPainter *p, Buf *out);

/* Somebody else has written: the frame begins anew where the cursor is, which is in the first
 * column.  Never fails. */
void screen_painter_forget(ScreenPainter *p);

/* The terminal has `columns` now, and has put together and broken anew the lines that it wrapped
 * itself, as most do.  Erase what is left of the frame.  Never fails. */
void screen_painter_resize(ScreenPainter *p, int columns, Buf *out);

/* Release its memory.  Never fails. */
void screen_painter_done(ScreenPainter *p);
