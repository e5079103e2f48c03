/* base/alloc.h -- memory for plain C, and a switch with which tests make it run out.
 *
 * What comes from here is released with free(): a text that plain C hands out is an
 * ordinary malloc'ed text to whoever receives it.
 *
 * World: plain.  Any thread; the switch belongs to the thread that sets it.
 * Tests: tests/c/test_base_buf.c
 */
#pragma once

#include <stddef.h>
#include <stdlib.h>

#include "base/attr.h"

/* Grow or shrink `old` (or NULL: make new) to `size` bytes, as realloc() does; `size` > 0.
 *
 * Returns the memory, or NULL with `old` as it was.
 */
CHECKED void *alloc_resize(void *old, size_t size);

/* Copy the text, which may be NULL where it is empty: the copy, NUL-terminated, or NULL. */
CHECKED char *alloc_text(const char *bytes, size_t length);

/* Let the n-th allocation of this thread from now fail, 0 being the next; -1 ends it.
 *
 * Returns whether the previous setting has made an allocation fail.  For tests.
 */
int alloc_fail_at(long n);

static inline void
alloc_free_slot(void *slot)
{
    free(*(void **)slot);
}

/* On a local that owns malloc'ed memory: freed at the end of its scope. */
#define AUTO_FREE __attribute__((cleanup(alloc_free_slot)))
