#include "testing_terminal.h"

#include <stdlib.h>
#include <string.h>

#include "screen/width.h"

static TerminalCell *
cell_at(const Terminal *t, int row, int column)
{
    return &t->cells[row * t->columns + column];
}

static void
set_blank(Terminal *t, int row, int from, int to)
{
    // Half of a character is none.
    if (from > 0 && from < t->columns && !cell_at(t, row, from)->bytes[0])
        strcpy(cell_at(t, row, from - 1)->bytes, " ");
    if (to < t->columns && !cell_at(t, row, to)->bytes[0])
        strcpy(cell_at(t, row, to)->bytes, " ");
    for (int i = from; i < to; i++)
        strcpy(cell_at(t, row, i)->bytes, " ");
}

void
terminal_init(Terminal *t, int columns, int rows)
{
    *t = (Terminal){ .columns = columns, .rows = rows, .bottom = rows };
    t->cells = calloc((size_t)(columns * rows), sizeof *t->cells);
    if (!t->cells)
        abort();
    for (int row = 0; row < rows; row++)
        set_blank(t, row, 0, columns);
}

void
terminal_done(Terminal *t)
{
    free(t->cells);
    t->cells = NULL;
}

static void
line_feed(Terminal *t)
{
    if (t->row != t->bottom - 1) {
        t->row += t->row < t->rows - 1;
        return;
    }
    size_t row = (size_t)t->columns;
    memmove(t->cells, t->cells + row, row * (size_t)(t->bottom - 1) * sizeof *t->cells);
    for (int i = 0; i < t->columns; i++)
        strcpy(cell_at(t, t->bottom - 1, i)->bytes, " ");
    t->scrolled++;
}

static void
put(Terminal *t, const char *bytes, size_t length, int width)
{
    if (width == 0) {
        int column = t->column > 0 ? t->column - 1 : 0;
        while (column > 0 && !cell_at(t, t->row, column)->bytes[0])
            column--;
        char *cell = cell_at(t, t->row, column)->bytes;
        if (strlen(cell) + length < TERMINAL_CELL)
            strncat(cell, bytes, length);
        return;
    }
    if (t->column + width > t->columns) {
        t->column = 0;
        line_feed(t);
    }
    set_blank(t, t->row, t->column, t->column + width);
    TerminalCell *cell = cell_at(t, t->row, t->column);
    memcpy(cell->bytes, bytes, length);
    cell->bytes[length] = '\0';
    if (width == 2)
        cell[1].bytes[0] = '\0';
    t->column += width;
}

static int
least(int a, int b)
{
    return a < b ? a : b;
}

static void
erase_below(Terminal *t)
{
    set_blank(t, t->row, t->column, t->columns);
    for (int row = t->row + 1; row < t->rows; row++)
        set_blank(t, row, 0, t->columns);
}

/* A control sequence with two parameters: whether it is one. */
static bool
control_place(Terminal *t, char letter, int first, int second)
{
    if (letter == 'H') {
        t->failed |= first > t->rows || second > t->columns;
        t->row = least(first, t->rows) - 1;
        t->column = least(second, t->columns) - 1;
    } else if (letter == 'r') {
        t->failed |= first != 1 || second < 2 || second > t->rows;
        t->bottom = least(second, t->rows);
        t->row = t->column = 0;
    }
    return letter == 'H' || letter == 'r';
}

/* A control sequence: its parameter, and the letter that ends it. */
static void
control(Terminal *t, char letter, int count)
{
    // Where the cursor is when it is behind the last column depends on the terminal.
    if (letter != 'm' && t->column == t->columns)
        t->failed = true;
    if (letter == 'A') {
        t->failed |= count > t->row;
        t->row -= least(count, t->row);
    } else if (letter == 'B') {
        t->failed |= t->row + count >= t->rows;
        t->row = least(t->row + count, t->rows - 1);
    } else if (letter == 'C') {
        t->column = least(t->column + count, t->columns - 1);
    } else if (letter == 'D') {
        t->column -= least(count, t->column);
    } else if (letter == 'K') {
        set_blank(t, t->row, t->column, t->columns);
    } else if (letter == 'J') {
        erase_below(t);
    } else if (letter != 'm') {
        t->failed = true;
    }
}

/* A sequence of two bytes: its length. */
static size_t
control_short(Terminal *t, char letter)
{
    if (letter == 'D') {
        line_feed(t);
    } else if (letter == '7') {
        t->saved_row = t->row;
        t->saved_column = t->column;
    } else {
        t->row = t->saved_row;
        t->column = t->saved_column;
    }
    return 2;
}

static size_t
read_control(Terminal *t, const char *bytes, size_t length)
{
    size_t at = 2;
    int count = 0;
    int first = 1;
    if (length > 1 && (bytes[1] == '7' || bytes[1] == '8' || bytes[1] == 'D'))
        return control_short(t, bytes[1]);
    if (length > 5 && memcmp(bytes + 1, "[?25", 4) == 0) {
        t->hidden = bytes[5] == 'l';
        return 6;
    }
    while (at < length && (bytes[at] == ';' || (bytes[at] >= '0' && bytes[at] <= '9'))) {
        first = bytes[at] == ';' ? count : first;
        count = bytes[at] == ';' ? 0 : count * 10 + bytes[at] - '0';
        at++;
    }
    if (at >= length || bytes[1] != '[') {
        t->failed = true;
        return length;
    }
    if (!control_place(t, bytes[at], first, count ? count : 1))
        control(t, bytes[at], count ? count : 1);
    return at + 1;
}

void
terminal_write(Terminal *t, const char *bytes, size_t length)
{
    for (size_t at = 0; at < length;) {
        uint32_t code = 0;
        size_t n = screen_decode(bytes + at, length - at, &code);
        if (n == 0 || (code < ' ' && code != '\r' && code != '\n' && code != '\033')) {
            t->failed = true;
            return;
        }
        if (code == '\033') {
            at += read_control(t, bytes + at, length - at);
            continue;
        }
        if (code == '\r')
            t->column = 0;
        else if (code == '\n')
            line_feed(t);
        else
            put(t, bytes + at, n, screen_width_of(code));
        at += n;
    }
}

const char *
terminal_at(const Terminal *t, int row, int column)
{
    return cell_at(t, row, column)->bytes;
}

const char *
terminal_row(const Terminal *t, int row)
{
    static char text[8192];
    size_t length = 0;
    for (int i = 0; i < t->columns; i++) {
        size_t n = strlen(terminal_at(t, row, i));
        if (length + n < sizeof text)
            memcpy(text + length, terminal_at(t, row, i), n), length += n;
    }
    while (length > 0 && text[length - 1] == ' ')
        length--;
    text[length] = '\0';
    return text;
}
