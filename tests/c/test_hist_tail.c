#include "hist/tail.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "testing_alloc.h"
#include "testing_hist.h"

static HistError error;

static void
add(HistJournal *j, int line, const char *text)
{
    HistCell cell = { .line = line, .typed = text, .typed_length = strlen(text) };
    assert_int_equal(hist_journal_add_input(j, &cell), 0);
    assert_int_equal(hist_journal_save(j, 0, &error), 0);
}

/* A session that is over, with the inputs `text` and a number. */
static void
add_older(const char *text, int count)
{
    AUTO(hist_journal_free) HistJournal *j = hist_journal_new(testing_hist_path);
    for (int i = 1; i <= count; i++) {
        char numbered[60];
        (void)snprintf(numbered, sizeof numbered, "%s%d", text, i);
        add(j, i, numbered);
    }
}

static void
assert_entry(const HistTail *t, ptrdiff_t at, const char *text)
{
    assert_true(at >= 0 && (size_t)at < hist_tail_count(t));
    HistTailEntry entry = hist_tail_entry(t, (size_t)at);
    assert_int_equal(entry.length, strlen(text));
    assert_memory_equal(entry.text, text, strlen(text));
}

static void
this_session_comes_first_and_then_the_latest_of_the_others(void **state)
{
    add_older("old", 2);
    AUTO(hist_journal_free) HistJournal *j = hist_journal_new(testing_hist_path);
    add(j, 1, "own1");
    add_older("beside", 1);
    add(j, 2, "own2");
    AUTO(hist_tail_free) HistTail *t = hist_tail_new(j);
    assert_int_equal(hist_tail_count(t), 2);
    assert_int_equal(hist_tail_load(t, 100, &error), 0);
    assert_int_equal(hist_tail_count(t), 5);
    static const char *const wanted[] = { "own2", "own1", "beside1", "old2", "old1" };
    for (int i = 0; i < 5; i++)
        assert_entry(t, i, wanted[i]);
    add(j, 3, "own3");
    assert_entry(t, 0, "own3");
    assert_entry(t, 5, "old1");
}

static void
what_is_saved_beside_it_comes_behind_this_sessions(void **state)
{
    AUTO(hist_journal_free) HistJournal *j = hist_journal_new(testing_hist_path);
    AUTO(hist_tail_free) HistTail *t = hist_tail_new(j);
    assert_int_equal(hist_tail_refresh(t, &error), 0);
    add_older("old", 2);
    assert_int_equal(hist_tail_refresh(t, &error), 0);
    assert_int_equal(hist_tail_count(t), 0);  // not loaded yet
    assert_int_equal(hist_tail_load(t, 1, &error), 1);
    add_older("beside", 2);
    add(j, 1, "own");
    assert_int_equal(hist_tail_refresh(t, &error), 0);
    assert_int_equal(hist_tail_load(t, 10, &error), 0);
    add_older("beside", 3);
    assert_int_equal(hist_tail_refresh(t, &error), 0);
    assert_int_equal(hist_tail_refresh(t, &error), 0);
    static const char *const wanted[] = { "own",     "beside3", "beside2", "beside1",
                                          "beside2", "beside1", "old2",    "old1" };
    assert_int_equal(hist_tail_count(t), COUNT_OF(wanted));
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        assert_entry(t, (ptrdiff_t)i, wanted[i]);
}

static void
what_is_saved_into_a_file_that_was_not_there_is_seen(void **state)
{
    AUTO(hist_journal_free) HistJournal *j = hist_journal_new(testing_hist_path);
    AUTO(hist_tail_free) HistTail *t = hist_tail_new(j);
    assert_int_equal(hist_tail_load(t, 10, &error), 0);
    add_older("beside", 1);
    assert_int_equal(hist_tail_refresh(t, &error), 0);
    assert_int_equal(hist_tail_count(t), 1);
}

static void
it_is_loaded_in_slices(void **state)
{
    add_older("x", 5);
    AUTO(hist_journal_free) HistJournal *j = hist_journal_new(testing_hist_path);
    AUTO(hist_tail_free) HistTail *t = hist_tail_new(j);
    assert_int_equal(hist_tail_load(t, 2, &error), 1);
    assert_int_equal(hist_tail_count(t), 2);
    assert_int_equal(hist_tail_load(t, 2, &error), 1);
    assert_false(hist_tail_is_whole(t));
    assert_int_equal(hist_tail_load(t, 2, &error), 0);
    assert_true(hist_tail_is_whole(t));
    assert_int_equal(hist_tail_load(t, 2, &error), 0);
    assert_int_equal(hist_tail_count(t), 5);
    assert_entry(t, 4, "x1");
}

