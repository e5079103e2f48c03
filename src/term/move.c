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
    if (rl_last_func != move_up && rl_last_func != move_down)
        l->goal = column_of(edit_point());
    return l->goal;
}

int
move_up(int count, int key)
{
    Line *l = line_active();
    size_t start = edit_line_start(edit_point());
    if (count < 0)
        return move_down(-count, key);
    if (start == 0)
        return (void)entry_recall_older(l), 0;
    int column = goal(l);
    go_to_column(edit_line_start(start - 1), column);
    return 0;
}

int
move_down(int count, int key)
{
    Line *l = line_active();
    size_t stop = edit_line_stop(edit_point());
    if (count < 0)
        return move_up(-count, key);
    if (stop == edit_length())
        return (void)entry_recall_newer(l), 0;
    int column = goal(l);
    go_to_column(stop + 1, column);
    return 0;
}

/* Movements within a line. */

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
    if (rl_editing_mode == 0 && rl_get_keymap() == vi_movement_keymap
        && rl_point > (int)edit_line_start(edit_point()) && !RL_ISSTATE(RL_STATE_VIMOTION))
        rl_point = (int)screen_grapheme_before(rl_line_buffer, edit_point());
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
