#include "screen/view.h"

#include <stdio.h>
#include <string.h>

#include "screen/theme.h"

enum {
    TAB = 8,
    KIND_COLUMNS = 12,       // that there is room for at least
    KIND_COLUMNS_MOST = 40,  // that the menu moves to the left for
};

static const char ELLIPSIS[] = "\xE2\x80\xA6";

/* Where the next grapheme goes.  Rows outside of the window are counted and not kept. */
typedef struct Pen {
    const ScreenView *view;
    ScreenFrame *frame;  // NULL: only count
    int top;
    int height;  // of the window
    int row;     // of the whole text
    int column;
    int more;  // columns of `more`, or -1 where that must be put to know
    int cursor_row;
    int cursor_column;
} Pen;

static bool
is_shown(const Pen *pen)
{
    return pen->frame && pen->row >= pen->top && pen->row - pen->top < pen->height;
}

/* Make room for `columns`: those of a row that is too short for them stay blank. */
static void
wrap_for(Pen *pen, int columns)
{
    if (pen->column + columns <= pen->view->columns)
        return;
    if (is_shown(pen)) {
        static const ScreenGrapheme space = {
            .length = 1, .columns = 1, .most = 1, .valid = true
        };
        int row = pen->row - pen->top;
        for (int at = pen->column; at < pen->view->columns; at++)
            screen_frame_put(pen->frame, row, at, " ", space, STYLE_PLAIN);
        pen->frame->rows[row].wraps = true;
    }
    pen->row++;
    pen->column = 0;
}

static void
put(Pen *pen, const char *bytes, ScreenGrapheme g, ScreenStyle style)
{
    wrap_for(pen, g.most > g.columns ? g.most : g.columns);
    if (is_shown(pen))
        screen_frame_put(pen->frame, pen->row - pen->top, pen->column, bytes, g,
                         (uint8_t)style);
    pen->column += g.columns;
}

static void
put_ascii(Pen *pen, char byte, ScreenStyle style)
{
    put(pen, &byte, (ScreenGrapheme){ .length = 1, .columns = 1, .most = 1, .valid = true },
        style);
}

/* A byte that is no character, a control character, a mark that has nothing to stand on. */
static void
put_odd(Pen *pen, const char *bytes, ScreenGrapheme g, ScreenStyle style)
{
    static const ScreenGrapheme replacement = {
        .length = 3, .columns = 1, .most = 1, .valid = true
    };
    unsigned char byte = (unsigned char)bytes[0];
    if (byte == '\t') {
        do
            put_ascii(pen, ' ', style);
        while (pen->column % TAB != 0 && pen->column < pen->view->columns);
    } else if (byte < ' ' || byte == 0x7F) {
        put_ascii(pen, '^', style);
        put_ascii(pen, (char)(byte ^ 0x40), style);
    } else {
        put(pen, "\xEF\xBF\xBD", replacement, style);
    }
}

static size_t
put_next(Pen *pen, const char *text, size_t length, ScreenStyle style)
{
    ScreenGrapheme g = screen_grapheme_read(text, length);
    // A terminal that is narrower than a character shows no such character.
    if (!g.valid || g.columns == 0 || g.most > pen->view->columns)
        put_odd(pen, text, g, style);
    else
        put(pen, text, g, style);
    return g.length;
}

static void
put_text(Pen *pen, const char *text, size_t length, ScreenStyle style)
{
    for (size_t at = 0; at < length;)
        at += put_next(pen, text + at, length - at, style);
}

/* The columns of a prompt of plain ASCII that is not wrapped, else -1. */
static int
plain_columns(const char *prompt, int columns)
{
    int length = 0;
    while (prompt[length] >= ' ' && prompt[length] < 0x7F && length <= columns)
        length++;
    return prompt[length] == '\0' && length <= columns ? length : -1;
}

static void
next_line(Pen *pen)
{
    pen->row++;
    pen->column = 0;
    if (pen->more >= 0 && !is_shown(pen))
        pen->column = pen->more;
    else
        put_text(pen, pen->view->more, strlen(pen->view->more), STYLE_MORE);
}

/* The cursor stands where the next grapheme of so many columns begins: behind a full row on the
 * next one. */
static void
note_cursor(Pen *pen, int columns)
{
    wrap_for(pen, columns);
    pen->cursor_row = pen->row;
    pen->cursor_column = pen->column;
}

