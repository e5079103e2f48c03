#include "term/motion.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "testing.h"

/* The text with a bar where the cursor is. */
typedef struct Marked {
    char bytes[200];
    MotionText text;
} Marked;

static void
mark(Marked *m, const char *marked)
{
    const char *bar = strchr(marked, '|');
    assert_non_null(bar);
    size_t point = (size_t)(bar - marked);
    (void)snprintf(m->bytes, sizeof m->bytes, "%.*s%s", (int)point, marked, bar + 1);
    m->text = (MotionText){ .bytes = m->bytes, .length = strlen(m->bytes), .point = point };
}

static bool
find(Marked *m, const char *marked, const char *keys, MotionRange *ret_range)
{
    Motion motion;
    mark(m, marked);
    assert_int_equal(motion_read(keys, strlen(keys), &motion), strlen(keys));
    return motion_find(&m->text, &motion, ret_range);
}

static void
assert_goes(const char *marked, const char *keys, const char *expected)
{
    Marked m;
    char bytes[200];
    MotionRange range = { 0 };
    assert_true(find(&m, marked, keys, &range));
    (void)snprintf(bytes, sizeof bytes, "%.*s|%s", (int)range.point, m.bytes,
                   m.bytes + range.point);
    assert_string_equal(bytes, expected);
}

static void
assert_takes(const char *marked, const char *keys, const char *expected, bool lines)
{
    Marked m;
    char bytes[200];
    MotionRange range = { 0 };
    assert_true(find(&m, marked, keys, &range));
    (void)snprintf(bytes, sizeof bytes, "%.*s", (int)(range.stop - range.start),
                   m.bytes + range.start);
    assert_string_equal(bytes, expected);
    assert_int_equal(range.lines, lines);
}

static void
assert_nowhere(const char *marked, const char *keys)
{
    Marked m;
    MotionRange range;
    assert_false(find(&m, marked, keys, &range));
}

static void
words_go_over_lines(void **state)
{
    assert_goes("|foo.bar\n  baz", "w", "foo|.bar\n  baz");
    assert_goes("|foo.bar\n  baz", "W", "foo.bar\n  |baz");
    assert_goes("foo|\n\nbar", "w", "foo\n|\nbar");
    assert_goes("|foo\nbar", "2w", "foo\nbar|");
    assert_goes("foo\n  b|az", "b", "foo\n  |baz");
    assert_goes("foo\n  |baz", "b", "|foo\n  baz");
    assert_goes("a.b |c", "B", "|a.b c");
    assert_goes("fo|o\n  baz", "e", "foo\n  ba|z");
    assert_goes("|foo.bar", "E", "foo.ba|r");
    assert_goes("|日本 x", "w", "日本 |x");
    assert_goes("|", "w", "|");
    assert_goes("|", "b", "|");
    assert_goes("|", "e", "|");
}

static void
a_word_that_ends_its_line_is_taken_without_what_follows(void **state)
{
    assert_takes("foo |bar\n  baz", "w", "bar", false);
    assert_takes("|foo bar\nbaz", "2w", "foo bar", false);
    assert_takes("|foo  bar", "w", "foo  ", false);
    assert_takes("|foo bar", "e", "foo", false);
    assert_takes("foo b|ar", "b", "b", false);
}

static void
characters_are_found_on_the_line_alone(void **state)
{
    assert_goes("|a(b, c)", "f,", "a(b|, c)");
    assert_goes("|a(b, c)", "t,", "a(|b, c)");
    assert_goes("a,b,|c", "2F,", "a|,b,c");
    assert_goes("a,b|c", "T,", "a,|bc");
    assert_takes("|a(b, c)", "f,", "a(b,", false);
    assert_goes("|x é y", "f\xC3\xA9", "x |é y");
    assert_nowhere("|a\nb,", "f,");
    assert_nowhere("|a,b", "2f,");
}

static void
the_line_is_the_cursors(void **state)
{
    assert_goes("a\n  b|c", "0", "a\n|  bc");
    assert_goes("a\n  b|c", "^", "a\n  |bc");
    assert_goes("|ab\nc", "$", "ab|\nc");
    assert_goes("|ab\nc", "9l", "ab|\nc");
    assert_goes("ab\nc|d", "9h", "ab\n|cd");
    assert_nowhere("ab\n|cd", "h");
    assert_goes("ab|c", "2|", "a|bc");
    assert_takes("a|b\ncd\nef", "2$", "b\ncd", false);
}

static void
brackets_match_over_lines(void **state)
{
    assert_goes("|f(\n  [1],\n)", "%", "f(\n  [1],\n|)");
    assert_goes("f(\n  [1],\n|)", "%", "f|(\n  [1],\n)");
    assert_takes("f|(a)b", "%", "(a)", false);
    assert_nowhere("|f(", "%");
    assert_nowhere("|none", "%");
}

