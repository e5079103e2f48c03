#include "screen/paint.h"

#include <string.h>

#include "screen/highlight.h"
#include "screen/view.h"
#include "testing.h"
#include "testing_alloc.h"
#include "testing_terminal.h"

/* A painter with the terminal that it paints. */
typedef struct Scene {
    ScreenPainter painter;
    ScreenFrame frame;
    Terminal terminal;
    ScreenView view;
    int top;
    size_t written;
} Scene;

static void
scene_init(Scene *s, int columns, int rows)
{
    *s = (Scene){ 0 };
    terminal_init(&s->terminal, columns, rows);
    s->view = (ScreenView){
        .columns = columns, .rows = rows, .prompt = ">>> ", .more = "... ", .text = ""
    };
}

static void
scene_done(Scene *s)
{
    screen_painter_done(&s->painter);
    screen_frame_done(&s->frame);
    terminal_done(&s->terminal);
}

static void
flush(Scene *s, Buf *out)
{
    assert_false(out->failed);
    terminal_write(&s->terminal, out->bytes, out->length);
    assert_false(s->terminal.failed);
    s->written = out->length;
    buf_done(out);
}

static void
show(Scene *s, const char *text, size_t cursor)
{
    Buf out = { 0 };
    s->view.text = text;
    s->view.length = strlen(text);
    s->view.cursor = cursor;
    assert_int_equal(screen_view_draw(&s->view, &s->top, &s->frame), 0);
    screen_painter_show(&s->painter, &s->frame, &out);
    flush(s, &out);
}

static void
assert_shown(const Scene *s, int row, const char *text)
{
    assert_string_equal(terminal_row(&s->terminal, row), text);
}

static void
assert_cursor(const Scene *s, int row, int column)
{
    assert_int_equal(s->terminal.row, row);
    assert_int_equal(s->terminal.column, column);
}

static void
a_key_costs_a_few_bytes(void **state)
{
    Scene s;
    scene_init(&s, 20, 5);
    show(&s, "ab\ncd", 2);
    show(&s, "abx\ncd", 3);
    assert_true(s.written <= 4);
    assert_shown(&s, 0, ">>> abx");
    assert_shown(&s, 1, "... cd");
    assert_cursor(&s, 0, 7);
    scene_done(&s);
}

static void
a_full_row_goes_on_in_the_next_one(void **state)
{
    Scene s;
    scene_init(&s, 8, 5);
    show(&s, "abcd", 4);
    assert_cursor(&s, 1, 0);
    show(&s, "abcde", 5);
    assert_shown(&s, 1, "e");
    show(&s, "abc", 3);
    assert_shown(&s, 1, "");
    assert_cursor(&s, 0, 7);
    show(&s, "abc\xE6\x97\xA5", 6);
    assert_shown(&s, 0, ">>> abc");
    assert_shown(&s, 1, "\xE6\x97\xA5");
    scene_done(&s);
}

static void
a_text_that_is_too_high_is_shown_around_the_cursor(void **state)
{
    Scene s;
    scene_init(&s, 20, 3);
    show(&s, "1\n2\n3\n4\n5", 9);
    assert_shown(&s, 0, "... 3");
    assert_shown(&s, 2, "... 5");
    show(&s, "1\n2\n3\n4\n5", 2);
    assert_shown(&s, 0, "... 2");
    show(&s, "1\n2\n3\n4\n5", 4);
    assert_shown(&s, 0, "... 2");
    assert_int_equal(s.terminal.scrolled, 0);
    s.view.whole = true;
    Buf out = { 0 };
    screen_painter_erase(&s.painter, &out);
    flush(&s, &out);
    show(&s, "1\n2\n3\n4\n5", 9);
    assert_int_equal(s.terminal.scrolled, 2);
    assert_shown(&s, 0, "... 3");
    scene_done(&s);
}

static void
a_menu_scrolls_at_the_bottom_and_leaves_nothing(void **state)
{
    static const ScreenItem items[] = { { "one", "name" }, { "two", NULL } };
    Scene s;
    scene_init(&s, 50, 3);
    terminal_write(&s.terminal, "above\r\nabove\r\n", 14);
    show(&s, "o", 1);
    s.view.items = items;
    s.view.item_count = 2;
    s.view.chosen = 1;
    show(&s, "o", 1);
    assert_shown(&s, 0, ">>> o");
    assert_cursor(&s, 0, 5);
    assert_non_null(strstr(terminal_row(&s.terminal, 1), "one"));
    assert_non_null(strstr(terminal_row(&s.terminal, 1), "name"));
    assert_non_null(strstr(terminal_row(&s.terminal, 2), "two"));
    s.view.item_count = 0;
    show(&s, "o", 1);
    assert_shown(&s, 1, "");
    assert_shown(&s, 2, "");
    scene_done(&s);
}

static void
erasing_and_leaving_end_where_others_can_write(void **state)
{
    Scene s;
    Buf out = { 0 };
    scene_init(&s, 20, 5);
    show(&s, "ab\ncd", 0);
    screen_painter_erase(&s.painter, &out);
    buf_add_text(&out, "output\r\n");
    flush(&s, &out);
    show(&s, "ab\ncd", 5);
    assert_shown(&s, 0, "output");
    assert_shown(&s, 1, ">>> ab");
    assert_shown(&s, 2, "... cd");
    screen_painter_leave(&s.painter, &out);
    flush(&s, &out);
    assert_cursor(&s, 3, 0);
    scene_done(&s);
}

static void
odd_bytes_are_shown_as_something(void **state)
{
    Scene s;
    scene_init(&s, 20, 5);
    show(&s, "\x01\xFF\tx\xCC\x81", 0);
    assert_shown(&s, 0, ">>> ^A\xEF\xBF\xBD x\xCC\x81");
    scene_done(&s);
}

static void
colours_are_set_back_at_the_end(void **state)
{
    Scene s;
    unsigned char styles[8];
    Buf out = { 0 };
    scene_init(&s, 20, 5);
    s.painter.theme.depth = DEPTH_256;
    screen_highlight("while 1", 7, (ScreenPart){ 0, 7, 7 }, styles);
    s.view.styles = styles;
    s.view.text = "while 1";
    s.view.length = 7;
    assert_int_equal(screen_view_draw(&s.view, &s.top, &s.frame), 0);
    screen_painter_show(&s.painter, &s.frame, &out);
    buf_add_byte(&out, '\0', 1);
    assert_non_null(strstr(out.bytes, "\033[0;38;5;176mwhile"));
    assert_int_equal(s.painter.style, STYLE_PLAIN);
    buf_done(&out);
    scene_done(&s);
}

static int
draw(void)
{
    ScreenFrame frame = { 0 };
    int top = 0;
    const ScreenView view = { .columns = 10,
                              .rows = 4,
                              .prompt = "> ",
                              .more = ". ",
                              .text = "some text\nmore",
                              .length = 14,
                              .cursor = 3 };
    int r = screen_view_draw(&view, &top, &frame);
    screen_frame_done(&frame);
    return r;
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE_PLAIN(draw);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_costs_a_few_bytes),
        cmocka_unit_test(a_full_row_goes_on_in_the_next_one),
        cmocka_unit_test(a_text_that_is_too_high_is_shown_around_the_cursor),
        cmocka_unit_test(a_menu_scrolls_at_the_bottom_and_leaves_nothing),
        cmocka_unit_test(erasing_and_leaving_end_where_others_can_write),
        cmocka_unit_test(odd_bytes_are_shown_as_something),
        cmocka_unit_test(colours_are_set_back_at_the_end),
        cmocka_unit_test(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
