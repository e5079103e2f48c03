#include "term/keys.h"

#include <string.h>

#include "testing.h"

static Key
read(const char *bytes, int more)
{
    Key key = { 0 };
    key.length = 99;
    size_t n = keys_read(bytes, strlen(bytes), more, &key);
    if (n == 0)
        return (Key){ 0 };
    assert_int_equal(n, key.length);
    return key;
}

static void
assert_key(const char *bytes, KeyKind kind, size_t length)
{
    assert_int_equal(read(bytes, 0).kind, kind);
    assert_int_equal(read(bytes, 0).length, length);
}

static void
keys_are_told_from_text(void **state)
{
    assert_key("a", KEY_TEXT, 1);
    assert_key("\xE6\x97\xA5x", KEY_TEXT, 3);
    assert_key("\r", KEY_ENTER, 1);
    assert_key("\t", KEY_TAB, 1);
    assert_key("\x7F", KEY_BACKSPACE, 1);
    assert_key("\x12", KEY_CONTROL, 1);
    assert_key("\033[Zx", KEY_BACK_TAB, 3);
    assert_key("\033[A", KEY_UP, 3);
    assert_key("\033OA", KEY_UP, 3);
    assert_key("\033[1;5A", KEY_OTHER, 6);
    assert_key("\033[200~x", KEY_PASTE, 6);
    assert_key("\033x", KEY_META, 2);
    assert_key("\033\033[A", KEY_ESCAPE, 1);
}

static void
an_escape_alone_is_a_key_only_when_nothing_follows(void **state)
{
    assert_int_equal(read("\033", 1).length, 0);
    assert_key("\033", KEY_ESCAPE, 1);
    assert_int_equal(read("\033[", 1).length, 0);
    assert_key("\033[", KEY_META, 2);
    assert_int_equal(read("\033[20", 1).length, 0);
}

static void
a_character_in_parts_is_waited_for(void **state)
{
    assert_int_equal(read("\xE6\x97", 1).length, 0);
    assert_int_equal(read("\xE6\x97", 0).length, 1);
    assert_int_equal(read("\xFF", 1).length, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_told_from_text),
        cmocka_unit_test(an_escape_alone_is_a_key_only_when_nothing_follows),
        cmocka_unit_test(a_character_in_parts_is_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
