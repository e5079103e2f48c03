#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>

#include "input/paste.h"
#include "term/keys.h"
#include "term/state.h"
#include "term/tty.h"
#include "term/vi.h"

enum { SEQUENCE_MS = 50 };

static int
timeout_ms(void)
{
    char *value = rl_variable_value("keyseq-timeout");
    int ms = value ? atoi(value) : 0;
    return ms > 0 ? ms : SEQUENCE_MS;
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

static bool
is_interrupt_key(char byte)
{
    unsigned char key = tty_interrupt_key();
    return key != 0 && (unsigned char)byte == key;
}

/* Keys that are the editor's own whatever readline has bound to them. */
static bool
take_own_key(Line *l, char byte)
{
    unsigned char key = (unsigned char)byte;
    if (is_interrupt_key(byte)) {
        tty_use(1);
        interrupt(l);
        return true;
    }
    if (key == tty_end_key() && key != 0 && rl_end == 0 && l->mode == MODE_EDIT
        && !is_in_sequence()) {
        tty_use(1);
        l->status = LINE_END;
        l->done = true;
        return true;
    }
    if (key == tty_stop_key() && key != 0) {
        tty_use(1);
        line_suspend_process(l);
        return true;
    }
    return false;
}

/* The code of a session that is pasted as a whole cell, for free(); NULL for any other text. */
static char *
code_of_session(const Line *l, const Buf *text)
{
    char *code = NULL;
    size_t length = strlen(text->bytes);
    bool session =
        strncmp(text->bytes, ">>> ", 4) == 0 || strncmp(text->bytes, "In [", 4) == 0;
    if (!session || !l->request->cell || rl_end > 0
        || input_paste_code(text->bytes, length, &code, &length) < 0)
        return NULL;
    while (length > 0 && code[length - 1] == '\n')
        code[--length] = '\0';
    return code;
}

static void
insert_pasted(Line *l, const char *bytes, size_t length)
{
    AUTO(buf_done) Buf text = { 0 };
    edit_add_lines(&text, bytes, length);
    if (!l->request->more)
        while (text.length > 0 && text.bytes[text.length - 1] == '\n')
            text.length--;
    if (l->mode == MODE_SEARCH) {
        search_add(l, text.bytes ? text.bytes : "", text.length);
        return;
    }
    buf_add_byte(&text, '\0', 1);
    if (l->mode == MODE_MENU)
        menu_close(l);
    AUTO_FREE char *code = text.failed ? NULL : code_of_session(l, &text);
    if (!text.failed)
        edit_insert(l, code ? code : text.bytes);
}

/* Take a paste, when it is there to its end: false while it is not.  Ctrl-C behind one whose end never
 * comes takes it away. */
static bool
take_paste(Line *l, const char *bytes, size_t length)
{
    size_t begin = strlen(KEYS_PASTE);
    const char *end =
        memmem(bytes + begin, length - begin, KEYS_PASTE_END, strlen(KEYS_PASTE_END));
    if (!end && is_interrupt_key(bytes[length - 1])) {
        tty_use(length);
        interrupt(l);
        return true;
    }
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
    return length == 1 && !tty_wait_keys(timeout_ms());
}

/* An ESC that nothing follows: in vi mode a key of its own, where readline would wait for more.
 * Returns whether it was one. */
static bool
take_escape(Line *l)
{
    if (rl_editing_mode != 0 || is_in_sequence() || !is_alone())
        return false;
    tty_use(1);
    if (vi_is_commanding())
        rl_callback_sigcleanup();  // a count
    (void)vi_leave_insertion(1, '\033');
    l->dirty = true;
    return true;
}

/* Read the key at the beginning of what there is, with what follows within a moment where it is not
 * whole: its length. */
static size_t
read_key(Key *ret_key)
{
    size_t length = 0;
    const char *bytes = tty_bytes(&length);
    size_t n = keys_read(bytes, length, true, ret_key);
    while (n == 0) {
        bool more = tty_wait_keys(timeout_ms());
        bytes = tty_bytes(&length);
        n = keys_read(bytes, length, more, ret_key);
    }
    return n;
}

/* The menu or the search takes the key: whether it did. */
static bool
take_mode_key(Line *l)
{
    Key key;
    size_t used = read_key(&key);
    size_t length = 0;
    const char *bytes = tty_bytes(&length);
    bool taken =
        l->mode == MODE_MENU ? menu_take_key(l, &key) : search_take_key(l, &key, bytes);
    if (taken)
        tty_use(used);
    l->dirty = true;
    return taken;
}

static bool
is_text(void)
{
    size_t length = 0;
    const char *bytes = tty_bytes(&length);
    return length > 0 && (unsigned char)bytes[0] >= ' ' && bytes[0] != '\177'
           && !vi_is_commanding() && !is_in_sequence();
}

static void
feed_readline(Line *l)
{
    if (!is_in_sequence()) {
        l->was_vertical = l->vertical;
        l->vertical = false;
    }
    size_t point = edit_point();
    size_t length = edit_length();
    bool types = is_text();
    rl_callback_read_char();
    bool typed = types && edit_length() > length && edit_point() > point;
    if (typed && (l->overwriting || l->vi.replacing))
        edit_take_place(point, edit_point());
    vi_settle(l);
    if (l->entered) {
        rl_replace_line(l->entered, 1);
        rl_point = rl_end;
        l->status = LINE_ENTERED;
        l->done = true;
    }
    // readline ends a line where the input ends, and would begin the next.
    if (l->ended && !l->done) {
        l->status = LINE_END;
        l->done = true;
    }
}

/* Where the control string that begins here ends, such as the answer to a question that a program
 * asked and did not wait for; 0 where there is none. */
static size_t
control_string_length(const char *bytes, size_t length)
{
    bool command = length > 2 && bytes[1] == ']' && bytes[2] >= '0' && bytes[2] <= '9';
    if (!command && !(length > 2 && IS_ONE_OF(bytes[1], "P_^X")))
        return 0;
    const char *end = memmem(bytes + 2, length - 2, "\033\\", 2);
    const char *bell = command ? memchr(bytes + 2, '\a', length - 2) : NULL;
    if (bell && (!end || bell < end))
        return (size_t)(bell - bytes) + 1;
    return end ? (size_t)(end - bytes) + 2 : 0;
}

/* What terminals send that no key of readline's can be, and that it would take for text: how many
 * bytes of it there are. */
static size_t
noise_length(const char *bytes, size_t length)
{
    enum { MOUSE = 6, CONSOLE = 4 };
    if (bytes[0] != '\033' || length < 3)
        return 0;
    if (length >= MOUSE && memcmp(bytes, "\033[M", 3) == 0)
        return MOUSE;
    if (length >= CONSOLE && memcmp(bytes, "\033[[", 3) == 0)
        return CONSOLE;  // F1 to F5 of Linux' console
    // Alt with an arrow key: the arrow key.  For vi these are two.
    if (rl_editing_mode != 0 && bytes[1] == '\033' && IS_ONE_OF(bytes[2], "[O")
        && length > 3)
        return 1;
    return control_string_length(bytes, length);
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
    if (!is_in_sequence())
        tty_use(noise_length(bytes, length));
    bytes = tty_bytes(&length);
    if (length == 0)
        return true;
    size_t paste = strlen(KEYS_PASTE);
    while (length > 2 && length < paste && memcmp(bytes, KEYS_PASTE, length) == 0
           && !is_in_sequence() && tty_wait_keys(timeout_ms()))
        bytes = tty_bytes(&length);
    if (length >= paste && memcmp(bytes, KEYS_PASTE, paste) == 0)
        return take_paste(l, bytes, length);
    if (l->mode != MODE_EDIT && take_mode_key(l))
        return true;
    bytes = tty_bytes(&length);
    if (length == 0)
        return true;
    if (l->vi.waiting && bytes[0] != '\033') {
        char byte = bytes[0];
        tty_use(1);
        vi_take_key(l, byte);
        return true;
    }
    l->vi.waiting = false;
    if (bytes[0] == '\033' && take_escape(l))
        return true;
    feed_readline(l);
    return true;
}

/* Use up the keys that are there; the rest is for the next read. */
void
typing_take(Line *l)
{
    size_t length = 0;
    while (!l->done && (tty_bytes(&length), length > 0)) {
        if (!take_key(l))
            return;
        l->dirty = true;
    }
}
