/* hist/query.h -- reading a history's file.
 *
 * Each reads what is there at that moment, into memory: no lock outlives the call.  They append to
 * `rows`; memory that runs out is -ENOMEM and shows in `rows->failed`.
 *
 * World: plain.  One thread at a time.  Tests: tests/c/test_hist_store.c
 */
#pragma once

#include "hist/rows.h"
#include "hist/store.h"

enum {
    HIST_SOURCE = 1 << 0,   // as Python, not as typed
    HIST_OUTPUTS = 1 << 1,  // with the outputs that were stored
    HIST_UNIQUE = 1 << 2,   // of equal inputs the latest alone
};

/* The inputs of a session from line `first` to line `last`, 0 for the last one there is. */
CHECKED int hist_query_lines(HistStore *s, unsigned flags, int64_t session,
                             const int lines[2], HistRows *rows, HistError *reterr_error);

/* The latest inputs whose text the pattern matches (`*`, `?`, `[...]`; NULL: all), the oldest of
 * them first; `limit` < 0: all.
 */
CHECKED int hist_query_search(HistStore *s, unsigned flags, const char *pattern,
                              int64_t limit, HistRows *rows, HistError *reterr_error);

/* The `limit` latest inputs with ids between the two, the latest first, less those of `session`;
 * `limit` < 0: all.
 */
CHECKED int hist_query_between(HistStore *s, const int64_t ids[2], int64_t session,
                               int64_t limit, HistRows *rows, HistError *reterr_error);

/* The session that began as the n-th before the given one, whose beginning is `start`: 1 with its
 * number, 0 where there is none, or a negative errno.
 */
CHECKED int hist_query_session(HistStore *s, int64_t session, double start, int64_t n,
                               int64_t *ret_session, HistError *reterr_error);

typedef struct HistSession {
    double start;
    double end;  // 0 while it goes on, and where it was killed
    int64_t inputs;
} HistSession;

/* What is known of a session: 1, 0 where it isn't there, or a negative errno. */
CHECKED int hist_query_session_facts(HistStore *s, int64_t session,
                                     HistSession *ret_session, HistError *reterr_error);
