#include "hist/connection.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

int
hist_connection_refuse(const HistConnection *c, int r, const char *what,
                       HistError *reterr_error)
{
    (void)snprintf(reterr_error->reason, sizeof reterr_error->reason, "%s %s",
                   c->path ? c->path : "it", what);  // longer ones are cut
    return r;
}

/* What the system said on the way, for failures of its calls. */
static int
fail_by_system(const HistConnection *c, HistError *error)
{
    int code = c->sqlite.system_errno(c->db);
    if (code == ENOSPC || code == EDQUOT || code == EFBIG)
        return hist_connection_refuse(c, -ENOSPC, "can't grow: the disk is full", error);
    if (code == EROFS || code == EACCES || code == EPERM)
        return hist_connection_refuse(c, -EROFS, "can't be written", error);
    char what[200];
    (void)snprintf(what, sizeof what, "can't be used: %s",
                   code ? strerror(code) : c->sqlite.errmsg(c->db));
    return hist_connection_refuse(c, code ? -code : -EIO, what, error);
}

/* What the last failure was: a negative errno, with its reason. */
static int
fail(const HistConnection *c, HistError *reterr_error)
{
    switch (c->sqlite.extended_errcode(c->db) & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
        return hist_connection_refuse(c, -EBUSY, "is locked by another program",
                                      reterr_error);
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return hist_connection_refuse(c, -EROFS, "can't be written", reterr_error);
    case SQLITE_FULL:
        return hist_connection_refuse(c, -ENOSPC, "can't grow: the disk is full",
                                      reterr_error);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return hist_connection_refuse(c, -EBADMSG, "is damaged, or no history",
                                      reterr_error);
    case SQLITE_NOMEM:
        return hist_connection_refuse(c, -ENOMEM, "needs more memory than there is",
                                      reterr_error);
    default:
        return fail_by_system(c, reterr_error);
    }
}

/* The path as a URI that says that nobody writes to the file. */
static int
make_dead_uri(const char *path, char **ret_uri)
{
    AUTO(buf_done) Buf uri = { 0 };
    buf_add_text(&uri, "file:");
    for (const char *c = path; *c; c++) {
        char escaped[4];
        (void)snprintf(escaped, sizeof escaped, "%%%02X", (unsigned char)*c);
        if (IS_ONE_OF(*c, "%?#"))
            buf_add_text(&uri, escaped);
        else
            buf_add(&uri, c, 1);
    }
    buf_add_text(&uri, "?immutable=1");
    return buf_take(&uri, ret_uri);
}

static int
open_file(HistConnection *c, HistAccess access, HistError *error)
{
    AUTO_FREE char *uri = NULL;
    if (access == HIST_READ_DEAD && make_dead_uri(c->path, &uri) < 0)
        return hist_connection_refuse(c, -ENOMEM, "needs more memory than there is", error);
    int flags = access >= HIST_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    flags |= SQLITE_OPEN_NOMUTEX | (uri ? SQLITE_OPEN_URI : 0);
    if (c->sqlite.open_v2(uri ? uri : c->path, &c->db, flags, NULL) == SQLITE_OK)
        return 0;
    if (!c->db)
        return hist_connection_refuse(c, -ENOMEM, "needs more memory than there is", error);
    return fail(c, error);
}

int
hist_connection_open(HistConnection *c, const char *path, HistAccess access, int wait,
                     HistError *reterr_error)
{
    *c = (HistConnection){ 0 };
    int r = hist_sqlite_load(&c->sqlite, access == HIST_WRITE_APART, reterr_error);
    if (r < 0)
        return r;
    size_t size = strlen(path) + 1;
    c->path = alloc_resize(NULL, size);
    if (!c->path)
        return hist_connection_refuse(c, -ENOMEM, "needs more memory than there is",
                                      reterr_error);
    memcpy(c->path, path, size);
    r = open_file(c, access, reterr_error);
    if (r < 0) {
        hist_connection_close(c);
        return r;
    }
    (void)c->sqlite.busy_timeout(c->db, wait);  // fails on no open connection
    return 0;
}

void
hist_connection_close(HistConnection *c)
{
    if (c->db)
        (void)c->sqlite.close_v2(c->db);  // statements that are left end with it
    hist_sqlite_unload(&c->sqlite);
    free(c->path);
    *c = (HistConnection){ 0 };
}

int
hist_connection_execute(HistConnection *c, const char *sql, HistError *reterr_error)
{
    if (c->sqlite.exec(c->db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return 0;
    return fail(c, reterr_error);
}

static int
bind_next(HistStatement *s, int at, char type, va_list *values)
{
    const HistSqlite *q = &s->connection->sqlite;
    switch (type) {
    case 'i':
        return q->bind_int64(s->statement, at, va_arg(*values, int64_t));
    case 'd':
        return q->bind_double(s->statement, at, va_arg(*values, double));
    default: {
        const char *text = va_arg(*values, const char *);
        size_t length = va_arg(*values, size_t);
        if (length > INT_MAX)
            return SQLITE_TOOBIG;
        return q->bind_text(s->statement, at, text, (int)length, SQLITE_STATIC);
    }
    }
}

int
hist_statement_init(HistStatement *s, HistConnection *c, HistError *reterr_error,
                    const char *sql, const char *types, ...)
{
    *s = (HistStatement){ .connection = c, .error = reterr_error };
    if (c->sqlite.prepare_v3(c->db, sql, -1, 0, &s->statement, NULL) != SQLITE_OK)
        return fail(c, reterr_error);
    va_list values;
    va_start(values, types);
    int r = SQLITE_OK;
    for (int i = 0; types[i] && r == SQLITE_OK; i++)
        r = bind_next(s, i + 1, types[i], &values);
    va_end(values);
    return r == SQLITE_OK ? 0 : fail(c, reterr_error);
}

int
hist_statement_step(HistStatement *s)
{
    int r = s->connection->sqlite.step(s->statement);
    if (r == SQLITE_ROW || r == SQLITE_DONE)
        return r == SQLITE_ROW;
    return fail(s->connection, s->error);
}

int64_t
hist_statement_integer(const HistStatement *s, int column)
{
    return s->connection->sqlite.column_int64(s->statement, column);
}

double
hist_statement_real(const HistStatement *s, int column)
{
    return s->connection->sqlite.column_double(s->statement, column);
}

const char *
hist_statement_text(const HistStatement *s, int column, size_t *ret_length)
{
    const HistSqlite *q = &s->connection->sqlite;
    const char *text = (const char *)q->column_text(s->statement, column);
    *ret_length = text ? (size_t)q->column_bytes(s->statement, column) : 0;
    return text ? text : "";
}

bool
hist_statement_is_null(const HistStatement *s, int column)
{
    return s->connection->sqlite.column_type(s->statement, column) == SQLITE_NULL;
}

void
hist_statement_done(HistStatement *s)
{
    if (s->statement)
        (void)s->connection->sqlite.finalize(s->statement);  // repeats step()'s failure
    *s = (HistStatement){ 0 };
}

int
hist_connection_number(HistConnection *c, const char *sql, int64_t *ret_number,
                       HistError *reterr_error)
{
    AUTO(hist_statement_done) HistStatement s;
    int r = hist_statement_init(&s, c, reterr_error, sql, "");
    if (r == 0)
        r = hist_statement_step(&s);
    if (r == 1)
        *ret_number = hist_statement_integer(&s, 0);
    return r == 0  ? hist_connection_refuse(c, -EBADMSG, "is damaged, or no history",
                                            reterr_error)
           : r < 0 ? r
                   : 0;
}
