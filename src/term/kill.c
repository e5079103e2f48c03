#include <string.h>

#include <readline/readline.h>

#include "screen/width.h"
#include "term/state.h"

/* Deletions. */

int
kill_before(int count, int key)
{
    if (rl_explicit_arg || count < 0)
        return rl_rubout(count, key);
    size_t end = edit_point();
    size_t start = edit_line_start(end);
    size_t blanks = start + strspn(rl_line_buffer + start, " ");
    size_t from = screen_grapheme_before(rl_line_buffer, end);
    // Indentation goes by its steps.
    if (line_active()->request->cell && blanks >= end && end > start)
        from = start + (end - start - 1) / EDIT_INDENT * EDIT_INDENT;
    if (end == 0)
        return 0;
    (void)rl_delete_text((int)from, (int)end);
    rl_point = (int)from;
    return 0;
}

int
kill_after(int count, int key)
{
    Line *l = line_active();
    if (rl_explicit_arg || count < 0)
        return rl_delete(count, key);
    if (rl_point < rl_end) {
        (void)rl_delete_text(rl_point, (int)screen_grapheme_after(
                                           rl_line_buffer, edit_length(), edit_point()));
        return 0;
    }
    // The end of the input ends a block, as it does for `python3`.
    size_t start = edit_line_start(edit_length());
    if (key == '\004' && start > 0
        && strspn(rl_line_buffer + start, " ") == edit_length() - start)
        edit_enter(l, true);
    return 0;
}

static bool
is_blank_before(size_t at)
{
    return at > 0 && IS_ONE_OF(rl_line_buffer[at - 1], " \t\n");
}

int
kill_word_before(int count, int key)
{
    size_t start = edit_point();
    for (; count > 0; count--) {
        while (start > 0 && is_blank_before(start))
            start--;
        while (start > 0 && !is_blank_before(start))
            start--;
    }
    (void)rl_kill_text(rl_point, (int)start);
    rl_point = (int)start;
    return 0;
}

int
kill_to_line_end(int count, int key)
{
    size_t stop = edit_line_stop(edit_point());
    if (stop == edit_point() && stop < edit_length())
        stop++;
    return rl_kill_text(rl_point, (int)stop);
}

int
kill_to_line_begin(int count, int key)
{
    size_t start = edit_line_start(edit_point());
    if (start == edit_point() && start > 0)
        start--;
    (void)rl_kill_text(rl_point, (int)start);
    rl_point = (int)start;
    return 0;
}

int
kill_whole_line(int count, int key)
{
    rl_point = (int)edit_line_start(edit_point());
    return rl_kill_text(rl_point, (int)edit_line_stop(edit_point()));
}
