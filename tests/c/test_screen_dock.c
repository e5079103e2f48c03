#include "screen/dock.h"

#include <stdio.h>
#include <string.h>

#include "testing.h"
#include "testing_terminal.h"

/* A dock on its terminal, with a frame whose rows are `| 0`, `| 1`... */
typedef struct Scene {
    ScreenDock dock;
    Terminal terminal;
} Scene;

static void
flush(Scene *s, Buf *out)
{
    assert_false(out->failed);
    terminal_write(&s->terminal, out->bytes, out->length);
    assert_false(s->terminal.failed);
    buf_done(out);
}

static void
write_foreign(Scene *s, const char *text)
{
    terminal_write(&s->terminal, text, strlen(text));
}

static void
paint(Scene *s, int height)
{
    Buf out = { 0 };
    if (s->dock.rows == 0)
        screen_dock_enter(&s->dock, s->terminal.rows, height, &out);
    if (!screen_dock_open(&s->dock, height, true, &out))
        screen_dock_go(&s->dock, 0, 0, &out);
    for (int row = 0; row < height; row++) {
        char text[16];
        (void)snprintf(text, sizeof text, "%s| %d", row > 0 ? "\r\n" : "", row);
        buf_add_text(&out, text);
    }
    screen_dock_close(&s->dock, &out);
    flush(s, &out);
}

static void
leave(Scene *s)
{
    Buf out = { 0 };
    screen_dock_leave(&s->dock, s->terminal.rows, &out);
    flush(s, &out);
}

static void
assert_frame(const Scene *s, int height)
{
    for (int row = 0; row < height; row++) {
        char text[16];
        (void)snprintf(text, sizeof text, "| %d", row);
        assert_string_equal(terminal_row(&s->terminal, s->terminal.rows - height + row),
                            text);
    }
}

static void
the_frame_is_at_the_bottom_and_the_cursor_stays(void **state)
{
    Scene s = { 0 };
    terminal_init(&s.terminal, 20, 6);
    write_foreign(&s, "one\r\ntwo");
    paint(&s, 2);
    assert_frame(&s, 2);
    assert_int_equal(s.terminal.row, 1);
    assert_int_equal(s.terminal.column, 3);
    assert_true(s.terminal.hidden);
    write_foreign(&s, " more\r\n");
    assert_string_equal(terminal_row(&s.terminal, 1), "two more");
    terminal_done(&s.terminal);
}

static void
a_full_screen_scrolls_to_make_room(void **state)
{
    Scene s = { 0 };
    terminal_init(&s.terminal, 20, 4);
    write_foreign(&s, "one\r\ntwo\r\nthree\r\nfour");
    paint(&s, 2);
    assert_frame(&s, 2);
    assert_string_equal(terminal_row(&s.terminal, 0), "three");
    assert_string_equal(terminal_row(&s.terminal, 1), "four");
    terminal_done(&s.terminal);
}

static void
leaving_erases_the_frame_and_gives_the_screen_back(void **state)
{
    Scene s = { 0 };
    terminal_init(&s.terminal, 20, 6);
    write_foreign(&s, "one\r\n");
    paint(&s, 3);
    leave(&s);
    assert_false(s.terminal.hidden);
    assert_int_equal(s.terminal.bottom, 6);
    assert_int_equal(s.terminal.row, 1);
    for (int row = 1; row < 6; row++)
        assert_string_equal(terminal_row(&s.terminal, row), "");
    leave(&s);
    assert_string_equal(terminal_row(&s.terminal, 0), "one");
    terminal_done(&s.terminal);
}

/* The rows above the frame end with the numbers up to `count`, whatever blank rows follow. */
static void
assert_numbers(const Scene *s, int height, int count)
{
    int row = s->terminal.rows - height - 1;
    while (row >= 0 && terminal_row(&s->terminal, row)[0] == '\0')
        row--;
    for (; row >= 0 && count > 0; row--, count--) {
        char text[16];
        (void)snprintf(text, sizeof text, "%d", count);
        assert_string_equal(terminal_row(&s->terminal, row), text);
    }
}

static void
whatever_is_written_and_however_high_the_frame_is_all_lines_are_there(void **state)
{
    unsigned random = 7;
    for (int turn = 0; turn < 300; turn++) {
        Scene s = { 0 };
        int count = 0;
        terminal_init(&s.terminal, 20, 8);
        for (int step = 0; step < 40; step++) {
            random = random * 1103515245 + 12345;
            int height = (int)(random >> 16) % 6 + 1;
            for (int lines = (int)(random >> 24) % 4; lines > 0; lines--) {
                char text[16];
                (void)snprintf(text, sizeof text, "%d\r\n", ++count);
                write_foreign(&s, text);
            }
            paint(&s, height);
            assert_frame(&s, height);
            assert_numbers(&s, height, count);
            if (random >> 28 == 3) {
                leave(&s);
                assert_numbers(&s, 0, count);
            }
        }
        terminal_done(&s.terminal);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_frame_is_at_the_bottom_and_the_cursor_stays),
        cmocka_unit_test(a_full_screen_scrolls_to_make_room),
        cmocka_unit_test(leaving_erases_the_frame_and_gives_the_screen_back),
        cmocka_unit_test(
            whatever_is_written_and_however_high_the_frame_is_all_lines_are_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
