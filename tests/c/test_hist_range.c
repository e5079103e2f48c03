#include "hist/range.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "testing.h"

/* Each range as `session:first-last`, with blanks between. */
static void
assert_ranges(const char *word, const char *wanted)
{
    HistRange ranges[HIST_RANGES_MOST];
    size_t count = 0;
    char text[500] = "";
    assert_int_equal(hist_range_read(word, ranges, &count), 0);
    for (size_t i = 0; i < count; i++) {
        char one[60];
        (void)snprintf(one, sizeof one, "%s%ld:%d-%d", i ? " " : "", ranges[i].session,
                       ranges[i].first, ranges[i].last);
        (void)strcat(text, one);
    }
    assert_string_equal(text, wanted);
}

static void
lines_of_this_session_are_meant_without_a_session(void **state)
{
    assert_ranges("4", "0:4-4");
    assert_ranges("4-6", "0:4-6");
    assert_ranges("4:6", "0:4-5");
    assert_ranges("4-", "0:4-0");
    assert_ranges("4:4", "0:4-3");
    assert_ranges("1:1", "");
    assert_ranges("0", "");
    assert_ranges("0-3", "0:0-3");
}

static void
a_session_is_a_number_or_counted_back(void **state)
{
    assert_ranges("243/", "243:1-0");
    assert_ranges("243/5", "243:5-5");
    assert_ranges("243/0", "");
    assert_ranges("243/1-5", "243:1-5");
    assert_ranges("~1/", "-1:1-0");
    assert_ranges("~4/4-", "-4:4-0");
    assert_ranges("~2/1-~2/5", "-2:1-5");
}

static void
a_range_may_go_over_several_sessions(void **state)
{
    assert_ranges("~8/4-~6/5", "-8:4-0 -7:1-0 -6:1-5");
    assert_ranges("3/-5/2", "3:1-0 4:1-0 5:1-2");
    assert_ranges("3/2-4/", "3:2-0 4:1-0");
}

static void
what_is_no_range_is_refused(void **state)
{
    static const char *const words[] = { "",    "x",           "4-x",      "~4",
                                         "/",   "-4",          "4--6",     "4-6-8",
                                         "~/1", "5/1-3/1",     "1a/2",     "~1/1-3/1",
                                         "4 5", "99999999999", "~1/1-~2/1" };
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        HistRange ranges[HIST_RANGES_MOST];
        size_t count = 0;
        if (hist_range_read(words[i], ranges, &count) != -EINVAL)
            fail_msg("'%s' is taken", words[i]);
        assert_int_equal(count, 0);
    }
}

static void
too_many_sessions_are_refused(void **state)
{
    HistRange ranges[HIST_RANGES_MOST];
    size_t count = 0;
    assert_int_equal(hist_range_read("1/-5000/1", ranges, &count), -E2BIG);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_this_session_are_meant_without_a_session),
        cmocka_unit_test(a_session_is_a_number_or_counted_back),
        cmocka_unit_test(a_range_may_go_over_several_sessions),
        cmocka_unit_test(what_is_no_range_is_refused),
        cmocka_unit_test(too_many_sessions_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
