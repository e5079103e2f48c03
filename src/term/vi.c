#include "term/vi.h"

#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>

#include "screen/width.h"
#include "term/change.h"

// vi's memory, from one read to the next: there is one user.
static struct {
    Command change;  // what `.` repeats
    char *inserted;  // what was typed after it, or NULL
    Motion found;    // what `;` looks for
} memory;

bool
vi_is_commanding(void)
{
    return rl_editing_mode == 0 && rl_get_keymap() == vi_movement_keymap;
}

void
vi_settle(const Line *l)
{
    size_t at = (size_t)rl_point;
    if (vi_is_commanding() && !l->vi.waiting && at == edit_line_stop(at)
        && at > edit_line_start(at))
        rl_point = (int)screen_grapheme_before(rl_line_buffer, at);
}

/* Insertion. */

/* What is done up to the next ESC is one command, in the group that is open. */
void
vi_begin_insertion(Line *l, int count)
{
    (void)rl_vi_insertion_mode(1, 'i');
    free(l->vi.before);
    l->vi.before = edit_copy();
    l->vi.start = (size_t)rl_point;
    l->vi.count = count;
    l->vi.inserting = true;
}

void
vi_begin(Line *l)
{
    l->vi.keyed = false;
    if (rl_editing_mode != 0)
        return;
    (void)rl_begin_undo_group();
    vi_begin_insertion(l, 1);
}

/* What was typed in the place of what was there, for free(). */
static char *
replaced_text(const Line *l)
{
    size_t start = l->vi.start;
    const char *before = l->vi.before;
    if (!before || (size_t)rl_point < start || memcmp(before, rl_line_buffer, start) != 0)
        return NULL;
    return alloc_text(rl_line_buffer + start, (size_t)rl_point - start);
}

/* What was inserted at one place, for free(); NULL where other things changed too. */
static char *
inserted_text(const Line *l)
{
    const char *before = l->vi.before;
    size_t length = before ? strlen(before) : 0;
    size_t start = l->vi.start;
    size_t rest = length - start;
    if (!before || (size_t)rl_end < length || memcmp(before, rl_line_buffer, start) != 0
        || memcmp(before + start, rl_line_buffer + rl_end - rest, rest) != 0)
        return NULL;
    return alloc_text(rl_line_buffer + start, (size_t)rl_end - rest - start);
}

/* A group in which nothing was done would take an `u` of its own. */
static void
end_group(void)
{
    (void)rl_end_undo_group();
    UNDO_LIST *end = rl_undo_list;
    UNDO_LIST *begin = end ? end->next : NULL;
    if (!begin || end->what != UNDO_END || begin->what != UNDO_BEGIN)
        return;
    rl_undo_list = begin->next;
    free(begin);
    free(end);
}

static void
finish_insertion(Line *l)
{
    AUTO_FREE char *text = l->vi.replacing ? replaced_text(l) : inserted_text(l);
    for (; text && *text && l->vi.count > 1; l->vi.count--)
        (void)rl_insert_text(text);
    if (l->vi.keyed) {
        free(memory.inserted);
        memory.inserted = TAKE(text);
    }
    end_group();
    free(TAKE(l->vi.before));
    l->vi.inserting = l->vi.keyed = l->vi.replacing = false;
    if (!l->vi.original)
        l->vi.original = edit_copy();
}

int
vi_leave_insertion(int count, int key)
{
    Line *l = line_active();
    if (vi_is_commanding())
        return 0;
    if (l->vi.inserting)
        finish_insertion(l);
    size_t at = (size_t)rl_point;
    // readline would forget what can be undone, and step back over the end of a line.
    RL_SETSTATE(RL_STATE_VICMDONCE);
    (void)rl_vi_movement_mode(1, key);
    if (at > edit_line_start(at))
        at = screen_grapheme_before(rl_line_buffer, at);
    rl_point = (int)at;
    l->dirty = true;
    return 0;
}

void
vi_done(Line *l)
{
    free(TAKE(l->vi.before));
    free(TAKE(l->vi.original));
}

