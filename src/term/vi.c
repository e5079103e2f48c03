#include <stdio.h>
#include <string.h>

#include <readline/readline.h>

#include "term/state.h"

/* The lines from that of the cursor on, `count` of them: [start, stop), the last newline not
 * counted. */
static void
lines_from(size_t at, int count, size_t *ret_start, size_t *ret_stop)
{
    *ret_start = edit_line_start(at);
    *ret_stop = edit_line_stop(at);
    for (; count > 1 && *ret_stop < (size_t)rl_end; count--)
        *ret_stop = edit_line_stop(*ret_stop + 1);
}

/* The first character of the line that is no blank. */
static void
go_to_text(void)
{
    int start = (int)edit_line_start((size_t)rl_point);
    rl_point = start + (int)strspn(rl_line_buffer + start, " \t");
}

/* Kill whole lines, with a newline: the one behind them, or that before the last ones. */
static void
delete_lines(size_t start, size_t stop)
{
    size_t from = start;
    size_t to = stop;
    if (to < (size_t)rl_end)
        to++;
    else if (from > 0)
        from--;
    (void)rl_kill_text((int)from, (int)to);
    rl_point = (int)from;
    go_to_text();
}

static void
yank_lines(size_t start, size_t stop)
{
    int point = rl_point;
    (void)rl_copy_text((int)start, (int)stop);
    rl_mark = (int)start;
    rl_point = (int)stop;
    (void)rl_copy_region_to_kill(1, 0);
    rl_point = point;
}

static void
act_on_lines(char command, size_t start, size_t stop)
{
    (void)rl_begin_undo_group();
    if (command == 'd')
        delete_lines(start, stop);
    if (command == 'y')
        yank_lines(start, stop);
    if (command == 'c') {
        size_t text = start + strspn(rl_line_buffer + start, " \t");
        rl_point = (int)(text < stop ? text : stop);
        (void)rl_kill_text(rl_point, (int)stop);
    }
    (void)rl_end_undo_group();
    if (command == 'c')
        (void)rl_vi_insertion_mode(1, 'i');
}

/* The rest of the line: readline takes the character behind a motion's end along, which is the
 * newline here. */
static void
act_on_rest(char command)
{
    int start = rl_point;
    int stop = (int)edit_line_stop((size_t)rl_point);
    if (command == 'y') {
        yank_lines((size_t)start, (size_t)stop);
        return;
    }
    (void)rl_kill_text(start, stop);
    if (command == 'c')
        (void)rl_vi_insertion_mode(1, 'i');
    else if (rl_point > 0 && rl_line_buffer[rl_point - 1] != '\n')
        rl_point--;
}

static rl_command_func_t *
own_operator(char command)
{
    return command == 'd'   ? rl_vi_delete_to
           : command == 'c' ? rl_vi_change_to
                            : rl_vi_yank_to;
}

/* An command waits for its motion: on lines it is ours, any other is readline's. */
static int
start_operator(int count, int key)
{
    Line *l = line_active();
    char lower = (char)(key | 0x20);
    if (key != lower)
        return own_operator(lower)(count, key);
    l->pending = lower;
    l->count = count;
    return 0;
}

bool
vi_take_key(Line *l, char byte)
{
    size_t start = 0, stop = 0;
    char command = l->pending;
    l->pending = 0;
    if (byte == command || byte == 'j') {
        lines_from((size_t)rl_point, l->count + (byte == 'j'), &start, &stop);
        act_on_lines(command, start, stop);
    } else if (byte == 'k') {
        lines_from((size_t)rl_point, 1, &start, &stop);
        for (int i = 0; i < l->count && start > 0; i++)
            start = edit_line_start(start - 1);
        act_on_lines(command, start, stop);
    } else if (byte == 'G') {
        act_on_lines(command, edit_line_start((size_t)rl_point), (size_t)rl_end);
    } else if (byte == '$') {
        act_on_rest(command);
    } else if (byte != '\033') {
        (void)own_operator(command)(l->count, command);
        (void)rl_stuff_char((unsigned char)byte);
        rl_callback_read_char();
    }
    return true;
}

/* o and O: a new line below or above. */
static int
open_line(int count, int key)
{
    (void)rl_begin_undo_group();
    if (key == 'o') {
        rl_point = (int)edit_line_stop((size_t)rl_point);
        edit_enter_newline(line_active());
    } else {
        rl_point = (int)edit_line_start((size_t)rl_point);
        (void)rl_insert_text("\n");
        rl_point--;
    }
    (void)rl_end_undo_group();
    return rl_vi_insertion_mode(1, 'i');
}

static int
append_at_end(int count, int key)
{
    rl_point = (int)edit_line_stop((size_t)rl_point);
    return rl_vi_insertion_mode(1, 'a');
}

static int
insert_at_begin(int count, int key)
{
    go_to_text();
    return rl_vi_insertion_mode(1, 'i');
}

static int
first_print(int count, int key)
{
    go_to_text();
    return 0;
}

/* S: the line anew; s: the character. */
static int
substitute(int count, int key)
{
    size_t start = 0, stop = 0;
    if (key != 'S')
        return rl_vi_subst(count, key);
    lines_from((size_t)rl_point, count, &start, &stop);
    act_on_lines('c', start, stop);
    return 0;
}

/* G: a line of the buffer, the last one where no count says which. */
static int
go_to_line(int count, int key)
{
    rl_point = rl_explicit_arg ? 0 : rl_end;
    for (;
         rl_explicit_arg && count > 1 && edit_line_stop((size_t)rl_point) < (size_t)rl_end;
         count--)
        rl_point = (int)edit_line_stop((size_t)rl_point) + 1;
    go_to_text();
    return 0;
}

void
vi_replace(int (**function)(int, int))
{
    static const struct {
        rl_command_func_t *own;
        rl_command_func_t *ours;
    } replaced[] = {
        { rl_vi_delete_to, start_operator },   { rl_vi_change_to, start_operator },
        { rl_vi_yank_to, start_operator },     { rl_vi_append_eol, append_at_end },
        { rl_vi_insert_beg, insert_at_begin }, { rl_vi_first_print, first_print },
        { rl_vi_subst, substitute },           { rl_vi_fetch_history, go_to_line },
    };
    for (size_t i = 0; i < COUNT_OF(replaced); i++)
        if (*function == replaced[i].own)
            *function = replaced[i].ours;
}

void
vi_bind(void)
{
    (void)rl_bind_key_in_map('o', open_line, vi_movement_keymap);
    (void)rl_bind_key_in_map('O', open_line, vi_movement_keymap);
}
