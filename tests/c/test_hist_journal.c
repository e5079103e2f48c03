#include "hist/journal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "testing_alloc.h"
#include "testing_hist.h"

static HistError error;

static int
add(HistJournal *j, int line, const char *text)
{
    HistCell cell = { .line = line,
                      .time = 1,
                      .typed = text,
                      .typed_length = strlen(text),
                      .source = "s",
                      .source_length = 1 };
    return hist_journal_add_input(j, &cell);
}

static long
stored(void)
{
    return testing_hist_number("history.sqlite", "SELECT count(*) FROM inputs");
}

static void
nothing_touches_the_file_before_something_is_to_be_saved(void **state)
{
    AUTO(hist_journal_free) HistJournal *j = hist_journal_new(testing_hist_path);
    assert_int_equal(hist_journal_save(j, 0, &error), 0);
    assert_int_equal(hist_journal_end(j, &error), 0);
    int r = 0;
    assert_null(hist_journal_store(j, &r, &error));
    assert_int_equal(r, -ENOENT);
    assert_int_equal(access(testing_hist_path, F_OK), -1);
}

static void
what_counts_as_saved_is_in_the_file(void **state)
{
    AUTO(hist_journal_free) HistJournal *j = hist_journal_new(testing_hist_path);
    assert_int_equal(add(j, 1, "x = 1"), 0);
    assert_int_equal(hist_journal_saved(j), 0);
    assert_int_equal(hist_journal_save(j, 0, &error), 0);
    assert_int_equal(hist_journal_saved(j), 1);
    assert_int_equal(hist_journal_session(j), 1);
    assert_int_equal(stored(), 1);
}

static void
inputs_that_begin_with_a_blank_are_not_kept(void **state)
{
    AUTO(hist_journal_free) HistJournal *j = hist_journal_new(testing_hist_path);
    assert_int_equal(add(j, 1, " secret = 1"), 0);
    assert_int_equal(add(j, 2, ""), 0);
    assert_int_equal(add(j, 3, "\tx"), 0);
    assert_int_equal(hist_journal_count(j), 0);
    assert_null(hist_journal_find(j, 1));
}

static void
a_cell_within_a_cell_does_not_take_its_place(void **state)
{
    AUTO(hist_journal_free) HistJournal *j = hist_journal_new(testing_hist_path);
    assert_int_equal(add(j, 1, "outer"), 0);
    assert_int_equal(add(j, 1, "inner"), 0);
    assert_int_equal(hist_journal_count(j), 1);
    assert_string_equal(hist_journal_find(j, 1)->typed, "outer");
}

static void
what_can_not_be_written_is_written_later(void **state)
{
    AUTO(hist_journal_free) HistJournal *j = hist_journal_new(testing_hist_path);
    hist_store_close(testing_hist_open());
    AUTO(hist_connection_close) HistConnection other;
    assert_int_equal(hist_connection_open(&other, testing_hist_path, HIST_WRITE, 0, &error),
                     0);
    assert_int_equal(hist_connection_execute(&other, "BEGIN IMMEDIATE", &error), 0);
    HistRun run = { .number = 1,
                    .status = "ok",
                    .path = "p",
                    .arguments = "[]",
                    .sha256 = "abc",
                    .text = "pass",
                    .text_length = 4 };
    assert_int_equal(add(j, 1, "x"), 0);
    assert_int_equal(hist_journal_add_output(j, 1, "1"), 0);
    assert_int_equal(hist_journal_add_run(j, &run), 0);
    assert_int_equal(hist_journal_save(j, 0, &error), -EBUSY);
    assert_int_equal(hist_journal_saved(j), 0);
    assert_int_equal(add(j, 2, "y"), 0);
    assert_int_equal(hist_connection_execute(&other, "ROLLBACK", &error), 0);
    assert_int_equal(hist_journal_end(j, &error), 0);
    assert_int_equal(hist_journal_saved(j), 2);
    assert_int_equal(stored(), 2);
    assert_int_equal(testing_hist_number("history.sqlite", "SELECT count(*) FROM runs"), 1);
    assert_int_equal(testing_hist_number("history.sqlite", "SELECT count(*) FROM outputs"),
                     1);
}

