#include "term/foreign.h"

#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/clock.h"
#include "screen/dock.h"
#include "term/others.h"
#include "term/tty.h"

// How many seconds somebody who began, or has written, is likely to write.
static const double fresh = 5;
static const double active = 60;
// ... and after the last one has ended, for there may be one whom nobody sees.
static const double moment = 1;

// How many rows below the frame are kept for those who live and are silent.
enum { SPARE = 2 };

static struct {
    int fd;           // inotify's, or -1
    bool possible;    // there is somebody
    bool expected;    // who is likely to write
    bool wrote;       // somebody did, once
    double last;      // when he was seen to
    bool mute;        // the terminal does not say where its cursor is
    ScreenDock dock;  // where the frame is at the bottom
} foreign = { .fd = -1 };

/* Whether the descriptor is still ours: a script may close all it finds. */
static bool
is_open(int fd)
{
    char path[32];
    char what[32] = "";
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(path, what, sizeof what - 1);
    return n > 0 && strcmp(what, "anon_inode:inotify") == 0;
}

static int
open_watch(void)
{
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (fd < 0 || inotify_add_watch(fd, "/proc/self/fd/1", IN_MODIFY) >= 0)
        return fd;
    (void)close(fd);
    return -1;
}

void
foreign_start(void)
{
    if (!tty_is_apart())
        return;
    if (foreign.fd < 0 || !is_open(foreign.fd))
        foreign.fd = open_watch();
    tty_watch(foreign.fd);
    (void)tty_take_watched();  // what was written until now is where it belongs
}

void
foreign_stop(void)
{
    tty_watch(-1);
}

static void
note(void)
{
    foreign.wrote = true;
    foreign.last = clock_monotonic();
}

void
foreign_begin(void)
{
    double silence = clock_monotonic() - foreign.last;
    bool lately = foreign.wrote && silence < active;
    foreign.expected = foreign.possible = false;
    if (tty_watched_fd() < 0 || (!others_may_have_come() && !lately))
        return;
    Others others = others_look();
    foreign.possible = others.count > 0;
    foreign.expected = (others.count > 0 && (lately || others.youngest < fresh))
                       || (lately && silence < moment);
}

static bool
is_too_low(int rows)
{
    return rows < 2 * SCREEN_DOCK_LEAST;
}

bool
foreign_is_expected(int rows)
{
    return foreign.expected && !is_too_low(rows);
}

int
foreign_rows(int rows)
{
    return foreign_is_expected(rows) ? rows - SCREEN_DOCK_LEAST : rows;
}

/* Find where others have left the cursor, and where we had: whether both are true. */
static bool
find_places(int *ret_row, int *ret_column, int *ret_own_row, int *ret_own_column)
{
    char question[40];
    bool known = false;
    for (int i = 0; i < 3 && !known; i++) {
        foreign.mute = !tty_ask_cursor("\033[6n", ret_row, ret_column);
        if (foreign.mute)
            return false;
        known = !tty_take_watched();  // he has not gone on meanwhile
    }
    (void)snprintf(question, sizeof question, "\0338\033[6n\033[%d;%dH", *ret_row + 1,
                   *ret_column + 1);
    return known && tty_ask_cursor(question, ret_own_row, ret_own_column);
}

/* What others have written begins at the cursor of the frame: take that out of it, as far as
 * it can be told from it.  At the bottom nobody knows how far the screen has scrolled. */
static void
take_out(const ScreenPainter *p, int rows, Buf *out)
{
    char text[80];
    int row, column, own_row, own_column;
    if (foreign.mute || p->shown.count == 0 || is_too_low(rows)
        || !find_places(&row, &column, &own_row, &own_column) || row >= rows - 1
        || own_row < p->row || row < own_row || own_column != p->column)
        return;
    int first = own_row - p->row;
    int n = snprintf(text, sizeof text, "\033[%d;1H", first + 1);
    buf_add(out, text, (size_t)n);
    if (p->row > 0) {
        n = snprintf(text, sizeof text, "\033[%dM", p->row);
        buf_add(out, text, (size_t)n);
    }
    if (own_column > 0) {
        n = snprintf(text, sizeof text, "\033[%dP", own_column);
        buf_add(out, text, (size_t)n);
    }
    n = snprintf(text, sizeof text, "\033[%d;%dH", row - p->row + 1,
                 (row == own_row ? column - own_column : column) + 1);
    buf_add(out, text, (size_t)n);
}

bool
foreign_take(ScreenPainter *p, int rows, Buf *out)
{
    if (foreign.dock.rows > 0 || !tty_take_watched())
        return false;
    note();
    foreign.expected = true;
    take_out(p, rows, out);
    screen_painter_forget(p);
    buf_add_text(out, "\033[0m\033[J");
    return true;
}

/* The cell at the cursor, as if it were the cursor. */
static void
show_cursor(ScreenFrame *f)
{
    if (f->cursor_row >= f->count || f->cursor_column >= f->columns)
        return;
    if (f->cursor_column >= f->rows[f->cursor_row].used)
        screen_frame_put(f, f->cursor_row, f->cursor_column, " ",
                         (ScreenGrapheme){ .length = 1, .columns = 1 }, STYLE_CURSOR);
    screen_frame_cell(f, f->cursor_row, f->cursor_column)->style = STYLE_CURSOR;
}

void
foreign_show(ScreenPainter *p, int rows, ScreenFrame *next, Buf *out)
{
    ScreenDock *dock = &foreign.dock;
    if (!foreign_is_expected(rows)) {
        if (foreign.possible && p->shown.count == 0 && next->count + SPARE < rows)
            screen_dock_reserve(next->count - 1 + SPARE, out);
        screen_painter_show(p, next, out);
        if (tty_watched_fd() >= 0)
            buf_add_text(out, "\0337");  // where we were, should somebody write
        return;
    }
    bool anew = false;
    show_cursor(next);
    if (dock->rows == 0) {
        screen_painter_erase(p, out);
        screen_dock_enter(dock, rows, next->count, out);
        tty_heed(false);
        anew = true;
    } else if (tty_take_watched()) {
        note();
        anew = true;  // he may have erased the screen
    }
    if (screen_dock_open(dock, next->count, anew, out))
        screen_painter_forget(p);
    else
        screen_dock_go(dock, p->row, p->column, out);
    screen_painter_show(p, next, out);
    screen_dock_close(dock, out);
}

bool
foreign_leave(ScreenPainter *p, int rows, Buf *out)
{
    if (foreign.dock.rows == 0)
        return false;
    if (tty_take_watched())
        note();
    screen_dock_leave(&foreign.dock, rows, out);
    tty_heed(true);
    screen_painter_forget(p);
    return true;
}

void
foreign_forget(int rows, Buf *out)
{
    if (foreign.dock.rows == 0)
        return;
    screen_dock_forget(&foreign.dock, rows, out);
    tty_heed(true);
}
