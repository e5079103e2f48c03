#include "term/recall.h"

#include <string.h>

#include "testing.h"
#include "testing_alloc.h"

static int
add(const RecallSource *source, const char *text)
{
    return source->add(source->context, text, strlen(text));
}

/* The entry next to `*at`, or "" for none. */
static const char *
step(const RecallSource *source, long *at, int direction, const char *prefix)
{
    static char kept[64];
    char *text = NULL;
    kept[0] = '\0';
    const RecallQuery query = {
        .at = *at, .direction = direction, .part = prefix, .length = strlen(prefix)
    };
    if (source->look(source->context, &query, at, &text) == 1)
        strcpy(kept, text);
    free(text);
    return kept;
}

static void
entries_are_stepped_through_by_what_they_begin_with(void **state)
{
    RecallList list = { 0 };
    RecallSource source = recall_list_source(&list);
    long at = 0;
    assert_int_equal(
        add(&source, "alpha") | add(&source, "beta 2") | add(&source, "beta 3"), 0);
    assert_string_equal(step(&source, &at, -1, "be"), "beta 3");
    assert_string_equal(step(&source, &at, -1, "be"), "beta 2");
    assert_string_equal(step(&source, &at, -1, "be"), "");
    assert_string_equal(step(&source, &at, 1, "be"), "beta 3");
    assert_string_equal(step(&source, &at, 1, "be"), "");
    recall_list_done(&list);
}

static void
an_entry_is_found_by_any_part_but_not_the_same_one_twice(void **state)
{
    RecallList list = { 0 };
    RecallSource source = recall_list_source(&list);
    char *text = NULL;
    long at = 0;
    assert_int_equal(add(&source, "one two") | add(&source, "two") | add(&source, "two"),
                     0);
    assert_int_equal(list.count, 2);
    RecallQuery query = {
        .direction = -1, .part = "two", .length = 3, .anywhere = true, .other = "two"
    };
    assert_int_equal(source.look(source.context, &query, &at, &text), 1);
    assert_string_equal(text, "one two");
    free(text);
    query.part = "ten";
    assert_int_equal(source.look(source.context, &query, &at, &text), 0);
    recall_list_done(&list);
}

static int
keep_and_find(void)
{
    RecallList list = { 0 };
    RecallSource source = recall_list_source(&list);
    char *text = NULL;
    long at = 0;
    const RecallQuery query = { .direction = -1, .part = "t", .length = 1 };
    int r = add(&source, "text");
    if (r == 0)
        r = source.look(source.context, &query, &at, &text);
    free(text);
    recall_list_done(&list);
    return r < 0 ? r : 0;
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE_PLAIN(keep_and_find);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_stepped_through_by_what_they_begin_with),
        cmocka_unit_test(an_entry_is_found_by_any_part_but_not_the_same_one_twice),
        cmocka_unit_test(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
