/* term/past.h -- the history of all sessions (hist/tail.h), as the editor asks for it.
 *
 * This session's cells come first, then those of others, which are read from the file in slices
 * when they are first looked for: the first key that finds nothing here, or Up beyond the first
 * cell.  Where the file can't be read, this session's are all that there are.
 *
 * World: plain.  Tests: tests/c/test_term_past.c, tests/py/test_term_history.py
 */
#pragma once

#include "hist/tail.h"
#include "term/recall.h"

typedef struct Past {
    HistTail *tail;
    bool broken;  // the file could not be read: it is not tried again
} Past;

/* Make ready for the session that has the journal, which outlives it.  Returns 0 or -ENOMEM. */
CHECKED int past_init(Past *p, HistJournal *journal);

/* A past that is all zeros may be released, and has no entries.  Never fails. */
void past_done(Past *p);

/* The source that it is, valid as long as it.  What is entered comes from the journal: adding does
 * nothing.  Never fails. */
RecallSource past_source(Past *p);
