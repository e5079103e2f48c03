#include "base/buf.h"

#include <string.h>

#include "testing_alloc.h"

static void
an_untouched_buf_is_an_empty_text(void **state)
{
    Buf b = { 0 };
    AUTO_FREE char *text = NULL;
    assert_int_equal(buf_take(&b, &text), 0);
    assert_string_equal(text, "");
    assert_null(b.bytes);
}

static void
grows_over_many_additions(void **state)
{
    AUTO(buf_done) Buf b = { 0 };
    AUTO_FREE char *text = NULL;
    for (int i = 0; i < 1000; i++) {
        buf_add_text(&b, "ab");
        buf_add_byte(&b, 'c', 2);
    }
    buf_add(&b, NULL, 0);
    assert_int_equal(b.length, 4000);
    assert_int_equal(buf_take(&b, &text), 0);
    assert_int_equal(strlen(text), 4000);
    assert_memory_equal(text + 3996, "abcc", 4);
}

static void
a_cleared_buf_is_usable_again(void **state)
{
    AUTO(buf_done) Buf b = { 0 };
    AUTO_FREE char *text = NULL;
    (void)alloc_fail_at(0);
    buf_add_text(&b, "lost");
    assert_true(b.failed);
    buf_clear(&b);
    buf_add_text(&b, "kept");
    assert_true(alloc_fail_at(-1));
    assert_int_equal(buf_take(&b, &text), 0);
    assert_string_equal(text, "kept");
}

static void
refuses_what_no_memory_can_hold(void **state)
{
    AUTO(buf_done) Buf b = { 0 };
    AUTO_FREE char *text = NULL;
    buf_add_text(&b, "x");
    buf_add_byte(&b, 'y', SIZE_MAX - 1);
    buf_add_text(&b, "swallowed");
    assert_int_equal(buf_take(&b, &text), -ENOMEM);
    assert_null(text);
}

static int
build(void)
{
    AUTO(buf_done) Buf b = { 0 };
    AUTO_FREE char *text = NULL;
    for (int i = 0; i < 300; i++)
        buf_add_text(&b, "some text");
    return buf_take(&b, &text);
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE_PLAIN(build);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_untouched_buf_is_an_empty_text),
        cmocka_unit_test(grows_over_many_additions),
        cmocka_unit_test(a_cleared_buf_is_usable_again),
        cmocka_unit_test(refuses_what_no_memory_can_hold),
        cmocka_unit_test(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
