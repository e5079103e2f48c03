#include "hist/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"

#define APPLICATION 0x6d737067  // "mspg", by which the file is known to be ours
#define TEXT_OF(number) TEXT_OF_VALUE(number)
#define TEXT_OF_VALUE(number) #number

enum { VERSION = 1, COMMITS_PER_CHECKPOINT = 250 };

static const char SCHEMA[] =
    "CREATE TABLE sessions (session INTEGER PRIMARY KEY AUTOINCREMENT, start REAL, end "
    "REAL);"
    "CREATE TABLE inputs (id INTEGER PRIMARY KEY, session INTEGER NOT NULL,"
    "  line INTEGER NOT NULL, time REAL, typed TEXT NOT NULL, source TEXT,"
    "  UNIQUE (session, line));"
    "CREATE TABLE outputs (session INTEGER, line INTEGER, text TEXT,"
    "  PRIMARY KEY (session, line)) WITHOUT ROWID;"
    "CREATE TABLE runs (session INTEGER, number INTEGER, path TEXT, arguments TEXT,"
    "  sha256 TEXT, start REAL, elapsed REAL, status TEXT,"
    "  PRIMARY KEY (session, number)) WITHOUT ROWID;"
    "CREATE TABLE sources (sha256 TEXT PRIMARY KEY, text TEXT);"
    "CREATE TABLE imports (origin TEXT PRIMARY KEY, session INTEGER, lines INTEGER);"
    "PRAGMA application_id = " TEXT_OF(APPLICATION) ";"
                                                    "PRAGMA user_version = 1;";

/* Make the folders above the file, for the user alone. */
static int
make_folders(const char *path)
{
    size_t size = strlen(path) + 1;
    AUTO_FREE char *folder = alloc_resize(NULL, size);
    if (!folder)
        return -ENOMEM;
    memcpy(folder, path, size);
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0700) < 0 && errno != EEXIST) {
            struct stat status;
            int r = -errno;
            if (stat(folder, &status) < 0)  // a folder may be there that can't be written
                return r;
        }
        *slash = '/';
    }
    return 0;
}

/* Make the file, empty, where it isn't there; one that is there is not touched. */
static int
make_file(const char *path, HistError *error)
{
    int r = make_folders(path);
    int flags = O_RDWR | O_CREAT | O_CLOEXEC;
    int fd = r < 0 ? -1 : open(path, flags | O_EXCL, 0600);
    if (r == 0 && fd < 0 && errno == EEXIST && access(path, F_OK) < 0)
        fd = open(path, flags, 0600);  // a link to a file that is not there yet
    if (r == 0 && fd < 0)
        r = errno == EEXIST ? 0 : -errno;
    if (fd >= 0)
        (void)close(fd);  // nothing was written
    if (r < 0)
        (void)snprintf(error->reason, sizeof error->reason, "%s can't be made: %s", path,
                       strerror(-r));
    return r == -EACCES ? -EROFS : r;
}

/* Whether the file is a history: 1, 0 for an empty file, or a negative errno. */
static int
check_file(HistConnection *c, HistError *error)
{
    int64_t application = 0;
    int64_t version = 0;
    int64_t tables = 0;
    int r = hist_connection_number(c, "SELECT count(*) FROM sqlite_schema", &tables, error);
    if (r == 0)
        r = hist_connection_number(c, "PRAGMA application_id", &application, error);
    if (r == 0)
        r = hist_connection_number(c, "PRAGMA user_version", &version, error);
    if (r < 0)
        return r;
    if (tables == 0)
        return 0;
    if (application != APPLICATION)
        return hist_connection_refuse(c, -EBADMSG, "is another program's", error);
    if (version > VERSION)
        return hist_connection_refuse(c, -EBADMSG, "was made by a newer mainspring", error);
    return 1;
}

/* Another session may make them at this moment: who comes second finds them there. */
static int
make_tables(HistStore *s, HistError *error)
{
    int r = hist_store_begin(s, error);
    if (r < 0)
        return r;
    int there = check_file(&s->connection, error);
    r = there < 0    ? there
        : there == 1 ? 0
                     : hist_connection_execute(&s->connection, SCHEMA, error);
    if (r == 0)
        return hist_store_commit(s, error);
    hist_store_roll_back(s);
    return r;
}

