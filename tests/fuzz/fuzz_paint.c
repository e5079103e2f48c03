/* Whatever is typed, moved, erased, resized and printed above: the screen is the one that a full
 * repaint gives, the cursor is where the frame says, and nothing above the frame is touched. */
#include "fuzz.h"

#include <string.h>

#include "c/testing_terminal.h"
#include "screen/highlight.h"
#include "screen/paint.h"
#include "screen/view.h"

enum { LONGEST = 400 };

static const char *const palette[] = {
    "a",
    "b",
    "(",
    ")",
    "'",
    "if ",
    "\n",
    "\n    ",
    " ",
    "12",
    "e\xCC\x81",
    "\xE6\x97\xA5",
    "\xF0\x9F\x99\x82",
    "\t",
    "\x01",
    "\xFF",
    "wordwordwordword",
    "\xCC\x81",
    "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA6",
    "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA",
    "\xE2\x9D\xA4\xEF\xB8\x8F",
};

typedef struct Editor {
    char text[LONGEST];
    size_t length;
    size_t cursor;
    int columns, rows, top;
    bool menu, message, ghost;
    ScreenPainter painter;
    ScreenFrame frame;
    Terminal terminal;
} Editor;

static void
insert(Editor *e, const char *text)
{
    size_t n = strlen(text);
    if (e->length + n > LONGEST)
        return;
    memmove(e->text + e->cursor + n, e->text + e->cursor, e->length - e->cursor);
    memcpy(e->text + e->cursor, text, n);
    e->length += n;
    e->cursor += n;
}

static void
rub_out(Editor *e)
{
    size_t start = screen_grapheme_before(e->text, e->cursor);
    memmove(e->text + start, e->text + e->cursor, e->length - e->cursor);
    e->length -= e->cursor - start;
    e->cursor = start;
}

static void
draw(Editor *e, int *top, ScreenFrame *frame)
{
    static const ScreenItem items[] = { { "alpha", "name" },
                                        { "beta\xE6\x97\xA5", NULL },
                                        { "g", "function" } };
    unsigned char styles[LONGEST];
    screen_highlight(e->text, e->length, (ScreenPart){ 0, e->length, e->cursor }, styles);
    ScreenView view = { .columns = e->columns,
                        .rows = e->rows,
                        .prompt = "In [1]: ",
                        .more = "   ...: ",
                        .text = e->text,
                        .length = e->length,
                        .cursor = e->cursor,
                        .styles = styles,
                        .items = items,
                        .item_count = e->menu ? 3 : 0,
                        .chosen = e->cursor % 4,
                        .ghost = "ghost\nmore",
                        .ghost_length = e->ghost ? 10 : 0,
                        .message = e->message ? "a message that is long" : NULL };
    HOLDS(screen_view_draw(&view, top, frame) == 0);
    HOLDS(frame->count <= e->rows && frame->cursor_row < frame->count);
    HOLDS(frame->cursor_column < e->columns);
}

/* The rows of the frame are on the screen, ending `below` rows above the cursor's. */
static void
check_screen(const Terminal *t, const ScreenFrame *f)
{
    HOLDS(!t->failed);
    int first = t->row - f->cursor_row;
    int count = f->count;  // a row that was never written to need not be there
    while (count > f->cursor_row + 1 && f->rows[count - 1].used == 0)
        count--;
    HOLDS(first >= 0 && first + count <= t->rows && t->column == f->cursor_column);
    for (int row = 0; row < count; row++)
        for (int column = 0; column < f->columns; column++) {
            const char *shown = terminal_at(t, first + row, column);
            if (column >= f->rows[row].used) {
                HOLDS(strcmp(shown, " ") == 0);
                continue;
            }
            const ScreenCell *cell = screen_frame_cell(f, row, column);
            size_t length = strlen(shown);
            HOLDS(cell->loose
                  || (length == cell->length && memcmp(shown, cell->bytes, length) == 0)
                  || (cell->length == 0 && column > 0
                      && screen_frame_cell(f, row, column - 1)->loose));
        }
    for (int row = first + count; row < t->rows; row++)
        for (int column = 0; column < f->columns; column++)
            HOLDS(strcmp(terminal_at(t, row, column), " ") == 0);
}

static void
send(Editor *e, Buf *out)
{
    HOLDS(!out->failed);
    terminal_write(&e->terminal, out->bytes, out->length);
    buf_clear(out);
}

static void
paint(Editor *e, Buf *out)
{
    draw(e, &e->top, &e->frame);
    screen_painter_show(&e->painter, &e->frame, out);
    send(e, out);
    check_screen(&e->terminal, &e->painter.shown);
    // The same, all of it, on a terminal that has nothing.
    ScreenPainter painter = { 0 };
    ScreenFrame frame = { 0 };
    Terminal fresh;
    int top = e->top;
    terminal_init(&fresh, e->columns, e->rows);
    draw(e, &top, &frame);
    screen_painter_show(&painter, &frame, out);
    HOLDS(!out->failed);
    terminal_write(&fresh, out->bytes, out->length);
    buf_clear(out);
    check_screen(&fresh, &painter.shown);
    HOLDS(top == e->top && painter.shown.count == e->painter.shown.count);
    screen_painter_done(&painter);
    screen_frame_done(&frame);
    terminal_done(&fresh);
}

/* Output comes above what is edited. */
static void
print_above(Editor *e, Buf *out)
{
    screen_painter_erase(&e->painter, out);
    buf_add_text(out, "output\r\n");
    send(e, out);
}

static void
resize(Editor *e, int columns, int rows)
{
    terminal_done(&e->terminal);
    screen_painter_forget(&e->painter);
    e->columns = columns;
    e->rows = rows;
    terminal_init(&e->terminal, columns, rows);
}

static void
press(Editor *e, uint8_t key, Buf *out)
{
    if (key < COUNT_OF(palette))
        insert(e, palette[key]);
    else if (key < 60)
        rub_out(e);
    else if (key < 90)
        e->cursor = screen_grapheme_before(e->text, e->cursor);
    else if (key < 120)
        e->cursor = screen_grapheme_after(e->text, e->length, e->cursor);
    else if (key < 130)
        e->cursor = 0;
    else if (key < 140)
        e->cursor = e->length;
    else if (key < 160)
        e->menu = !e->menu;
    else if (key < 170)
        e->message = !e->message;
    else if (key < 180)
        e->ghost = !e->ghost;
    else if (key < 195)
        print_above(e, out);
    else if (key < 205)
        resize(e, 1 + key * 7 % 40, 1 + key % 12);
    else if (key < 210)
        e->length = e->cursor = 0;
    else
        insert(e, palette[key % 8]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Editor e = { .columns = 20, .rows = 6 };
    AUTO(buf_done) Buf out = { 0 };
    terminal_init(&e.terminal, e.columns, e.rows);
    for (size_t i = 0; i < size; i++) {
        press(&e, data[i], &out);
        paint(&e, &out);
    }
    screen_painter_done(&e.painter);
    screen_frame_done(&e.frame);
    terminal_done(&e.terminal);
    return 0;
}
