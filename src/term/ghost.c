#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>

#include "input/lex.h"
#include "term/state.h"

enum { GHOST_LONGEST = 4096 };

/* Whether the last answer is one for the text too, which goes on as that had it, or from where there
 * was none: the history, and the interpreter with it, need not be asked at each key. */
static bool
is_found(Line *l)
{
    if (!l->ghost_text
        || strncmp(rl_line_buffer, l->ghost_text, strlen(l->ghost_text)) != 0)
        return false;
    if (!l->ghost || rl_line_buffer[strlen(l->ghost_text)] == '\0')
        return true;
    if (strncmp(l->ghost, rl_line_buffer, edit_length()) != 0
        || l->ghost[edit_length()] == '\0')
        return false;
    char *text = edit_copy();
    if (!text)
        return false;
    free(l->ghost_text);
    l->ghost_text = text;
    l->ghost_at = edit_length();
    return true;
}

/* The suggestion. */

void
ghost_find(Line *l)
{
    const RecallSource *source = &l->client->history;
    bool wanted = l->client->suggests && source->look && l->request->cell
                  && l->mode == MODE_EDIT && !l->done && rl_point == rl_end && rl_end > 0
                  && rl_end < GHOST_LONGEST && !edit_is_blank()
                  && !(l->recalled && strcmp(l->recalled, rl_line_buffer) == 0);
    if (wanted && is_found(l))
        return;
    free(TAKE(l->ghost));
    free(TAKE(l->ghost_text));
    long at = 0;
    const RecallQuery query = { .direction = -1,
                                .part = rl_line_buffer,
                                .length = edit_length(),
                                .other = rl_line_buffer };
    if (!wanted || source->look(source->context, &query, &at, &l->ghost) < 0)
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
