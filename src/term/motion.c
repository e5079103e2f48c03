#include "term/motion.h"

#include <string.h>

#include "input/lex.h"
#include "screen/width.h"

enum { COUNT_MOST = 100000 };

typedef enum CharClass {
    CLASS_BLANK,
    CLASS_WORD,
    CLASS_OTHER,
} CharClass;

size_t
motion_line_start(const MotionText *t, size_t at)
{
    while (at > 0 && t->bytes[at - 1] != '\n')
        at--;
    return at;
}

size_t
motion_line_stop(const MotionText *t, size_t at)
{
    while (at < t->length && t->bytes[at] != '\n')
        at++;
    return at;
}

size_t
motion_line_text(const MotionText *t, size_t at)
{
    at = motion_line_start(t, at);
    while (at < t->length && (t->bytes[at] == ' ' || t->bytes[at] == '\t'))
        at++;
    return at;
}

static size_t
before(const MotionText *t, size_t at)
{
    return screen_grapheme_before(t->bytes, at);
}

static size_t
after(const MotionText *t, size_t at)
{
    return screen_grapheme_after(t->bytes, t->length, at);
}

/* For W, B and E all that is no blank is of one class. */
static CharClass
class_at(const MotionText *t, size_t at, bool big)
{
    char byte = t->bytes[at];
    if (byte == ' ' || byte == '\t' || byte == '\n')
        return CLASS_BLANK;
    return big || input_is_word(byte) ? CLASS_WORD : CLASS_OTHER;
}

static bool
is_empty_line(const MotionText *t, size_t at)
{
    return (at == 0 || t->bytes[at - 1] == '\n')
           && (at == t->length || t->bytes[at] == '\n');
}

/* The next word's beginning; an empty line is a word. */
static size_t
word_forward(const MotionText *t, size_t at, bool big)
{
    if (at < t->length && class_at(t, at, big) != CLASS_BLANK)
        for (CharClass now = class_at(t, at, big);
             at < t->length && class_at(t, at, big) == now;)
            at = after(t, at);
    else if (at < t->length)
        at = after(t, at);
    while (at < t->length && class_at(t, at, big) == CLASS_BLANK && !is_empty_line(t, at))
        at++;
    return at;
}

static size_t
word_backward(const MotionText *t, size_t at, bool big)
{
    if (at > 0)
        at = before(t, at);
    while (at > 0 && class_at(t, at, big) == CLASS_BLANK && !is_empty_line(t, at))
        at = before(t, at);
    if (at < t->length && class_at(t, at, big) == CLASS_BLANK)
        return at;
    for (size_t next; at > 0 && (next = before(t, at), true); at = next)
        if (class_at(t, next, big) != class_at(t, at, big))
            break;
    return at;
}

/* The last character of the word; of the next one, where this is one already. */
static size_t
word_end(const MotionText *t, size_t at, bool big, bool stays)
{
    if (!stays && at < t->length)
        at = after(t, at);
    while (at < t->length && class_at(t, at, big) == CLASS_BLANK)
        at++;
    if (at >= t->length)
        return t->length > 0 ? before(t, t->length) : 0;
    CharClass now = class_at(t, at, big);
    for (size_t next; (next = after(t, at)) < t->length; at = next)
        if (class_at(t, next, big) != now)
            break;
    return at;
}

static size_t
by_words(const MotionText *t, const Motion *m)
{
    size_t at = t->point;
    size_t last = t->length + 1;
    bool big = m->key < 'a';
    for (int i = 0; (i == 0 || i < m->count) && at != last; i++) {
        last = m->stays && i == 0 ? last : at;
        switch (m->key | 0x20) {
        case 'w':
            at = word_forward(t, at, big);
            break;
        case 'b':
            at = word_backward(t, at, big);
            break;
        default:
            at = word_end(t, at, big, m->stays && i == 0);
        }
    }
    return at;
}

