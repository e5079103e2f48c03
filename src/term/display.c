#include <stdio.h>
#include <string.h>

#include <readline/readline.h>

#include "screen/highlight.h"
#include "term/foreign.h"
#include "term/keys.h"
#include "term/state.h"
#include "term/tty.h"
#include "term/vi.h"

enum { UNFINISHED_LONGEST = 4096 };

static ScreenPainter painter;
// The unfinished line that was printed above what is edited.
static Buf unfinished;

void
display_set_theme(const ScreenTheme *theme)
{
    painter.theme = *theme;
}

void
display_begin(void)
{
    buf_clear(&unfinished);
}

void
display_forget(void)
{
    screen_painter_forget(&painter);
}

/* The part of the text that can be on the screen: so many lines around the cursor. */
static ScreenPart
visible_part(const Line *l, size_t length)
{
    ScreenPart part = { 0, length, (size_t)rl_point };
    if (l->final) {
        part.cursor = length + 2;  // no bracket is marked
        return part;
    }
    part.from = part.to = part.cursor;
    for (int i = 0; i <= l->rows && part.from > 0; i++)
        part.from = edit_line_start(part.from - 1);
    for (int i = 0; i <= l->rows && part.to < length; i++)
        part.to = edit_line_stop(part.to + 1);
    part.to = part.to < length ? part.to : length;
    return part;
}

/* The styles of the text, or NULL for none. */
static const unsigned char *
styles_of(Line *l, size_t length)
{
    if (!l->request->cell || length == 0)
        return NULL;
    if (length > l->styles_size) {
        unsigned char *styles = alloc_resize(l->styles, 4 * length);
        if (!styles)
            return NULL;
        l->styles = styles;
        l->styles_size = 2 * length;
        l->begin = 0;
    }
    ScreenPart part = visible_part(l, length);
    unsigned char *before = l->styles + l->styles_size;
    if (l->begin <= part.from && memcmp(before, rl_line_buffer, l->begin) == 0)
        part.begin = l->begin;
    l->begin = screen_highlight(rl_line_buffer, length, part, l->styles);
    if (l->begin != part.begin)
        memcpy(before, rl_line_buffer, l->begin);
    return l->styles;
}

/* Without control sequences, and the marks that readline wants around them. */
static void
add_plain(Buf *out, const char *prompt)
{
    for (size_t at = 0, length = strlen(prompt); at < length;) {
        Key key;
        size_t n = prompt[at] == '\033' ? keys_read(prompt + at, length - at, 0, &key) : 1;
        if (n == 1 && !IS_ONE_OF(prompt[at], "\001\002\r"))
            buf_add(out, prompt + at, 1);
        // A sequence for colours can be longer than any key is.
        while (n > 1 && key.kind == KEY_META && at + n < length
               && prompt[at + n - 1] != 'm')
            n++;
        at += n;
    }
    buf_add_byte(out, '\0', 1);
}

/* What ~/.inputrc wants to see of the editing mode in front of the prompt; empty for nothing. */
static const char *
mode_text(void)
{
    const char *shown = rl_variable_value("show-mode-in-prompt");
    if (!shown || strcmp(shown, "on") != 0)
        return "";
    const char *text = rl_variable_value(rl_editing_mode != 0 ? "emacs-mode-string"
                                         : vi_is_commanding() ? "vi-cmd-mode-string"
                                                              : "vi-ins-mode-string");
    return text ? text : "";
}

static void
fill_view(Line *l, ScreenView *v)
{
    v->columns = l->columns;
    v->rows = l->final ? l->rows : foreign_rows(l->rows);
    v->text = rl_line_buffer;
    v->length = (size_t)rl_end;
    v->cursor = l->final ? v->length : (size_t)rl_point;
    v->styles = styles_of(l, v->length);
    v->whole = l->final;
    if (l->final)
        return;
    if (l->mode == MODE_EDIT && l->ghost) {
        v->ghost = l->ghost + l->ghost_at;
        v->ghost_length = strlen(v->ghost);
    }
    if (l->mode == MODE_MENU) {
        v->items = l->items;
        v->item_count = l->candidates.count;
        v->chosen = l->chosen;
    }
}

