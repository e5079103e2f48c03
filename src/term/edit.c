#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readline/readline.h>

#include "input/cell.h"
#include "input/lex.h"
#include "screen/width.h"
#include "term/state.h"
#include "term/tty.h"

enum { INDENT = 4, GHOST_LONGEST = 4096 };

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

static size_t
length(void)
{
    return (size_t)rl_end;
}

static size_t
point(void)
{
    return (size_t)rl_point;
}

void
edit_insert(Line *l, const char *text)
{
    (void)rl_begin_undo_group();
    (void)rl_insert_text(text);
    (void)rl_end_undo_group();
    l->dirty = true;
}

void
edit_set_text(Line *l, const char *text, size_t at)
{
    (void)rl_begin_undo_group();
    (void)rl_delete_text(0, rl_end);
    rl_point = 0;
    (void)rl_insert_text(text ? text : "");
    (void)rl_end_undo_group();
    rl_point = (int)(at < length() ? at : length());
    l->dirty = true;
}

void
edit_forget_recall(Line *l)
{
    free(TAKE(l->recalled));
    l->at = 0;
}

/* What can be entered; while a menu or search is on, its keys don't come here. */
static bool
is_last_line(const Line *l)
{
    for (size_t at = point(); at < length(); at++)
        if (rl_line_buffer[at] != ' ' && rl_line_buffer[at] != '\n')
            return false;
    return true;
}

static bool
is_blank(void)
{
    return strspn(rl_line_buffer, " \t\n") == length();
}

/* Whether the buffer, with this line ended, is a whole cell.  One that was recalled and not
 * touched is. */
static bool
is_whole(const Line *l)
{
    InputCellStatus status = INPUT_COMPLETE;
    if (is_blank() || (l->recalled && strcmp(l->recalled, rl_line_buffer) == 0))
        return true;
    if (!is_last_line(l))
        return strchr(rl_line_buffer, '\n') == NULL
               && input_cell_status(rl_line_buffer, length(), &status) == 0
               && status != INPUT_INCOMPLETE;
    AUTO(buf_done) Buf text = { 0 };
    buf_add(&text, rl_line_buffer, length());
    buf_add_byte(&text, '\n', 1);
    return text.failed || input_cell_status(text.bytes, text.length, &status) < 0
           || status != INPUT_INCOMPLETE;
}

void
edit_enter_newline(Line *l)
{
    // What is blank behind the cursor, and the indentation of an empty line, go.
    (void)rl_begin_undo_group();
    size_t start = edit_line_start(point());
    size_t text = start;
    while (text < point() && rl_line_buffer[text] == ' ')
        text++;
    if (text == point() && edit_line_stop(text) == text) {
        (void)rl_delete_text((int)start, (int)text);
        rl_point = (int)start;
    }
    (void)rl_insert_text("\n");
    size_t columns = input_cell_indent(rl_line_buffer, point());
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
    size_t start = edit_line_start(length());
    size_t at = start;
    while (at < length() && rl_line_buffer[at] == ' ')
        at++;
    if (at == length() && start > 0)
        (void)rl_delete_text((int)start, rl_end);
}

void
edit_enter(Line *l, bool force)
{
    if (l->request->cell && !force && !is_whole(l)) {
        edit_enter_newline(l);
        return;
    }
    if (l->request->cell)
        trim_last_line();
    rl_point = rl_end;
    l->status = LINE_ENTERED;
    l->done = true;
}

static int
enter(int count, int key)
{
    edit_enter(line_active(), false);
    return 0;
}

static int
enter_by_force(int count, int key)
{
    edit_enter(line_active(), true);
    return 0;
}

/* The history. */

static int
recall(Line *l, int direction)
{
    const RecallSource *source = &l->client->history;
    if (!source->look)
        return 0;
    if (!l->recalled || strcmp(l->recalled, rl_line_buffer) != 0) {
        if (direction > 0)
            return 0;
        edit_forget_recall(l);
        free(l->typed);
        l->typed = strdup(rl_line_buffer);
        l->prefix = point();
        if (!l->typed)
            return -ENOMEM;
    }
    char *text = NULL;
    const RecallQuery query = { .at = l->at,
                                .direction = direction,
                                .part = l->typed,
                                .length = l->prefix,
                                .other = l->recalled ? l->recalled : l->typed };
    int r = source->look(source->context, &query, &l->at, &text);
    if (r == 1) {
        edit_set_text(l, text, strlen(text));
        free(l->recalled);
        l->recalled = text;
    } else if (direction > 0 && l->recalled) {
        edit_set_text(l, l->typed, strlen(l->typed));
        edit_forget_recall(l);
    }
    return r;
}

