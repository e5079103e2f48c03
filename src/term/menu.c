#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>

#include "input/lex.h"
#include "term/keys.h"
#include "term/state.h"

enum { INDENT = 4 };

void
menu_close(Line *l)
{
    line_candidates_done(&l->candidates);
    free(TAKE(l->items));
    free(TAKE(l->original));
    if (l->mode == MODE_MENU)
        l->mode = MODE_EDIT;
}

/* Put the text in the place of what is between the start of the candidates and the cursor. */
static void
replace_word(Line *l, const char *text, size_t length)
{
    int start = (int)l->candidates.start;
    (void)rl_begin_undo_group();
    if (rl_point > start)
        (void)rl_delete_text(start, rl_point);
    rl_point = start;
    char *copy = strndup(text, length);
    if (copy)
        (void)rl_insert_text(copy);
    free(copy);
    (void)rl_end_undo_group();
    l->dirty = true;
}

/* How many bytes all candidates begin with, no character cut. */
static size_t
common_length(const LineCandidates *c)
{
    size_t length = strlen(c->items[0].text);
    for (size_t i = 1; i < c->count; i++) {
        size_t same = 0;
        while (same < length && c->items[i].text[same] == c->items[0].text[same])
            same++;
        length = same;
    }
    while (length > 0 && ((unsigned char)c->items[0].text[length] & 0xC0) == 0x80)
        length--;
    return length;
}

static void
open_menu(Line *l)
{
    l->items = calloc(l->candidates.count, sizeof *l->items);
    l->original = strdup(rl_line_buffer);
    l->original_point = (size_t)rl_point;
    if (!l->items || !l->original) {
        menu_close(l);
        return;
    }
    for (size_t i = 0; i < l->candidates.count; i++)
        l->items[i] =
            (ScreenItem){ l->candidates.items[i].text, l->candidates.items[i].kind };
    l->chosen = l->candidates.count;
    l->mode = MODE_MENU;
}

/* Where nothing but blanks is before the cursor, Tab indents. */
static bool
indent(Line *l)
{
    size_t start = edit_line_start((size_t)rl_point);
    size_t columns = (size_t)rl_point - start;
    if (strspn(rl_line_buffer + start, " ") < columns)
        return false;
    static const char blanks[] = "    ";
    edit_insert(l, blanks + columns % INDENT);
    return true;
}

int
menu_complete(int count, int key)
{
    Line *l = line_active();
    if (l->request->cell && indent(l))
        return 0;
    if (!l->client->complete)
        return l->request->cell ? 0 : rl_insert_text("\t") < 0;
    menu_close(l);
    if (l->client->complete(l->client->context, rl_line_buffer, (size_t)rl_end,
                            (size_t)rl_point, &l->candidates)
            < 0
        || l->candidates.count == 0 || l->candidates.start > (size_t)rl_point) {
        menu_close(l);
        return 0;
    }
    const LineCandidates *c = &l->candidates;
    size_t common = common_length(c);
    if (c->count == 1 || common > (size_t)rl_point - c->start)
        replace_word(l, c->items[0].text,
                     c->count == 1 ? strlen(c->items[0].text) : common);
    if (c->count == 1)
        menu_close(l);
    else
        open_menu(l);
    return 0;
}

static void
choose(Line *l, int step)
{
    size_t count = l->candidates.count;
    if (l->chosen >= count)
        l->chosen = step > 0 ? 0 : count - 1;
    else
        l->chosen = (l->chosen + count + (size_t)(step + (int)count)) % count;
    const char *text = l->candidates.items[l->chosen].text;
    replace_word(l, text, strlen(text));
}

bool
menu_take_key(Line *l, const char *bytes, size_t length, bool more, size_t *ret_used)
{
    Key key;
    size_t n = keys_read(bytes, length, more, &key);
    *ret_used = n;
    switch (key.kind) {
    case KEY_TAB:
    case KEY_DOWN:
    case KEY_RIGHT:
        return choose(l, 1), true;
    case KEY_BACK_TAB:
    case KEY_UP:
    case KEY_LEFT:
        return choose(l, -1), true;
    case KEY_PAGE_DOWN:
        return choose(l, SCREEN_MENU_ROWS), true;
    case KEY_PAGE_UP:
        return choose(l, -SCREEN_MENU_ROWS), true;
    case KEY_ESCAPE:
        edit_set_text(l, l->original, l->original_point);
        return menu_close(l), true;
    case KEY_ENTER:
        if (l->chosen < l->candidates.count)
            return menu_close(l), true;
        break;
    default:
        break;
    }
    menu_close(l);
    *ret_used = 0;
    return false;
}

/* The search. */

int
search_start(int count, int key)
{
    Line *l = line_active();
    if (!l->client->history.look)
        return 0;
    buf_clear(&l->needle);
    l->original = strdup(rl_line_buffer);
    l->original_point = (size_t)rl_point;
    l->found = 0;
    l->failing = false;
    if (l->original)
        l->mode = MODE_SEARCH;
    return 0;
}

void
search_close(Line *l)
{
    free(TAKE(l->original));
    l->mode = MODE_EDIT;
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

static bool
take_control(Line *l, unsigned char code)
{
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
search_take_key(Line *l, const char *bytes, size_t length, bool more, size_t *ret_used)
{
    Key key;
    *ret_used = keys_read(bytes, length, more, &key);
    switch (key.kind) {
    case KEY_TEXT:
        buf_add(&l->needle, bytes, key.length);
        return look(l, l->found < 0 ? l->found + 1 : 0, -1, false), true;
    case KEY_BACKSPACE:
        return shorten(l), true;
    case KEY_ESCAPE:
        return search_close(l), true;
    case KEY_CONTROL:
        if (take_control(l, key.code))
            return true;
        break;
    default:
        break;
    }
    search_close(l);
    *ret_used = 0;
    return false;
}