static void
equal_neighbours_are_one_entry(void **state)
{
    AUTO(hist_journal_free) HistJournal *old = hist_journal_new(testing_hist_path);
    add(old, 1, "a");
    add(old, 2, "b");
    add(old, 3, "b");
    add(old, 4, "a");
    AUTO(hist_journal_free) HistJournal *j = hist_journal_new(testing_hist_path);
    AUTO(hist_tail_free) HistTail *t = hist_tail_new(j);
    while (hist_tail_load(t, 1, &error) == 1)
        continue;
    assert_int_equal(hist_tail_count(t), 3);
    assert_entry(t, 1, "b");
}

static void
entries_are_found_by_how_they_begin_and_by_what_they_have(void **state)
{
    add_older("beta = ", 3);
    AUTO(hist_journal_free) HistJournal *j = hist_journal_new(testing_hist_path);
    AUTO(hist_tail_free) HistTail *t = hist_tail_new(j);
    add(j, 1, "alpha");
    assert_int_equal(hist_tail_load(t, 100, &error), 0);
    assert_int_equal(hist_tail_find(t, HIST_TAIL_PREFIX, "be", 2, 0), 1);
    assert_int_equal(hist_tail_find(t, HIST_TAIL_PREFIX, "be", 2, 2), 2);
    assert_int_equal(hist_tail_find(t, HIST_TAIL_PREFIX, "eta", 3, 0), -1);
    assert_int_equal(hist_tail_find(t, HIST_TAIL_SUBSTRING, "eta", 3, 0), 1);
    assert_int_equal(hist_tail_find_newer(t, HIST_TAIL_PREFIX, "be", 2, 2), 2);
    assert_int_equal(hist_tail_find_newer(t, HIST_TAIL_PREFIX, "be", 2, 0), -1);
    assert_int_equal(hist_tail_find(t, HIST_TAIL_ANY, NULL, 0, 4), -1);
    // A suggestion goes on: the whole text is none.
    assert_int_equal(hist_tail_find(t, HIST_TAIL_PREFIX, "alpha", 5, 0), -1);
}

static void
without_a_file_there_is_this_session(void **state)
{
    AUTO(hist_journal_free) HistJournal *j = hist_journal_new(testing_hist_path);
    AUTO(hist_tail_free) HistTail *t = hist_tail_new(j);
    assert_int_equal(hist_tail_load(t, 100, &error), 0);
    assert_int_equal(hist_tail_count(t), 0);
    AUTO(hist_tail_free) HistTail *none = hist_tail_new(NULL);
    assert_int_equal(hist_tail_load(none, 100, &error), 0);
    assert_int_equal(hist_tail_find(none, HIST_TAIL_ANY, NULL, 0, 0), -1);
}

static void
a_damaged_file_is_no_more_than_an_error(void **state)
{
    testing_hist_write("history.sqlite", "garbage that is long enough to look at", 38);
    AUTO(hist_journal_free) HistJournal *j = hist_journal_new(testing_hist_path);
    AUTO(hist_tail_free) HistTail *t = hist_tail_new(j);
    assert_int_equal(hist_tail_load(t, 100, &error), -EBADMSG);
    assert_int_equal(hist_tail_count(t), 0);
}

static int
load(void)
{
    AUTO(hist_journal_free) HistJournal *j = hist_journal_new(testing_hist_path);
    if (!j)
        return -ENOMEM;
    AUTO(hist_tail_free) HistTail *t = hist_tail_new(j);
    int r = t ? hist_tail_load(t, 0, &error) : -ENOMEM;
    if (r >= 0)
        r = hist_tail_refresh(t, &error);  // as if all had been saved since
    return r < 0 ? r : hist_tail_load(t, 100, &error);
}

static void
survives_every_failed_allocation(void **state)
{
    add_older("x", 40);
    TORTURE_PLAIN(load);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        HIST_TEST(this_session_comes_first_and_then_the_latest_of_the_others),
        HIST_TEST(what_is_saved_beside_it_comes_behind_this_sessions),
        HIST_TEST(what_is_saved_into_a_file_that_was_not_there_is_seen),
        HIST_TEST(it_is_loaded_in_slices),
        HIST_TEST(equal_neighbours_are_one_entry),
        HIST_TEST(entries_are_found_by_how_they_begin_and_by_what_they_have),
        HIST_TEST(without_a_file_there_is_this_session),
        HIST_TEST(a_damaged_file_is_no_more_than_an_error),
        HIST_TEST(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