/* The same as one change for `u`. */
static void
execute(Line *l, const Command *c)
{
    bool changes = c->key != 0 && c->key != 'y' && c->key != 'Y';
    if (changes)
        (void)rl_begin_undo_group();
    bool done = change_apply(l, c);
    // What is inserted then belongs to it.
    if (changes && !l->vi.inserting)
        end_group();
    if (!done)
        (void)rl_ding();
    if (!done || !changes)
        return;
    memory.change = *c;
    free(TAKE(memory.inserted));
    l->vi.keyed = l->vi.inserting;
}

/* . */
static int
repeat(int count, int key)
{
    Line *l = line_active();
    Command c = memory.change;
    if (c.key == 0)
        return edit_ding();
    if (rl_explicit_arg) {
        c.count = count;
        c.motion.count = 0;
    }
    AUTO_FREE char *text =
        memory.inserted ? alloc_text(memory.inserted, strlen(memory.inserted)) : NULL;
    execute(l, &c);
    if (!l->vi.inserting)
        return 0;
    size_t start = (size_t)rl_point;
    if (text)
        (void)rl_insert_text(text);
    if (l->vi.replacing)
        edit_take_place(start, (size_t)rl_point);
    return vi_leave_insertion(1, 033);
}

/* Reading a command. */

/* `;` and `,` are the last motion of their kind, and its reverse. */
static bool
find_again(char key, Motion *m)
{
    if (memory.found.key == 0)
        return false;
    int count = m->count;
    *m = memory.found;
    m->count = count;
    m->stays = true;
    if (key == ',')
        m->key ^= 0x20;
    return true;
}

/* Read the motion of an operator, or one alone: as motion_read(). */
static int
read_motion(const char *keys, size_t length, char operator, Motion * ret_motion)
{
    int n = motion_read(keys, length, ret_motion);
    char key = ret_motion->key;
    if (n >= 0) {
        if (n > 0 && IS_ONE_OF(key, "fFtT"))
            memory.found = (Motion){ .key = key };
        if (n > 0 && IS_ONE_OF(key, "fFtT"))
            memcpy(memory.found.argument, ret_motion->argument, MOTION_CHARACTER);
        // What is around the cursor is for operators.
        return n > 0 && operator== 0 &&(key == 'i' || key == 'a') ? -1 : n;
    }
    if (key == ';' || key == ',')
        return find_again(key, ret_motion) ? 1 : -1;
    if (operator!= 0 && key == operator) {
        ret_motion->key = '_';
        return 1;
    }
    if (operator== 0 || key != ' ')
        return -1;
    ret_motion->key = 'l';
    return 1;
}

/* Read a command: positive when it is whole, 0 for more keys, -1 when it is none. */
static int
read_command(const char *keys, size_t length, Command *ret_command)
{
    Motion character;
    char key = keys[0];
    int n = 1;
    ret_command->key = key;
    if (key == 'r') {
        char found[] = "f";
        AUTO(buf_done) Buf whole = { 0 };
        buf_add(&whole, found, 1);
        buf_add(&whole, keys + 1, length - 1);
        n = whole.failed ? -1 : motion_read(whole.bytes, whole.length, &character);
        if (n > 0)
            memcpy(ret_command->argument, character.argument, MOTION_CHARACTER);
    } else if (IS_ONE_OF(key, "dcy<>")) {
        n = read_motion(keys + 1, length - 1, key, &ret_command->motion);
    } else if (key == 'g' && length > 1 && IS_ONE_OF(keys[1], "~uU")) {
        ret_command->argument[0] = keys[1];
        n = read_motion(keys + 2, length - 2, keys[1], &ret_command->motion);
    } else if (!IS_ONE_OF(key, "xXDCsSYpPJ~aAiIoOR")) {
        ret_command->key = 0;
        n = read_motion(keys, length, 0, &ret_command->motion);
    }
    return n;
}

/* With one more key: do the command when it is whole. */
static void
add_key(Line *l, char key)
{
    l->vi.keys[l->vi.length++] = key;
    Command c = { .count = l->vi.given };
    int n = read_command(l->vi.keys, l->vi.length, &c);
    l->vi.waiting = n == 0 && l->vi.length < VI_KEYS;
    if (n > 0)
        execute(l, &c);
    else if (!l->vi.waiting)
        (void)rl_ding();
}

