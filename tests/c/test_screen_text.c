#include "screen/text.h"

#include <string.h>

#include "testing_alloc.h"

static char *text;

static int
colour(ScreenTheme theme)
{
    static const char code[] = "def f(x):  # say\n    return '''a\nb''' + 12";
    AUTO(buf_done) Buf out = { 0 };
    screen_text_add(&theme, STYLE_FADED, "  | ", 4, &out);
    screen_text_code(&theme, code, strlen(code), &out);
    free(TAKE(text));
    return buf_take(&out, &text);
}

static int
colour_dark(void)
{
    return colour((ScreenTheme){ .depth = DEPTH_16 });
}

static void
tokens_have_their_colours_and_none_spans_lines(void **state)
{
    assert_int_equal(colour_dark(), 0);
    assert_string_equal(text, "\033[0;90m  | \033[0m"
                              "\033[0;35mdef\033[0m \033[0;1;34mf\033[0m(x):  "
                              "\033[0;90m# say\033[0m\n"
                              "    \033[0;35mreturn\033[0m \033[0;33m'''a\033[0m\n"
                              "\033[0;33mb'''\033[0m + \033[0;36m12\033[0m");
}

static void
a_light_theme_has_no_yellow(void **state)
{
    assert_int_equal(colour((ScreenTheme){ .depth = DEPTH_16, .light = true }), 0);
    assert_null(strstr(text, ";33m"));
    assert_non_null(strstr(text, "\033[0;32m'''a\033[0m"));
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE_PLAIN(colour_dark);
    free(TAKE(text));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_have_their_colours_and_none_spans_lines),
        cmocka_unit_test(a_light_theme_has_no_yellow),
        cmocka_unit_test(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
