#include <readline/readline.h>

#include "term/vi.h"

static int read_init_file(int count, int key);

/* What stands in the place of readline's own. */
static const struct {
    rl_command_func_t *own;
    rl_command_func_t *ours;
} replaced[] = {
    { rl_newline, edit_enter_cell },
    { rl_get_previous_history, move_up },
    { rl_get_next_history, move_down },
    { rl_previous_screen_line, move_up },
    { rl_next_screen_line, move_down },
    { rl_history_search_backward, entry_older },
    { rl_history_search_forward, entry_newer },
    { rl_beg_of_line, move_line_begin },
    { rl_end_of_line, move_line_end },
    { rl_forward_char, move_forward },
    { rl_forward, move_forward },
    { rl_backward_char, move_backward },
    { rl_backward, move_backward },
    { rl_forward_word, move_forward_word },
    { rl_insert_comment, edit_comment },
    { rl_overwrite_mode, edit_overwrite },
    { rl_transpose_chars, edit_transpose },
    { rl_unix_word_rubout, kill_word_before },
    { rl_vi_unix_word_rubout, kill_word_before },
    { rl_yank_nth_arg, entry_argument },
    { rl_yank_last_arg, entry_last_argument },
    { rl_vi_yank_arg, entry_last_argument },
    { rl_rubout, kill_before },
    { rl_delete, kill_after },
    { rl_vi_eof_maybe, kill_after },
    { rl_kill_line, kill_to_line_end },
    { rl_backward_kill_line, kill_to_line_begin },
    { rl_unix_line_discard, kill_to_line_begin },
    { rl_kill_full_line, kill_whole_line },
    { rl_quoted_insert, edit_quote },
    { rl_clear_screen, edit_clear_screen },
    { rl_clear_display, edit_clear_screen },
    { rl_refresh_line, edit_clear_screen },
    { rl_complete, menu_complete },
    { rl_menu_complete, menu_complete },
    { rl_possible_completions, menu_complete },
    { rl_insert_completions, menu_complete },
    { rl_backward_menu_complete, menu_complete },
    { rl_vi_complete, menu_complete },
    { rl_reverse_search_history, search_start },
    { rl_forward_search_history, search_start },
    { rl_noninc_reverse_search, search_start },
    { rl_noninc_forward_search, search_start },
    { rl_noninc_reverse_search_again, search_again },
    { rl_noninc_forward_search_again, search_again },
    { rl_vi_search, search_start_vi },
    { rl_vi_search_again, search_again },
    { rl_beginning_of_history, move_to_begin },
    { rl_end_of_history, move_to_end },
    { rl_re_read_init_file, read_init_file },
    { rl_vi_movement_mode, vi_leave_insertion },
};

static int
read_init_file(int count, int key)
{
    int r = rl_re_read_init_file(count, key);
    bindings_replace();
    return r;
}

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
    }
}

void
bindings_replace(void)
{
    static const char *const maps[] = { "emacs-standard", "vi-insert", "vi-command" };
    vi_replace();  // first: a key of command mode is not that of a line
    for (size_t i = 0; i < COUNT_OF(maps); i++)
        replace_in(rl_get_keymap_by_name(maps[i]), 0);
}

/* Keys that readline has nothing for, or something that no one wants at a prompt of Python. */
static const struct {
    const char *keys;
    rl_command_func_t *function;
} bound[] = {
    { "\033[", rl_skip_csi_sequence },
    { "\033\r", edit_enter_by_force },
    { "\033\n", edit_enter_by_force },
    { "\030\005", external_edit },  // Ctrl-X Ctrl-E
    { "\033OQ", external_edit },    // F2
    { "\033[12~", external_edit },
    { "\033[1;5C", move_forward_word },
    { "\033[1;3C", move_forward_word },
    { "\033[1;5D", rl_backward_word },
    { "\033[1;3D", rl_backward_word },
    { "\033[3;5~", rl_kill_word },
    { "\033[1;5H", move_to_begin },
    { "\033[1;5F", move_to_end },
    { "\033OM", edit_enter_cell },  // of the keypad
    { "\033[A", move_up },
    { "\033[B", move_down },
    { "\033[C", move_forward },
    { "\033[D", move_backward },
    { "\033OA", move_up },
    { "\033OB", move_down },
    { "\033OC", move_forward },
    { "\033OD", move_backward },
    { "\033[H", move_line_begin },
    { "\033[F", move_line_end },
    { "\033OH", move_line_begin },
    { "\033OF", move_line_end },
    { "\033[1~", move_line_begin },
    { "\033[4~", move_line_end },
    { "\033[3~", kill_after },
    { "\033[Z", edit_outdent },
    { "\017", edit_newline },  // Ctrl-O
};

void
bindings_bind(void)
{
    static const char *const maps[] = { "emacs-standard", "vi-insert", "vi-command" };
    (void)rl_add_defun("force-enter", edit_enter_by_force, -1);
    (void)rl_add_defun("edit-in-editor", external_edit, -1);
    for (size_t m = 0; m < COUNT_OF(maps); m++)
        for (size_t i = 0; i < COUNT_OF(bound); i++)
            (void)rl_bind_keyseq_in_map(bound[i].keys, bound[i].function,
                                        rl_get_keymap_by_name(maps[m]));
    (void)rl_bind_key_in_map('\t', menu_complete, vi_insertion_keymap);
    vi_bind();
}
