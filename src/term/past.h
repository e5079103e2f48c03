/* term/past.h -- the history of all sessions (hist/tail.h), as the editor asks for it.
 *
 * This session's cells come first, then those of others, which are read from the file in slices
 * when they are first looked for: the first key that finds nothing here, or Up beyond the first
 * cell.  What they enter meanwhile is there at the next prompt.  Where the file can't be read, this session's are all that there are.
 *
 * World: plain.  One thread at a time, the journal's.  Tests: tests/c/test_term_past.c, tests/py/test_term_history.py
 */
#pragma once

#include "hist/tail.h"
#include "term/recall.h"

typedef struct Past {
    HistTail *tail;
    bool broken;  // the file could not be read: it is not tried again
    bool fresh;   // what others have saved up to this prompt was read
} Past;

/* Make ready for the session that has the journal, which outlives it.  Returns 0 or -ENOMEM. */
CHECKED int past_init(Past *p, HistJournal *journal);

/* A new prompt: no number of an entry is known any more.  Never fails. */
void past_begin(Past *p);

/* A past that is all zeros may be released, and has no entries.  Never fails. */
void past_done(Past *p);

/* The source that it is, valid as long as it.  What is entered comes from the journal: there is
 * nothing to add with.  Never fails. */
RecallSource past_source(Past *p);