static void
lines_are_whole(void **state)
{
    assert_takes("a\n  b|b\nc\nd", "j", "  bb\nc", true);
    assert_takes("a\nbb|\nc\nd", "k", "a\nbb", true);
    assert_takes("a\nb|b\nc\nd", "G", "bb\nc\nd", true);
    assert_takes("a\nb|b\nc\nd", "gg", "a\nbb", true);
    assert_takes("a\nbb\n|c\nd", "1G", "a\nbb\nc", true);
    assert_takes("|a\nb\nc", "2_", "a\nb", true);
    assert_goes("|a\n  b", "G", "a\n  |b");
    assert_goes("a\n  b\nc|", "2gg", "a\n  |b\nc");
    assert_nowhere("a\n|b", "j");
    assert_nowhere("|a\nb", "k");
}

static void
paragraphs_end_at_empty_lines(void **state)
{
    assert_goes("|a\nb\n\nc", "}", "a\nb\n|\nc");
    assert_goes("a\nb\n\nc|", "{", "a\nb\n|\nc");
    assert_goes("a\n|b", "{", "|a\nb");
    assert_takes("|a\nb\n\nc", "}", "a\nb", true);
}

static void
what_is_around_the_cursor(void **state)
{
    assert_takes("foo b|ar baz", "iw", "bar", false);
    assert_takes("foo b|ar baz", "aw", "bar ", false);
    assert_takes("foo b|ar", "aw", " bar", false);
    assert_takes("x = 'a|b' + 'c'", "i'", "ab", false);
    assert_takes("x| = \"ab\"", "a\"", "\"ab\"", false);
    assert_takes("x = 'a\\'|b'", "i'", "a\\'b", false);
    assert_takes("f(a, (b|))", "i(", "b", false);
    assert_takes("f(a, (b|))", "2i(", "a, (b)", false);
    assert_takes("f(a, |(b))", "a)", "(b)", false);
    assert_takes("f(a, (b)|)", "ib", "a, (b)", false);
    assert_takes("x = [\n  1|,\n]", "i[", "\n  1,\n", false);
    assert_nowhere("f(a) |b", "i(");
    assert_nowhere("|b 'c", "i'");
    assert_nowhere("|", "iw");
}

static void
motions_are_read_with_their_counts(void **state)
{
    Motion motion;
    assert_int_equal(motion_read("12w", 3, &motion), 3);
    assert_int_equal(motion.count, 12);
    assert_int_equal(motion_read("0", 1, &motion), 1);
    assert_int_equal(motion.key, '0');
    assert_int_equal(motion_read("10", 2, &motion), 0);
    assert_int_equal(motion_read("f", 1, &motion), 0);
    assert_int_equal(motion_read("f\xE6\x97", 3, &motion), 0);
    assert_int_equal(motion_read("f\033", 2, &motion), -1);
    assert_int_equal(motion_read("g", 1, &motion), 0);
    assert_int_equal(motion_read("gx", 2, &motion), -1);
    assert_int_equal(motion_read("iz", 2, &motion), -1);
    assert_int_equal(motion_read("\033", 1, &motion), -1);
    assert_int_equal(motion_read("99999999999w", 12, &motion), 12);
}

static void
an_end_of_a_word_may_be_where_it_is(void **state)
{
    Marked m;
    MotionRange range;
    const Motion motion = { .key = 'e', .stays = true };
    mark(&m, "fo|o bar");
    assert_true(motion_find(&m.text, &motion, &range));
    assert_int_equal(range.stop, 3);
}

static void
a_count_beyond_the_text_ends_with_it(void **state)
{
    Marked m;
    MotionRange range;
    for (const char *key = "wWeE}bB{"; *key; key++) {
        const Motion motion = { .key = *key, .count = INT_MAX };
        mark(&m, "one\n\nt|wo three");
        assert_true(motion_find(&m.text, &motion, &range));
        bool back = strchr("bB{", *key);
        bool end = strchr("eE", *key);
        assert_int_equal(range.point, back ? 0 : m.text.length - end);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_go_over_lines),
        cmocka_unit_test(a_word_that_ends_its_line_is_taken_without_what_follows),
        cmocka_unit_test(characters_are_found_on_the_line_alone),
        cmocka_unit_test(the_line_is_the_cursors),
        cmocka_unit_test(brackets_match_over_lines),
        cmocka_unit_test(lines_are_whole),
        cmocka_unit_test(paragraphs_end_at_empty_lines),
        cmocka_unit_test(what_is_around_the_cursor),
        cmocka_unit_test(motions_are_read_with_their_counts),
        cmocka_unit_test(an_end_of_a_word_may_be_where_it_is),
        cmocka_unit_test(a_count_beyond_the_text_ends_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
