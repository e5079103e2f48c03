#include "hist/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hist/query.h"
#include "testing_alloc.h"
#include "testing_hist.h"

static HistError error;

static HistCell
cell(int line, const char *typed, const char *source)
{
    return (HistCell){ .line = line,
                       .time = 1,
                       .typed = typed,
                       .typed_length = strlen(typed),
                       .source = source,
                       .source_length = source ? strlen(source) : 0 };
}

/* Write a session of these inputs, in a transaction: its number. */
static int64_t
add_session(HistStore *s, double start, const char *const *texts)
{
    int64_t session = 0;
    assert_int_equal(hist_store_begin(s, &error), 0);
    assert_int_equal(hist_store_add_session(s, start, &session, &error), 0);
    for (int i = 0; texts[i]; i++) {
        HistCell one = cell(i + 1, texts[i], NULL);
        assert_int_equal(hist_store_add_input(s, session, &one, &error), 0);
    }
    assert_int_equal(hist_store_commit(s, &error), 0);
    return session;
}

static void
assert_row(const HistRows *rows, size_t i, const char *text)
{
    assert_true(i < rows->count);
    assert_int_equal(rows->items[i].length, strlen(text));
    assert_memory_equal(hist_rows_text(rows, i), text, strlen(text));
}

static void
assert_refused(int wanted, const char *reason)
{
    int r = 0;
    HistStore *s = hist_store_open(testing_hist_path, HIST_STORE_MAKE, 0, &r, &error);
    assert_null(s);
    assert_int_equal(r, wanted);
    assert_non_null(strstr(error.reason, reason));
    assert_non_null(strstr(error.reason, testing_hist_path));
}

static void
what_was_written_is_read_back_after_it_was_closed(void **state)
{
    HistStore *s = testing_hist_open();
    int64_t session =
        add_session(s, 1, (const char *const[]){ "a = 1", "b\n  = 'ä'", NULL });
    hist_store_close(s);
    AUTO(hist_store_close) HistStore *again = testing_hist_open();
    AUTO(hist_rows_done) HistRows rows = { 0 };
    const int all[2] = { 1, 0 };
    assert_int_equal(hist_query_lines(again, 0, session, all, &rows, &error), 0);
    assert_int_equal(rows.count, 2);
    assert_row(&rows, 0, "a = 1");
    assert_row(&rows, 1, "b\n  = 'ä'");
    assert_int_equal(rows.items[1].line, 2);
}

static void
the_file_and_its_folders_are_the_users_alone(void **state)
{
    char path[200];
    (void)snprintf(path, sizeof path, "%s.d/deep/history.sqlite", testing_hist_path);
    int r = 0;
    mode_t mask = umask(0);
    hist_store_close(hist_store_open(path, HIST_STORE_MAKE, 0, &r, &error));
    umask(mask);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(unlink(path), 0);
    for (int i = 0; i < 2; i++) {
        *strrchr(path, '/') = '\0';
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0700);
        assert_int_equal(rmdir(path), 0);
    }
}

static void
what_a_cell_became_is_read_only_if_asked_for(void **state)
{
    AUTO(hist_store_close) HistStore *s = testing_hist_open();
    int64_t session = add_session(s, 1, (const char *const[]){ NULL });
    HistCell typed = cell(1, "!ls", "system('ls')");
    assert_int_equal(hist_store_add_input(s, session, &typed, &error), 0);
    assert_int_equal(hist_store_add_output(s, session, 1, "0", &error), 0);
    AUTO(hist_rows_done) HistRows rows = { 0 };
    assert_int_equal(hist_query_search(s, 0, "!*", -1, &rows, &error), 0);
    assert_int_equal(
        hist_query_search(s, HIST_SOURCE | HIST_OUTPUTS, "*system*", -1, &rows, &error), 0);
    assert_int_equal(rows.count, 2);
    assert_row(&rows, 0, "system('ls')");
    assert_true(rows.items[0].has_output);
    assert_memory_equal(hist_rows_output(&rows, 0), "0", 1);
    assert_row(&rows, 1, "!ls");
    assert_false(rows.items[1].has_output);
}

static void
a_search_gives_the_latest_ones_oldest_first(void **state)
{
    AUTO(hist_store_close) HistStore *s = testing_hist_open();
    add_session(s, 1, (const char *const[]){ "x1", "y", "x2", "x1", NULL });
    AUTO(hist_rows_done) HistRows rows = { 0 };
    assert_int_equal(hist_query_search(s, 0, "x*", 2, &rows, &error), 0);
    assert_int_equal(rows.count, 2);
    assert_row(&rows, 0, "x2");
    assert_row(&rows, 1, "x1");
    hist_rows_done(&rows);
    assert_int_equal(hist_query_search(s, HIST_UNIQUE, NULL, -1, &rows, &error), 0);
    assert_int_equal(rows.count, 3);
    assert_row(&rows, 0, "y");
    assert_row(&rows, 2, "x1");
}

