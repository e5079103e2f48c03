/* hist/connection.h -- an open SQLite file, and one statement on it.
 *
 * Everything that fails says why in a HistError, in words that go behind the file's name, and
 * returns what kind of failure it is:
 *
 *     -EBUSY   another program has it locked      -ENOSPC   the disk is full
 *     -EROFS   it can't be written                -EBADMSG  it is damaged, or something else
 *     -ENOMEM, and other negative errnos where the system said one
 *
 * World: plain.  One thread at a time.  Tests: tests/c/test_hist_store.c
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hist/sqlite.h"

/* All zeros: not open. */
typedef struct HistConnection {
    HistSqlite sqlite;
    sqlite3 *db;
    char *path;
} HistConnection;

typedef enum HistAccess {
    HIST_READ,       // somebody else's file, which is only looked at
    HIST_READ_DEAD,  // the same where nothing can be written beside it: nobody may write to it
    HIST_WRITE,      // an existing file, to write if that may be
    HIST_WRITE_APART,  // the same by a copy of SQLite that never saw it (hist/sqlite.h)
} HistAccess;

/* Open the file at `path`; a lock that another program has is waited for `wait` milliseconds.
 *
 * Returns 0, or a negative errno as above with the connection closed.
 */
CHECKED int hist_connection_open(HistConnection *c, const char *path, HistAccess access,
                                 int wait, HistError *reterr_error);

/* Close it, from any state.  Never fails. */
void hist_connection_close(HistConnection *c);

static inline void
hist_connection_close_slot(HistConnection *c)
{
    hist_connection_close(c);
}

/* Give a failure of our own its reason, in the same words.  Returns `r`. */
int hist_connection_refuse(const HistConnection *c, int r, const char *what,
                           HistError *reterr_error);

/* Execute statements that have no parameters and no rows.  Returns 0 or a negative errno. */
CHECKED int hist_connection_execute(HistConnection *c, const char *sql,
                                    HistError *reterr_error);

/* A statement on the way through its rows.  All zeros: none. */
typedef struct HistStatement {
    HistConnection *connection;
    sqlite3_stmt *statement;
    HistError *error;  // where its failures are told; outlives it
} HistStatement;

/* Prepare `sql` and bind its parameters by the letters of `types`: i an int64_t, d a double,
 * t a text and its length (const char *, size_t; NULL for none), which stays until it is done.
 *
 * Returns 0 or a negative errno.
 */
CHECKED int hist_statement_init(HistStatement *s, HistConnection *c,
                                HistError *reterr_error, const char *sql, const char *types,
                                ...);

/* Go to the next row: 1, 0 where there is none, or a negative errno. */
CHECKED int hist_statement_step(HistStatement *s);

/* A column of the row, from 0; a text is valid up to the next step.  Never fails. */
int64_t hist_statement_integer(const HistStatement *s, int column);
double hist_statement_real(const HistStatement *s, int column);
const char *hist_statement_text(const HistStatement *s, int column, size_t *ret_length);
bool hist_statement_is_null(const HistStatement *s, int column);

/* End it.  Never fails. */
void hist_statement_done(HistStatement *s);

static inline void
hist_statement_done_slot(HistStatement *s)
{
    hist_statement_done(s);
}

/* The one number that a query answers with.  Returns 0 or a negative errno. */
CHECKED int hist_connection_number(HistConnection *c, const char *sql, int64_t *ret_number,
                                   HistError *reterr_error);
