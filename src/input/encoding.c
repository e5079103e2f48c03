#include "input/encoding.h"

#include <errno.h>
#include <string.h>

#include "input/lex.h"

typedef struct Name {
    const char *text;
    size_t length;
} Name;

static bool
name_is(Name name, const char *text)
{
    return name.length == strlen(text) && memcmp(name.text, text, name.length) == 0;
}

/* Whether the name is `text`, or `text`, a dash and anything; case aside, _ being a dash.
 * */
static bool
is_spelling(Name name, const char *text)
{
    size_t length = strlen(text);
    if (name.length < length)
        return false;
    for (size_t i = 0; i < length; i++) {
        int c = name.text[i] == '_' ? '-' : name.text[i];
        if ((c >= 'A' && c <= 'Z' ? c | 0x20 : c) != text[i])
            return false;
    }
    return name.length == length || name.text[length] == '-' || name.text[length] == '_';
}

/* What CPython's get_normal_name() makes of it. */
static Name
normalise(Name name)
{
    if (is_spelling(name, "utf-8"))
        return (Name){ "utf-8", 5 };
    if (is_spelling(name, "latin-1") || is_spelling(name, "iso-8859-1")
        || is_spelling(name, "iso-latin-1"))
        return (Name){ "iso-8859-1", 10 };
    return name;
}

static bool
is_name_byte(char c)
{
    return input_is_digit(c) || (input_is_letter(c) && (unsigned char)c < 0x80) || c == '-'
           || c == '.';
}

/* The cookie in a comment line without its newline: an empty name when there is none. */
static Name
find_cookie(const char *line, size_t length)
{
    for (size_t at = 0; at + 7 < length; at++) {
        bool mark = memcmp(line + at, "coding", 6) == 0
                    && (line[at + 6] == ':' || line[at + 6] == '=');
        if (!mark)
            continue;
        size_t start = at + 7;
        while (start < length && (line[start] == ' ' || line[start] == '\t'))
            start++;
        size_t end = start;
        while (end < length && is_name_byte(line[end]))
            end++;
        if (end > start)
            return (Name){ line + start, end - start };
    }
    return (Name){ 0 };
}

/* The cookie of the first two lines. */
static Name
find_declaration(const char *text, size_t length)
{
    size_t at = 0;
    for (int i = 0; i < 2 && at < length; i++) {
        size_t stop = at;
        while (stop < length && !input_is_newline(text[stop]))
            stop++;
        size_t first = at;
        while (first < stop && input_is_blank(text[first]))
            first++;
        if (first < stop && text[first] != '#')
            break;
        Name cookie = find_cookie(text + first, stop - first);
        if (cookie.length > 0)
            return cookie;
        at = stop
             + (stop + 1 < length && text[stop] == '\r' && text[stop + 1] == '\n' ? 2 : 1);
    }
    return (Name){ 0 };
}

int
input_encoding_detect(const unsigned char *bytes, size_t length, char *ret_name,
                      size_t size, bool *ret_bom)
{
    const char *text = (const char *)bytes;
    bool bom = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0;
    if (bom) {
        text += 3;
        length -= 3;
    }
    Name name = find_declaration(text, length);
    name = name.length > 0 ? normalise(name) : (Name){ "utf-8", 5 };
    if (bom && !name_is(name, "utf-8"))
        return -EILSEQ;
    if (name.length >= size)
        return -ENAMETOOLONG;
    memcpy(ret_name, name.text, name.length);
    ret_name[name.length] = '\0';
    *ret_bom = bom;
    return 0;
}
