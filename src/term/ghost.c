#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>

#include "input/lex.h"
#include "term/state.h"

enum { GHOST_LONGEST = 4096 };

/* The suggestion. */

void
ghost_find(Line *l)
{
    const RecallSource *source = &l->client->history;
    bool wanted = l->client->suggests && source->look && l->request->cell
                  && l->mode == MODE_EDIT && !l->done && rl_point == rl_end && rl_end > 0
                  && rl_end < GHOST_LONGEST && !edit_is_blank()
                  && !(l->recalled && strcmp(l->recalled, rl_line_buffer) == 0);
    if (wanted && l->ghost_text && strcmp(l->ghost_text, rl_line_buffer) == 0)
        return;
    free(TAKE(l->ghost));
    free(TAKE(l->ghost_text));
    long at = 0;
    const RecallQuery query = { .direction = -1,
                                .part = rl_line_buffer,
                                .length = edit_length(),
                                .other = rl_line_buffer };
    if (!wanted || source->look(source->context, &query, &at, &l->ghost) != 1)
        return;
    l->ghost_at = edit_length();
    l->ghost_text = edit_copy();
}

/* Take over the suggestion, all of it or its next word: whether there is one. */
bool
ghost_accept(bool word)
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
