#include "term/past.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "testing_alloc.h"
#include "testing_hist.h"

static void
add(HistJournal *j, int line, const char *text)
{
    HistError error;
    HistCell cell = { .line = line, .typed = text, .typed_length = strlen(text) };
    assert_int_equal(hist_journal_add_input(j, &cell), 0);
    assert_int_equal(hist_journal_save(j, 0, &error), 0);
}

static void
add_other_session(const char *text)
{
    AUTO(hist_journal_free) HistJournal *j = hist_journal_new(testing_hist_path);
    add(j, 1, text);
}

/* The texts that steps in one direction give from `at` on, each in brackets. */
static void
assert_steps(const RecallSource *source, long at, int direction, const char *prefix,
             const char *wanted)
{
    char found[200] = "";
    char *last = NULL;
    for (;;) {
        char *text = NULL;
        const RecallQuery query = { at, direction, prefix, strlen(prefix), false, last };
        if (source->look(source->context, &query, &at, &text) != 1)
            break;
        (void)snprintf(found + strlen(found), sizeof found - strlen(found), "[%s]", text);
        free(last);
        last = text;
    }
    free(last);
    assert_string_equal(found, wanted);
}

static void
this_sessions_cells_come_before_those_of_others(void **state)
{
    add_other_session("import os");
    AUTO(hist_journal_free) HistJournal *j = hist_journal_new(testing_hist_path);
    add(j, 1, "x = 1\n");
    add(j, 2, "in_two = 2");
    Past past;
    assert_int_equal(past_init(&past, j), 0);
    const RecallSource source = past_source(&past);
    assert_steps(&source, 0, -1, "", "[in_two = 2][x = 1][import os]");
    assert_steps(&source, 0, -1, "i", "[in_two = 2][import os]");
    assert_steps(&source, -3, 1, "", "[x = 1][in_two = 2]");
    past_done(&past);
}

static void
equal_cells_are_one_step(void **state)
{
    AUTO(hist_journal_free) HistJournal *j = hist_journal_new(NULL);
    for (int line = 1; line <= 3; line++)
        add(j, line, "again");
    Past past;
    assert_int_equal(past_init(&past, j), 0);
    const RecallSource source = past_source(&past);
    assert_steps(&source, 0, -1, "", "[again]");
    past_done(&past);
}

static void
a_part_is_found_in_all_that_there_is(void **state)
{
    add_other_session("path = os.getcwd()");
    AUTO(hist_journal_free) HistJournal *j = hist_journal_new(testing_hist_path);
    add(j, 1, "x");
    Past past;
    assert_int_equal(past_init(&past, j), 0);
    const RecallSource source = past_source(&past);
    long at = 0;
    AUTO_FREE char *text = NULL;
    const RecallQuery query = { 0, -1, "getcwd", 6, true, NULL };
    assert_int_equal(source.look(source.context, &query, &at, &text), 1);
    assert_string_equal(text, "path = os.getcwd()");
    past_done(&past);
}

static void
without_a_past_there_is_nothing_to_find(void **state)
{
    Past past = { 0 };
    const RecallSource source = past_source(&past);
    assert_steps(&source, 0, -1, "", "");
    past_done(&past);
}

static int
look_back(void)
{
    AUTO(hist_journal_free) HistJournal *j = hist_journal_new(testing_hist_path);
    Past past = { 0 };
    if (!j || past_init(&past, j) < 0)
        return -ENOMEM;
    const RecallSource source = past_source(&past);
    long at = 0;
    AUTO_FREE char *text = NULL;
    const RecallQuery query = { 0, -1, "", 0, false, NULL };
    int found = source.look(source.context, &query, &at, &text);
    bool broken = past.broken;
    past_done(&past);
    return found == 1 ? 0 : broken || found < 0 ? -ENOMEM : -EINVAL;
}

static void
survives_every_failed_allocation(void **state)
{
    add_other_session("x");
    TORTURE_PLAIN(look_back);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        HIST_TEST(this_sessions_cells_come_before_those_of_others),
        HIST_TEST(equal_cells_are_one_step),
        HIST_TEST(a_part_is_found_in_all_that_there_is),
        HIST_TEST(without_a_past_there_is_nothing_to_find),
        HIST_TEST(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
