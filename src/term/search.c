#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>

#include "term/keys.h"
#include "term/state.h"

// What was looked for last, from one read to the next.
static Buf last;

/* vi's `/` and `?`: Enter ends the search alone. */
int
search_start_vi(int count, int key)
{
    int r = search_start(count, key);
    line_active()->holding = true;
    return r;
}

int
search_start(int count, int key)
{
    Line *l = line_active();
    if (!l->client->history.look)
        return 0;
    buf_clear(&l->needle);
    l->original = edit_copy();
    l->original_point = (size_t)rl_point;
    l->found = 0;
    l->failing = l->holding = false;
    if (l->original)
        l->mode = MODE_SEARCH;
    return 0;
}

void
search_close(Line *l)
{
    if (l->needle.length > 0) {
        buf_clear(&last);
        buf_add(&last, l->needle.bytes, l->needle.length);
    }
    free(TAKE(l->original));
    l->mode = MODE_EDIT;
}

/* Go on with what was found as if Up had led there. */
static void
accept_found(Line *l)
{
    char *found = l->found < 0 ? edit_copy() : NULL;
    if (found) {
        entry_forget(l);
        l->recalled = found;
        l->at = l->found;
        free(l->typed);
        l->typed = TAKE(l->original);
        l->prefix = 0;
    }
    search_close(l);
}

void
search_message(const Line *l, Buf *out)
{
    buf_add_text(out, l->failing ? "(nothing found) " : "(search) ");
    buf_add(out, l->needle.bytes, l->needle.length);
    buf_add_text(out, "_");
}

/* Look for the needle from entry `at` on. */
static void
look(Line *l, long at, int direction, bool other)
{
    AUTO(buf_done) Buf needle = { 0 };
    const RecallSource *source = &l->client->history;
    char *text = NULL;
    buf_add(&needle, l->needle.bytes, l->needle.length);
    buf_add_byte(&needle, '\0', 1);
    if (needle.failed || l->needle.length == 0)
        return;
    const RecallQuery query = { .at = at,
                                .direction = direction,
                                .part = needle.bytes,
                                .length = l->needle.length,
                                .anywhere = true,
                                .other = other ? rl_line_buffer : NULL };
    int r = source->look(source->context, &query, &l->found, &text);
    l->failing = r != 1;
    if (r != 1)
        return;
    const char *where = strstr(text, needle.bytes);
    edit_set_text(l, text, where ? (size_t)(where - text) : strlen(text));
    free(text);
}

/* Look for that too, up to the end of its line. */
void
search_add(Line *l, const char *bytes, size_t length)
{
    const char *newline = memchr(bytes, '\n', length);
    buf_add(&l->needle, bytes, newline ? (size_t)(newline - bytes) : length);
    look(l, l->found < 0 ? l->found + 1 : 0, -1, false);
}

/* The next one that holds what was looked for last; N turns round. */
int
search_again(int count, int key)
{
    Line *l = line_active();
    bool recalled = l->recalled && strcmp(l->recalled, rl_line_buffer) == 0;
    long at = recalled ? l->at : 0;
    (void)search_start(count, key);
    if (l->mode != MODE_SEARCH)
        return 0;
    buf_add(&l->needle, last.bytes, last.length);
    look(l, at, key == 'N' ? 1 : -1, true);
    if (l->failing)
        search_close(l);
    else
        accept_found(l);
    return 0;
}

static bool
take_control(Line *l, unsigned char code)
{
    if (IS_ONE_OF(code, "\022\023") && l->needle.length == 0) {
        buf_add(&l->needle, last.bytes, last.length);
        return look(l, 0, -1, false), true;
    }
    if (code == '\022')  // Ctrl-R
        return look(l, l->found, -1, true), true;
    if (code == '\023')  // Ctrl-S
        return look(l, l->found, 1, true), true;
    if (code != '\007')  // Ctrl-G
        return false;
    edit_set_text(l, l->original, l->original_point);
    return search_close(l), true;
}

static void
shorten(Line *l)
{
    while (l->needle.length > 0
           && ((unsigned char)l->needle.bytes[--l->needle.length] & 0xC0) == 0x80)
        continue;
    l->failing = false;
    if (l->needle.length == 0)
        edit_set_text(l, l->original, l->original_point);
    look(l, 0, -1, false);
}

bool
search_take_key(Line *l, const Key *key, const char *bytes)
{
    switch (key->kind) {
    case KEY_TEXT:
        return search_add(l, bytes, key->length), true;
    case KEY_BACKSPACE:
        return shorten(l), true;
    case KEY_ESCAPE:
        return accept_found(l), true;
    case KEY_ENTER:
        if (l->holding)
            return accept_found(l), true;
        break;
    case KEY_CONTROL:
        if (take_control(l, key->code))
            return true;
        break;
    default:
        break;
    }
    accept_found(l);
    return false;
}