int
edit_older(Line *l)
{
    return recall(l, -1);
}

int
edit_newer(Line *l)
{
    return recall(l, 1);
}

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

static int up(int count, int key);
static int down(int count, int key);

/* The column that the cursor keeps to while it goes over shorter lines. */
static int
goal(Line *l)
{
    if (rl_last_func != up && rl_last_func != down)
        l->goal = column_of(point());
    return l->goal;
}

static int
up(int count, int key)
{
    Line *l = line_active();
    size_t start = edit_line_start(point());
    if (count < 0)
        return down(-count, key);
    if (start == 0)
        return (void)edit_older(l), 0;
    int column = goal(l);
    go_to_column(edit_line_start(start - 1), column);
    return 0;
}

static int
down(int count, int key)
{
    Line *l = line_active();
    size_t stop = edit_line_stop(point());
    if (count < 0)
        return up(-count, key);
    if (stop == length())
        return (void)edit_newer(l), 0;
    int column = goal(l);
    go_to_column(stop + 1, column);
    return 0;
}

static int
older(int count, int key)
{
    (void)edit_older(line_active());
    return 0;
}

static int
newer(int count, int key)
{
    (void)edit_newer(line_active());
    return 0;
}

/* The suggestion. */

void
edit_suggest(Line *l)
{
    const RecallSource *source = &l->client->history;
    bool wanted = l->client->suggests && source->look && l->request->cell
                  && l->mode == MODE_EDIT && !l->done && rl_point == rl_end && rl_end > 0
                  && rl_end < GHOST_LONGEST && !is_blank()
                  && !(l->recalled && strcmp(l->recalled, rl_line_buffer) == 0);
    if (wanted && l->ghost_text && strcmp(l->ghost_text, rl_line_buffer) == 0)
        return;
    free(TAKE(l->ghost));
    free(TAKE(l->ghost_text));
    long at = 0;
    const RecallQuery query = {
        .direction = -1, .part = rl_line_buffer, .length = length(), .other = rl_line_buffer
    };
    if (!wanted || source->look(source->context, &query, &at, &l->ghost) != 1)
        return;
    l->ghost_at = length();
    l->ghost_text = strdup(rl_line_buffer);
}

/* Take over the suggestion, all of it or its next word: whether there is one. */
static bool
accept_ghost(bool word)
{
    Line *l = line_active();
    if (!l->ghost || !l->ghost_text || rl_point != rl_end
        || strcmp(l->ghost_text, rl_line_buffer) != 0)
        return false;
    char *rest = l->ghost + l->ghost_at;
    size_t stop = strlen(rest);
    if (word) {
        size_t at = 0;
        while (at < stop && !input_is_word(rest[at]))
            at++;
        while (at < stop && input_is_word(rest[at]))
            at++;
        rest[at] = '\0';
    }
    edit_insert(l, rest);
    free(TAKE(l->ghost));
    free(TAKE(l->ghost_text));
    return true;
}

/* Movements within a line. */

static int
line_begin(int count, int key)
{
    rl_point = (int)edit_line_start(point());
    return 0;
}

static int
line_end(int count, int key)
{
    if (accept_ghost(false))
        return 0;
    rl_point = (int)edit_line_stop(point());
    if (rl_editing_mode == 0 && rl_get_keymap() == vi_movement_keymap
        && rl_point > (int)edit_line_start(point()) && !RL_ISSTATE(RL_STATE_VIMOTION))
        rl_point = (int)screen_grapheme_before(rl_line_buffer, point());
    return 0;
}

static int forward(int count, int key);

static int
backward(int count, int key)
{
    if (count < 0)
        return forward(-count, key);
    for (; count > 0 && rl_point > 0; count--)
        rl_point = (int)screen_grapheme_before(rl_line_buffer, point());
    return 0;
}

static int
forward(int count, int key)
{
    if (count < 0)
        return backward(-count, key);
    if (accept_ghost(false))
        return 0;
    for (; count > 0 && rl_point < rl_end; count--)
        rl_point = (int)screen_grapheme_after(rl_line_buffer, length(), point());
    return 0;
}

