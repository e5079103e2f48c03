#include "screen/dock.h"

#include <stdio.h>

#define SAVE "\0337"
#define RESTORE "\0338"
#define DOWN "\033D"  // keeps the column, and scrolls
#define HIDE "\033[?25l"
#define SHOW "\033[?25h"

/* Have the rows from the first on scroll.  (Without numbers it would be all of them, but not in
 * every terminal.) */
static void
set_region(int rows, Buf *out)
{
    char text[24];
    (void)snprintf(text, sizeof text, "\033[1;%dr", rows);
    buf_add_text(out, text);
}

void
screen_dock_reserve(int count, Buf *out)
{
    char up[24];
    for (int i = 0; i < count; i++)
        buf_add_text(out, DOWN);
    (void)snprintf(up, sizeof up, "\033[%dA", count);
    if (count > 0)
        buf_add_text(out, up);
}

void
screen_dock_enter(ScreenDock *d, int rows, int height, Buf *out)
{
    buf_add_text(out, HIDE);
    screen_dock_reserve(height, out);
    *d = (ScreenDock){ .rows = rows, .height = height };
}

void
screen_dock_go(const ScreenDock *d, int row, int column, Buf *out)
{
    char text[40];
    int first = d->rows - d->height;
    (void)snprintf(text, sizeof text, "\033[%d;%dH", first + row + 1, column + 1);
    buf_add_text(out, text);
}

bool
screen_dock_open(ScreenDock *d, int height, bool anew, Buf *out)
{
    bool other = height != d->height;
    screen_dock_reserve(height - d->height, out);
    buf_add_text(out, SAVE "\033[0m");
    set_region(d->rows, out);
    // Where it becomes lower the rows above are erased, which are others' then.
    if (other && height < d->height) {
        screen_dock_go(d, 0, 0, out);
        buf_add_text(out, "\033[J");
    }
    d->height = height;
    if (!anew && !other)
        return false;
    screen_dock_go(d, 0, 0, out);
    buf_add_text(out, "\033[J");
    return true;
}

void
screen_dock_close(const ScreenDock *d, Buf *out)
{
    set_region(d->rows - d->height, out);
    buf_add_text(out, RESTORE);
}

void
screen_dock_leave(ScreenDock *d, int rows, Buf *out)
{
    screen_dock_forget(d, rows, out);
    buf_add_text(out, SAVE "\033[0m\033[B\r\033[J" RESTORE "\033[0m");
}

void
screen_dock_forget(ScreenDock *d, int rows, Buf *out)
{
    buf_add_text(out, SAVE);
    set_region(rows, out);
    buf_add_text(out, RESTORE SHOW);
    *d = (ScreenDock){ 0 };
}