static void
put_ghost(Pen *pen)
{
    const ScreenView *v = pen->view;
    for (size_t at = 0; at < v->ghost_length;) {
        if (v->ghost[at] == '\n') {
            next_line(pen);
            at++;
        } else {
            at += put_next(pen, v->ghost + at, v->ghost_length - at, STYLE_GHOST);
        }
    }
}

/* The last line of the prompt: what is above it has been written. */
static const char *
last_line(const char *prompt)
{
    const char *newline = strrchr(prompt, '\n');
    return newline ? newline + 1 : prompt;
}

/* Whether the line of plain ASCII [start, stop) is above the window, the cursor not in it: then
 * its rows are only counted. */
static bool
skip_line(Pen *pen, size_t start, size_t stop)
{
    const ScreenView *v = pen->view;
    if (v->cursor >= start && v->cursor <= stop)
        return false;
    unsigned odd = 0;  // without a way out, so that many bytes are looked at together
    for (size_t i = start; i < stop; i++)
        odd |= (unsigned char)(v->text[i] - ' ') >= 0x7F - ' ';
    if (odd)
        return false;
    int columns = pen->column + (int)(stop - start);
    int rows = columns > 0 ? (columns - 1) / v->columns : 0;
    if (pen->frame && pen->row + rows >= pen->top && pen->row - pen->top < pen->height)
        return false;
    pen->row += rows;
    pen->column = columns - rows * v->columns;
    return true;
}

/* The columns that the grapheme at `at` takes when it is not cut: of one that is shown otherwise, of
 * its first part. */
static int
columns_of(const ScreenView *v, size_t at, size_t stop)
{
    ScreenGrapheme g = screen_grapheme_read(v->text + at, stop - at);
    int columns = g.most > g.columns ? g.most : g.columns;
    return g.valid && g.columns > 0 && columns <= v->columns ? columns : 1;
}

static void
put_line(Pen *pen, size_t start, size_t stop)
{
    const ScreenView *v = pen->view;
    if (skip_line(pen, start, stop))
        return;
    for (size_t at = start; at < stop;) {
        if (at == v->cursor)
            note_cursor(pen, columns_of(v, at, stop));
        ScreenStyle style = v->styles ? v->styles[at] : STYLE_PLAIN;
        at += put_next(pen, v->text + at, stop - at, style);
    }
    if (stop == v->cursor) {
        note_cursor(pen, 1);
        put_ghost(pen);
    }
}

static void
put_all(Pen *pen)
{
    const ScreenView *v = pen->view;
    const char *prompt = last_line(v->prompt);
    put_text(pen, prompt, strlen(prompt), STYLE_PROMPT);
    for (size_t start = 0;;) {
        const char *newline = memchr(v->text + start, '\n', v->length - start);
        size_t stop = newline ? (size_t)(newline - v->text) : v->length;
        put_line(pen, start, stop);
        if (!newline)
            return;
        next_line(pen);
        start = stop + 1;
    }
}

/* The first row that is shown, so that the cursor is among them. */
static int
choose_top(int top, int total, int height, int cursor_row)
{
    if (total <= height)
        return 0;
    if (top > total - height)
        top = total - height;
    if (cursor_row < top)
        top = cursor_row;
    if (cursor_row >= top + height)
        top = cursor_row - height + 1;
    return top;
}

static size_t
menu_rows(const ScreenView *v, int room)
{
    size_t rows = v->item_count < SCREEN_MENU_ROWS ? v->item_count : SCREEN_MENU_ROWS;
    return room < 0 ? 0 : rows < (size_t)room ? rows : (size_t)room;
}

/* Put a text of the menu's or the message's, cut before `end`, which an ellipsis says. */
static void
put_cut(Pen *pen, const char *text, int end, ScreenStyle style)
{
    size_t length = strcspn(text, "\n");
    bool whole = text[length] == '\0' && screen_width(text, length) <= end - pen->column;
    int stop = whole || end - pen->column < 2 ? end : end - 1;
    for (size_t at = 0; at < length;) {
        ScreenGrapheme g = screen_grapheme_read(text + at, length - at);
        if (pen->column + (g.valid ? g.most : 2) > stop)
            break;
        at += put_next(pen, text + at, length - at, style);
    }
    if (stop < end)
        put_next(pen, ELLIPSIS, strlen(ELLIPSIS), style);
    while (pen->column < end && style != STYLE_MESSAGE)
        put_ascii(pen, ' ', style);
}

