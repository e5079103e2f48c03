#include "screen/paint.h"

#include <stdio.h>
#include <string.h>

static const ScreenCell blank = { .bytes = " ", .length = 1, .columns = 1 };

/* Add a movement of `count`, nothing for none. */
static void
add_move(Buf *out, int count, char direction)
{
    char text[24];
    if (count <= 0)
        return;
    if (count == 1)
        (void)snprintf(text, sizeof text, "\033[%c", direction);
    else
        (void)snprintf(text, sizeof text, "\033[%d%c", count, direction);
    buf_add_text(out, text);
}

static void
set_style(ScreenPainter *p, int style, Buf *out)
{
    if (p->style == style)
        return;
    if (style == STYLE_PLAIN)
        buf_add_text(out, "\033[0m");
    else
        screen_theme_add(&p->theme, (ScreenStyle)style, out);
    p->style = style;
}

static void
go_to_start(ScreenPainter *p, Buf *out)
{
    if (p->column > 0 || p->behind)
        buf_add_byte(out, '\r', 1);
    p->column = 0;
    p->behind = false;
}

static void
go_to_row(ScreenPainter *p, int row, Buf *out)
{
    if (row == p->row)
        return;
    int known = row < p->height ? row : p->height - 1;
    if (known != p->row)
        go_to_start(p, out);
    add_move(out, p->row - row, 'A');
    add_move(out, known - p->row, 'B');
    // A newline takes the colours with it into the new row: in some terminals as its background.
    if (row > known)
        set_style(p, STYLE_PLAIN, out);
    for (int at = p->row > known ? p->row : known; at < row; at++)
        buf_add_text(out, "\r\n");
    if (row > known) {
        p->column = 0;
        p->behind = false;
    }
    p->row = row;
    if (p->height < row + 1)
        p->height = row + 1;
}

static void
go_to(ScreenPainter *p, int row, int column, Buf *out)
{
    go_to_row(p, row, out);
    if (p->behind || (column == 0 && p->column > 0))
        go_to_start(p, out);
    if (p->column - column > column + 1)
        go_to_start(p, out);
    add_move(out, p->column - column, 'D');
    add_move(out, column - p->column, 'C');
    p->column = column;
}

static const ScreenCell *
cell_of(const ScreenFrame *f, int row, int column)
{
    if (row >= f->count || column >= f->rows[row].used)
        return &blank;
    return screen_frame_cell(f, row, column);
}

/* Write the cell at the cursor. */
static void
write_cell(ScreenPainter *p, const ScreenCell *cell, int columns, Buf *out)
{
    set_style(p, cell->style, out);
    buf_add(out, cell->bytes, cell->length);
    p->column += cell->columns;
    p->behind = p->column >= columns;
    if (!cell->loose)
        return;
    if (p->behind) {
        p->broken = true;
        return;
    }
    buf_add_byte(out, '\r', 1);
    add_move(out, p->column, 'C');
    set_style(p, STYLE_PLAIN, out);
    buf_add_text(out, "\033[K");
}

/* Whether the terminal broke, or breaks, the row before `row` there. */
static bool
is_joined(const ScreenFrame *f, int row)
{
    return row > 0 && row <= f->count && f->rows[row - 1].wraps;
}

/* The columns of a row that are to be written: [first, stop), none where they are the same. */
typedef struct Span {
    int first;
    int stop;
} Span;

static bool
is_same_at(const ScreenFrame *a, const ScreenFrame *b, int row, int column)
{
    return screen_cell_is_same(cell_of(a, row, column), cell_of(b, row, column));
}

static Span
difference(const ScreenFrame *old, const ScreenFrame *next, int row)
{
    int used = next->rows[row].used;
    Span span = { 0, used };
    while (span.first < used && is_same_at(old, next, row, span.first))
        span.first++;
    while (span.stop > span.first && is_same_at(old, next, row, span.stop - 1))
        span.stop--;
    // Whole graphemes: one that is behind a changed width is written again.
    while (span.first > 0 && span.first < span.stop
           && (cell_of(next, row, span.first)->length == 0
               || cell_of(old, row, span.first)->length == 0))
        span.first--;
    while (span.stop > span.first && span.stop < used
           && (cell_of(next, row, span.stop)->length == 0
               || cell_of(old, row, span.stop)->length == 0))
        span.stop++;
    return span;
}

/* Join the row to the one before it: the cursor is behind the end of that. */
static void
break_row(ScreenPainter *p, int row, const ScreenFrame *next, Buf *out)
{
    p->column = 0;
    if (next->rows[row].used == 0) {
        set_style(p, STYLE_PLAIN, out);
        buf_add_text(out, " \r");
    } else {
        write_cell(p, cell_of(next, row, 0), next->columns, out);
    }
    p->row = row;
    p->behind = p->column >= next->columns;
    if (p->height < row + 1)
        p->height = row + 1;
}

