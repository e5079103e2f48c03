#include "hist/query.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { SQL = 600 };

/* Append the statement's rows: id, session, line, text, output. */
static int
read_rows(HistStatement *st, HistRows *rows)
{
    int r;
    while ((r = hist_statement_step(st)) == 1) {
        HistRow row = { .id = hist_statement_integer(st, 0),
                        .session = hist_statement_integer(st, 1),
                        .line = (int)hist_statement_integer(st, 2) };
        size_t length;
        const char *text = hist_statement_text(st, 3, &length);
        hist_rows_add(rows, row, text, length);
        bool has_output = !rows->failed && !hist_statement_is_null(st, 4);
        const char *output = has_output ? hist_statement_text(st, 4, &length) : NULL;
        if (has_output)
            hist_rows_set_output(rows, output, length);
        if (rows->failed)
            return -ENOMEM;
    }
    return r;
}

/* `select` with the columns that `flags` want: `%s` is the text as an expression. */
static void
write_columns(char sql[SQL], unsigned flags, const char *rest)
{
    bool outputs = flags & HIST_OUTPUTS;
    (void)snprintf(
        sql, SQL, "SELECT id, i.session, i.line, %s AS input, %s FROM inputs i %s %s",
        flags & HIST_SOURCE ? "coalesce(source, typed)" : "typed",
        outputs ? "o.text" : "NULL",
        outputs ? "LEFT JOIN outputs o ON o.session = i.session AND o.line = i.line" : "",
        rest);
}

int
hist_query_lines(HistStore *s, unsigned flags, int64_t session, const int lines[2],
                 HistRows *rows, HistError *reterr_error)
{
    char sql[SQL];
    write_columns(sql, flags,
                  "WHERE i.session = ? AND i.line BETWEEN ? AND ? ORDER BY i.line");
    AUTO(hist_statement_done) HistStatement st;
    int r =
        hist_statement_init(&st, &s->connection, reterr_error, sql, "iii", session,
                            (int64_t)lines[0], (int64_t)(lines[1] ? lines[1] : INT_MAX));
    return r < 0 ? r : read_rows(&st, rows);
}

int
hist_query_search(HistStore *s, unsigned flags, const char *pattern, int64_t limit,
                  HistRows *rows, HistError *reterr_error)
{
    char sql[SQL];
    write_columns(
        sql, flags,
        flags & HIST_UNIQUE
            ? "WHERE ?1 IS NULL OR input GLOB ?1 GROUP BY input HAVING id = max(id)"
              " ORDER BY id DESC LIMIT ?2"
            : "WHERE ?1 IS NULL OR input GLOB ?1 ORDER BY id DESC LIMIT ?2");
    AUTO(hist_statement_done) HistStatement st;
    int r = hist_statement_init(&st, &s->connection, reterr_error, sql, "ti", pattern,
                                pattern ? strlen(pattern) : 0, limit);
    if (r == 0)
        r = read_rows(&st, rows);
    if (r == 0)
        hist_rows_reverse(rows);
    return r;
}

int
hist_query_between(HistStore *s, const int64_t ids[2], int64_t session, int64_t limit,
                   HistRows *rows, HistError *reterr_error)
{
    AUTO(hist_statement_done) HistStatement st;
    int r = hist_statement_init(&st, &s->connection, reterr_error,
                                "SELECT id, session, line, typed, NULL FROM inputs WHERE"
                                " id > ? AND id < ? AND session <> ?"
                                " ORDER BY id DESC LIMIT ?",
                                "iiii", ids[0], ids[1], session, limit);
    return r < 0 ? r : read_rows(&st, rows);
}

int
hist_query_session(HistStore *s, int64_t session, double start, int64_t n,
                   int64_t *ret_session, HistError *reterr_error)
{
    AUTO(hist_statement_done) HistStatement st;
    int r = hist_statement_init(&st, &s->connection, reterr_error,
                                "SELECT session FROM sessions WHERE session <> ?1 AND"
                                " (start < ?2 OR (start = ?2 AND (session < ?1 OR ?1 = 0)))"
                                " ORDER BY start DESC, session DESC LIMIT 1 OFFSET ?3",
                                "idi", session, start, n - 1);
    if (r == 0)
        r = hist_statement_step(&st);
    if (r == 1)
        *ret_session = hist_statement_integer(&st, 0);
    return r;
}

int
hist_query_session_facts(HistStore *s, int64_t session, HistSession *ret_session,
                         HistError *reterr_error)
{
    AUTO(hist_statement_done) HistStatement st;
    int r = hist_statement_init(
        &st, &s->connection, reterr_error,
        "SELECT start, end, (SELECT count(*) FROM inputs WHERE inputs.session ="
        " sessions.session) FROM sessions WHERE session = ?",
        "i", session);
    if (r == 0)
        r = hist_statement_step(&st);
    if (r == 1)
        *ret_session = (HistSession){ .start = hist_statement_real(&st, 0),
                                      .end = hist_statement_real(&st, 1),
                                      .inputs = hist_statement_integer(&st, 2) };
    return r;
}
