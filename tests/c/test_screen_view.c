#include "screen/view.h"

#include <stdio.h>
#include <string.h>

#include "screen/theme.h"
#include "testing.h"
#include "testing_alloc.h"

static ScreenView
view_of(const char *text, size_t cursor, int columns, int rows)
{
    return (ScreenView){ .columns = columns,
                         .rows = rows,
                         .prompt = ">>> ",
                         .more = "... ",
                         .text = text,
                         .length = strlen(text),
                         .cursor = cursor };
}

/* The text of a row; valid until the next call. */
static const char *
row_of(const ScreenFrame *f, int row)
{
    static char bytes[1000];
    size_t length = 0;
    assert_in_range(row, 0, f->count - 1);
    for (int at = 0; at < f->rows[row].used; at++) {
        const ScreenCell *cell = screen_frame_cell(f, row, at);
        memcpy(bytes + length, cell->bytes, cell->length);
        length += cell->length;
    }
    bytes[length] = '\0';
    return bytes;
}

static void
assert_rows(const ScreenFrame *f, const char *const *rows, int count)
{
    assert_int_equal(f->count, count);
    for (int i = 0; i < count; i++)
        assert_string_equal(row_of(f, i), rows[i]);
}

static void
assert_cursor(const ScreenFrame *f, int row, int column)
{
    assert_int_equal(f->cursor_row, row);
    assert_int_equal(f->cursor_column, column);
}

#define DRAW(view, top, frame, ...)                                                        \
    do {                                                                                   \
        static const char *const rows_[] = { __VA_ARGS__ };                                \
        assert_int_equal(screen_view_draw(&(view), &(top), &(frame)), 0);                  \
        assert_rows(&(frame), rows_, COUNT_OF(rows_));                                     \
    } while (0)

static void
lines_have_their_prompts(void **state)
{
    ScreenFrame frame = { 0 };
    int top = 0;
    ScreenView v = view_of("if x:\n  y\n", 9, 20, 10);
    DRAW(v, top, frame, ">>> if x:", "...   y", "... ");
    assert_cursor(&frame, 1, 7);
    v.prompt = "above\n? ";
    DRAW(v, top, frame, "? if x:", "...   y", "... ");
    screen_frame_done(&frame);
}

static void
a_long_line_wraps_and_says_so(void **state)
{
    ScreenFrame frame = { 0 };
    int top = 0;
    const ScreenView v = view_of("abcdefgh", 8, 6, 10);
    DRAW(v, top, frame, ">>> ab", "cdefgh", "");
    assert_true(frame.rows[0].wraps);
    assert_true(frame.rows[1].wraps);
    assert_cursor(&frame, 2, 0);
    screen_frame_done(&frame);
}

static void
a_wide_character_is_not_cut_and_the_cursor_is_on_it(void **state)
{
    ScreenFrame frame = { 0 };
    int top = 0;
    const ScreenView v = view_of("a日b", 1, 6, 10);
    DRAW(v, top, frame, ">>> a ", "日b");
    assert_cursor(&frame, 1, 0);
    screen_frame_done(&frame);
}

static void
what_is_no_character_is_shown_as_what_it_is(void **state)
{
    ScreenFrame frame = { 0 };
    int top = 0;
    const ScreenView v = view_of("\001\tx\xFF\x7F", 0, 40, 10);
    DRAW(v, top, frame, ">>> ^A  x\xEF\xBF\xBD^?");
    screen_frame_done(&frame);
}

static void
a_tall_text_is_shown_around_the_cursor(void **state)
{
    ScreenFrame frame = { 0 };
    int top = 0;
    ScreenView v = view_of("a\nb\nc\nd\ne", 0, 20, 3);
    DRAW(v, top, frame, ">>> a", "... b", "... c");
    v.cursor = 8;
    DRAW(v, top, frame, "... c", "... d", "... e");
    assert_int_equal(top, 2);
    assert_cursor(&frame, 2, 4);
    // As few changes as possible: it scrolls when the cursor leaves, by as much as it left.
    v.cursor = 4;
    DRAW(v, top, frame, "... c", "... d", "... e");
    assert_cursor(&frame, 0, 4);
    v.cursor = 2;
    DRAW(v, top, frame, "... b", "... c", "... d");
    assert_cursor(&frame, 0, 4);
    v.cursor = 0;
    DRAW(v, top, frame, ">>> a", "... b", "... c");
    screen_frame_done(&frame);
}