static void
a_file_that_is_deleted_meanwhile_is_made_again_with_the_whole_session(void **state)
{
    AUTO(hist_journal_free) HistJournal *j = hist_journal_new(testing_hist_path);
    assert_int_equal(add(j, 1, "x"), 0);
    assert_int_equal(hist_journal_save(j, 0, &error), 0);
    assert_int_equal(unlink(testing_hist_path), 0);
    (void)unlink(testing_hist_file("history.sqlite-wal"));
    (void)unlink(testing_hist_file("history.sqlite-shm"));
    assert_int_equal(add(j, 2, "y"), 0);
    assert_int_equal(hist_journal_save(j, 0, &error), 0);
    assert_int_equal(stored(), 2);
}

static void
descriptors_that_a_script_closed_are_not_written_to(void **state)
{
    AUTO(hist_journal_free) HistJournal *j = hist_journal_new(testing_hist_path);
    assert_int_equal(add(j, 1, "x"), 0);
    assert_int_equal(hist_journal_save(j, 0, &error), 0);
    closefrom(3);
    FILE *theirs = fopen(testing_hist_file("theirs"), "w+");  // gets a number of ours
    assert_non_null(theirs);
    assert_int_equal(add(j, 2, "y"), 0);
    assert_int_equal(hist_journal_save(j, 0, &error), 0);
    assert_int_equal(stored(), 2);
    assert_int_equal(fseek(theirs, 0, SEEK_END), 0);
    assert_int_equal(ftell(theirs), 0);
    (void)fclose(theirs);
}

static void
a_forked_child_never_touches_it(void **state)
{
    AUTO(hist_journal_free) HistJournal *j = hist_journal_new(testing_hist_path);
    assert_int_equal(add(j, 1, "x"), 0);
    assert_int_equal(hist_journal_save(j, 0, &error), 0);
    pid_t child = fork();
    if (child == 0) {
        int r = 0;
        bool right = add(j, 2, "y") == 0 && hist_journal_save(j, 0, &error) == 0
                     && hist_journal_end(j, &error) == 0 && hist_journal_count(j) == 1
                     && !hist_journal_store(j, &r, &error) && r == -EPERM;
        hist_journal_free(j);
        _exit(right ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(stored(), 1);
    assert_int_equal(add(j, 2, "y"), 0);
    assert_int_equal(hist_journal_save(j, 0, &error), 0);
    assert_int_equal(stored(), 2);
}

/* What could not be noted is lost to the history; what could is still right. */
static int
use(void)
{
    AUTO(hist_journal_free) HistJournal *j = hist_journal_new(testing_hist_path);
    if (!j)
        return -ENOMEM;
    HistRun run = { .number = 1,
                    .status = "ok",
                    .path = "p",
                    .arguments = "[]",
                    .sha256 = "abc",
                    .text = "pass",
                    .text_length = 4 };
    int r = add(j, 1, "x");
    if (r == 0)
        r = hist_journal_add_output(j, 1, "1");
    if (r == 0)
        r = hist_journal_add_run(j, &run);
    return r < 0 ? r : hist_journal_end(j, &error);
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE_PLAIN(use);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        HIST_TEST(nothing_touches_the_file_before_something_is_to_be_saved),
        HIST_TEST(what_counts_as_saved_is_in_the_file),
        HIST_TEST(inputs_that_begin_with_a_blank_are_not_kept),
        HIST_TEST(a_cell_within_a_cell_does_not_take_its_place),
        HIST_TEST(what_can_not_be_written_is_written_later),
        HIST_TEST(a_file_that_is_deleted_meanwhile_is_made_again_with_the_whole_session),
        HIST_TEST(descriptors_that_a_script_closed_are_not_written_to),
        HIST_TEST(a_forked_child_never_touches_it),
        HIST_TEST(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
