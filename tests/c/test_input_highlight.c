#include "input/highlight.h"

#include <string.h>

#include "testing_alloc.h"

static char *text;

static int
highlight(void)
{
    static const char code[] = "def f(x):  # say\n    return '''a\nb''' + 12";
    AUTO(buf_done) Buf out = { 0 };
    input_highlight_code(&out, code, strlen(code));
    free(TAKE(text));
    return buf_take(&out, &text);
}

static void
tokens_have_their_colors_and_none_spans_lines(void **state)
{
    assert_int_equal(highlight(), 0);
    assert_string_equal(text,
                        "\033[32mdef\033[0m \033[34mf\033[0m(x):  \033[90m# say\033[0m\n"
                        "    \033[32mreturn\033[0m \033[33m'''a\033[0m\n"
                        "\033[33mb'''\033[0m + \033[36m12\033[0m");
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE_PLAIN(highlight);
    free(TAKE(text));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_have_their_colors_and_none_spans_lines),
        cmocka_unit_test(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
