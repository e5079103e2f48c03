#include "show/color.h"

#include <stdlib.h>

#include "testing_python.h"

static PyObject *text;

static int
start(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    testing_execute("class Stream:\n"
                    "    def __init__(self, tty): self.tty = tty\n"
                    "    def isatty(self): return self.tty\n");
    return 0;
}

static int
stop(void **state)
{
    Py_CLEAR(text);
    return testing_stop(state);
}

static int
color(void)
{
    AUTO_DECREF PyObject *code = color_code(text);
    AUTO_DECREF PyObject *traceback = code == NULL ? NULL : color_traceback(text);
    if (traceback == NULL)
        return -1;
    long paused = testing_pause();
    PyDict_SetItemString(testing_namespace(), "traceback", traceback);
    PyDict_SetItemString(testing_namespace(), "code", code);
    testing_resume(paused);
    return 0;
}

static void
set_text(const char *expression)
{
    Py_XSETREF(text, testing_evaluate(expression));
    assert_non_null(text);
}

static void
without_its_colors_it_is_what_it_was(void **state)
{
    static const char *const texts[] = {
        "'def f(x):\\n    return \"a\\\\n\" + 1  # x\\n'",
        "'Traceback (most recent call last):\\n  File \"a\", line 3, in f\\n    1 / 0\\n   "
        " ~~^~~\\n"
        "x.Error: it\\n  File \"\\n  File \"x\\n---> \\n---> x\\n     12\\n'",
        "'  | Traceback:\\n  |   File \"a\", line 3, in f\\n  | ValueError: x\\n  "
        "+----\\n'",
        "'a\\x00b'",
        "'\\ud800'",
        "''",
        "'\\n\\n'",
        "'|'",
        "'no newline'",
    };
    testing_execute("import re");
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        set_text(texts[i]);
        assert_int_equal(color(), 0);
        PyDict_SetItemString(testing_namespace(), "text", text);
        testing_check("re.sub('\\x1b\\\\[[0-9;]*m', '', code) == text");
        testing_check("re.sub('\\x1b\\\\[[0-9;]*m', '', traceback) == text");
    }
}

static bool
wanted(const char *stream)
{
    AUTO_DECREF PyObject *object = testing_evaluate(stream);
    bool is = color_is_wanted(object);
    assert_null(PyErr_Occurred());
    return is;
}

static void
colors_are_for_terminals_alone(void **state)
{
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    assert_true(wanted("Stream(True)"));
    assert_false(wanted("Stream(False)"));
    assert_false(wanted("Stream(1)"));
    assert_false(wanted("None"));
    setenv("NO_COLOR", "1", 1);
    assert_false(wanted("Stream(True)"));
    unsetenv("NO_COLOR");
    setenv("TERM", "dumb", 1);
    assert_false(wanted("Stream(True)"));
}

static void
survives_every_failed_allocation(void **state)
{
    set_text("'  File \"a\", line 3, in f\\n    1 / 0\\n    ~~^~~\\nError: x\\n'");
    TORTURE(color);
    NO_REFLEAK_TORTURED(color);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_its_colors_it_is_what_it_was),
        cmocka_unit_test(colors_are_for_terminals_alone),
        cmocka_unit_test(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
