/* hist/sqlite.h -- SQLite, loaded when the history is first used.
 *
 * The library is the system's shared one, which Python's own `sqlite3` module uses too: two copies
 * of SQLite in one process would take each other's locks away on a file that both have open.
 * Nothing of it is loaded by a process that has no history.
 *
 * World: plain.  Tests: tests/c/test_hist_store.c
 */
#pragma once

#include <stdbool.h>

#include <sqlite3.h>

#include "base/attr.h"

enum { HIST_REASON = 320 };

/* Why something failed, one line without its end, for the user. */
typedef struct HistError {
    char reason[HIST_REASON];
} HistError;

/* The functions of the library that we call, by their names there. */
#define HIST_SQLITE_FUNCTIONS(X)                                                           \
    X(bind_double)                                                                         \
    X(bind_int64)                                                                          \
    X(bind_text)                                                                           \
    X(busy_timeout)                                                                        \
    X(close_v2)                                                                            \
    X(column_bytes)                                                                        \
    X(column_double)                                                                       \
    X(column_int64)                                                                        \
    X(column_text)                                                                         \
    X(column_type)                                                                         \
    X(db_readonly)                                                                         \
    X(errmsg)                                                                              \
    X(exec)                                                                                \
    X(extended_errcode)                                                                    \
    X(finalize)                                                                            \
    X(get_autocommit)                                                                      \
    X(last_insert_rowid)                                                                   \
    X(open_v2)                                                                             \
    X(prepare_v3)                                                                          \
    X(step)                                                                                \
    X(system_errno)

typedef struct HistSqlite {
#define HIST_SQLITE_MEMBER(name) __typeof__(&sqlite3_##name) name;
    HIST_SQLITE_FUNCTIONS(HIST_SQLITE_MEMBER)
#undef HIST_SQLITE_MEMBER
    void *copy;  // the library, where it is a copy of its own
} HistSqlite;

/* Load the library; done again it costs next to nothing.  `apart` loads another copy of it, which
 * knows nothing of the files that the others have open: for when their descriptors are gone.
 *
 * Returns 0, or -ENOSYS and the reason where there is none.
 */
CHECKED int hist_sqlite_load(HistSqlite *ret_sqlite, bool apart, HistError *reterr_error);

/* Have a copy of the library go, of which nothing is used any more; its open files are left as they
 * are.  The one that all share stays.  Never fails. */
void hist_sqlite_unload(HistSqlite *sqlite);
