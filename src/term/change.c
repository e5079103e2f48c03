#include "term/change.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include <readline/readline.h>

#include "screen/width.h"
#include "term/vi.h"

// What `p` puts, from one read to the next: there is one user.
static struct {
    char *text;
    bool lines;  // whole ones
} kept;

static MotionText
buffer(void)
{
    return (MotionText){ .bytes = rl_line_buffer,
                         .length = (size_t)rl_end,
                         .point = (size_t)rl_point };
}

/* Go to the first character of the line that is no blank. */
void
change_go_to_text(size_t at)
{
    const MotionText text = buffer();
    rl_point = (int)motion_line_text(&text, at < text.length ? at : text.length);
}

/* Keep what is between the two for `p`, and for C-y too. */
static void
keep(size_t start, size_t stop, bool lines)
{
    char *text = alloc_text(rl_line_buffer + start, stop - start);
    if (!text)
        return;
    free(kept.text);
    kept.text = text;
    kept.lines = lines;
    int point = rl_point;
    rl_mark = (int)start;
    rl_point = (int)stop;
    (void)rl_copy_region_to_kill(1, 0);
    rl_point = point;
}

static void
erase(size_t start, size_t stop)
{
    (void)rl_delete_text((int)start, (int)stop);
    rl_point = (int)start;
}

/* Whole lines go with a newline: the one behind them, or that before the last ones. */
static void
erase_lines(MotionRange range)
{
    bool last = range.stop == (size_t)rl_end;
    size_t start = range.start - (last && range.start > 0);
    erase(start, range.stop + !last);
    change_go_to_text(start + (last && range.start > 0 && start < (size_t)rl_end));
}

static void
change_lines(MotionRange range)
{
    const MotionText text = buffer();
    size_t start = motion_line_text(&text, range.start);
    erase(start < range.stop ? start : range.stop, range.stop);
}

static void
shift_lines(MotionRange range, bool out)
{
    static const char blanks[EDIT_INDENT + 1] = "    ";
    size_t stop = range.stop;
    for (size_t at = range.start; at <= stop; at = edit_line_stop(at) + 1) {
        size_t length = strspn(rl_line_buffer + at, " ");
        if (out) {
            length = length < EDIT_INDENT ? length : EDIT_INDENT;
            (void)rl_delete_text((int)at, (int)(at + length));
            stop -= length;
        } else if (edit_line_stop(at) > at) {
            rl_point = (int)at;
            (void)rl_insert_text(blanks);
            stop += EDIT_INDENT;
        }
        if (edit_line_stop(at) >= (size_t)rl_end)
            break;
    }
    change_go_to_text(range.start);
}

/* ~ toggles, u and U make small and capital. */
static wint_t
in_other_case(wint_t c, char how)
{
    bool upper = how == 'U' || (how == '~' && iswlower(c));
    return upper ? towupper(c) : towlower(c);
}

static void
change_case(size_t start, size_t stop, char how)
{
    AUTO(buf_done) Buf text = { 0 };
    for (size_t at = start; at < stop;) {
        char bytes[MB_LEN_MAX];
        mbstate_t state = { 0 };
        uint32_t code = 0;
        size_t n = screen_decode(rl_line_buffer + at, stop - at, &code);
        size_t size = n ? wcrtomb(bytes, (wchar_t)in_other_case(code, how), &state) : 0;
        if (n > 0 && size != (size_t)-1)
            buf_add(&text, bytes, size);
        else
            buf_add(&text, rl_line_buffer + at, n > 0 ? n : 1);
        at += n > 0 ? n : 1;
    }
    buf_add_byte(&text, '\0', 1);
    if (text.failed)
        return;
    erase(start, stop);
    (void)rl_insert_text(text.bytes);
}

static void
act(Line *l, const Command *c, MotionRange range)
{
    char key = c->key;
    bool forward = range.start >= edit_line_start((size_t)rl_point);
    if (IS_ONE_OF(key, "dcy"))
        keep(range.start, range.stop, range.lines);
    if (key == 'd' && range.lines)
        erase_lines(range);
    else if (key == 'c' && range.lines)
        change_lines(range);
    else if (key == 'd' || key == 'c')
        erase(range.start, range.stop);
    else if (key == 'y' && !(range.lines && forward))
        rl_point = (int)range.start;
    else if (key == '<' || key == '>')
        shift_lines(range, key == '<');
    else if (key == 'g') {
        change_case(range.start, range.stop, c->argument[0]);
        rl_point = (int)range.start;
    }
    if (key == 'c')
        vi_begin_insertion(l, 1);
}

static int
product(int a, int b)
{
    long long both = (long long)(a ? a : 1) * (b ? b : 1);
    return a == 0 && b == 0 ? 0 : both < INT_MAX ? (int)both : INT_MAX;
}

/* An operator with its motion: whether that leads anywhere. */
static bool
operate(Line *l, const Command *c)
{
    MotionRange range;
    MotionText text = buffer();
    Motion m = c->motion;
    m.count = product(c->count, m.count);
    bool word = m.key == 'w' || m.key == 'W';
    if (c->key == 'c' && word && rl_point < rl_end
        && !IS_ONE_OF(rl_line_buffer[rl_point], " \t\n")) {
        m.key = m.key == 'w' ? 'e' : 'E';  // cw leaves the blanks behind the word
        m.stays = true;
    }
    if (!motion_find(&text, &m, &range))
        return false;
    if (c->key == '<' || c->key == '>') {
        range.start = motion_line_start(&text, range.start);
        range.stop = motion_line_stop(&text, range.stop);
    }
    act(l, c, range);
    return true;
}

