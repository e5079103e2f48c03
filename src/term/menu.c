#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>

#include "input/lex.h"
#include "term/keys.h"
#include "term/state.h"

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
    char *copy = alloc_text(text, length);
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
    l->items = alloc_resize(NULL, l->candidates.count * sizeof *l->items);
    l->original = edit_copy();
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
    edit_insert(l, blanks + columns % EDIT_INDENT);
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
        l->chosen = (l->chosen + count + (size_t)(step % (int)count + (int)count)) % count;
    const char *text = l->candidates.items[l->chosen].text;
    replace_word(l, text, strlen(text));
}

bool
menu_take_key(Line *l, const Key *key)
{
    switch (key->kind) {
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
    return false;
}
