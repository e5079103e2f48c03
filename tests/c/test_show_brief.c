#include "show/brief.h"

#include "testing_python.h"

static const char *value_text;

static int
start(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    testing_spare_library();
    testing_execute(
        "import time\n"
        "class Slow:\n    def __repr__(self): time.sleep(10 ** 6)\n"
        "class Bad:\n    def __repr__(self): raise LookupError\n"
        "class Worse:\n    def __repr__(self): raise SystemExit\n"
        "class Junk:\n    def __repr__(self): return 3\n"
        "class Lines:\n    def __repr__(self): return 'a\\n  b' + 'x' * 10 ** 6\n"
        "class Loop:\n    def __repr__(self): return repr(self)\n"
        "class List(list):\n    def __repr__(self): return 'mine'\n"
        "class Stop:\n    def __repr__(self): raise KeyboardInterrupt\n"
        "loop = []; loop.append(loop)\n");
    return 0;
}

static void
is(const char *value, const char *expected)
{
    AUTO_DECREF PyObject *object = testing_evaluate(value);
    AUTO_DECREF PyObject *text = brief_text(object);
    assert_non_null(text);
    PyDict_SetItemString(testing_namespace(), "text", text);
    if (expected != NULL)
        assert_string_equal(PyUnicode_AsUTF8(text), expected);
    testing_check("len(text) < 1000 and '\\n' not in text");
    assert_null(PyErr_Occurred());
}

static void
small_values_are_shown_whole(void **state)
{
    is("[1, 'a', {'k': (2,)}, {3}, b'x', None, 1.5, set(), {}]", NULL);
    testing_check("text == \"[1, 'a', {'k': (2,)}, {3}, b'x', None, \u2026 (9)]\"");
    is("()", "()");
    is("set()", "set()");
    is("frozenset({1})", "frozenset({1})");
    is("(1,)", "(1,)");
}

static void
large_values_are_cut(void **state)
{
    is("list(range(10 ** 5))", "[0, 1, 2, 3, 4, 5, \u2026 (100000)]");
    is("'x' * 10 ** 6", NULL);
    is("10 ** 5000", "<int of 16610 bits>");
    is("loop", "[[[[\u2026]]]]");
    is("Lines()", NULL);
    is("{i: i for i in range(100)}", "{0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, \u2026 (100)}");
}

static void
hostile_ones_are_named(void **state)
{
    is("Slow()", "<Slow: its repr takes too long>");
    is("Bad()", "<Bad: its repr raises LookupError>");
    is("Worse()", "<Worse: its repr raises SystemExit>");
    is("Junk()", "<Junk: its repr raises TypeError>");
    is("Loop()", "<Loop: its repr raises RecursionError>");
    is("List()", "mine");
    is("[Slow(), 1]", "[<Slow: its repr takes too long>, 1]");
}

static void
ctrl_c_goes_through(void **state)
{
    AUTO_DECREF PyObject *object = testing_evaluate("Stop()");
    AUTO_DECREF PyObject *text = brief_text(object);
    assert_null(text);
    testing_raised(PyExc_KeyboardInterrupt);
}

static int
tortured(void)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *object = testing_evaluate(value_text);
    testing_resume(paused);
    AUTO_DECREF PyObject *text = brief_text(object);
    return text == NULL ? -1 : 0;
}

static void
survives_every_failed_allocation(void **state)
{
    static const char *const values[] = { "[1, 'a' * 99, (2,)]", "{1: {2}}", "Bad()",
                                          "10 ** 99", "List()" };
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        value_text = values[i];
        TORTURE(tortured);
        NO_REFLEAK_TORTURED(tortured);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_values_are_shown_whole),
        cmocka_unit_test(large_values_are_cut),
        cmocka_unit_test(hostile_ones_are_named),
        cmocka_unit_test(ctrl_c_goes_through),
        cmocka_unit_test(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, start, testing_stop);
}
