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
        l->typed = strdup(rl_line_buffer);
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