/* The prompt, its last line; and the prompt of further lines, below it. */
static void
add_prompts(const Line *l, Buf *prompt, Buf *more)
{
    // readline shows a count (`(arg: 5) `) in the prompt's place.
    bool counting = rl_display_prompt && rl_display_prompt != rl_prompt && !l->final;
    const char *text = counting ? rl_display_prompt : l->request->prompt;
    const char *newline = strrchr(text, '\n');
    const char *mode = counting ? "" : mode_text();
    add_plain(prompt, mode);
    if (prompt->failed)
        return;
    prompt->length--;
    buf_add_byte(more, ' ', (size_t)screen_width(prompt->bytes, prompt->length));
    add_plain(prompt, newline ? newline + 1 : text);
    buf_add_text(more, l->request->more ? l->request->more : "");
    buf_add_byte(more, '\0', 1);
}

void
display_paint(Line *l, Buf *out)
{
    AUTO(buf_done) Buf message = { 0 };
    AUTO(buf_done) Buf prompt = { 0 };
    AUTO(buf_done) Buf more = { 0 };
    add_prompts(l, &prompt, &more);
    ScreenView view = { .prompt = prompt.bytes, .more = more.bytes };
    if (prompt.failed || more.failed)
        return;
    fill_view(l, &view);
    if (l->mode == MODE_SEARCH && !l->final) {
        search_message(l, &message);
        buf_add_byte(&message, '\0', 1);
        view.message = message.failed ? NULL : message.bytes;
    }
    l->dirty = false;
    if (screen_view_draw(&view, &l->top, &l->frame) < 0)
        return;
    if (l->final)
        screen_painter_show(&painter, &l->frame, out);
    else
        foreign_show(&painter, l->rows, &l->frame, out);
}

void
display_send(Buf *out)
{
    if (!out->failed)
        tty_write(out->bytes, out->length);
    buf_clear(out);
}

/* If others have written, have the frame painted anew: whether they have.  An unfinished line
 * above it is theirs then. */
static bool
take_foreign(Line *l, Buf *out)
{
    if (!foreign_take(&painter, l->rows, out))
        return false;
    if (!foreign_is_expected(l->rows))
        display_begin_row(l, out);
    buf_clear(&unfinished);
    l->dirty = true;
    return true;
}

/* Begin below what others have written, if they have: whether so.  Nothing is shown then. */
static bool
leave_foreign(Line *l, Buf *out)
{
    bool lost = take_foreign(l, out);
    if (!foreign_leave(&painter, l->rows, out) && !lost)
        return false;
    display_begin_row(l, out);
    return true;
}

void
display_erase(Line *l, Buf *out)
{
    if (!leave_foreign(l, out))
        screen_painter_erase(&painter, out);
}

void
display_end(Line *l, Buf *out)
{
    if (leave_foreign(l, out)) {
        bool final = l->final;
        l->final = true;
        display_paint(l, out);
        l->final = final;
    }
    screen_painter_leave(&painter, out);
}

void
display_settle(Line *l)
{
    AUTO(buf_done) Buf out = { 0 };
    if (!take_foreign(l, &out))
        return;
    display_paint(l, &out);
    display_send(&out);
}

void
display_repaint(Line *l)
{
    AUTO(buf_done) Buf out = { 0 };
    ghost_find(l);
    (void)take_foreign(l, &out);
    display_paint(l, &out);
    display_send(&out);
}