static void
sessions_are_counted_back_by_when_they_began(void **state)
{
    AUTO(hist_store_close) HistStore *s = testing_hist_open();
    static const char *const one[] = { "x", NULL };
    int64_t late = add_session(s, 30, one);
    int64_t early = add_session(s, 10, one);
    int64_t own = add_session(s, 40, one);
    int64_t found = 0;
    assert_int_equal(hist_query_session(s, own, 40, 1, &found, &error), 1);
    assert_int_equal(found, late);
    assert_int_equal(hist_query_session(s, own, 40, 2, &found, &error), 1);
    assert_int_equal(found, early);
    assert_int_equal(hist_query_session(s, own, 40, 3, &found, &error), 0);
    HistSession facts;
    assert_int_equal(hist_query_session_facts(s, early, &facts, &error), 1);
    assert_true(facts.start == 10 && facts.inputs == 1);
    assert_int_equal(hist_query_session_facts(s, 99, &facts, &error), 0);
}

static void
a_text_that_ran_often_is_stored_once(void **state)
{
    HistStore *s = testing_hist_open();
    int64_t session = add_session(s, 1, (const char *const[]){ NULL });
    HistRun run = { .number = 1,
                    .status = "ok",
                    .path = "/s.py",
                    .arguments = "[]",
                    .sha256 = "abc",
                    .text = "pass",
                    .text_length = 4 };
    for (; run.number <= 3; run.number++)
        assert_int_equal(hist_store_add_run(s, session, &run, &error), 0);
    hist_store_close(s);
    assert_int_equal(testing_hist_number("history.sqlite", "SELECT count(*) FROM runs"), 3);
    assert_int_equal(testing_hist_number("history.sqlite", "SELECT count(*) FROM sources"),
                     1);
}

static void
what_is_taken_back_was_never_there(void **state)
{
    AUTO(hist_store_close) HistStore *s = testing_hist_open();
    int64_t session = add_session(s, 1, (const char *const[]){ NULL });
    HistCell one = cell(1, "x", NULL);
    assert_int_equal(hist_store_begin(s, &error), 0);
    assert_int_equal(hist_store_add_input(s, session, &one, &error), 0);
    hist_store_roll_back(s);
    AUTO(hist_rows_done) HistRows rows = { 0 };
    assert_int_equal(hist_query_search(s, 0, NULL, -1, &rows, &error), 0);
    assert_int_equal(rows.count, 0);
}

static void
a_damaged_file_is_left_as_it_is(void **state)
{
    static const char garbage[] =
        "this is no history at all, but somebody wants to keep it\n";
    testing_hist_write("history.sqlite", garbage, sizeof garbage);
    assert_refused(-EBADMSG, "is damaged, or no history");
    struct stat status;
    assert_int_equal(stat(testing_hist_path, &status), 0);
    assert_int_equal(status.st_size, sizeof garbage);
}

static void
a_truncated_file_is_left_as_it_is(void **state)
{
    HistStore *s = testing_hist_open();
    add_session(s, 1, (const char *const[]){ "x", NULL });
    hist_store_close(s);
    assert_int_equal(truncate(testing_hist_path, 5000), 0);
    assert_refused(-EBADMSG, "is damaged, or no history");
}

static void
another_programs_file_is_left_as_it_is(void **state)
{
    testing_hist_execute("history.sqlite", "CREATE TABLE theirs (x)");
    assert_refused(-EBADMSG, "is another program's");
    assert_int_equal(
        testing_hist_number("history.sqlite", "SELECT count(*) FROM sqlite_schema"), 1);
}

static void
a_newer_versions_file_is_left_as_it_is(void **state)
{
    hist_store_close(testing_hist_open());
    testing_hist_execute("history.sqlite", "PRAGMA user_version = 99");
    assert_refused(-EBADMSG, "was made by a newer mainspring");
}

static void
a_file_that_is_not_there_is_made_only_if_asked_for(void **state)
{
    int r = 0;
    assert_null(hist_store_open(testing_hist_path, 0, 0, &r, &error));
    assert_int_equal(r, -ENOENT);
    assert_int_equal(access(testing_hist_path, F_OK), -1);
}

