/* hist/store.h -- the history's file: what was typed, what it became, and what was run.
 *
 *     sessions   number, when it began and ended
 *     inputs     each cell of each session, as typed and as Python; an id that grows with time
 *     outputs    the text that a cell displayed, where that is asked for
 *     runs       each %run: script, arguments, when, how long, how it ended
 *     sources    the texts of the scripts, each once, by their SHA-256
 *     imports    how much of another shell's sessions was taken over
 *
 * The file is SQLite's, in WAL mode: sessions running side by side share it, readers never wait,
 * and what is committed outlives the process.  It is made with mode 0600.  A file that is locked,
 * can't be written, is damaged or is no history of ours is left exactly as it is: every function
 * says so by its result, none waits longer than it is told to, and nothing is ever renamed or
 * replaced.
 *
 * World: plain.  One thread at a time.  Tests: tests/c/test_hist_store.c
 */
#pragma once

#include "hist/connection.h"

typedef struct HistStore {
    HistConnection connection;
    bool read_only;
    unsigned commits;  // since it was opened
} HistStore;

/* One run, for hist_store_add_run(). */
typedef struct HistRun {
    int number;
    double started;
    double elapsed;
    const char *status;
    const char *path;
    const char *arguments;  // as a Python list
    const char *sha256;     // of the script's bytes; "" where there is no text
    const char *text;
    size_t text_length;
} HistRun;

enum {
    HIST_STORE_MAKE = 1 << 0,   // make the file and its folders; without it that is -ENOENT
    HIST_STORE_APART = 1 << 1,  // the descriptors of an earlier store were taken away
};

/* Open the history at `path`; a lock is waited for `wait` milliseconds.
 *
 * A file that can only be read is opened all the same (`read_only`).
 * Returns the store, or NULL with the negative errno in `*ret_r` and the reason.
 */
CHECKED HistStore *hist_store_open(const char *path, unsigned flags, int wait, int *ret_r,
                                   HistError *reterr_error);

/* Close it.  Accepts NULL. */
void hist_store_close(HistStore *s);
DEFINE_AUTO(HistStore *, hist_store_close)

/* Forget it without touching its file: SQLite's own memory stays.  Accepts NULL. */
void hist_store_abandon(HistStore *s);

/* Wait for locks as long as `wait` milliseconds from now on.  Never fails. */
void hist_store_set_wait(HistStore *s, int wait);

/* Begin to write: all up to hist_store_commit() is written or nothing.  Returns 0 or a negative
 * errno, after which nothing was begun.
 */
CHECKED int hist_store_begin(HistStore *s, HistError *reterr_error);
CHECKED int hist_store_commit(HistStore *s, HistError *reterr_error);

/* Take back what was written since.  Never fails. */
void hist_store_roll_back(HistStore *s);

/* Have a session there: `*session`, or a new one, numbered from 1, where that is 0.  Returns 0 or a
 * negative errno. */
CHECKED int hist_store_add_session(HistStore *s, double start, int64_t *session,
                                   HistError *reterr_error);
CHECKED int hist_store_end_session(HistStore *s, int64_t session, double end,
                                   HistError *reterr_error);

/* A cell of a session; `source` is what it became in Python, NULL where that is the same. */
typedef struct HistCell {
    int line;
    double time;
    const char *typed;
    size_t typed_length;
    const char *source;
    size_t source_length;
} HistCell;

CHECKED int hist_store_add_input(HistStore *s, int64_t session, const HistCell *cell,
                                 HistError *reterr_error);
CHECKED int hist_store_add_output(HistStore *s, int64_t session, int line, const char *text,
                                  HistError *reterr_error);
CHECKED int hist_store_add_run(HistStore *s, int64_t session, const HistRun *run,
                               HistError *reterr_error);

/* Where the history is, by the environment: MAINSPRING_HISTORY; else `mainspring/history.sqlite`
 * in XDG_DATA_HOME, or in ~/.local/share.
 *
 * Returns 0 with the path; 1 where MAINSPRING_HISTORY is empty: there is to be none; -ENOENT where
 * there is no home; or -ENOMEM.
 */
CHECKED int hist_store_path(char **ret_path);