static void
a_view_that_became_higher_shows_more(void **state)
{
    ScreenFrame frame = { 0 };
    int top = 0;
    ScreenView v = view_of("a\nb\nc\nd", 6, 20, 2);
    DRAW(v, top, frame, "... c", "... d");
    v.rows = 3;
    DRAW(v, top, frame, "... b", "... c", "... d");
    v.rows = 9;
    DRAW(v, top, frame, ">>> a", "... b", "... c", "... d");
    assert_int_equal(top, 0);
    screen_frame_done(&frame);
}

static void
one_row_shows_the_line_of_the_cursor(void **state)
{
    ScreenFrame frame = { 0 };
    int top = 0;
    const ScreenView v = view_of("a\nbc\nd", 3, 20, 1);
    DRAW(v, top, frame, "... bc");
    assert_cursor(&frame, 0, 5);
    assert_false(frame.rows[0].wraps);
    screen_frame_done(&frame);
}

static void
a_row_of_one_wrapped_line_scrolls_too(void **state)
{
    ScreenFrame frame = { 0 };
    int top = 0;
    ScreenView v = view_of("abcdefghij", 10, 4, 2);
    DRAW(v, top, frame, "efgh", "ij");
    v.cursor = 0;
    DRAW(v, top, frame, "abcd", "efgh");
    assert_int_equal(top, 1);
    assert_cursor(&frame, 0, 0);
    assert_false(frame.rows[1].wraps);
    screen_frame_done(&frame);
}

static void
a_text_that_is_final_is_whole(void **state)
{
    ScreenFrame frame = { 0 };
    int top = 2;
    ScreenView v = view_of("a\nb\nc", 4, 20, 2);
    v.whole = true;
    DRAW(v, top, frame, ">>> a", "... b", "... c");
    assert_int_equal(top, 0);
    screen_frame_done(&frame);
}

static void
the_suggestion_stands_behind_the_cursor(void **state)
{
    ScreenFrame frame = { 0 };
    int top = 0;
    ScreenView v = view_of("fo", 2, 20, 9);
    v.ghost = "r x:\n  y";
    v.ghost_length = strlen(v.ghost);
    DRAW(v, top, frame, ">>> for x:", "...   y");
    assert_cursor(&frame, 0, 6);
    assert_int_equal(screen_frame_cell(&frame, 0, 6)->style, STYLE_GHOST);
    assert_int_equal(screen_frame_cell(&frame, 0, 5)->style, STYLE_PLAIN);
    screen_frame_done(&frame);
}

static void
the_menu_and_the_message_leave_a_row_for_the_text(void **state)
{
    static const ScreenItem items[] = { { "one", NULL },
                                        { "two", NULL },
                                        { "three", NULL } };
    ScreenFrame frame = { 0 };
    int top = 0;
    ScreenView v = view_of("a\nb", 3, 20, 9);
    v.items = items;
    v.item_count = v.chosen = COUNT_OF(items);
    v.message = "below";
    DRAW(v, top, frame, ">>> a", "... b", "      one   ", "      two   ", "      three ",
         "below");
    v.rows = 3;
    DRAW(v, top, frame, "... b", "      one  1/3", "below");
    v.rows = 2;
    DRAW(v, top, frame, "... b", "below");
    v.rows = 1;
    DRAW(v, top, frame, "... b");
    screen_frame_done(&frame);
}

static void
the_chosen_one_is_among_the_items_that_are_shown(void **state)
{
    static const ScreenItem items[] = { { "a", NULL }, { "b", NULL }, { "c", NULL } };
    ScreenFrame frame = { 0 };
    int top = 0;
    ScreenView v = view_of("", 0, 20, 3);
    v.items = items;
    v.item_count = COUNT_OF(items);
    v.chosen = 2;
    DRAW(v, top, frame, ">>> ", "     b ", "     c  3/3");
    assert_int_equal(screen_frame_cell(&frame, 2, 5)->style, STYLE_CHOSEN);
    screen_frame_done(&frame);
}