/* The `count`th character of its kind on the line: whether there are so many. */
static bool
find_character(const MotionText *t, const Motion *m, size_t *ret_at)
{
    size_t length = strlen(m->argument);
    size_t start = motion_line_start(t, t->point);
    size_t stop = motion_line_stop(t, t->point);
    bool back = m->key == 'F' || m->key == 'T';
    size_t at = t->point;
    int left = m->count > 0 ? m->count : 1;
    // What `t` stands before already is not what it is repeated for.
    if (m->stays && back && at > start)
        at = before(t, at);
    else if (m->stays && !back && at < stop)
        at = after(t, at);
    while (left > 0) {
        if (back ? at == start : at >= stop)
            return false;
        at = back ? before(t, at) : after(t, at);
        if (at < stop && stop - at >= length
            && memcmp(t->bytes + at, m->argument, length) == 0)
            left--;
    }
    *ret_at = m->key == 't' ? before(t, at) : m->key == 'T' ? after(t, at) : at;
    return true;
}

static const char brackets[] = "()[]{}";

/* The bracket that belongs to that at `at`. */
static bool
find_match(const MotionText *t, size_t at, size_t *ret_at)
{
    size_t which = (size_t)(strchr(brackets, t->bytes[at]) - brackets);
    char own = brackets[which];
    char other = brackets[which ^ 1];
    int depth = 0;
    for (;;) {
        depth += (t->bytes[at] == own) - (t->bytes[at] == other);
        if (depth == 0) {
            *ret_at = at;
            return true;
        }
        if (which & 1 ? at == 0 : at + 1 >= t->length)
            return false;
        at += which & 1 ? (size_t)-1 : 1;
    }
}

static bool
find_bracket(const MotionText *t, size_t *ret_at)
{
    size_t stop = motion_line_stop(t, t->point);
    size_t at = t->point;
    while (at < stop && !IS_ONE_OF(t->bytes[at], "()[]{}"))
        at++;
    return at < stop && find_match(t, at, ret_at);
}

/* The empty line before or behind the next lines with text; the text's end where there is none. */
static size_t
next_paragraph(const MotionText *t, size_t at, bool back)
{
    bool seen = false;  // a line with text
    for (;;) {
        size_t start = motion_line_start(t, at);
        size_t stop = motion_line_stop(t, at);
        if (back ? start == 0 : stop == t->length)
            return back ? 0 : t->length;
        seen |= start != stop;
        at = back ? motion_line_start(t, start - 1) : stop + 1;
        if (seen && is_empty_line(t, at))
            return at;
    }
}

static size_t
paragraph(const MotionText *t, const Motion *m)
{
    size_t at = t->point;
    size_t end = m->key == '{' ? 0 : t->length;
    for (int i = 0; (i == 0 || i < m->count) && at != end; i++)
        at = next_paragraph(t, at, m->key == '{');
    return at;
}

/* `count` whole lines from that of the cursor on. */
static MotionRange
whole_lines(const MotionText *t, int count)
{
    MotionRange range = { .start = motion_line_start(t, t->point),
                          .stop = motion_line_stop(t, t->point),
                          .lines = true };
    for (; count > 1 && range.stop < t->length; count--)
        range.stop = motion_line_stop(t, range.stop + 1);
    range.point = motion_line_text(t, range.start);
    return range;
}

/* j, k, _, G, gg: lines from that of the cursor to another. */
static bool
by_lines(const MotionText *t, const Motion *m, MotionRange *ret_range)
{
    MotionRange range = whole_lines(t, m->key == '_' ? m->count : 1);
    int count = m->count > 0 ? m->count : 1;
    size_t at = range.start;
    if (m->key == 'j') {
        if (range.stop == t->length)
            return false;
        range = whole_lines(t, count + 1);
        at = motion_line_start(t, range.stop);
    } else if (m->key == 'k') {
        if (range.start == 0)
            return false;
        for (; count > 0 && at > 0; count--)
            at = motion_line_start(t, at - 1);
    } else if (m->key == 'G' && m->count == 0) {
        at = motion_line_start(t, t->length);
    } else if (m->key != '_') {
        at = 0;
        for (; count > 1 && motion_line_stop(t, at) < t->length; count--)
            at = motion_line_stop(t, at) + 1;
    }
    range.start = at < range.start ? at : range.start;
    if (motion_line_stop(t, at) > range.stop)
        range.stop = motion_line_stop(t, at);
    range.point = motion_line_text(t, at);
    *ret_range = range;
    return true;
}

