/* screen/frame.h -- what the terminal is to show: a grid of cells, and where its cursor is.
 *
 * A row that `wraps` goes on in the next one: the terminal itself is to break it there, so that
 * it can put the line together again when it is resized, or copied.
 *
 * World: plain.  Tests: tests/c/test_screen_paint.c, tests/fuzz/fuzz_paint.c
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "screen/width.h"

enum { SCREEN_CELL_BYTES = 20 };

/* A grapheme in its first column; a cell of no length is the second column of the one before
 * it.  Marks that don't fit are left out. */
typedef struct ScreenCell {
    char bytes[SCREEN_CELL_BYTES];
    uint8_t length;
    uint8_t columns;
    uint8_t style;  // a ScreenStyle
    bool loose;     // terminals disagree about the columns
} ScreenCell;

typedef struct ScreenRow {
    int used;  // columns from the left on; the rest is blank
    bool wraps;
} ScreenRow;

/* All zeros: no rows. */
typedef struct ScreenFrame {
    int columns;
    int count;  // of rows
    int capacity;
    ScreenRow *rows;
    ScreenCell *cells;
    int cursor_row;
    int cursor_column;
} ScreenFrame;

/* Make it `count` blank rows of `columns`.  Returns 0, or -ENOMEM. */
CHECKED int screen_frame_reset(ScreenFrame *f, int columns, int count);

/* The cell at a place, valid until the frame is reset.  Never fails. */
BORROWED ScreenCell *screen_frame_cell(const ScreenFrame *f, int row, int column);

/* Put a grapheme there; what stands left of it is used then.  It fits.  Never fails. */
void screen_frame_put(ScreenFrame *f, int row, int column, const char *bytes,
                      ScreenGrapheme g, uint8_t style);

/* Whether two cells show the same.  Never fails. */
bool screen_cell_is_same(const ScreenCell *a, const ScreenCell *b);

/* Release its memory.  Never fails. */
void screen_frame_done(ScreenFrame *f);