static int
forward_word(int count, int key)
{
    return accept_ghost(true) ? 0 : rl_forward_word(count, key);
}

/* Deletions. */

static int
rub_out(int count, int key)
{
    if (rl_explicit_arg || count < 0)
        return rl_rubout(count, key);
    size_t end = point();
    size_t start = edit_line_start(end);
    size_t blanks = start + strspn(rl_line_buffer + start, " ");
    size_t from = screen_grapheme_before(rl_line_buffer, end);
    // Indentation goes by its steps.
    if (line_active()->request->cell && blanks >= end && end > start)
        from = start + (end - start - 1) / INDENT * INDENT;
    if (end == 0)
        return 0;
    (void)rl_delete_text((int)from, (int)end);
    rl_point = (int)from;
    return 0;
}

static int delete (int count, int key)
{
    Line *l = line_active();
    if (rl_explicit_arg || count < 0)
        return rl_delete(count, key);
    if (rl_point < rl_end) {
        (void)rl_delete_text(rl_point,
                             (int)screen_grapheme_after(rl_line_buffer, length(), point()));
        return 0;
    }
    // The end of the input ends a block, as it does for `python3`.
    size_t start = edit_line_start(length());
    if (key == '\004' && start > 0
        && strspn(rl_line_buffer + start, " ") == length() - start)
        edit_enter(l, true);
    return 0;
}

static int
kill_to_end(int count, int key)
{
    size_t stop = edit_line_stop(point());
    if (stop == point() && stop < length())
        stop++;
    return rl_kill_text(rl_point, (int)stop);
}

static int
kill_to_begin(int count, int key)
{
    size_t start = edit_line_start(point());
    if (start == point() && start > 0)
        start--;
    (void)rl_kill_text(rl_point, (int)start);
    rl_point = (int)start;
    return 0;
}

static int
kill_line(int count, int key)
{
    rl_point = (int)edit_line_start(point());
    return rl_kill_text(rl_point, (int)edit_line_stop(point()));
}

static int
quote(int count, int key)
{
    line_active()->quoting = true;
    return 0;
}

static int
clear_screen(int count, int key)
{
    line_suspend();
    tty_write("\033[H\033[2J", strlen("\033[H\033[2J"));
    line_resume();
    return 0;
}

static int
go_to_beginning(int count, int key)
{
    rl_point = 0;
    return 0;
}

static int
go_to_end(int count, int key)
{
    rl_point = rl_end;
    return 0;
}

static int
read_init_file(int count, int key)
{
    int r = rl_re_read_init_file(count, key);
    edit_replace();
    return r;
}

/* The editor. */

static int
write_file(int fd)
{
    size_t done = 0;
    while (done < length()) {
        ssize_t n = write(fd, rl_line_buffer + done, length() - done);
        if (n < 0)
            return -errno;
        done += (size_t)n;
    }
    return write(fd, "\n", 1) < 0 ? -errno : 0;
}

static char *
read_file(const char *path)
{
    AUTO(buf_done) Buf text = { 0 };
    char part[4096];
    char *result = NULL;
    FILE *file = fopen(path, "r");
    if (!file)
        return NULL;
    for (size_t n; (n = fread(part, 1, sizeof part, file)) > 0;)
        buf_add(&text, part, n);
    (void)fclose(file);
    while (text.length > 0 && text.bytes[text.length - 1] == '\n')
        text.length--;
    return buf_take(&text, &result) == 0 ? result : NULL;
}

/* Have the user's editor work on the file: whether it did. */
static bool
run_editor(const char *path)
{
    char command[4096];
    const char *editor = getenv("VISUAL");
    if (!editor || !*editor)
        editor = getenv("EDITOR");
    if (!editor || !*editor)
        editor = "vi";
    int n = snprintf(command, sizeof command, "%s '%s'", editor, path);
    return n > 0 && n < (int)sizeof command && system(command) == 0;
}

int
edit_external(int count, int key)
{
    Line *l = line_active();
    char path[] = "/tmp/mainspring-XXXXXX.py";
    int fd = mkostemps(path, 3, O_CLOEXEC);
    if (fd < 0)
        return 0;
    bool written = write_file(fd) == 0;
    (void)close(fd);
    line_suspend();
    bool edited = written && run_editor(path);
    line_resume();
    char *text = edited ? read_file(path) : NULL;
    (void)unlink(path);
    if (text)
        edit_set_text(l, text, strlen(text));
    free(text);
    return 0;
}

