#include "screen/theme.h"

#include <stdlib.h>
#include <string.h>

#include "testing.h"

static ScreenTheme
theme_of(const char *term, const char *colour, const char *background)
{
    setenv("TERM", term, 1);
    setenv("COLORTERM", colour, 1);
    setenv("COLORFGBG", background, 1);
    unsetenv("NO_COLOR");
    unsetenv("MAINSPRING_THEME");
    return screen_theme_from_environment();
}

static const char *
sequence(ScreenTheme theme, ScreenStyle style)
{
    static char text[64];
    Buf out = { 0 };
    screen_theme_add(&theme, style, &out);
    memcpy(text, out.bytes, out.length);
    text[out.length] = '\0';
    buf_done(&out);
    return text;
}

static void
the_environment_tells_how_many_colours_there_are(void **state)
{
    assert_int_equal(theme_of("xterm", "", "").depth, DEPTH_16);
    assert_int_equal(theme_of("xterm-256color", "", "").depth, DEPTH_256);
    assert_int_equal(theme_of("xterm-256color", "truecolor", "").depth, DEPTH_TRUE);
    assert_int_equal(theme_of("xterm-direct", "", "").depth, DEPTH_TRUE);
    setenv("NO_COLOR", "1", 1);
    assert_int_equal(screen_theme_from_environment().depth, DEPTH_NONE);
    unsetenv("NO_COLOR");
}

static void
the_environment_tells_the_background(void **state)
{
    assert_false(theme_of("xterm", "", "").light);
    assert_false(theme_of("xterm", "", "15;0").light);
    assert_true(theme_of("xterm", "", "0;15").light);
    assert_true(theme_of("xterm", "", "0;default;7").light);
    setenv("MAINSPRING_THEME", "dark", 1);
    assert_false(screen_theme_from_environment().light);
}

static void
a_style_is_set_whatever_was_set_before(void **state)
{
    ScreenTheme theme = { .depth = DEPTH_16 };
    assert_string_equal(sequence(theme, STYLE_KEYWORD), "\033[0;35m");
    assert_string_equal(sequence(theme, STYLE_COMMENT), "\033[0;90m");
    theme.depth = DEPTH_256;
    assert_string_equal(sequence(theme, STYLE_MENU), "\033[0;38;5;252;48;5;236m");
    theme.depth = DEPTH_TRUE;
    assert_string_equal(sequence(theme, STYLE_KEYWORD), "\033[0;38;2;215;135;215m");
    theme.depth = DEPTH_NONE;
    assert_string_equal(sequence(theme, STYLE_KEYWORD), "\033[0m");
    assert_string_equal(sequence(theme, STYLE_GHOST), "\033[0;2m");
    assert_string_equal(sequence(theme, STYLE_CHOSEN), "\033[0;7m");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_environment_tells_how_many_colours_there_are),
        cmocka_unit_test(the_environment_tells_the_background),
        cmocka_unit_test(a_style_is_set_whatever_was_set_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
