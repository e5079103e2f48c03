#include "hist/upkeep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

typedef struct Import {
    HistStore *store;
    HistConnection *from;
    HistError *error;
    HistImported done;
    int64_t next_id;  // so far below the oldest that all find room there
} Import;

/* One session of the other shell. */
typedef struct Session {
    int64_t theirs, ours;
    double start, end;
    int64_t lines;  // how far it was taken over before
    char *origin;
} Session;

/* What is known of the session from before: 1, 0 where nothing is, or a negative errno. */
static int
find_known(Import *m, Session *session)
{
    AUTO(hist_statement_done) HistStatement st;
    int r = hist_statement_init(&st, &m->store->connection, m->error,
                                "SELECT session, lines FROM imports WHERE origin = ?", "t",
                                session->origin, strlen(session->origin));
    if (r == 0)
        r = hist_statement_step(&st);
    if (r == 1) {
        session->ours = hist_statement_integer(&st, 0);
        session->lines = hist_statement_integer(&st, 1);
    }
    return r;
}

static int
step_once(int prepared, HistStatement *st)
{
    return prepared < 0 ? prepared : hist_statement_step(st);
}

static int
add_output(Import *m, const Session *session, int64_t line, const HistStatement *row)
{
    size_t length;
    const char *text = hist_statement_text(row, 3, &length);
    AUTO(hist_statement_done) HistStatement st;
    int r = hist_statement_init(&st, &m->store->connection, m->error,
                                "INSERT OR IGNORE INTO outputs VALUES (?, ?, ?)", "iit",
                                session->ours, line, text, length);
    return step_once(r, &st);
}

static int
add_input(Import *m, const Session *session, const HistStatement *row)
{
    int64_t line = hist_statement_integer(row, 0);
    size_t typed_length;
    size_t source_length;
    const char *typed = hist_statement_text(row, 1, &typed_length);
    const char *source = hist_statement_text(row, 2, &source_length);
    bool same = typed_length == source_length && memcmp(typed, source, typed_length) == 0;
    AUTO(hist_statement_done) HistStatement st;
    int r = hist_statement_init(&st, &m->store->connection, m->error,
                                "INSERT OR IGNORE INTO inputs VALUES (?, ?, ?, ?, ?, ?)",
                                "iiidtt", m->next_id, session->ours, line, session->start,
                                typed, typed_length, same ? NULL : source, source_length);
    r = step_once(r, &st);
    if (r == 0 && !hist_statement_is_null(row, 3))
        r = add_output(m, session, line, row);
    m->next_id++;
    m->done.inputs += r == 0;
    return r;
}

/* Copy the lines beyond those that are known. */
static int
copy_lines(Import *m, Session *session)
{
    AUTO(hist_statement_done) HistStatement st;
    int r = hist_statement_init(
        &st, m->from, m->error,
        "SELECT h.line, h.source_raw, h.source, o.output FROM history h LEFT JOIN"
        " output_history o ON o.session = h.session AND o.line = h.line WHERE"
        " h.session = ? AND h.line > ? AND h.source_raw <> '' ORDER BY h.line",
        "ii", session->theirs, session->lines);
    int64_t last = session->lines;
    while (r == 0 && (r = hist_statement_step(&st)) == 1) {
        int64_t line = hist_statement_integer(&st, 0);
        last = line > last ? line : last;
        r = add_input(m, session, &st);
    }
    m->done.sessions += last > session->lines;
    session->lines = last;
    return r;
}

static int
remember(Import *m, const Session *session)
{
    AUTO(hist_statement_done) HistStatement st;
    int r = hist_statement_init(&st, &m->store->connection, m->error,
                                "INSERT OR REPLACE INTO imports VALUES (?, ?, ?)", "tii",
                                session->origin, strlen(session->origin), session->ours,
                                session->lines);
    return step_once(r, &st);
}

/* How many of the session's lines were taken over before. */
static int
count_known(Import *m, const Session *session)
{
    AUTO(hist_statement_done) HistStatement st;
    int r = hist_statement_init(&st, m->from, m->error,
                                "SELECT count(*) FROM history WHERE session = ? AND"
                                " line <= ? AND source_raw <> ''",
                                "ii", session->theirs, session->lines);
    r = step_once(r, &st);
    if (r == 1)
        m->done.known += hist_statement_integer(&st, 0);
    return r < 0 ? r : 0;
}

static int
import_session(Import *m, Session *session)
{
    int r = find_known(m, session);
    if (r == 1)
        r = count_known(m, session);
    int64_t before = m->done.inputs;
    if (r == 0)
        r = hist_store_add_session(m->store, session->start, &session->ours, m->error);
    if (r == 0)
        r = copy_lines(m, session);
    if (r == 0 && m->done.inputs > before)
        r = hist_store_end_session(m->store, session->ours, session->end, m->error);
    return r < 0 ? r : remember(m, session);
}

/* What tells the session from all others, in whatever file: its number and when it began. */
static int
read_origin(const HistStatement *row, char **ret_origin)
{
    AUTO(buf_done) Buf text = { 0 };
    char number[32];
    (void)snprintf(number, sizeof number, "ipython %lld ",
                   (long long)hist_statement_integer(row, 0));
    size_t length;
    const char *start = hist_statement_text(row, 1, &length);
    buf_add_text(&text, number);
    buf_add(&text, start, length);
    return buf_take(&text, ret_origin);
}

