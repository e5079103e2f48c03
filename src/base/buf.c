#include "base/buf.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

/* Room for `more` bytes and the final NUL: 0, or -ENOMEM with the Buf marked as failed. */
static int
make_room(Buf *b, size_t more)
{
    if (!b->failed && more < b->capacity - b->length)
        return 0;
    if (b->failed || more > SIZE_MAX / 4 - b->length) {
        b->failed = true;
        return -ENOMEM;
    }
    size_t capacity = b->length + more + 1;
    capacity += capacity / 2 + 16;
    char *bytes = alloc_resize(b->bytes, capacity);
    if (!bytes) {
        b->failed = true;
        return -ENOMEM;
    }
    b->bytes = bytes;
    b->capacity = capacity;
    return 0;
}

void
buf_add(Buf *b, const char *bytes, size_t length)
{
    if (length == 0 || make_room(b, length) < 0)
        return;
    memcpy(b->bytes + b->length, bytes, length);
    b->length += length;
}

void
buf_add_text(Buf *b, const char *text)
{
    buf_add(b, text, strlen(text));
}

void
buf_add_byte(Buf *b, char byte, size_t count)
{
    if (count == 0 || make_room(b, count) < 0)
        return;
    memset(b->bytes + b->length, byte, count);
    b->length += count;
}

int
buf_take(Buf *b, char **ret_text)
{
    if (make_room(b, 0) < 0) {
        buf_done(b);
        return -ENOMEM;
    }
    b->bytes[b->length] = '\0';
    *ret_text = TAKE(b->bytes);
    buf_done(b);
    return 0;
}

void
buf_clear(Buf *b)
{
    b->length = 0;
    b->failed = false;
}

void
buf_done(Buf *b)
{
    free(b->bytes);
    *b = (Buf){ 0 };
}