/* The columns of the widest of these texts, `most` at most. */
static int
widest(const ScreenItem *items, size_t count, bool kinds, int most)
{
    int columns = 1;
    for (size_t i = 0; i < count; i++) {
        const char *text = kinds ? items[i].kind : items[i].text;
        int width = text ? screen_width(text, strcspn(text, "\n")) : 0;
        columns = width > columns ? width : columns;
    }
    return columns < most ? columns : most;
}

/* Where the menu's columns are. */
typedef struct MenuColumns {
    int start;
    int texts;  // the end of the candidates
    int kinds;  // the end of the words that tell about them
} MenuColumns;

/* From the column on where the cursor is, or as far left as they need. */
static MenuColumns
arrange_menu(const ScreenView *v, size_t first, size_t rows, int column)
{
    const ScreenItem *items = v->items + first;
    bool kinds = false;
    for (size_t i = 0; i < rows; i++)
        kinds |= items[i].kind != NULL && v->columns > 3 * KIND_COLUMNS;
    int room = v->columns - 1;
    int width = widest(items, rows, false, room - 2 - (kinds ? KIND_COLUMNS + 1 : 0)) + 2;
    int beside = room - column - width - 1;
    int most = beside > KIND_COLUMNS_MOST ? beside : KIND_COLUMNS_MOST;
    most = most < room - width - 1 ? most : room - width - 1;
    int told = kinds ? widest(items, rows, true, most) + 1 : 0;
    int start = column + width + told > room ? room - width - told : column;
    start = start < 0 ? 0 : start;
    return (MenuColumns){ start, start + width, start + width + told };
}

/* Where more candidates are than can be shown: how many there are up to here, and at all. */
static void
put_position(Pen *pen, size_t last)
{
    char text[48];
    (void)snprintf(text, sizeof text, " %zu/%zu", last, pen->view->item_count);
    if (pen->column + (int)strlen(text) < pen->view->columns)
        put_text(pen, text, strlen(text), STYLE_GHOST);
}

static void
put_menu(Pen *pen, size_t rows, int column)
{
    const ScreenView *v = pen->view;
    size_t chosen = v->chosen < v->item_count ? v->chosen : 0;
    size_t first = chosen < rows ? 0 : chosen - rows + 1;
    MenuColumns at = arrange_menu(v, first, rows, column);
    for (size_t i = first; i < first + rows; i++, pen->row++) {
        ScreenStyle style = i == v->chosen ? STYLE_CHOSEN : STYLE_MENU;
        pen->column = at.start;
        put_cut(pen, " ", at.start + 1, style);
        put_cut(pen, v->items[i].text, at.texts, style);
        style = i == v->chosen ? STYLE_CHOSEN_KIND : STYLE_MENU_KIND;
        put_cut(pen, v->items[i].kind ? v->items[i].kind : "", at.kinds, style);
        if (i + 1 == first + rows && rows < v->item_count)
            put_position(pen, i + 1);
    }
}

int
screen_view_draw(const ScreenView *v, int *top, ScreenFrame *ret_frame)
{
    Pen count = { .view = v, .more = plain_columns(v->more, v->columns) };
    put_all(&count);
    int total = count.row + 1;
    int below = v->message != NULL && v->rows > 1;
    size_t menu = v->whole || v->columns < 8 ? 0 : menu_rows(v, v->rows - 1 - below);
    int height = v->rows - below - (int)menu;
    int shown = v->whole || total < height ? total : height;
    *top = v->whole ? 0 : choose_top(*top, total, shown, count.cursor_row);

    int r = screen_frame_reset(ret_frame, v->columns, shown + below + (int)menu);
    if (r < 0)
        return r;
    Pen pen = {
        .view = v, .frame = ret_frame, .top = *top, .height = shown, .more = count.more
    };
    put_all(&pen);
    ret_frame->rows[shown - 1].wraps = false;  // what it goes on in is not shown
    ret_frame->cursor_row = pen.cursor_row - *top;
    ret_frame->cursor_column = pen.cursor_column;
    pen.top = 0;
    pen.height = ret_frame->count;
    pen.row = shown;
    if (menu)
        put_menu(&pen, menu, pen.cursor_column);
    pen.row = shown + (int)menu;
    pen.column = 0;
    if (below)
        put_cut(&pen, v->message, v->columns - 1, STYLE_MESSAGE);
    return 0;
}
