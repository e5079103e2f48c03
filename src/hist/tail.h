/* hist/tail.h -- older inputs for an editor: this session's first, then those of all others.
 *
 * The entries are numbered from 0, the latest, to the oldest: all of this session, then what other
 * sessions have saved, the latest first.  A new input of this session comes in front, and what is
 * saved beside it comes behind this session's: that moves the numbers of all others, so positions
 * are kept for one prompt and no longer.
 *
 *     HistTail *tail = hist_tail_new(journal);     // touches no file: for the first prompt
 *     hist_tail_load(tail, 2000);                  // when nothing is to be done, in slices
 *     hist_tail_refresh(tail);                     // at each later prompt
 *
 *     Up:      at = hist_tail_find(tail, HIST_TAIL_PREFIX, typed, length, at + 1)
 *     Down:    at = hist_tail_find_newer(tail, HIST_TAIL_PREFIX, typed, length, at - 1)
 *     Ctrl-R:  the same with HIST_TAIL_SUBSTRING; load another slice while it finds nothing
 *     ghost:   hist_tail_find(tail, HIST_TAIL_PREFIX, typed, length, 0), the text behind `length`
 *
 * Searching never touches a file: it sees this session and what is loaded, some 100,000 entries in
 * about a millisecond.  Loading 2,000 takes about a millisecond or two, the first time with that of
 * opening the file.  An input that is equal to the next newer one of its kind is left out of what
 * is loaded.
 *
 * World: plain.  One thread at a time, the journal's: in a session, with the GIL.  Tests: tests/c/test_hist_tail.c
 */
#pragma once

#include "hist/journal.h"
#include "hist/rows.h"

typedef struct HistTail HistTail;

typedef enum HistTailMatch {
    HIST_TAIL_ANY,
    HIST_TAIL_PREFIX,     // that begin with the text and go on
    HIST_TAIL_SUBSTRING,  // that have the text anywhere
} HistTailMatch;

typedef struct HistTailEntry {
    const char
        *text;  // not NUL-terminated; valid until the tail is loaded or the session adds
    size_t length;
} HistTailEntry;

/* Make the tail of a session's history; `journal`, which may be NULL, outlives it.  Returns NULL
 * where memory ran out. */
CHECKED HistTail *hist_tail_new(HistJournal *journal);

/* Accepts NULL. */
void hist_tail_free(HistTail *t);
DEFINE_AUTO(HistTail *, hist_tail_free)

/* Read the next `limit` entries of other sessions.
 *
 * Returns 1 where there may be more, 0 where all are there, or a negative errno with the reason:
 * what is loaded stays, and it may be tried again.
 */
CHECKED int hist_tail_load(HistTail *t, size_t limit, HistError *reterr_error);

/* Read what other sessions have saved since the tail was first loaded; nothing before that.
 *
 * Returns 0, or a negative errno as hist_tail_load() does.
 */
CHECKED int hist_tail_refresh(HistTail *t, HistError *reterr_error);

/* Whether everything is loaded. */
bool hist_tail_is_whole(const HistTail *t);

/* How many entries there are now.  Never fails. */
size_t hist_tail_count(const HistTail *t);

/* The entry at `at`, below hist_tail_count().  Never fails. */
HistTailEntry hist_tail_entry(const HistTail *t, size_t at);

/* The first entry from `at` on, towards the oldest, that matches; -1 where there is none. */
ptrdiff_t hist_tail_find(const HistTail *t, HistTailMatch match, const char *text,
                         size_t length, ptrdiff_t at);

/* The same towards the latest. */
ptrdiff_t hist_tail_find_newer(const HistTail *t, HistTailMatch match, const char *text,
                               size_t length, ptrdiff_t at);