static void
what_tells_about_candidates_takes_the_room_there_is(void **state)
{
    static const ScreenItem items[] = { { "align", "(other, join='outer')" },
                                        { "alpha", "instance" } };
    ScreenFrame frame = { 0 };
    int top = 0;
    ScreenView v = view_of("al", 2, 60, 4);
    v.items = items;
    v.item_count = v.chosen = COUNT_OF(items);
    DRAW(v, top, frame, ">>> al", "       align (other, join='outer') ",
         "       alpha instance              ");
    v.columns = 40;
    v.prompt = "a prompt that is long: ";
    DRAW(v, top, frame, "a prompt that is long: al",
         "           align (other, join='outer') ",
         "           alpha instance              ");
    v.columns = 37;
    v.items =
        (const ScreenItem[]){ items[0], { "a_name_that_is_as_long_as_can_be", NULL } };
    DRAW(v, top, frame, "a prompt that is long: al", " align                 (other, join…",
         " a_name_that_is_as_lon…             ");
    screen_frame_done(&frame);
}

static void
no_terminal_is_too_small(void **state)
{
    static const ScreenItem items[] = { { "item", "kind" } };
    static const char text[] = "日\t\001\n'x'";
    for (int columns = 1; columns < 12; columns++)
        for (int rows = 1; rows < 5; rows++)
            for (size_t cursor = 0; cursor < sizeof text; cursor++) {
                ScreenFrame frame = { 0 };
                int top = 0;
                ScreenView v =
                    view_of(text, cursor == 1 || cursor == 2 ? 0 : cursor, columns, rows);
                v.items = items;
                v.item_count = 1;
                v.message = "message";
                assert_int_equal(screen_view_draw(&v, &top, &frame), 0);
                assert_in_range(frame.count, 1, rows);
                assert_in_range(frame.cursor_row, 0, frame.count - 1);
                assert_in_range(frame.cursor_column, 0, columns - 1);
                for (int row = 0; row < frame.count; row++)
                    assert_in_range(frame.rows[row].used, 0, columns);
                screen_frame_done(&frame);
            }
}

static int
draw(void)
{
    ScreenFrame frame = { 0 };
    int top = 0;
    const ScreenView v = view_of("a\nb", 0, 20, 5);
    int r = screen_view_draw(&v, &top, &frame);
    screen_frame_done(&frame);
    return r;
}

static void
memory_may_run_out(void **state)
{
    TORTURE_PLAIN(draw);
}

/* A frame that could not grow is as good as before. */
static void
a_frame_survives_that_there_is_no_memory_for_more(void **state)
{
    ScreenFrame frame = { 0 };
    int top = 0;
    ScreenView v = view_of("a", 0, 10, 5);
    DRAW(v, top, frame, ">>> a");
    v = view_of("a\nb\nc", 0, 100, 5);
    for (long n = 0; n < 2; n++) {
        (void)alloc_fail_at(n);
        assert_int_equal(screen_view_draw(&v, &top, &frame), -ENOMEM);
        assert_int_equal(alloc_fail_at(-1), 1);
        assert_string_equal(row_of(&frame, 0), ">>> a");
    }
    DRAW(v, top, frame, ">>> a", "... b", "... c");
    screen_frame_done(&frame);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_have_their_prompts),
        cmocka_unit_test(a_long_line_wraps_and_says_so),
        cmocka_unit_test(a_wide_character_is_not_cut_and_the_cursor_is_on_it),
        cmocka_unit_test(what_is_no_character_is_shown_as_what_it_is),
        cmocka_unit_test(a_tall_text_is_shown_around_the_cursor),
        cmocka_unit_test(a_view_that_became_higher_shows_more),
        cmocka_unit_test(one_row_shows_the_line_of_the_cursor),
        cmocka_unit_test(a_row_of_one_wrapped_line_scrolls_too),
        cmocka_unit_test(a_text_that_is_final_is_whole),
        cmocka_unit_test(the_suggestion_stands_behind_the_cursor),
        cmocka_unit_test(the_menu_and_the_message_leave_a_row_for_the_text),
        cmocka_unit_test(the_chosen_one_is_among_the_items_that_are_shown),
        cmocka_unit_test(what_tells_about_candidates_takes_the_room_there_is),
        cmocka_unit_test(no_terminal_is_too_small),
        cmocka_unit_test(memory_may_run_out),
        cmocka_unit_test(a_frame_survives_that_there_is_no_memory_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
