#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>

#include "term/state.h"

void
entry_forget(Line *l)
{
    free(TAKE(l->recalled));
    l->at = 0;
}

/* The history. */

/* A word of a text: the last one, or the one of that number. */
static char *
copy_word(const char *text, int number)
{
    static const char blanks[] = " \t\n";
    const char *word = text + strspn(text, blanks);
    for (int i = 0; number < 0 || i < number; i++) {
        const char *next = word + strcspn(word, blanks);
        next += strspn(next, blanks);
        if (*next == '\0' && number < 0)
            break;
        word = next;
    }
    return alloc_text(word, strcspn(word, blanks));
}

/* Insert a word of the newest entry; at once again, of older ones. */
static int
insert_argument(int number, rl_command_func_t *self)
{
    Line *l = line_active();
    const RecallSource *source = &l->client->history;
    bool again =
        rl_last_func == self && l->argument_at != 0 && rl_point == l->argument_stop;
    const RecallQuery query = {
        .at = again ? l->argument_at : 0, .direction = -1, .part = "", .length = 0
    };
    AUTO_FREE char *text = NULL;
    long at = 0;
    if (!source->look || source->look(source->context, &query, &at, &text) != 1)
        return edit_ding();
    AUTO_FREE char *word = copy_word(text, number);
    if (!word)
        return edit_ding();
    (void)rl_begin_undo_group();
    if (again)
        (void)rl_delete_text(l->argument_start, rl_point);
    rl_point = again ? l->argument_start : rl_point;
    l->argument_start = rl_point;
    l->argument_at = at;
    (void)rl_insert_text(word);
    (void)rl_end_undo_group();
    l->argument_stop = rl_point;
    return 0;
}

int
entry_argument(int count, int key)
{
    return insert_argument(rl_explicit_arg ? count : 1, entry_argument);
}

int
entry_last_argument(int count, int key)
{
    return insert_argument(rl_explicit_arg ? count : -1, entry_last_argument);
}

static int
recall(Line *l, int direction)
{
    const RecallSource *source = &l->client->history;
    if (!source->look)
        return 0;
    if (!l->recalled || strcmp(l->recalled, rl_line_buffer) != 0) {
        if (direction > 0)
            return 0;
        entry_forget(l);
        free(l->typed);
        l->typed = edit_copy();
        l->prefix = edit_point();
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
        entry_forget(l);
    }
    return r;
}

int
entry_recall_older(Line *l)
{
    return recall(l, -1);
}

int
entry_recall_newer(Line *l)
{
    return recall(l, 1);
}

int
entry_older(int count, int key)
{
    (void)entry_recall_older(line_active());
    return 0;
}

int
entry_newer(int count, int key)
{
    (void)entry_recall_newer(line_active());
    return 0;
}