/* Commands that are short for an operator and a motion. */
static bool
operate_short(Line *l, char operator, char motion, int count)
{
    const Command c = { .key = operator, .motion = { .key = motion, .count = count } };
    return operate(l, &c);
}

/* p, P. */
static bool
put(const Line *l, const Command *c)
{
    int count = c->count ? c->count : 1;
    size_t at = (size_t)rl_point;
    if (!kept.text)
        return false;
    bool behind = c->key == 'p';
    bool lines = kept.lines && l->request->more;  // else there is one alone
    if (lines)
        at = behind ? edit_line_stop(at) : edit_line_start(at);
    else if (behind && at < edit_line_stop(at))
        at = screen_grapheme_after(rl_line_buffer, (size_t)rl_end, at);
    rl_point = (int)at;
    for (; count > 0; count--) {
        (void)rl_insert_text(lines && behind ? "\n" : "");
        (void)rl_insert_text(kept.text);
        (void)rl_insert_text(lines && !behind ? "\n" : "");
    }
    if (lines)
        change_go_to_text(at + behind);
    else if (strchr(kept.text, '\n'))
        rl_point = (int)at;
    else if (rl_point > (int)at)
        rl_point = (int)screen_grapheme_before(rl_line_buffer, (size_t)rl_point);
    return true;
}

/* J: `count` lines become one. */
static bool
join(const Command *c)
{
    int left = c->count > 2 ? c->count - 1 : 1;
    bool any = false;
    for (; left > 0; left--) {
        size_t stop = edit_line_stop((size_t)rl_point);
        if (stop == (size_t)rl_end)
            break;
        size_t text = stop + 1 + strspn(rl_line_buffer + stop + 1, " \t");
        bool ends = edit_line_stop(text) == text;
        bool blank = stop > 0 && IS_ONE_OF(rl_line_buffer[stop - 1], " \t\n");
        bool closes = IS_ONE_OF(rl_line_buffer[text], ")");
        erase(stop, text);
        if (!ends && !blank && !closes && stop > 0)
            (void)rl_insert_text(" ");
        rl_point = (int)stop;
        any = true;
    }
    return any;
}

/* r: as many characters as it says become another. */
static bool
replace(const Command *c)
{
    int count = c->count ? c->count : 1;
    size_t start = (size_t)rl_point;
    size_t stop = start;
    for (int i = 0; i < count; i++) {
        if (stop == edit_line_stop(start))
            return false;
        stop = screen_grapheme_after(rl_line_buffer, (size_t)rl_end, stop);
    }
    erase(start, stop);
    for (int i = 0; i < count; i++)
        (void)rl_insert_text(c->argument);
    rl_point = (int)screen_grapheme_before(rl_line_buffer, (size_t)rl_point);
    return true;
}

/* ~: the characters from the cursor on. */
static bool
toggle(const Command *c)
{
    size_t start = (size_t)rl_point;
    size_t stop = start;
    for (int i = 0; i == 0 || i < c->count; i++)
        if (stop < edit_line_stop(start))
            stop = screen_grapheme_after(rl_line_buffer, (size_t)rl_end, stop);
    change_case(start, stop, '~');
    return stop > start;
}

/* o and O: a new line below or above. */
static void
open_line(Line *l, bool below)
{
    rl_point =
        (int)(below ? edit_line_stop((size_t)rl_point) : edit_line_start((size_t)rl_point));
    if (!l->request->more)
        return;
    if (below) {
        edit_enter_newline(l);
        return;
    }
    size_t start = (size_t)rl_point;
    size_t blanks = strspn(rl_line_buffer + start, " ");
    (void)rl_insert_text("\n");
    rl_point = (int)start;
    for (size_t i = 0; i < blanks; i++)
        (void)rl_insert_text(" ");
}

static bool
insert(Line *l, const Command *c)
{
    size_t at = (size_t)rl_point;
    if (c->key == 'a' && at < edit_line_stop(at))
        rl_point = (int)screen_grapheme_after(rl_line_buffer, (size_t)rl_end, at);
    if (c->key == 'A')
        rl_point = (int)edit_line_stop(at);
    if (c->key == 'I')
        change_go_to_text(at);
    if (c->key == 'o' || c->key == 'O')
        open_line(l, c->key == 'o');
    vi_begin_insertion(l, IS_ONE_OF(c->key, "oOR") ? 1 : c->count);
    l->vi.replacing = c->key == 'R';
    return true;
}

static bool
move(Line *l, const Command *c)
{
    MotionRange range;
    MotionText text = buffer();
    Motion m = c->motion;
    m.count = product(c->count, m.count);
    if (!motion_find(&text, &m, &range))
        return false;
    rl_point = (int)range.point;
    if (m.key == '$') {
        l->goal = INT_MAX;
        l->vertical = true;
    }
    return true;
}

bool
change_apply(Line *l, const Command *c)
{
    switch (c->key) {
    case 0:
        return move(l, c);
    case 'x':
        return operate_short(l, 'd', 'l', c->count);
    case 'X':
        return operate_short(l, 'd', 'h', c->count);
    case 'D':
        return operate_short(l, 'd', '$', c->count);
    case 'C':
        return operate_short(l, 'c', '$', c->count);
    case 's':
        return operate_short(l, 'c', 'l', c->count);
    case 'S':
        return operate_short(l, 'c', '_', c->count);
    case 'Y':
        return operate_short(l, 'y', '_', c->count);
    case 'p':
    case 'P':
        return put(l, c);
    case 'J':
        return join(c);
    case 'r':
        return replace(c);
    case '~':
        return toggle(c);
    default:
        return IS_ONE_OF(c->key, "aAiIoOR") ? insert(l, c) : operate(l, c);
    }
}