/* What stands in the place of readline's own. */
static const struct {
    rl_command_func_t *own;
    rl_command_func_t *ours;
} replaced[] = {
    { rl_newline, enter },
    { rl_get_previous_history, up },
    { rl_get_next_history, down },
    { rl_previous_screen_line, up },
    { rl_next_screen_line, down },
    { rl_history_search_backward, older },
    { rl_history_search_forward, newer },
    { rl_beg_of_line, line_begin },
    { rl_end_of_line, line_end },
    { rl_forward_char, forward },
    { rl_forward, forward },
    { rl_backward_char, backward },
    { rl_backward, backward },
    { rl_forward_word, forward_word },
    { rl_rubout, rub_out },
    { rl_delete, delete },
    { rl_kill_line, kill_to_end },
    { rl_backward_kill_line, kill_to_begin },
    { rl_unix_line_discard, kill_to_begin },
    { rl_kill_full_line, kill_line },
    { rl_quoted_insert, quote },
    { rl_clear_screen, clear_screen },
    { rl_clear_display, clear_screen },
    { rl_refresh_line, clear_screen },
    { rl_complete, menu_complete },
    { rl_menu_complete, menu_complete },
    { rl_possible_completions, menu_complete },
    { rl_reverse_search_history, search_start },
    { rl_forward_search_history, search_start },
    { rl_beginning_of_history, go_to_beginning },
    { rl_end_of_history, go_to_end },
    { rl_re_read_init_file, read_init_file },
};

static void
replace_in(Keymap map, int depth)
{
    for (int key = 0; key < KEYMAP_SIZE; key++) {
        if (map[key].type == ISKMAP && depth < 8)
            replace_in((Keymap)(void *)map[key].function, depth + 1);
        if (map[key].type != ISFUNC || !map[key].function)
            continue;
        for (size_t i = 0; i < COUNT_OF(replaced); i++)
            if (map[key].function == replaced[i].own)
                map[key].function = replaced[i].ours;
        vi_replace(&map[key].function);
    }
}

void
edit_replace(void)
{
    static const char *const maps[] = { "emacs-standard", "vi-insert", "vi-command" };
    for (size_t i = 0; i < COUNT_OF(maps); i++)
        replace_in(rl_get_keymap_by_name(maps[i]), 0);
}

/* Keys that readline has nothing for, or something that no one wants at a prompt of Python. */
static const struct {
    const char *keys;
    rl_command_func_t *function;
} bound[] = {
    { "\033[", rl_skip_csi_sequence },
    { "\033\r", enter_by_force },
    { "\033\n", enter_by_force },
    { "\030\005", edit_external },  // Ctrl-X Ctrl-E
    { "\033OQ", edit_external },    // F2
    { "\033[12~", edit_external },
    { "\033[1;5C", forward_word },
    { "\033[1;3C", forward_word },
    { "\033[1;5D", rl_backward_word },
    { "\033[1;3D", rl_backward_word },
    { "\033[3;5~", rl_kill_word },
    { "\033[A", up },
    { "\033[B", down },
    { "\033[C", forward },
    { "\033[D", backward },
    { "\033OA", up },
    { "\033OB", down },
    { "\033OC", forward },
    { "\033OD", backward },
    { "\033[H", line_begin },
    { "\033[F", line_end },
    { "\033OH", line_begin },
    { "\033OF", line_end },
    { "\033[1~", line_begin },
    { "\033[4~", line_end },
    { "\033[3~", delete },
    { "\033[Z", menu_complete },
};

void
edit_bind(void)
{
    static const char *const maps[] = { "emacs-standard", "vi-insert", "vi-command" };
    (void)rl_add_defun("force-enter", enter_by_force, -1);
    (void)rl_add_defun("edit-in-editor", edit_external, -1);
    for (size_t m = 0; m < COUNT_OF(maps); m++)
        for (size_t i = 0; i < COUNT_OF(bound); i++)
            (void)rl_bind_keyseq_in_map(bound[i].keys, bound[i].function,
                                        rl_get_keymap_by_name(maps[m]));
    (void)rl_bind_key_in_map('\t', menu_complete, vi_insertion_keymap);
}
