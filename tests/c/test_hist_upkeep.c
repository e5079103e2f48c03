#include "hist/upkeep.h"

#include <errno.h>
#include <string.h>

#include "hist/query.h"
#include "testing_alloc.h"
#include "testing_hist.h"

static HistError error;

static const char OTHER[] =
    "CREATE TABLE sessions (session integer primary key autoincrement, start timestamp,"
    "  end timestamp, num_cmds integer, remark text);"
    "CREATE TABLE history (session integer, line integer, source text, source_raw text,"
    "  PRIMARY KEY (session, line));"
    "CREATE TABLE output_history (session integer, line integer, output text,"
    "  PRIMARY KEY (session, line));"
    "INSERT INTO sessions VALUES (1, '2020-01-01 10:00:00.5', '2020-01-01 11:00:00', 3, "
    "'');"
    "INSERT INTO sessions VALUES (2, '2020-01-02 10:00:00.5', NULL, NULL, '');"
    "INSERT INTO sessions VALUES (3, '2020-01-03 10:00:00.5', NULL, NULL, '');"
    "INSERT INTO history VALUES (1, 1, 'a = 1', 'a = 1');"
    "INSERT INTO history VALUES (1, 2, 'get_ipython().system(''ls'')', '!ls');"
    "INSERT INTO history VALUES (1, 3, '', '');"
    "INSERT INTO history VALUES (2, 1, 'b', 'b');"
    "INSERT INTO output_history VALUES (2, 1, '2');";

static void
import_other(HistStore *s, HistImported *ret_imported)
{
    assert_int_equal(
        hist_upkeep_import(s, testing_hist_file("other"), ret_imported, &error), 0);
}

static void
add_own(HistStore *s, const char *text, double start)
{
    int64_t session = 0;
    HistCell cell = {
        .line = 1, .time = start, .typed = text, .typed_length = strlen(text)
    };
    assert_int_equal(hist_store_begin(s, &error), 0);
    assert_int_equal(hist_store_add_session(s, start, &session, &error), 0);
    assert_int_equal(hist_store_add_input(s, session, &cell, &error), 0);
    assert_int_equal(hist_store_commit(s, &error), 0);
}

static void
assert_texts(HistStore *s, unsigned flags, const char *wanted)
{
    AUTO(hist_rows_done) HistRows rows = { 0 };
    char text[200] = "";
    assert_int_equal(hist_query_search(s, flags, NULL, -1, &rows, &error), 0);
    for (size_t i = 0; i < rows.count; i++) {
        (void)strncat(text, hist_rows_text(&rows, i), rows.items[i].length);
        (void)strcat(text, "|");
    }
    assert_string_equal(text, wanted);
}

static void
another_shells_inputs_come_before_all_that_is_here(void **state)
{
    testing_hist_execute("other", OTHER);
    AUTO(hist_store_close) HistStore *s = testing_hist_open();
    add_own(s, "own", 2e9);
    HistImported done;
    import_other(s, &done);
    assert_int_equal(done.sessions, 2);
    assert_int_equal(done.inputs, 3);
    assert_int_equal(done.known, 0);
    assert_texts(s, 0, "a = 1|!ls|b|own|");
    assert_texts(s, HIST_SOURCE, "a = 1|get_ipython().system('ls')|b|own|");
    int64_t session = 0;
    assert_int_equal(hist_query_session(s, 0, 3e9, 2, &session, &error), 1);
    AUTO(hist_rows_done) HistRows rows = { 0 };
    const int all[2] = { 1, 0 };
    assert_int_equal(hist_query_lines(s, HIST_OUTPUTS, session, all, &rows, &error), 0);
    assert_int_equal(rows.count, 1);
    assert_true(rows.items[0].has_output);
}

static void
nothing_is_taken_over_twice(void **state)
{
    testing_hist_execute("other", OTHER);
    AUTO(hist_store_close) HistStore *s = testing_hist_open();
    HistImported done;
    import_other(s, &done);
    import_other(s, &done);
    assert_int_equal(done.inputs, 0);
    assert_int_equal(done.known, 3);
    assert_texts(s, 0, "a = 1|!ls|b|");
    testing_hist_execute("other", "INSERT INTO history VALUES (2, 2, 'c', 'c')");
    import_other(s, &done);
    assert_int_equal(done.inputs, 1);
    assert_int_equal(done.sessions, 1);
    int64_t removed = 0;
    assert_int_equal(hist_upkeep_trim(s, 1, &removed, &error), 0);
    import_other(s, &done);
    assert_int_equal(done.inputs, 0);
}

static void
a_file_that_is_no_history_is_refused(void **state)
{
    AUTO(hist_store_close) HistStore *s = testing_hist_open();
    HistImported done;
    assert_int_equal(hist_upkeep_import(s, testing_hist_file("none"), &done, &error),
                     -ENOENT);
    testing_hist_write("other", "garbage of more than a few bytes", 32);
    assert_int_equal(hist_upkeep_import(s, testing_hist_file("other"), &done, &error),
                     -EBADMSG);
    testing_hist_execute("third", "CREATE TABLE history (x)");
    assert_int_equal(hist_upkeep_import(s, testing_hist_file("third"), &done, &error),
                     -EBADMSG);
    assert_non_null(strstr(error.reason, "is no history of IPython's"));
}

static void
trimming_keeps_the_latest_and_what_belongs_to_them(void **state)
{
    AUTO(hist_store_close) HistStore *s = testing_hist_open();
    HistRun run = { .number = 1,
                    .status = "ok",
                    .path = "p",
                    .arguments = "[]",
                    .sha256 = "abc",
                    .text = "pass",
                    .text_length = 4 };
    add_own(s, "one", 1);
    assert_int_equal(hist_store_add_run(s, 1, &run, &error), 0);
    add_own(s, "two", 2);
    run.sha256 = "def";
    assert_int_equal(hist_store_add_run(s, 2, &run, &error), 0);
    add_own(s, "three", 3);
    int64_t removed = 0;
    assert_int_equal(hist_upkeep_trim(s, 2, &removed, &error), 0);
    assert_int_equal(removed, 1);
    assert_texts(s, 0, "two|three|");
    assert_int_equal(testing_hist_number("history.sqlite", "SELECT count(*) FROM sources"),
                     1);
    assert_int_equal(testing_hist_number("history.sqlite", "SELECT count(*) FROM sessions"),
                     2);
    int64_t count = 0;
    assert_int_equal(hist_upkeep_trim(s, 0, &removed, &error), 0);
    assert_int_equal(hist_upkeep_count(s, &count, &error), 0);
    assert_int_equal(count, 0);
}

static int
import_once(void)
{
    int r = 0;
    AUTO(hist_store_close)
    HistStore *s = hist_store_open(testing_hist_path, HIST_STORE_MAKE, 0, &r, &error);
    HistImported done;
    return !s ? r : hist_upkeep_import(s, testing_hist_file("other"), &done, &error);
}

static void
survives_every_failed_allocation(void **state)
{
    testing_hist_execute("other", OTHER);
    TORTURE_PLAIN(import_once);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        HIST_TEST(another_shells_inputs_come_before_all_that_is_here),
        HIST_TEST(nothing_is_taken_over_twice),
        HIST_TEST(a_file_that_is_no_history_is_refused),
        HIST_TEST(trimming_keeps_the_latest_and_what_belongs_to_them),
        HIST_TEST(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
