#include "screen/width.h"

#include <string.h>

#include "testing.h"

#define ACUTE "\xCC\x81"
#define SUN "\xE6\x97\xA5"        // two columns
#define SMILE "\xF0\x9F\x99\x82"  // two columns
#define JOINER "\xE2\x80\x8D"
#define WOMAN "\xF0\x9F\x91\xA9"
#define FLAG "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA"

static ScreenGrapheme
read(const char *text)
{
    return screen_grapheme_read(text, strlen(text));
}

static void
a_letter_has_its_accents_with_it(void **state)
{
    assert_int_equal(read("e" ACUTE "x").length, 3);
    assert_int_equal(read("e" ACUTE "x").columns, 1);
    assert_int_equal(read("e" ACUTE ACUTE "x").length, 5);
    assert_false(read("e" ACUTE).loose);
}

static void
ideographs_and_emoji_take_two_columns(void **state)
{
    assert_int_equal(screen_width(SUN SMILE "a", strlen(SUN SMILE "a")), 5);
    assert_int_equal(screen_width_of(0x301), 0);
    assert_int_equal(screen_width_of(0x200B), 0);
    assert_int_equal(screen_width_of(0xAD), 1);
    assert_int_equal(screen_width_of(0xFF21), 2);
}

static void
what_terminals_disagree_about_is_loose(void **state)
{
    ScreenGrapheme family = read(WOMAN JOINER WOMAN "a");
    assert_int_equal(family.length, strlen(WOMAN JOINER WOMAN));
    assert_int_equal(family.columns, 2);
    assert_int_equal(family.most, 4);
    assert_true(family.loose);
    assert_int_equal(read(FLAG FLAG).length, strlen(FLAG));
    assert_int_equal(read(FLAG).columns, 2);
    assert_true(read("\xE2\x9D\xA4\xEF\xB8\x8F").loose);
}

static void
what_is_no_text_is_not_valid(void **state)
{
    assert_false(read("\xFF").valid);
    assert_false(read("\xC3").valid);
    assert_false(read("\xED\xA0\x80").valid);
    assert_false(read("\xC0\x80").valid);
    assert_false(read("\x01").valid);
    assert_false(read("\x7F").valid);
    assert_int_equal(read("\xE6\x97").length, 1);
}

static void
graphemes_are_passed_one_by_one_in_both_directions(void **state)
{
    const char *text = "a" SUN "e" ACUTE WOMAN JOINER WOMAN "\xFF" FLAG;
    size_t ends[16], count = 0;
    for (size_t at = 0; at < strlen(text); at = ends[count++])
        ends[count] = screen_grapheme_after(text, strlen(text), at);
    assert_int_equal(count, 6);
    for (; count > 1; count--)
        assert_int_equal(screen_grapheme_before(text, ends[count - 1]), ends[count - 2]);
    assert_int_equal(screen_grapheme_before(text, ends[0]), 0);
    assert_int_equal(screen_grapheme_before(text, 0), 0);
    assert_int_equal(screen_grapheme_after(text, strlen(text), strlen(text)), strlen(text));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_letter_has_its_accents_with_it),
        cmocka_unit_test(ideographs_and_emoji_take_two_columns),
        cmocka_unit_test(what_terminals_disagree_about_is_loose),
        cmocka_unit_test(what_is_no_text_is_not_valid),
        cmocka_unit_test(graphemes_are_passed_one_by_one_in_both_directions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