/* Beside a file that can't be written, SQLite can't make what it needs to share it. */
static int
reopen_dead(HistStore *s, HistError *error)
{
    AUTO_FREE char *path = TAKE(s->connection.path);
    hist_connection_close(&s->connection);
    s->read_only = true;
    int r = hist_connection_open(&s->connection, path, HIST_READ_DEAD, 0, error);
    if (r < 0)
        return r;
    r = check_file(&s->connection, error);
    return r == 0
               ? hist_connection_refuse(&s->connection, -EROFS, "can't be written", error)
               : r;
}

static int
prepare_file(HistStore *s, HistError *error)
{
    HistConnection *c = &s->connection;
    s->read_only = c->sqlite.db_readonly(c->db, "main") == 1;
    int there = check_file(c, error);
    if (there == -EROFS || (there < 0 && there != -EBUSY && s->read_only))
        there = reopen_dead(s, error);
    if (there < 0)
        return there;
    if (s->read_only)
        return there == 1 ? 0
                          : hist_connection_refuse(c, -EROFS, "can't be written", error);
    int r =
        hist_connection_execute(c,
                                "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                                " PRAGMA wal_autocheckpoint = 0;",
                                error);
    return r == 0 && there == 0 ? make_tables(s, error) : r;
}

static int
open_store(HistStore *s, const char *path, unsigned flags, HistError *error)
{
    bool make = flags & HIST_STORE_MAKE;
    int r = make ? make_file(path, error) : 0;
    if (r == 0 && !make && access(path, F_OK) < 0) {
        r = -errno;
        (void)snprintf(error->reason, sizeof error->reason, "%s: %s", path, strerror(-r));
    }
    if (r == 0)
        r = hist_connection_open(&s->connection, path,
                                 flags & HIST_STORE_APART ? HIST_WRITE_APART : HIST_WRITE,
                                 0, error);
    return r == 0 ? prepare_file(s, error) : r;
}

/* The same, tried again for `wait` milliseconds: who makes the file, or turns it to WAL mode, has it
 * for himself, and SQLite does not wait for that. */
static int
open_patiently(HistStore *s, const char *path, unsigned flags, int wait, HistError *error)
{
    enum { PAUSE = 2 };
    const struct timespec pause = { .tv_nsec = PAUSE * 1000000L };
    for (int waited = 0;; waited += PAUSE) {
        int r = open_store(s, path, flags, error);
        if (r == 0)
            hist_store_set_wait(s, wait);
        if (r != -EBUSY || waited >= wait)
            return r;
        hist_connection_close(&s->connection);
        (void)nanosleep(&pause, NULL);  // a signal may end it early
    }
}

HistStore *
hist_store_open(const char *path, unsigned flags, int wait, int *ret_r,
                HistError *reterr_error)
{
    AUTO(hist_store_close) HistStore *s = alloc_resize(NULL, sizeof *s);
    if (!s) {
        (void)snprintf(reterr_error->reason, sizeof reterr_error->reason,
                       "%s needs more memory than there is", path);
        *ret_r = -ENOMEM;
        return NULL;
    }
    *s = (HistStore){ 0 };
    int r = open_patiently(s, path, flags, wait, reterr_error);
    if (r < 0) {
        *ret_r = r;
        return NULL;
    }
    return TAKE(s);
}

void
hist_store_close(HistStore *s)
{
    if (!s)
        return;
    hist_connection_close(&s->connection);
    free(s);
}

void
hist_store_abandon(HistStore *s)
{
    if (!s)
        return;
    hist_sqlite_unload(&s->connection.sqlite);
    free(s->connection.path);
    free(s);
}

void
hist_store_set_wait(HistStore *s, int wait)
{
    (void)s->connection.sqlite.busy_timeout(s->connection.db, wait);  // it is open
}

int
hist_store_begin(HistStore *s, HistError *reterr_error)
{
    if (s->read_only)
        return hist_connection_refuse(&s->connection, -EROFS, "can't be written",
                                      reterr_error);
    return hist_connection_execute(&s->connection, "BEGIN IMMEDIATE", reterr_error);
}

int
hist_store_commit(HistStore *s, HistError *reterr_error)
{
    int r = hist_connection_execute(&s->connection, "COMMIT", reterr_error);
    if (r < 0) {
        hist_store_roll_back(s);
        return r;
    }
    // By hand: where SQLite does it, its failure would be that of the commit, which is done.
    const HistConnection *c = &s->connection;
    if (++s->commits % COMMITS_PER_CHECKPOINT == 0)
        (void)c->sqlite.exec(c->db, "PRAGMA wal_checkpoint(PASSIVE)", NULL, NULL, NULL);
    return 0;
}

