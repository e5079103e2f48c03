#include <readline/readline.h>

#include "screen/width.h"
#include "term/state.h"

static int
column_of(size_t at)
{
    size_t start = edit_line_start(at);
    return screen_width(rl_line_buffer + start, at - start);
}

/* Put the cursor into the column of the line that begins at `start`, or at its end. */
static void
go_to_column(size_t start, int column)
{
    size_t at = start;
    size_t stop = edit_line_stop(start);
    for (int now = 0; at < stop;) {
        ScreenGrapheme g = screen_grapheme_read(rl_line_buffer + at, stop - at);
        now += g.columns;
        if (now > column)
            break;
        at += g.length;
    }
    rl_point = (int)at;
}

/* The column that the cursor keeps to while it goes over shorter lines. */
static int
goal(Line *l)
{
    if (!l->was_vertical)
        l->goal = column_of(edit_point());
    return l->goal;
}

/* By so many lines; from the first and the last one on to the history. */
static int
by_lines(int count, bool up)
{
    Line *l = line_active();
    size_t start = edit_line_start(edit_point());
    size_t stop = edit_line_stop(edit_point());
    if (up ? start == 0 : stop == edit_length()) {
        int r = 1;
        for (; count > 0 && r == 1; count--)
            r = up ? entry_recall_older(l) : entry_recall_newer(l);
        return r;
    }
    int column = goal(l);
    l->vertical = true;
    for (; count > 0 && (up ? start > 0 : stop < edit_length()); count--) {
        start = up ? edit_line_start(start - 1) : stop + 1;
        stop = edit_line_stop(start);
    }
    go_to_column(start, column);
    return 0;
}

int
move_up(int count, int key)
{
    (void)by_lines(count < 0 ? -count : count, count >= 0);  // without memory it stays
    return 0;
}

int
move_down(int count, int key)
{
    (void)by_lines(count < 0 ? -count : count, count < 0);
    return 0;
}

int
move_line_begin(int count, int key)
{
    rl_point = (int)edit_line_start(edit_point());
    return 0;
}

int
move_line_end(int count, int key)
{
    if (ghost_accept(false))
        return 0;
    rl_point = (int)edit_line_stop(edit_point());
    return 0;
}

int
move_backward(int count, int key)
{
    if (count < 0)
        return move_forward(-count, key);
    for (; count > 0 && rl_point > 0; count--)
        rl_point = (int)screen_grapheme_before(rl_line_buffer, edit_point());
    return 0;
}

int
move_forward(int count, int key)
{
    if (count < 0)
        return move_backward(-count, key);
    if (ghost_accept(false))
        return 0;
    for (; count > 0 && rl_point < rl_end; count--)
        rl_point = (int)screen_grapheme_after(rl_line_buffer, edit_length(), edit_point());
    return 0;
}

int
move_forward_word(int count, int key)
{
    return ghost_accept(true) ? 0 : rl_forward_word(count, key);
}

int
move_to_begin(int count, int key)
{
    rl_point = 0;
    return 0;
}

int
move_to_end(int count, int key)
{
    rl_point = rl_end;
    return 0;
}
