#include "term/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>

#include "term/foreign.h"
#include "term/state.h"
#include "term/tty.h"
#include "term/vi.h"

static Line *active;
static bool opened;

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
    (void)tty_bytes(&length);
    if (length == 0 && !tty_wait_keys(-1))
        return EOF;
    const char *bytes = tty_bytes(&length);
    int key = (unsigned char)bytes[0];
    tty_use(1);
    return key;
}

/* Whether there is another character to insert: those that come together are inserted together.
 * Other keys are for the loop to see. */
static int
is_more_text(void)
{
    size_t length = 0;
    const char *bytes = tty_bytes(&length);
    if (RL_ISSTATE(RL_STATE_MACRODEF))
        return 0;  // a macro gets keys that come alone
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
    // Our Enter never lets readline end a line: this is the end of the input; or a command of
    // readline's that we do not know of entered what there is.
    if (active && line)
        active->entered = TAKE(line);
    else if (active)
        active->ended = true;
    free(line);
}

int
line_open(const ScreenTheme *theme)
{
    if (opened)
        return 0;
    opened = true;
    display_set_theme(theme);
    rl_readline_name = "mainspring";
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_change_environment = 0;
    rl_getc_function = get_key;
    rl_input_available_hook = is_more_text;
    (void)rl_variable_bind("keyseq-timeout", "50");  // a variable that it has
    bindings_bind();
    (void)rl_initialize();  // always 0
    rl_prep_term_function = NULL;
    rl_deprep_term_function = NULL;
    rl_redisplay_function = redisplay;
    bindings_replace();
    return tty_open();
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
    display_forget();
    foreign_start();
    if (wants_paste())
        buf_add_text(&out, "\033[?2004h");
    display_send(&out);
    rl_callback_handler_install(l->request->prompt, on_line);
    l->dirty = true;
}

static void
uninstall(void)
{
    AUTO(buf_done) Buf out = { 0 };
    if (wants_paste())
        buf_add_text(&out, "\033[?2004l");
    display_send(&out);
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
    Keymap map;  // vi's mode
} Aside;

static void
put_aside(Aside *aside)
{
    *aside = (Aside){ .text = edit_copy(),
                      .point = rl_point,
                      .mark = rl_mark,
                      .undo = rl_undo_list,
                      .map = rl_get_keymap() };
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
    rl_set_keymap(aside->map);
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
    display_erase(active, &out);
    display_send(&out);
    put_aside(&suspended.aside);
    uninstall();
}

void
line_print_above(const char *text, size_t length)
{
    if (active && suspended.depth == 0)
        display_print_above(active, text, length);
    else
        tty_write(text, length);
}

void
line_settle(void)
{
    if (active && suspended.depth == 0)
        display_settle(active);
}

void
line_resume(void)
{
    AUTO(buf_done) Buf out = { 0 };
    if (!active || --suspended.depth > 0)
        return;
    install(active);
    display_begin_row(active, &out);
    display_send(&out);
    bring_back(&suspended.aside);
    active->dirty = true;
}

void
line_suspend_process(Line *l)
{
    AUTO(buf_done) Buf out = { 0 };
    Aside aside;
    display_end(l, &out);
    display_send(&out);
    put_aside(&aside);
    uninstall();
    tty_start();
    tty_suspend();
    install(l);
    bring_back(&aside);
}

static void
take_events(Line *l, unsigned happened)
{
    if (happened & TTY_RESUMED) {
        AUTO(buf_done) Buf out = { 0 };
        display_forget();
        foreign_forget(l->rows, &out);
        display_begin_row(l, &out);
        display_send(&out);
        l->dirty = true;
    }
    if (happened & (TTY_SIZE | TTY_RESUMED))
        display_take_size(l);
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
    if (l->client->begin && l->client->begin(l->client->context) < 0) {
        l->status = LINE_FAILED;
        return;
    }
    for (;;) {
        typing_take(l);
        if (l->done)
            return;
        if (l->dirty)
            display_repaint(l);
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
    entry_forget(l);
    free(l->typed);
    free(l->entered);
    free(l->ghost);
    free(l->ghost_text);
    free(l->styles);
    buf_done(&l->needle);
    vi_done(l);
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
    display_begin();
    install(&l);
    if (request->cell)
        display_begin_row(&l, &out);
    display_prompt_above(request->prompt, &out);
    display_send(&out);
    foreign_begin();
    if (request->initial)
        edit_insert(&l, request->initial);
    vi_begin(&l);
    edit(&l);
    LineStatus status = take_text(&l, ret_text);
    display_leave(&l);
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
