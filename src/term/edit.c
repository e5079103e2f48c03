#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>

#include "input/cell.h"
#include "screen/width.h"
#include "term/tty.h"
#include "term/vi.h"

size_t
edit_line_start(size_t at)
{
    while (at > 0 && rl_line_buffer[at - 1] != '\n')
        at--;
    return at;
}

size_t
edit_line_stop(size_t at)
{
    while (at < (size_t)rl_end && rl_line_buffer[at] != '\n')
        at++;
    return at;
}

size_t
edit_length(void)
{
    return (size_t)rl_end;
}

size_t
edit_point(void)
{
    return (size_t)rl_point;
}

char *
edit_copy(void)
{
    return alloc_text(rl_line_buffer, edit_length());
}

void
edit_insert(Line *l, const char *text)
{
    (void)rl_begin_undo_group();
    (void)rl_insert_text(text);
    (void)rl_end_undo_group();
    l->dirty = true;
}

int
edit_ding(void)
{
    (void)rl_ding();
    return 0;
}

void
edit_add_lines(Buf *out, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        bool newline = bytes[i] == '\r' || bytes[i] == '\n';
        if (bytes[i] == '\n' && i > 0 && bytes[i - 1] == '\r')
            continue;
        if (bytes[i] == '\0')
            continue;
        buf_add(out, newline ? "\n" : &bytes[i], 1);
    }
}

void
edit_set_text(Line *l, const char *text, size_t at)
{
    (void)rl_begin_undo_group();
    (void)rl_delete_text(0, rl_end);
    rl_point = 0;
    (void)rl_insert_text(text ? text : "");
    (void)rl_end_undo_group();
    rl_point = (int)(at < edit_length() ? at : edit_length());
    l->dirty = true;
}

/* What can be entered; while a menu or search is on, its keys don't come here. */
static bool
is_last_line(const Line *l)
{
    for (size_t at = edit_point(); at < edit_length(); at++)
        if (rl_line_buffer[at] != ' ' && rl_line_buffer[at] != '\n')
            return false;
    return true;
}

bool
edit_is_blank(void)
{
    return strspn(rl_line_buffer, " \t\n") == edit_length();
}

/* Whether the text is a whole cell with that behind it. */
static bool
is_whole_text(const char *behind)
{
    InputCellStatus status = INPUT_COMPLETE;
    AUTO(buf_done) Buf text = { 0 };
    buf_add(&text, rl_line_buffer, edit_length());
    buf_add_text(&text, behind);
    return text.failed || input_cell_status(text.bytes, text.length, &status) < 0
           || status != INPUT_INCOMPLETE;
}

/* Whether the buffer, with this line ended, is a whole cell.  One that was recalled and not
 * touched is. */
static bool
is_whole(const Line *l)
{
    if (edit_is_blank() || (l->recalled && strcmp(l->recalled, rl_line_buffer) == 0))
        return true;
    if (is_last_line(l))
        return is_whole_text("\n");
    return strchr(rl_line_buffer, '\n') == NULL && is_whole_text("");
}

void
edit_enter_newline(Line *l)
{
    // What is blank behind the cursor, and the indentation of an empty line, go.
    (void)rl_begin_undo_group();
    size_t start = edit_line_start(edit_point());
    size_t text = start;
    while (text < edit_point() && rl_line_buffer[text] == ' ')
        text++;
    if (text == edit_point() && edit_line_stop(text) == text) {
        (void)rl_delete_text((int)start, (int)text);
        rl_point = (int)start;
    }
    (void)rl_insert_text("\n");
    size_t columns = input_cell_indent(rl_line_buffer, edit_point());
    size_t there = strspn(rl_line_buffer + rl_point, " ");
    for (size_t i = there; i < columns; i++)
        (void)rl_insert_text(" ");
    (void)rl_end_undo_group();
    l->dirty = true;
}