static bool
around_word(const MotionText *t, const Motion *m, MotionRange *ret_range)
{
    size_t first = motion_line_start(t, t->point);
    size_t last = motion_line_stop(t, t->point);
    size_t start = t->point;
    size_t stop = t->point;
    bool big = m->argument[0] == 'W';
    if (start == last)
        return false;
    CharClass own = class_at(t, start, big);
    while (start > first && class_at(t, before(t, start), big) == own)
        start = before(t, start);
    while (stop < last && class_at(t, stop, big) == own)
        stop = after(t, stop);
    size_t text = stop;
    if (m->key == 'a' && own == CLASS_BLANK)
        for (own = stop < last ? class_at(t, stop, big) : own;
             stop < last && class_at(t, stop, big) == own;)
            stop = after(t, stop);
    else if (m->key == 'a')
        while (stop < last && class_at(t, stop, big) == CLASS_BLANK)
            stop++;
    if (m->key == 'a' && stop == text)
        while (start > first && class_at(t, start - 1, big) == CLASS_BLANK)
            start--;
    *ret_range = (MotionRange){ .start = start, .stop = stop };
    return true;
}

/* The quotes on the line that the cursor is in, or the next ones. */
static bool
around_quotes(const MotionText *t, const Motion *m, MotionRange *ret_range)
{
    size_t last = motion_line_stop(t, t->point);
    size_t open = 0;
    bool inside = false;
    for (size_t at = motion_line_start(t, t->point); at < last; at++) {
        if (t->bytes[at] == '\\' && inside) {
            at++;
        } else if (t->bytes[at] == m->argument[0] && inside && at >= t->point) {
            bool all = m->key == 'a';
            *ret_range = (MotionRange){ .start = open + !all, .stop = at + all };
            return true;
        } else if (t->bytes[at] == m->argument[0]) {
            inside = !inside;
            open = at;
        }
    }
    return false;
}

/* The bracket that is open at the cursor, or under it. */
static bool
find_open(const MotionText *t, size_t which, int left, size_t *ret_at)
{
    size_t at = t->point;
    if (at < t->length && t->bytes[at] == brackets[which])
        left--;
    while (left > 0 && at > 0) {
        at--;
        left += t->bytes[at] == brackets[which + 1];
        left -= t->bytes[at] == brackets[which];
    }
    *ret_at = at;
    return left == 0;
}

static bool
around_brackets(const MotionText *t, const Motion *m, MotionRange *ret_range)
{
    char key = m->argument[0];
    if (key == 'b' || key == 'B')
        key = key == 'b' ? '(' : '{';
    size_t which = (size_t)(strchr(brackets, key) - brackets) & ~(size_t)1;
    size_t open = 0;
    size_t close = 0;
    if (!find_open(t, which, m->count > 0 ? m->count : 1, &open)
        || !find_match(t, open, &close))
        return false;
    bool all = m->key == 'a';
    *ret_range = (MotionRange){ .start = open + !all, .stop = close + all };
    return true;
}

static bool
around(const MotionText *t, const Motion *m, MotionRange *ret_range)
{
    char key = m->argument[0];
    bool found = key == 'w' || key == 'W' ? around_word(t, m, ret_range)
                 : IS_ONE_OF(key, "\"'`") ? around_quotes(t, m, ret_range)
                                          : around_brackets(t, m, ret_range);
    if (found)
        ret_range->point = ret_range->start;
    return found;
}

/* The end of what an operator takes that is followed by `w`: the last word's own line's end, and
 * not what is before the first word of the next line. */
static size_t
end_of_words(const MotionText *t, size_t at)
{
    size_t stop = at;
    for (size_t i = at; i > t->point && class_at(t, i - 1, true) == CLASS_BLANK; i--)
        if (t->bytes[i - 1] == '\n')
            stop = i - 1;
    return stop;
}

