#include "term/keys.h"

#include <string.h>

#include "base/attr.h"
#include "screen/width.h"

enum { ESC = 033, RUBOUT = 0177, LONGEST = 32 };

/* The sequences that have a meaning here, without their ESC. */
static const struct {
    const char *bytes;
    KeyKind kind;
} sequences[] = {
    { "[A", KEY_UP },           { "[B", KEY_DOWN },       { "[C", KEY_RIGHT },
    { "[D", KEY_LEFT },         { "OA", KEY_UP },         { "OB", KEY_DOWN },
    { "OC", KEY_RIGHT },        { "OD", KEY_LEFT },       { "[Z", KEY_BACK_TAB },
    { "[5~", KEY_PAGE_UP },     { "[6~", KEY_PAGE_DOWN }, { "[200~", KEY_PASTE },
    { "[201~", KEY_PASTE_END },
};

/* The length of the sequence behind ESC, or 0 when it is not whole. */
static size_t
sequence_length(const char *bytes, size_t length)
{
    if (length < 2)
        return 0;
    if (bytes[0] == 'O')
        return 2;
    for (size_t i = 1; i < length && i < LONGEST; i++)
        if (bytes[i] >= '@' && bytes[i] <= '~')
            return i + 1;
        else if (bytes[i] < ' ' || bytes[i] > '?')
            return i;  // it broke off
    return length >= LONGEST ? LONGEST : 0;
}

static size_t
read_sequence(const char *bytes, size_t length, int more, Key *ret_key)
{
    *ret_key = (Key){ .kind = KEY_ESCAPE, .code = ESC, .length = 1 };
    if (length == 1)
        return more ? 0 : 1;
    ret_key->code = (unsigned char)bytes[1];
    if (bytes[1] != '[' && bytes[1] != 'O') {
        // Two of them are two keys: the first alone.
        ret_key->kind = bytes[1] == ESC ? KEY_ESCAPE : KEY_META;
        ret_key->length = bytes[1] == ESC ? 1 : 2;
        return ret_key->length;
    }
    size_t n = sequence_length(bytes + 1, length - 1);
    if (n == 0 && more)
        return 0;
    ret_key->kind = n ? KEY_OTHER : KEY_META;
    ret_key->length = n ? n + 1 : 2;
    for (size_t i = 0; i < COUNT_OF(sequences); i++)
        if (strlen(sequences[i].bytes) == n
            && memcmp(sequences[i].bytes, bytes + 1, n) == 0)
            ret_key->kind = sequences[i].kind;
    return ret_key->length;
}

static KeyKind
control_kind(unsigned char byte)
{
    switch (byte) {
    case '\r':
    case '\n':
        return KEY_ENTER;
    case '\t':
        return KEY_TAB;
    case '\b':
    case RUBOUT:
        return KEY_BACKSPACE;
    default:
        return KEY_CONTROL;
    }
}

size_t
keys_read(const char *bytes, size_t length, int more, Key *ret_key)
{
    static const unsigned char leads[] = { 0xC2, 0xE0, 0xF0, 0xF5 };
    unsigned char byte = (unsigned char)bytes[0];
    uint32_t code = 0;
    if (byte == ESC)
        return read_sequence(bytes, length, more, ret_key);
    *ret_key = (Key){ .kind = KEY_TEXT, .code = byte, .length = 1 };
    if (byte < ' ' || byte == RUBOUT) {
        ret_key->kind = control_kind(byte);
        return 1;
    }
    size_t n = screen_decode(bytes, length, &code);
    if (n > 0) {
        ret_key->length = n;
        return n;
    }
    // A character that has not come in full: as many bytes as its first one says.
    size_t wanted = byte < leads[0] || byte >= leads[3] ? 1
                    : byte < leads[1]                   ? 2
                    : byte < leads[2]                   ? 3
                                                        : 4;
    return more && length < wanted ? 0 : 1;
}