static int
command(int count, int key)
{
    Line *l = line_active();
    l->vi.length = 0;
    l->vi.given = rl_explicit_arg ? count : 0;
    add_key(l, (char)key);
    // A macro's keys are readline's to give.
    while (l->vi.waiting && RL_ISSTATE(RL_STATE_MACROINPUT))
        add_key(l, (char)rl_read_key());
    return 0;
}

void
vi_take_key(Line *l, char byte)
{
    add_key(l, byte);
    vi_settle(l);
}

/* u: the cursor goes to what came back. */
static int
undo(int count, int key)
{
    AUTO_FREE char *before = edit_copy();
    int r = rl_undo_command(count, key);
    size_t at = 0;
    while (before && before[at] != '\0' && before[at] == rl_line_buffer[at])
        at++;
    while (at > 0 && ((unsigned char)rl_line_buffer[at] & 0xC0) == 0x80)
        at--;
    if (before && strcmp(before, rl_line_buffer) != 0)
        rl_point = (int)at;
    return r;
}

/* U: what was typed before the first command. */
static int
revert(int count, int key)
{
    Line *l = line_active();
    if (l->vi.original && strcmp(l->vi.original, rl_line_buffer) != 0)
        edit_set_text(l, l->vi.original, 0);
    return 0;
}

void
vi_enter(Line *l)
{
    if (edit_line_stop((size_t)rl_point) < (size_t)rl_end) {
        (void)move_down(1, 0);
        change_go_to_text((size_t)rl_point);
        return;
    }
    const Command c = { .key = 'o' };
    execute(l, &c);
}

/* The keys of command mode that are ours, with what readline has there. */
static const struct {
    char key;
    rl_command_func_t *own;
    rl_command_func_t *ours;
} keys[] = {
    { 'h', rl_backward_char, command },
    { 'l', rl_forward_char, command },
    { '0', rl_beg_of_line, command },
    { '$', rl_end_of_line, command },
    { '^', rl_vi_first_print, command },
    { '|', rl_vi_column, command },
    { 'w', rl_vi_next_word, command },
    { 'W', rl_vi_next_word, command },
    { 'b', rl_vi_prev_word, command },
    { 'B', rl_vi_prev_word, command },
    { 'e', rl_vi_end_word, command },
    { 'E', rl_vi_end_word, command },
    { 'f', rl_vi_char_search, command },
    { 'F', rl_vi_char_search, command },
    { 't', rl_vi_char_search, command },
    { 'T', rl_vi_char_search, command },
    { ';', rl_vi_char_search, command },
    { ',', rl_vi_char_search, command },
    { '%', rl_vi_match, command },
    { 'G', rl_vi_fetch_history, command },
    { 'g', NULL, command },
    { '{', NULL, command },
    { '}', NULL, command },
    { 'd', rl_vi_delete_to, command },
    { 'D', rl_vi_delete_to, command },
    { 'c', rl_vi_change_to, command },
    { 'C', rl_vi_change_to, command },
    { 'y', rl_vi_yank_to, command },
    { 'Y', rl_vi_yank_to, command },
    { '<', NULL, command },
    { '>', NULL, command },
    { 'x', rl_vi_delete, command },
    { 'X', rl_vi_rubout, command },
    { 's', rl_vi_subst, command },
    { 'S', rl_vi_subst, command },
    { 'r', rl_vi_change_char, command },
    { '~', rl_vi_change_case, command },
    { 'p', rl_vi_put, command },
    { 'P', rl_vi_put, command },
    { 'J', NULL, command },
    { 'a', rl_vi_append_mode, command },
    { 'A', rl_vi_append_eol, command },
    { 'i', rl_vi_insert_mode, command },
    { 'I', rl_vi_insert_beg, command },
    { 'o', NULL, command },
    { 'O', NULL, command },
    { 'R', rl_vi_replace, command },
    { 'U', rl_revert_line, revert },
    { 'v', NULL, external_edit },
    { '.', rl_vi_redo, repeat },
    { 'u', rl_vi_undo, undo },
};

void
vi_bind(void)
{
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        (void)rl_bind_key_in_map(keys[i].key, keys[i].ours, vi_movement_keymap);
}

void
vi_replace(void)
{
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        KEYMAP_ENTRY *entry = &vi_movement_keymap[(unsigned char)keys[i].key];
        if (keys[i].own && entry->type == ISFUNC && entry->function == keys[i].own)
            entry->function = keys[i].ours;
    }
}
