/* base/buf.h -- a growing text.
 *
 * A Buf that is all zeros is empty.  Adding never reports a failure: a Buf that ran out of
 * memory swallows everything from then on, and buf_take() says so, once, at the end.  So a
 * function that builds a text has one error path.
 *
 *     AUTO(buf_done) Buf out = {0};
 *     buf_add_text(&out, "answer = ");
 *     buf_add(&out, digits, digits_length);
 *     return buf_take(&out, ret_text);
 *
 * World: plain.  Tests: tests/c/test_base_buf.c
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/alloc.h"

typedef struct Buf {
    char *bytes;  // NULL while nothing was added; not NUL-terminated
    size_t length;
    size_t capacity;
    bool failed;
} Buf;

/* Append `length` bytes; `bytes` may be NULL when there are none.  Never fails. */
void buf_add(Buf *b, const char *bytes, size_t length);

/* Append a NUL-terminated text.  Never fails. */
void buf_add_text(Buf *b, const char *text);

/* Append one byte, `count` times.  Never fails. */
void buf_add_byte(Buf *b, char byte, size_t count);

/* Move the text out, NUL-terminated, for free(); the Buf is empty afterwards.
 *
 * Returns 0, or -ENOMEM when this or any earlier step ran out of memory.
 */
CHECKED int buf_take(Buf *b, char **ret_text);

/* Forget the text and a failure, keep the memory.  Never fails. */
void buf_clear(Buf *b);

/* Release the memory; the Buf is empty afterwards.  Never fails. */
void buf_done(Buf *b);

static inline void
buf_done_slot(Buf *b)
{
    buf_done(b);
}
