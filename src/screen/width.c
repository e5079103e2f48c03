#include "screen/width.h"

#include "base/attr.h"
#include "screen/width_table.h"

enum {
    JOINER = 0x200D,
    EMOJI_STYLE = 0xFE0F,
    MODIFIER_FIRST = 0x1F3FB,
    MODIFIER_LAST = 0x1F3FF,
    REGION_FIRST = 0x1F1E6,
    REGION_LAST = 0x1F1FF,
    // How far back the beginning of a grapheme is looked for.
    FARTHEST = 256,
};

static bool
is_in(const ScreenRange *ranges, size_t count, uint32_t code)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (code > ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && ranges[low].first <= code;
}

int
screen_width_of(uint32_t code)
{
    if (code < 0x300)
        return 1;
    if (is_in(zero_columns, COUNT_OF(zero_columns), code))
        return 0;
    return is_in(two_columns, COUNT_OF(two_columns), code) ? 2 : 1;
}

size_t
screen_decode(const char *text, size_t length, uint32_t *ret_code)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char lead = (unsigned char)text[0];
    size_t count = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    uint32_t code = count == 1 ? lead : lead & (0x7Fu >> count);
    if ((lead >= 0x80 && lead < 0xC2) || lead > 0xF4 || count > length)
        return 0;
    for (size_t i = 1; i < count; i++) {
        if (((unsigned char)text[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | ((unsigned char)text[i] & 0x3F);
    }
    if (code < least[count] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return 0;
    *ret_code = code;
    return count;
}

static bool
is_region(uint32_t code)
{
    return code >= REGION_FIRST && code <= REGION_LAST;
}

static bool
is_modifier(uint32_t code)
{
    return code >= MODIFIER_FIRST && code <= MODIFIER_LAST;
}

/* Whether a joiner can make this a part of the emoji before it. */
static bool
is_picture(uint32_t code)
{
    return code >= 0x1F000 || (code >= 0x2190 && code <= 0x2BFF);
}

/* A grapheme while it is read: its last character, and whether that follows a joiner. */
typedef struct Reading {
    uint32_t first;
    uint32_t last;
    int regions;
} Reading;

/* Whether `code` belongs to the grapheme read so far. */
static bool
goes_on(const Reading *r, uint32_t code)
{
    if (screen_width_of(code) == 0)
        return true;
    if (is_modifier(code))
        return is_picture(r->first);
    if (is_region(code))
        return r->regions == 1 && is_region(r->last);
    return r->last == JOINER && is_picture(code) && is_picture(r->first);
}

static void
add(ScreenGrapheme *g, Reading *r, uint32_t code)
{
    if (code == EMOJI_STYLE && g->columns == 1) {
        g->columns = 2;
        g->loose = true;
    }
    if (screen_width_of(code) != 0)
        g->loose = true;
    if (is_region(code))
        g->columns = 2;
    r->regions += is_region(code);
    g->most += screen_width_of(code);
    r->last = code;
}

ScreenGrapheme
screen_grapheme_read(const char *text, size_t length)
{
    unsigned char lead = (unsigned char)text[0];
    if (lead >= ' ' && lead < 0x7F && (length == 1 || (unsigned char)text[1] < 0x80))
        return (ScreenGrapheme){ .length = 1, .columns = 1, .most = 1, .valid = true };
    Reading r = { 0 };
    size_t at = screen_decode(text, length, &r.first);
    if (at == 0 || r.first < ' ' || (r.first >= 0x7F && r.first < 0xA0))
        return (ScreenGrapheme){ .length = at ? at : 1, .columns = 1 };
    ScreenGrapheme g = { .columns = screen_width_of(r.first), .valid = true };
    g.most = g.columns;
    r.last = r.first;
    r.regions = is_region(r.first);
    uint32_t code = 0;
    for (size_t n; at < length && (n = screen_decode(text + at, length - at, &code)) > 0;
         at += n) {
        if (code < 0x300 || !goes_on(&r, code))
            break;
        add(&g, &r, code);
    }
    g.length = at;
    g.most = g.most > g.columns ? g.most : g.columns;
    return g;
}

size_t
screen_grapheme_after(const char *text, size_t length, size_t at)
{
    return at >= length ? length : at + screen_grapheme_read(text + at, length - at).length;
}

size_t
screen_grapheme_before(const char *text, size_t at)
{
    if (at == 0)
        return 0;
    // From an ASCII character on, or from far enough: a grapheme begins there.
    size_t start = at - 1;
    while (start > 0 && at - start < FARTHEST && (unsigned char)text[start] >= 0x80)
        start--;
    size_t before = start;
    while (start < at) {
        before = start;
        start += screen_grapheme_read(text + start, at - start).length;
    }
    return before;
}

int
screen_width(const char *text, size_t length)
{
    int columns = 0;
    for (size_t at = 0; at < length;) {
        ScreenGrapheme g = screen_grapheme_read(text + at, length - at);
        columns += g.columns;
        at += g.length;
    }
    return columns;
}
