/* hist/range.h -- which inputs are meant, in IPython's way of writing it.
 *
 *     4  4-6  4-         lines of this session (`-` includes the end, `:` does not)
 *     0  ~1/0            none: a session's lines are numbered from 1
 *     243/  243/1-5      of session 243
 *     ~1/  ~2/1-5        of the last but one session, ...
 *     ~8/1-~6/5          from a line of one to a line of a later one
 *
 * World: plain.  Tests: tests/c/test_hist_range.c
 */
#pragma once

#include <stddef.h>

#include "base/attr.h"

typedef struct HistRange {
    long session;  // its number; 0 for this session; -n for the n-th before it
    int first;
    int last;  // 0: to the session's end
} HistRange;

enum { HIST_RANGES_MOST = 1000 };

/* Read one word, which may stand for several ranges: those of the sessions from one to another.
 *
 * Appends to `ranges`, whose room is HIST_RANGES_MOST, at `*count`.  Returns 0; -EINVAL where the
 * word is no range; -E2BIG where there are too many.
 */
CHECKED int hist_range_read(const char *word, HistRange *ranges, size_t *count);