void
hist_store_roll_back(HistStore *s)
{
    const HistConnection *c = &s->connection;
    if (!c->sqlite.get_autocommit(c->db))
        (void)c->sqlite.exec(c->db, "ROLLBACK", NULL, NULL, NULL);  // the end of it anyway
}

/* The one row of a statement that has none. */
static int
run_statement(int prepared, HistStatement *statement)
{
    return prepared < 0 ? prepared : hist_statement_step(statement);
}

int
hist_store_add_session(HistStore *s, double start, int64_t *session,
                       HistError *reterr_error)
{
    HistConnection *c = &s->connection;
    AUTO(hist_statement_done) HistStatement st;
    int r = hist_statement_init(&st, c, reterr_error,
                                "INSERT OR IGNORE INTO sessions (session, start) VALUES"
                                " (nullif(?, 0), ?)",
                                "id", *session, start);
    r = run_statement(r, &st);
    if (r == 0 && *session == 0)
        *session = c->sqlite.last_insert_rowid(c->db);
    return r;
}

int
hist_store_end_session(HistStore *s, int64_t session, double end, HistError *reterr_error)
{
    AUTO(hist_statement_done) HistStatement st;
    int r = hist_statement_init(&st, &s->connection, reterr_error,
                                "UPDATE sessions SET end = ? WHERE session = ?", "di", end,
                                session);
    return run_statement(r, &st);
}

int
hist_store_add_input(HistStore *s, int64_t session, const HistCell *cell,
                     HistError *reterr_error)
{
    AUTO(hist_statement_done) HistStatement st;
    int r =
        hist_statement_init(&st, &s->connection, reterr_error,
                            "INSERT OR IGNORE INTO inputs (session, line, time, typed,"
                            " source) VALUES (?, ?, ?, ?, ?)",
                            "iidtt", session, (int64_t)cell->line, cell->time, cell->typed,
                            cell->typed_length, cell->source, cell->source_length);
    return run_statement(r, &st);
}

int
hist_store_add_output(HistStore *s, int64_t session, int line, const char *text,
                      HistError *reterr_error)
{
    AUTO(hist_statement_done) HistStatement st;
    int r = hist_statement_init(&st, &s->connection, reterr_error,
                                "INSERT OR IGNORE INTO outputs VALUES (?, ?, ?)", "iit",
                                session, (int64_t)line, text, strlen(text));
    return run_statement(r, &st);
}

static int
add_source(HistStore *s, const HistRun *run, HistError *error)
{
    AUTO(hist_statement_done) HistStatement st;
    int r = hist_statement_init(
        &st, &s->connection, error, "INSERT OR IGNORE INTO sources VALUES (?, ?)", "tt",
        run->sha256, strlen(run->sha256), run->text, run->text_length);
    return run_statement(r, &st);
}

int
hist_store_add_run(HistStore *s, int64_t session, const HistRun *run,
                   HistError *reterr_error)
{
    int r = run->sha256[0] ? add_source(s, run, reterr_error) : 0;
    if (r < 0)
        return r;
    AUTO(hist_statement_done) HistStatement st;
    r = hist_statement_init(
        &st, &s->connection, reterr_error,
        "INSERT OR IGNORE INTO runs VALUES (?, ?, ?, ?, nullif(?, ''), ?, ?, ?)",
        "iitttddt", session, (int64_t)run->number, run->path, strlen(run->path),
        run->arguments, strlen(run->arguments), run->sha256, strlen(run->sha256),
        run->started, run->elapsed, run->status, strlen(run->status));
    return run_statement(r, &st);
}

int
hist_store_path(char **ret_path)
{
    const char *path = getenv("MAINSPRING_HISTORY");
    if (path && !*path)
        return 1;
    const char *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    bool has_data = data && *data == '/';  // the standard says to ignore relative ones
    if (!path && !has_data && (!home || *home != '/'))
        return -ENOENT;
    AUTO(buf_done) Buf text = { 0 };
    char folder[PATH_MAX];
    if (path && *path != '/' && getcwd(folder, sizeof folder)) {  // scripts go elsewhere
        buf_add_text(&text, folder);
        buf_add_text(&text, "/");
    }
    buf_add_text(&text, path ? path : has_data ? data : home);
    if (!path)
        buf_add_text(&text, has_data ? "/mainspring/history.sqlite"
                                     : "/.local/share/mainspring/history.sqlite");
    return buf_take(&text, ret_path);
}
