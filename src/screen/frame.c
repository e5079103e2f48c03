#include "screen/frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static const ScreenCell blank = { .bytes = " ", .length = 1, .columns = 1 };

int
screen_frame_reset(ScreenFrame *f, int columns, int count)
{
    int wanted = columns * count;
    if (wanted > f->capacity || f->rows == NULL) {
        size_t size = (size_t)(wanted > 0 ? wanted : 1);
        ScreenCell *cells = alloc_resize(f->cells, size * sizeof *cells);
        if (!cells)
            return -ENOMEM;
        f->cells = cells;
        // As many rows as cells: a frame may become narrow and high.
        ScreenRow *rows = alloc_resize(f->rows, size * sizeof *rows);
        if (!rows)
            return -ENOMEM;
        f->rows = rows;
        f->capacity = wanted;
    }
    f->columns = columns;
    f->count = count;
    f->cursor_row = f->cursor_column = 0;
    for (int row = 0; row < count; row++)
        f->rows[row] = (ScreenRow){ 0 };
    return 0;
}

ScreenCell *
screen_frame_cell(const ScreenFrame *f, int row, int column)
{
    return &f->cells[row * f->columns + column];
}

void
screen_frame_put(ScreenFrame *f, int row, int column, const char *bytes, ScreenGrapheme g,
                 uint8_t style)
{
    ScreenRow *line = &f->rows[row];
    for (; line->used < column; line->used++)
        *screen_frame_cell(f, row, line->used) = blank;
    size_t length = g.length;
    while (length > SCREEN_CELL_BYTES)
        do
            length--;
        while (((unsigned char)bytes[length] & 0xC0) == 0x80);
    ScreenCell *cell = screen_frame_cell(f, row, column);
    *cell = (ScreenCell){ .length = (uint8_t)length,
                          .columns = (uint8_t)g.columns,
                          .style = style,
                          .loose = g.loose || length < g.length };
    memcpy(cell->bytes, bytes, length);
    if (g.columns == 2)
        *screen_frame_cell(f, row, column + 1) = (ScreenCell){ .style = style };
    if (line->used < column + g.columns)
        line->used = column + g.columns;
}

bool
screen_cell_is_same(const ScreenCell *a, const ScreenCell *b)
{
    return a->length == b->length && a->columns == b->columns && a->style == b->style
           && memcmp(a->bytes, b->bytes, a->length) == 0;
}

void
screen_frame_done(ScreenFrame *f)
{
    free(f->cells);
    free(f->rows);
    *f = (ScreenFrame){ 0 };
}