static bool
on_line(const MotionText *t, const Motion *m, size_t *ret_at)
{
    size_t start = motion_line_start(t, t->point);
    size_t stop = motion_line_stop(t, t->point);
    size_t at = t->point;
    int left = m->count > 0 ? m->count : 1;
    switch (m->key) {
    case 'h':
        while (left-- > 0 && at > start)
            at = before(t, at);
        break;
    case 'l':
        while (left-- > 0 && at < stop)
            at = after(t, at);
        break;
    case '0':
        at = start;
        break;
    case '^':
        at = motion_line_text(t, at);
        break;
    case '|':
        for (at = start; left > 1 && at < stop; left--)
            at = after(t, at);
        break;
    default:  // $
        for (at = stop; left > 1 && at < t->length; left--)
            at = motion_line_stop(t, at + 1);
    }
    *ret_at = at;
    return m->key != 'h' || at != t->point;
}

/* The range between the cursor and `at`. */
static MotionRange
between(const MotionText *t, const Motion *m, size_t at)
{
    bool inclusive = IS_ONE_OF(m->key, "eEft%");
    MotionRange range = { .start = at < t->point ? at : t->point,
                          .stop = at < t->point ? t->point : at,
                          .point = at };
    if (inclusive && range.stop < t->length)
        range.stop = after(t, range.stop);
    if (m->key == 'w' || m->key == 'W')
        range.stop = end_of_words(t, range.stop);
    // To the beginning of a line is to the end of the one before; whole lines, where it began so.
    bool whole = IS_ONE_OF(m->key, "{}") && range.stop > range.start
                 && range.stop == motion_line_start(t, range.stop);
    if (whole) {
        range.stop--;
        range.lines = range.start <= motion_line_text(t, range.start)
                      && range.stop > motion_line_stop(t, range.start);
        if (range.lines)
            range.start = motion_line_start(t, range.start);
    }
    return range;
}

bool
motion_find(const MotionText *t, const Motion *m, MotionRange *ret_range)
{
    size_t at = t->point;
    bool found = true;
    if (m->key == 'i' || m->key == 'a')
        return around(t, m, ret_range);
    if (IS_ONE_OF(m->key, "jk_Gg"))
        return by_lines(t, m, ret_range);
    if (IS_ONE_OF(m->key, "wWbBeE"))
        at = by_words(t, m);
    else if (IS_ONE_OF(m->key, "fFtT"))
        found = find_character(t, m, &at);
    else if (m->key == '%')
        found = find_bracket(t, &at);
    else if (m->key == '{' || m->key == '}')
        at = paragraph(t, m);
    else
        found = on_line(t, m, &at);
    if (found)
        *ret_range = between(t, m, at);
    return found;
}

/* The character that f or r is about: its length, 0 for more, -1 for none. */
static int
read_character(const char *keys, size_t length, char ret_character[MOTION_CHARACTER])
{
    uint32_t code = 0;
    if (length == 0)
        return 0;
    size_t n = screen_decode(keys, length, &code);
    unsigned char lead = (unsigned char)keys[0];
    size_t wanted = lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (n == 0 && lead >= 0xC2 && lead < 0xF5 && length < wanted)
        return 0;
    if (n == 0 || n >= MOTION_CHARACTER || lead < ' ' || lead == 0x7F)
        return -1;
    memcpy(ret_character, keys, n);
    ret_character[n] = '\0';
    return (int)n;
}

int
motion_read(const char *keys, size_t length, Motion *ret_motion)
{
    size_t at = 0;
    *ret_motion = (Motion){ 0 };
    for (; at < length && keys[at] >= (at == 0 ? '1' : '0') && keys[at] <= '9'; at++)
        if (ret_motion->count < COUNT_MOST)
            ret_motion->count = 10 * ret_motion->count + keys[at] - '0';
    if (at == length)
        return 0;
    char key = keys[at++];
    ret_motion->key = key;
    if (IS_ONE_OF(key, "fFtT")) {
        int n = read_character(keys + at, length - at, ret_motion->argument);
        return n > 0 ? (int)at + n : n;
    }
    if (key == 'g' || key == 'i' || key == 'a') {
        if (at == length)
            return 0;
        ret_motion->argument[0] = keys[at];
        bool known = key == 'g' ? keys[at] == 'g' : IS_ONE_OF(keys[at], "wW\"'`()b[]{}B");
        return known ? (int)at + 1 : -1;
    }
    return IS_ONE_OF(key, "hl0^$|wWbBeE%jk_G{}") ? (int)at : -1;
}