/* Whether the cursor stands behind the end of the row before `row`. */
static bool
is_behind(const ScreenPainter *p, int row)
{
    return p->behind && !p->broken && p->row == row - 1;
}

static bool
has_loose(const ScreenFrame *f, int row, Span span)
{
    for (int at = span.first; at < span.stop; at++)
        if (cell_of(f, row, at)->loose)
            return true;
    return false;
}

/* The same with the row's end, where the terminal is to break a row that it did not break
 * before: from the last cell on, so that it goes on in the next one. */
static Span
with_break(const ScreenFrame *old, const ScreenFrame *next, int row, Span span)
{
    int used = next->rows[row].used;
    bool broke = row < old->count && old->rows[row].wraps;
    if (!next->rows[row].wraps || broke || used == 0)
        return span;
    int last = cell_of(next, row, used - 1)->length ? used - 1 : used - 2;
    return (Span){ span.first < last ? span.first : last, used };
}

/* Begin the row where the cursor stands behind the one before it: what is left of the span. */
static Span
join_row(ScreenPainter *p, const ScreenFrame *next, int row, Span span, Buf *out)
{
    bool joins = is_joined(next, row) && !is_joined(&p->shown, row);
    if (!is_joined(next, row) || !is_behind(p, row) || (!joins && span.first > 0))
        return span;
    break_row(p, row, next, out);
    if (cell_of(next, row, 0)->loose)
        span = (Span){ p->column, next->rows[row].used };
    if (span.first < p->column)
        span.first = p->column < span.stop ? p->column : span.stop;
    return span;
}

static void
paint_row(ScreenPainter *p, const ScreenFrame *next, int row, Buf *out)
{
    const ScreenFrame *old = &p->shown;
    int used = next->rows[row].used;
    Span span = join_row(p, next, row, difference(old, next, row), out);
    span = with_break(old, next, row, span);
    if (has_loose(next, row, span))
        span.stop = used;  // what is right of it is erased with what it may have left there
    if (span.first < span.stop) {
        go_to(p, row, span.first, out);
        p->broken = false;
        for (int at = span.first; at < span.stop; at += p->column - at)
            write_cell(p, cell_of(next, row, at), next->columns, out);
    }
    if (row >= old->count || old->rows[row].used <= used)
        return;
    go_to(p, row, used, out);
    set_style(p, STYLE_PLAIN, out);
    buf_add_text(out, "\033[K");
}

void
screen_painter_show(ScreenPainter *p, ScreenFrame *next, Buf *out)
{
    if (p->height == 0)
        p->height = 1;
    if (p->shown.columns != next->columns)
        p->shown.count = 0;
    for (int row = 0; row < next->count; row++)
        paint_row(p, next, row, out);
    if (next->count < p->shown.count) {
        go_to(p, next->count, 0, out);
        set_style(p, STYLE_PLAIN, out);
        buf_add_text(out, "\033[J");
    }
    go_to(p, next->cursor_row, next->cursor_column, out);
    set_style(p, STYLE_PLAIN, out);
    ScreenFrame old = p->shown;
    p->shown = *next;
    *next = old;
}

void
screen_painter_erase(ScreenPainter *p, Buf *out)
{
    if (p->shown.count > 0) {
        go_to(p, 0, 0, out);
        buf_add_text(out, "\033[J");
    }
    screen_painter_forget(p);
}

void
screen_painter_leave(ScreenPainter *p, Buf *out)
{
    if (p->shown.count > 0) {
        go_to_row(p, p->shown.count - 1, out);
        buf_add_text(out, "\r\n");
    }
    screen_painter_forget(p);
}

void
screen_painter_forget(ScreenPainter *p)
{
    p->shown.count = 0;
    p->row = p->column = p->height = 0;
    p->behind = p->broken = false;
    p->style = STYLE_PLAIN;
}

/* How many rows a line of `length` columns takes. */
static int
rows_of(int length, int columns)
{
    return length > 0 ? (length - 1) / columns + 1 : 1;
}

void
screen_painter_resize(ScreenPainter *p, int columns, Buf *out)
{
    const ScreenFrame *f = &p->shown;
    if (f->count == 0 || columns <= 0 || columns == f->columns)
        return;
    int above = 0, length = 0;
    for (int row = 0; row < p->row && row < f->count; row++) {
        length += f->rows[row].wraps ? f->columns : f->rows[row].used;
        if (f->rows[row].wraps)
            continue;
        above += rows_of(length, columns);
        length = 0;
    }
    above += (length + p->column) / columns;
    buf_add_byte(out, '\r', 1);
    add_move(out, above, 'A');
    buf_add_text(out, "\033[0m\033[J");
    screen_painter_forget(p);
}

void
screen_painter_done(ScreenPainter *p)
{
    screen_frame_done(&p->shown);
}