static void
a_folder_that_cant_be_made_is_an_error(void **state)
{
    testing_hist_write("file", "", 0);
    int r = 0;
    char path[400];
    (void)snprintf(path, sizeof path, "%s/history.sqlite", testing_hist_file("file"));
    assert_null(hist_store_open(path, HIST_STORE_MAKE, 0, &r, &error));
    assert_int_equal(r, -ENOTDIR);
    assert_non_null(strstr(error.reason, "can't be made"));
}

static void
a_lock_of_another_program_is_not_waited_for(void **state)
{
    AUTO(hist_store_close) HistStore *s = testing_hist_open();
    AUTO(hist_connection_close) HistConnection other;
    assert_int_equal(hist_connection_open(&other, testing_hist_path, HIST_WRITE, 0, &error),
                     0);
    assert_int_equal(hist_connection_execute(&other, "BEGIN IMMEDIATE", &error), 0);
    assert_int_equal(hist_store_begin(s, &error), -EBUSY);
    assert_non_null(strstr(error.reason, "is locked by another program"));
    assert_int_equal(hist_connection_execute(&other, "COMMIT", &error), 0);
    assert_int_equal(hist_store_begin(s, &error), 0);
    assert_int_equal(hist_store_commit(s, &error), 0);
}

static void
the_environment_says_where_it_is(void **state)
{
    const struct {
        const char *history, *data, *home, *wanted;
    } cases[] = {
        { NULL, NULL, "/h", "/h/.local/share/mainspring/history.sqlite" },
        { NULL, "/d", "/h", "/d/mainspring/history.sqlite" },
        { NULL, "d", "/h", "/h/.local/share/mainspring/history.sqlite" },
        { "/x.db", "/d", "/h", "/x.db" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        (void)unsetenv("MAINSPRING_HISTORY");
        (void)unsetenv("XDG_DATA_HOME");
        if (cases[i].history)
            (void)setenv("MAINSPRING_HISTORY", cases[i].history, 1);
        if (cases[i].data)
            (void)setenv("XDG_DATA_HOME", cases[i].data, 1);
        (void)setenv("HOME", cases[i].home, 1);
        AUTO_FREE char *path = NULL;
        assert_int_equal(hist_store_path(&path), 0);
        assert_string_equal(path, cases[i].wanted);
    }
    char *path = NULL;
    (void)setenv("MAINSPRING_HISTORY", "", 1);
    assert_int_equal(hist_store_path(&path), 1);
    (void)unsetenv("MAINSPRING_HISTORY");
    (void)unsetenv("HOME");
    (void)unsetenv("XDG_DATA_HOME");
    assert_int_equal(hist_store_path(&path), -ENOENT);
}

static int
find_path(void)
{
    (void)setenv("HOME", "/h", 1);
    AUTO_FREE char *path = NULL;
    return hist_store_path(&path);
}

static int
open_and_read(void)
{
    int r = 0;
    AUTO(hist_store_close)
    HistStore *s = hist_store_open(testing_hist_path, HIST_STORE_MAKE, 0, &r, &error);
    if (!s)
        return r;
    AUTO(hist_rows_done) HistRows rows = { 0 };
    return hist_query_search(s, HIST_OUTPUTS, NULL, -1, &rows, &error);
}

static void
survives_every_failed_allocation(void **state)
{
    HistStore *s = testing_hist_open();
    int64_t session = add_session(s, 1, (const char *const[]){ "x", "y", NULL });
    assert_int_equal(hist_store_add_output(s, session, 1, "1", &error), 0);
    hist_store_close(s);
    TORTURE_PLAIN(open_and_read);
    TORTURE_PLAIN(find_path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        HIST_TEST(what_was_written_is_read_back_after_it_was_closed),
        HIST_TEST(the_file_and_its_folders_are_the_users_alone),
        HIST_TEST(what_a_cell_became_is_read_only_if_asked_for),
        HIST_TEST(a_search_gives_the_latest_ones_oldest_first),
        HIST_TEST(sessions_are_counted_back_by_when_they_began),
        HIST_TEST(a_text_that_ran_often_is_stored_once),
        HIST_TEST(what_is_taken_back_was_never_there),
        HIST_TEST(a_damaged_file_is_left_as_it_is),
        HIST_TEST(a_truncated_file_is_left_as_it_is),
        HIST_TEST(another_programs_file_is_left_as_it_is),
        HIST_TEST(a_newer_versions_file_is_left_as_it_is),
        HIST_TEST(a_file_that_is_not_there_is_made_only_if_asked_for),
        HIST_TEST(a_folder_that_cant_be_made_is_an_error),
        HIST_TEST(a_lock_of_another_program_is_not_waited_for),
        HIST_TEST(the_environment_says_where_it_is),
        HIST_TEST(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
