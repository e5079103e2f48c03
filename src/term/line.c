#include "term/line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>

#include "screen/highlight.h"
#include "term/foreign.h"
#include "term/keys.h"
#include "term/state.h"
#include "term/tty.h"

enum { SEQUENCE_MS = 50, PENDING_LONGEST = 4096 };

static Line *active;
static ScreenPainter painter;
static bool opened;
// The unfinished line that was printed above what is edited.
static Buf unfinished;

Line *
line_active(void)
{
    return active;
}

bool
line_is_reading(void)
{
    return active != NULL;
}

/* readline reads keys from what the loop has read; a command that wants more than there is
 * waits. */
static int
get_key(FILE *unused)
{
    size_t length = 0;
    const char *bytes = tty_bytes(&length);
    while (length == 0) {
        if (tty_wait(-1) & TTY_END)
            return EOF;
        bytes = tty_bytes(&length);
    }
    int key = (unsigned char)bytes[0];
    tty_use(1);
    return key;
}

static int
timeout_ms(void)
{
    char *value = rl_variable_value("keyseq-timeout");
    int ms = value ? atoi(value) : 0;
    return ms > 0 ? ms : SEQUENCE_MS;
}

/* Whether there is another character to insert: those that come together are inserted together.
 * Other keys are for the loop to see. */
static int
is_more_text(void)
{
    size_t length = 0;
    const char *bytes = tty_bytes(&length);
    return length > 0 && (unsigned char)bytes[0] >= ' ' && bytes[0] != '\177';
}

static void
redisplay(void)
{
    if (active)
        active->dirty = true;
}

static void
on_line(char *line)
{
    // Our Enter never lets readline end a line: this is the end of the input.
    free(line);
    if (active)
        active->ended = true;
}

int
line_open(const ScreenTheme *theme)
{
    if (opened)
        return 0;
    opened = true;
    painter.theme = *theme;
    rl_readline_name = "mainspring";
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_change_environment = 0;
    rl_getc_function = get_key;
    rl_input_available_hook = is_more_text;
    (void)rl_variable_bind("keyseq-timeout", "50");  // a variable that it has
    edit_bind();
    vi_bind();
    (void)rl_initialize();  // always 0
    rl_prep_term_function = NULL;
    rl_deprep_term_function = NULL;
    rl_redisplay_function = redisplay;
    edit_replace();
    return tty_open();
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
        unsigned char *styles = alloc_resize(l->styles, 2 * length);
        if (!styles)
            return NULL;
        l->styles = styles;
        l->styles_size = 2 * length;
    }
    screen_highlight(rl_line_buffer, length, visible_part(l, length), l->styles);
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