static int
import_sessions(Import *m)
{
    AUTO(hist_statement_done) HistStatement st;
    int r = hist_statement_init(
        &st, m->from, m->error,
        "SELECT session, start, (julianday(start, 'utc') - 2440587.5) * 86400,"
        " (julianday(end, 'utc') - 2440587.5) * 86400 FROM sessions"
        " WHERE session IN (SELECT session FROM history) ORDER BY session",
        "");
    while (r == 0 && (r = hist_statement_step(&st)) == 1) {
        AUTO_FREE char *origin = NULL;
        if (read_origin(&st, &origin) < 0)
            return hist_connection_refuse(m->from, -ENOMEM,
                                          "needs more memory than there is", m->error);
        Session session = { .theirs = hist_statement_integer(&st, 0),
                            .start = hist_statement_real(&st, 2),
                            .end = hist_statement_real(&st, 3),
                            .origin = origin };
        r = import_session(m, &session);
    }
    return r;
}

/* Whether the file has what IPython's has. */
static int
check_other(HistConnection *from, HistError *error)
{
    int64_t tables = 0;
    int r = hist_connection_number(from,
                                   "SELECT count(*) FROM sqlite_schema WHERE name IN"
                                   " ('sessions', 'history', 'output_history')",
                                   &tables, error);
    return r == 0 && tables < 3
               ? hist_connection_refuse(from, -EBADMSG, "is no history of IPython's", error)
               : r;
}

static int
open_other(HistConnection *from, const char *path, HistError *error)
{
    enum { WAIT = 2000 };
    int r = hist_connection_open(from, path, HIST_READ, WAIT, error);
    return r < 0 ? r : check_other(from, error);
}

int
hist_upkeep_import(HistStore *s, const char *path, HistImported *ret_imported,
                   HistError *reterr_error)
{
    AUTO(hist_connection_close) HistConnection from;
    int r = open_other(&from, path, reterr_error);
    if (r == 0)
        r = hist_store_begin(s, reterr_error);
    if (r < 0)
        return r;
    Import m = { .store = s, .from = &from, .error = reterr_error };
    int64_t theirs = 0;
    r = hist_connection_number(&s->connection,
                               "SELECT coalesce(min(0, min(id)), 0) FROM inputs",
                               &m.next_id, reterr_error);
    if (r == 0)
        r = hist_connection_number(&from, "SELECT count(*) FROM history", &theirs,
                                   reterr_error);
    m.next_id -= theirs;
    if (r == 0)
        r = import_sessions(&m);
    if (r < 0) {
        hist_store_roll_back(s);
        return r;
    }
    r = hist_store_commit(s, reterr_error);
    if (r == 0)
        *ret_imported = m.done;
    return r;
}

int
hist_upkeep_count(HistStore *s, int64_t *ret_count, HistError *reterr_error)
{
    return hist_connection_number(&s->connection, "SELECT count(*) FROM inputs", ret_count,
                                  reterr_error);
}

static int
remove_inputs(HistStore *s, int64_t keep, HistError *error)
{
    AUTO(hist_statement_done) HistStatement st;
    int r = hist_statement_init(&st, &s->connection, error,
                                "DELETE FROM inputs WHERE id NOT IN (SELECT id FROM inputs"
                                " ORDER BY id DESC LIMIT ?)",
                                "i", keep);
    return step_once(r, &st);
}

int
hist_upkeep_trim(HistStore *s, int64_t keep, int64_t *ret_removed, HistError *reterr_error)
{
    static const char rest[] =
        "DELETE FROM outputs WHERE NOT EXISTS (SELECT 1 FROM inputs i WHERE"
        "  i.session = outputs.session AND i.line = outputs.line);"
        "DELETE FROM runs WHERE session NOT IN (SELECT session FROM inputs);"
        "DELETE FROM sources WHERE sha256 NOT IN"
        "  (SELECT sha256 FROM runs WHERE sha256 IS NOT NULL);"
        "DELETE FROM sessions WHERE session NOT IN (SELECT session FROM inputs);";
    int64_t before = 0;
    int64_t after = 0;
    int r = hist_store_begin(s, reterr_error);
    if (r < 0)
        return r;
    r = hist_upkeep_count(s, &before, reterr_error);
    if (r == 0)
        r = remove_inputs(s, keep, reterr_error);
    if (r == 0)
        r = hist_connection_execute(&s->connection, rest, reterr_error);
    if (r == 0 && keep == 0)
        r = hist_connection_execute(&s->connection, "DELETE FROM imports", reterr_error);
    if (r == 0)
        r = hist_upkeep_count(s, &after, reterr_error);
    if (r < 0) {
        hist_store_roll_back(s);
        return r;
    }
    r = hist_store_commit(s, reterr_error);
    const HistConnection *c = &s->connection;
    if (r == 0)  // a file that stays large is none the worse
        (void)c->sqlite.exec(c->db, "VACUUM; PRAGMA wal_checkpoint(TRUNCATE);", NULL, NULL,
                             NULL);
    if (r == 0)
        *ret_removed = before - after;
    return r;
}
