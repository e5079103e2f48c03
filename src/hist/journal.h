/* hist/journal.h -- what one session has to say to the history, and how much of it is saved.
 *
 * 1. An input, an output or a run is appended to the journal in memory.
 * 2. hist_journal_save() writes all that is not saved yet to the store in one transaction, and
 *    opens that if need be.  What fails stays in the journal, to be tried again with the next
 *    cell and at the session's end.
 * 3. Inputs stay in memory for the life of the session: they are what the session itself reads.
 *
 * The file may go away, be locked, fill its disk or turn out to be something else at any moment:
 * that costs nothing but the saving.  What counts as saved is committed: a process that is killed
 * loses none of it.  A script that closes descriptors it does not know takes the store's too: they
 * are looked at before each use, and the store is then opened anew.
 *
 * A forked child has its parent's journal and may not touch the file: everything here does nothing
 * in any process but the one that made the journal.
 *
 * World: plain.  One thread at a time: in a session, whoever has the GIL.  Tests: tests/c/test_hist_journal.c
 */
#pragma once

#include "hist/store.h"

enum {
    HIST_WAIT = 20,       // milliseconds that a cell waits for another session's write
    HIST_WAIT_END = 500,  // ... and the session's end
};

typedef struct HistInput {
    int line;
    double time;
    char *typed;
    size_t typed_length;
    char *source;  // NULL: as typed
    size_t source_length;
} HistInput;

typedef struct HistJournal HistJournal;

/* Make the journal of a session that begins now; `path` is the history's file, NULL where
 * there is to be none: then saving does nothing, and outputs and runs are not kept.  Touches no file.
 * Returns NULL where memory ran out.
 */
CHECKED HistJournal *hist_journal_new(const char *path);

/* Close the store and forget everything.  Saves nothing.  Accepts NULL. */
void hist_journal_free(HistJournal *j);
DEFINE_AUTO(HistJournal *, hist_journal_free)

/* Append; the texts are copied.  Return 0 or -ENOMEM with nothing appended.  An input whose text is
 * empty or begins with a blank is not kept: 0 too; nor is one within a cell that has its line. */
CHECKED int hist_journal_add_input(HistJournal *j, const HistCell *cell);
CHECKED int hist_journal_add_output(HistJournal *j, int line, const char *text);
CHECKED int hist_journal_add_run(HistJournal *j, const HistRun *run);

/* Write all that is not saved yet.  A lock is waited for `wait` milliseconds.
 *
 * Returns 0 when everything is saved, or a negative errno with the reason.
 */
CHECKED int hist_journal_save(HistJournal *j, int wait, HistError *reterr_error);

/* The same, and note that the session is over. */
CHECKED int hist_journal_end(HistJournal *j, HistError *reterr_error);

/* The open store, to read from, valid until the next call with the journal; opened where it isn't.
 *
 * Returns NULL with the negative errno in `*ret_r` and the reason; -ENOENT is a history that nobody
 * has written to yet.
 */
BORROWED HistStore *hist_journal_store(HistJournal *j, int *ret_r, HistError *reterr_error);

/* The inputs in memory, the oldest first; how many there are, and how many of them are saved. */
const HistInput *hist_journal_inputs(const HistJournal *j);
size_t hist_journal_count(const HistJournal *j);
size_t hist_journal_saved(const HistJournal *j);

/* The input with this line, or NULL. */
BORROWED const HistInput *hist_journal_find(const HistJournal *j, int line);

/* The session's number in the file, 0 before anything is saved; and when it began. */
int64_t hist_journal_session(const HistJournal *j);
double hist_journal_start(const HistJournal *j);
const char *hist_journal_path(const HistJournal *j);  // or NULL

/* Whether this process made the journal. */
bool hist_journal_is_ours(const HistJournal *j);