/* The size has changed: what the terminal made of the frame goes, and is painted anew. */
void
display_take_size(Line *l)
{
    AUTO(buf_done) Buf out = { 0 };
    int columns = 0, rows = 0;
    tty_size(&columns, &rows);
    if (columns == l->columns && rows == l->rows)
        return;
    if (foreign_leave(&painter, rows, &out) || take_foreign(l, &out))
        buf_clear(&unfinished);
    else if (columns != l->columns)
        screen_painter_resize(&painter, columns, &out);
    else
        screen_painter_erase(&painter, &out);
    l->columns = columns;
    l->rows = rows;
    display_send(&out);
    l->dirty = true;
}

/* The beginning of the lines of the prompt that are above its last. */
void
display_prompt_above(const char *prompt, Buf *out)
{
    const char *last = strrchr(prompt, '\n');
    for (const char *at = prompt; last && at <= last; at++) {
        if (*at == '\n')
            buf_add_byte(out, '\r', 1);
        buf_add(out, at, 1);
    }
}

/* Begin in the first column, below what stands there: as many blanks as a row has run over into
 * the next one unless the cursor was in the first column. */
void
display_begin_row(Line *l, Buf *out)
{
    buf_add_byte(out, ' ', (size_t)l->columns);
    buf_add_text(out, "\r\033[K");
}

/* How many rows the unfinished line takes; what overwrites itself takes one. */
static int
rows_of_unfinished(const Line *l)
{
    AUTO(buf_done) Buf plain = { 0 };
    AUTO(buf_done) Buf text = { 0 };
    buf_add(&text, unfinished.bytes, unfinished.length);
    buf_add_byte(&text, '\0', 1);
    if (text.failed)
        return 1;
    add_plain(&plain, text.bytes);
    int columns = plain.failed ? 0 : screen_width(plain.bytes, plain.length - 1);
    return columns > 0 ? (columns - 1) / l->columns + 1 : 1;
}

static void
keep_unfinished(const char *text, size_t length)
{
    size_t start = length;
    while (start > 0 && text[start - 1] != '\n')
        start--;
    if (start > 0)
        buf_clear(&unfinished);
    buf_add(&unfinished, text + start, length - start);
    // A progress bar writes over itself: only the last one counts.
    for (size_t i = unfinished.length; i-- > 0;)
        if (unfinished.bytes[i] == '\r' && i + 1 < unfinished.length) {
            memmove(unfinished.bytes, unfinished.bytes + i + 1, unfinished.length - i - 1);
            unfinished.length -= i + 1;
            break;
        }
    if (unfinished.length > UNFINISHED_LONGEST)
        buf_clear(&unfinished);
}

void
display_print_above(Line *l, const char *text, size_t length)
{
    AUTO(buf_done) Buf out = { 0 };
    (void)take_foreign(l, &out);
    if (foreign_is_expected(l->rows)) {
        buf_add(&out, text, length);  // where others write
        if (l->dirty)
            display_paint(l, &out);
        display_send(&out);
        return;
    }
    screen_painter_erase(&painter, &out);
    if (unfinished.length > 0) {
        char up[24];
        (void)snprintf(up, sizeof up, "\033[%dA\033[J", rows_of_unfinished(l));
        buf_add_text(&out, up);
        buf_add(&out, unfinished.bytes, unfinished.length);
    }
    buf_add(&out, text, length);
    keep_unfinished(text, length);
    if (unfinished.length > 0)
        buf_add_text(&out, "\033[0m\r\n");
    display_paint(l, &out);
    display_send(&out);
}

/* End the read with what the user typed left on the screen, all of it. */
void
display_leave(Line *l)
{
    AUTO(buf_done) Buf out = { 0 };
    l->final = true;
    // Rows that were scrolled out of the view come back: from the top on, as a text.
    if (!leave_foreign(l, &out) && (l->top > 0 || l->frame.count > l->rows))
        screen_painter_erase(&painter, &out);
    display_paint(l, &out);
    screen_painter_leave(&painter, &out);
    display_send(&out);
}