/* The indentation of an empty last line is not what the user typed. */
static void
trim_last_line(void)
{
    size_t start = edit_line_start(edit_length());
    size_t at = start;
    while (at < edit_length() && rl_line_buffer[at] == ' ')
        at++;
    if (at == edit_length() && start > 0)
        (void)rl_delete_text((int)start, rl_end);
}

void
edit_enter(Line *l, bool force)
{
    bool commanding = vi_is_commanding();
    if (l->request->cell && !force && !(commanding ? is_whole_text("\n\n") : is_whole(l))) {
        if (commanding)
            vi_enter(l);
        else
            edit_enter_newline(l);
        return;
    }
    if (l->request->cell)
        trim_last_line();
    rl_point = rl_end;
    l->status = LINE_ENTERED;
    l->done = true;
}

int
edit_enter_cell(int count, int key)
{
    edit_enter(line_active(), false);
    return 0;
}

int
edit_enter_by_force(int count, int key)
{
    edit_enter(line_active(), true);
    return 0;
}

int
edit_newline(int count, int key)
{
    Line *l = line_active();
    if (!l->request->more)
        return edit_ding();
    edit_enter_newline(l);
    return 0;
}

/* Make comments of all lines, and enter them: kept in the history, and not executed. */
int
edit_comment(int count, int key)
{
    Line *l = line_active();
    (void)rl_begin_undo_group();
    for (size_t at = 0; at <= edit_length(); at = edit_line_stop(at) + 1) {
        rl_point = (int)at;
        (void)rl_insert_text("# ");
    }
    (void)rl_end_undo_group();
    edit_enter(l, true);
    return 0;
}

/* Take a step of the line's indentation away. */
int
edit_outdent(int count, int key)
{
    Line *l = line_active();
    size_t start = edit_line_start(edit_point());
    size_t blanks = strspn(rl_line_buffer + start, " ");
    if (!l->request->cell || blanks == 0)
        return 0;
    int step = (int)((blanks - 1) % EDIT_INDENT + 1);
    (void)rl_delete_text((int)start, (int)start + step);
    rl_point = rl_point - step > (int)start ? rl_point - step : (int)start;
    return 0;
}

/* Exchange the two characters around the cursor, the last two at the end of the line. */
int
edit_transpose(int count, int key)
{
    size_t at = edit_point();
    size_t start = edit_line_start(at);
    if (at == edit_line_stop(at) && at > start)
        at = screen_grapheme_before(rl_line_buffer, at);
    if (at == start || at == edit_line_stop(at))
        return edit_ding();
    size_t first = screen_grapheme_before(rl_line_buffer, at);
    size_t stop = screen_grapheme_after(rl_line_buffer, edit_length(), at);
    char *moved = alloc_text(rl_line_buffer + first, at - first);
    if (!moved)
        return edit_ding();
    (void)rl_begin_undo_group();
    (void)rl_delete_text((int)first, (int)at);
    rl_point = (int)(stop - (at - first));
    (void)rl_insert_text(moved);
    (void)rl_end_undo_group();
    free(moved);
    return 0;
}

int
edit_overwrite(int count, int key)
{
    Line *l = line_active();
    l->overwriting = rl_explicit_arg ? count > 0 : !l->overwriting;
    return 0;
}

/* What was typed between the two takes the place of as many characters behind it, none of them of
 * another line. */
void
edit_take_place(size_t start, size_t stop)
{
    size_t end = stop;
    for (size_t at = start; at < stop; at = screen_grapheme_after(rl_line_buffer, stop, at))
        if (end < edit_line_stop(stop) && rl_line_buffer[at] != '\n')
            end = screen_grapheme_after(rl_line_buffer, edit_length(), end);
    (void)rl_delete_text((int)stop, (int)end);
}

int
edit_quote(int count, int key)
{
    line_active()->quoting = true;
    return 0;
}

int
edit_clear_screen(int count, int key)
{
    line_suspend();
    tty_write("\033[H\033[2J", strlen("\033[H\033[2J"));
    line_resume();
    return 0;
}
