/* testing_terminal.h -- a terminal of our own: what the painter writes, as a screen.
 *
 * It knows what the painter and the dock may write and nothing else, gives each character the columns that
 * the table says (no grapheme is one to it), and waits behind the last column as a VT100 does.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { TERMINAL_CELL = 32 };

typedef struct TerminalCell {
    char bytes[TERMINAL_CELL];  // empty: the second half of the one before
} TerminalCell;

typedef struct Terminal {
    int columns, rows;
    int row, column;  // column == columns: behind the last one
    int bottom;       // how many rows scroll, from the first on
    int saved_row, saved_column;
    bool hidden;   // the cursor
    int scrolled;  // how many rows went out at the top
    bool failed;   // something was written that nobody should write
    TerminalCell *cells;
} Terminal;

void terminal_init(Terminal *t, int columns, int rows);
void terminal_done(Terminal *t);
void terminal_write(Terminal *t, const char *bytes, size_t length);
const char *terminal_at(const Terminal *t, int row, int column);

/* The text of a row, without blanks at its end; valid until the next call. */
const char *terminal_row(const Terminal *t, int row);