static void
fill_view(Line *l, ScreenView *v)
{
    v->columns = l->columns;
    v->rows = l->final ? l->rows : foreign_rows(l->rows);
    v->more = l->request->more ? l->request->more : "";
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

static void
paint(Line *l, Buf *out)
{
    AUTO(buf_done) Buf message = { 0 };
    AUTO(buf_done) Buf prompt = { 0 };
    // readline shows a count (`(arg: 5) `) in the prompt's place.
    bool counting = rl_display_prompt && rl_display_prompt != rl_prompt && !l->final;
    add_plain(&prompt, counting ? rl_display_prompt : l->request->prompt);
    ScreenView view = { .prompt = prompt.bytes };
    if (prompt.failed)
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

static void
send(Buf *out)
{
    if (!out->failed)
        tty_write(out->bytes, out->length);
    buf_clear(out);
}

/* Begin in the first column, below what stands there: as many blanks as a row has run over into
 * the next one unless the cursor was in the first column. */
static void
begin_row(Line *l, Buf *out)
{
    buf_add_byte(out, ' ', (size_t)l->columns);
    buf_add_text(out, "\r\033[K");
}

/* If somebody else has written, have the frame painted anew: whether he has.  An unfinished line
 * above it is his then. */
static bool
take_foreign(Line *l, Buf *out)
{
    if (!foreign_take(&painter, l->rows, out))
        return false;
    if (!foreign_is_expected(l->rows))
        begin_row(l, out);
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
    begin_row(l, out);
    return true;
}

static void
repaint(Line *l)
{
    AUTO(buf_done) Buf out = { 0 };
    edit_suggest(l);
    (void)take_foreign(l, &out);
    paint(l, &out);
    send(&out);
}

/* The size has changed: what the terminal made of the frame goes, and is painted anew. */
static void
take_size(Line *l)
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
    send(&out);
    l->dirty = true;
}

/* The beginning of the lines of the prompt that are above its last. */
static void
write_prompt_above(const char *prompt, Buf *out)
{
    const char *last = strrchr(prompt, '\n');
    for (const char *at = prompt; last && at <= last; at++) {
        if (*at == '\n')
            buf_add_byte(out, '\r', 1);
        buf_add(out, at, 1);
    }
}

static bool
wants_paste(void)
{
    char *value = rl_variable_value("enable-bracketed-paste");
    return value && strcmp(value, "on") == 0;
}

/* Have the terminal and readline ready for this read. */
static void
install(Line *l)
{
    AUTO(buf_done) Buf out = { 0 };
    tty_start();
    tty_size(&l->columns, &l->rows);
    screen_painter_forget(&painter);
    foreign_start();
    if (wants_paste())
        buf_add_text(&out, "\033[?2004h");
    send(&out);
    rl_callback_handler_install(l->request->prompt, on_line);
    l->dirty = true;
}

static void
uninstall(void)
{
    AUTO(buf_done) Buf out = { 0 };
    if (wants_paste())
        buf_add_text(&out, "\033[?2004l");
    send(&out);
    rl_callback_sigcleanup();
    rl_callback_handler_remove();
    foreign_stop();
    tty_stop();
}

/* What of one read is readline's, while another has it. */
typedef struct Aside {
    char *text;
    int point, mark;
    UNDO_LIST *undo;
} Aside;

static void
put_aside(Aside *aside)
{
    *aside = (Aside){ .text = strdup(rl_line_buffer),
                      .point = rl_point,
                      .mark = rl_mark,
                      .undo = rl_undo_list };
    rl_undo_list = NULL;
}

static void
bring_back(Aside *aside)
{
    rl_free_undo_list();
    rl_replace_line(aside->text ? aside->text : "", 1);
    rl_undo_list = aside->undo;
    rl_point = aside->text ? aside->point : 0;
    rl_mark = aside->text ? aside->mark : 0;
    free(aside->text);
}

static struct {
    int depth;
    Aside aside;
} suspended;

void
line_suspend(void)
{
    AUTO(buf_done) Buf out = { 0 };
    if (!active || suspended.depth++ > 0)
        return;
    if (!leave_foreign(active, &out))
        screen_painter_erase(&painter, &out);
    send(&out);
    put_aside(&suspended.aside);
    uninstall();
}

void
line_resume(void)
{
    AUTO(buf_done) Buf out = { 0 };
    if (!active || --suspended.depth > 0)
        return;
    install(active);
    begin_row(active, &out);
    send(&out);
    bring_back(&suspended.aside);
    active->dirty = true;
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
    if (unfinished.length > PENDING_LONGEST)
        buf_clear(&unfinished);
}

void
line_print_above(const char *text, size_t length)
{
    AUTO(buf_done) Buf out = { 0 };
    if (!active || suspended.depth > 0) {
        tty_write(text, length);
        return;
    }
    (void)take_foreign(active, &out);
    if (foreign_is_expected(active->rows)) {
        buf_add(&out, text, length);  // where others write
        if (active->dirty)
            paint(active, &out);
        send(&out);
        return;
    }
    screen_painter_erase(&painter, &out);
    if (unfinished.length > 0) {
        char up[24];
        (void)snprintf(up, sizeof up, "\033[%dA\033[J", rows_of_unfinished(active));
        buf_add_text(&out, up);
        buf_add(&out, unfinished.bytes, unfinished.length);
    }
    buf_add(&out, text, length);
    keep_unfinished(text, length);
    if (unfinished.length > 0)
        buf_add_text(&out, "\033[0m\r\n");
    paint(active, &out);
    send(&out);
}

void
line_settle(void)
{
    AUTO(buf_done) Buf out = { 0 };
    if (!active || suspended.depth > 0 || !take_foreign(active, &out))
        return;
    paint(active, &out);
    send(&out);
}

/* End the read with what the user typed left on the screen, all of it. */
static void
leave(Line *l)
{
    AUTO(buf_done) Buf out = { 0 };
    l->final = true;
    // Rows that were scrolled out of the view come back: from the top on, as a text.
    if (!leave_foreign(l, &out) && (l->top > 0 || l->frame.count > l->rows))
        screen_painter_erase(&painter, &out);
    paint(l, &out);
    screen_painter_leave(&painter, &out);
    send(&out);
}

/* Whether readline is in the middle of something that the next key belongs to. */
static bool
is_in_sequence(void)
{
    return RL_ISSTATE(RL_STATE_MULTIKEY | RL_STATE_MOREINPUT | RL_STATE_VIMOTION
                      | RL_STATE_CHARSEARCH | RL_STATE_NSEARCH);
}

static void
interrupt(Line *l)
{
    if (l->mode == MODE_MENU) {
        edit_set_text(l, l->original, l->original_point);
        menu_close(l);
        return;
    }
    if (l->mode == MODE_SEARCH)
        search_close(l);
    rl_callback_sigcleanup();
    l->status = LINE_INTERRUPTED;
    l->done = true;
}

static void
suspend_process(Line *l)
{
    AUTO(buf_done) Buf out = { 0 };
    Aside aside;
    if (leave_foreign(l, &out)) {
        l->final = true;
        paint(l, &out);
        l->final = false;
    }
    screen_painter_leave(&painter, &out);
    send(&out);
    put_aside(&aside);
    uninstall();
    tty_start();
    tty_suspend();
    install(l);
    bring_back(&aside);
}

/* Keys that are the editor's own whatever readline has bound to them. */
static bool
take_own_key(Line *l, char byte)
{
    unsigned char key = (unsigned char)byte;
    if (key == tty_interrupt_key() && key != 0) {
        tty_use(1);
        interrupt(l);
        return true;
    }
    if (key == tty_end_key() && rl_end == 0 && l->mode == MODE_EDIT && !is_in_sequence()) {
        tty_use(1);
        l->status = LINE_END;
        l->done = true;
        return true;
    }
    if (key == tty_stop_key() && key != 0) {
        tty_use(1);
        suspend_process(l);
        return true;
    }
    return false;
}

/* A newline is one, whichever way the terminal sent it. */
static void
insert_pasted(Line *l, const char *bytes, size_t length)
{
    AUTO(buf_done) Buf text = { 0 };
    for (size_t i = 0; i < length; i++) {
        bool newline = bytes[i] == '\r' || bytes[i] == '\n';
        if (bytes[i] == '\n' && i > 0 && bytes[i - 1] == '\r')
            continue;
        if (bytes[i] == '\0')
            continue;
        buf_add(&text, newline ? "\n" : &bytes[i], 1);
    }
    if (!l->request->more)
        while (text.length > 0 && text.bytes[text.length - 1] == '\n')
            text.length--;
    buf_add_byte(&text, '\0', 1);
    if (!text.failed)
        edit_insert(l, text.bytes);
}

/* Take a paste, when it is there to its end: false while it is not. */
static bool
take_paste(Line *l, const char *bytes, size_t length)
{
    size_t begin = strlen(KEYS_PASTE);
    const char *end =
        memmem(bytes + begin, length - begin, KEYS_PASTE_END, strlen(KEYS_PASTE_END));
    if (!end)
        return false;
    insert_pasted(l, bytes + begin, (size_t)(end - bytes) - begin);
    tty_use((size_t)(end - bytes) + strlen(KEYS_PASTE_END));
    return true;
}

static void
quote_key(Line *l, const char *bytes, size_t length)
{
    Key key;
    char text[8] = { 0 };
    size_t n = keys_read(bytes, bytes[0] == '\033' ? 1 : length, 0, &key);
    memcpy(text, bytes, n < sizeof text ? n : sizeof text - 1);
    tty_use(n);
    l->quoting = false;
    edit_insert(l, text);
}

/* Whether a byte is all that comes: the rest of a sequence follows within a moment. */
static bool
is_alone(void)
{
    size_t length = 0;
    (void)tty_bytes(&length);
    if (length == 1)
        (void)tty_wait(timeout_ms());
    (void)tty_bytes(&length);
    return length == 1;
}

/* An ESC that nothing follows: in vi mode a key of its own, where readline would wait for more.
 * Returns whether it was one. */
static bool
take_escape(Line *l)
{
    if (rl_editing_mode != 0 || is_in_sequence() || l->pending || !is_alone())
        return false;
    tty_use(1);
    if (rl_get_keymap() == vi_insertion_keymap)
        (void)rl_vi_movement_mode(1, '\033');
    else
        rl_callback_sigcleanup();
    l->dirty = true;
    return true;
}

/* The menu or the search takes the key: whether it did. */
static bool
take_mode_key(Line *l, const char *bytes, size_t length)
{
    size_t used = 0;
    bool more = length == 1 ? !is_alone() : true;
    bytes = tty_bytes(&length);
    bool taken = l->mode == MODE_MENU ? menu_take_key(l, bytes, length, more, &used)
                                      : search_take_key(l, bytes, length, more, &used);
    tty_use(used);
    l->dirty = true;
    return taken;
}

static void
feed_readline(Line *l)
{
    l->vertical = false;
    rl_callback_read_char();
    // readline ends a line where the input ends, and would begin the next.
    if (l->ended && !l->done) {
        l->status = LINE_END;
        l->done = true;
    }
}

/* Use up a key: false while it is not whole. */
static bool
take_key(Line *l)
{
    size_t length = 0;
    const char *bytes = tty_bytes(&length);
    if (l->quoting) {
        quote_key(l, bytes, length);
        return true;
    }
    if (take_own_key(l, bytes[0]))
        return true;
    size_t paste = strlen(KEYS_PASTE);
    if (bytes[0] == '\033' && length < paste && !is_in_sequence()
        && memcmp(bytes, KEYS_PASTE, length) == 0 && length > 2 && !is_alone())
        bytes = tty_bytes(&length);
    if (length >= paste && memcmp(bytes, KEYS_PASTE, paste) == 0)
        return take_paste(l, bytes, length);
    if (l->mode != MODE_EDIT && take_mode_key(l, bytes, length))
        return true;
    bytes = tty_bytes(&length);
    if (length == 0)
        return true;
    if (l->pending) {
        char byte = bytes[0];
        tty_use(1);
        return vi_take_key(l, byte);
    }
    if (bytes[0] == '\033' && take_escape(l))
        return true;
    feed_readline(l);
    return true;
}

/* Use up the keys that are there; the rest is for the next read. */
static void
take_keys(Line *l)
{
    size_t length = 0;
    while (!l->done && (tty_bytes(&length), length > 0)) {
        if (!take_key(l))
            return;
        l->dirty = true;
    }
}

static void
take_events(Line *l, unsigned happened)
{
    if (happened & TTY_RESUMED) {
        AUTO(buf_done) Buf out = { 0 };
        screen_painter_forget(&painter);
        foreign_forget(l->rows, &out);
        begin_row(l, &out);
        send(&out);
        l->dirty = true;
    }
    if (happened & (TTY_SIZE | TTY_RESUMED))
        take_size(l);
    if (happened & TTY_WATCHED)
        l->dirty = true;
    if (happened & TTY_END && !l->done) {
        l->status = LINE_END;
        l->done = true;
    }
}

static void
edit(Line *l)
{
    for (;;) {
        take_keys(l);
        if (l->done)
            return;
        if (l->dirty)
            repaint(l);
        unsigned happened = 0;
        if (l->client->wait && l->client->wait(l->client->context, &happened) < 0) {
            l->status = LINE_FAILED;
            l->done = true;
            return;
        }
        if (!l->client->wait)
            happened = tty_wait(-1);
        take_events(l, happened);
    }
}

static void
release(Line *l)
{
    menu_close(l);
    edit_forget_recall(l);
    free(l->typed);
    free(l->ghost);
    free(l->ghost_text);
    free(l->styles);
    buf_done(&l->needle);
    screen_frame_done(&l->frame);
}

/* The text that was entered, unless there is no memory for it. */
static LineStatus
take_text(const Line *l, char **ret_text)
{
    if (l->status != LINE_ENTERED)
        return l->status;
    char *text = alloc_resize(NULL, (size_t)rl_end + 1);
    if (!text)
        return LINE_FAILED;
    memcpy(text, rl_line_buffer, (size_t)rl_end + 1);
    *ret_text = text;
    return LINE_ENTERED;
}

LineStatus
line_read(const LineRequest *request, const LineClient *client, char **ret_text)
{
    Line l = { .outer = active, .request = request, .client = client, .goal = -1 };
    AUTO(buf_done) Buf out = { 0 };
    int depth = suspended.depth;
    Aside aside = suspended.aside;
    line_suspend();
    Aside outer = suspended.aside;
    suspended.depth = 0;
    active = &l;
    buf_clear(&unfinished);
    install(&l);
    if (request->cell)
        begin_row(&l, &out);
    write_prompt_above(request->prompt, &out);
    send(&out);
    foreign_begin();
    if (request->initial)
        edit_insert(&l, request->initial);
    edit(&l);
    LineStatus status = take_text(&l, ret_text);
    leave(&l);
    rl_free_undo_list();
    rl_replace_line("", 1);
    uninstall();
    release(&l);
    active = l.outer;
    suspended.aside = outer;
    suspended.depth = l.outer ? depth + 1 : 0;
    line_resume();
    if (depth > 0)
        suspended.aside = aside;
    return status;
}

void
line_candidates_done(LineCandidates *candidates)
{
    for (size_t i = 0; i < candidates->count; i++) {
        free(candidates->items[i].text);
        free(candidates->items[i].kind);
    }
    free(candidates->items);
    *candidates = (LineCandidates){ 0 };
}
