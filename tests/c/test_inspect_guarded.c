#include "inspect/guarded.h"

#include <string.h>

#include "testing_python.h"

static const char *expression = "d['k'][-1].upper";

static int
start(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    testing_execute("called = []\n"
                    "class Dict(dict):\n"
                    "    def __getitem__(self, key): called.append(key)\n"
                    "class Key:\n"
                    "    def __hash__(self): return hash('k')\n"
                    "    def __eq__(self, other): called.append('eq'); return False\n"
                    "d = {'k': ['a', 'text'], 3: (1, 2), True: 'true'}\n"
                    "sub = Dict(k=1)\n"
                    "hostile = {Key(): 1, 'k': 2}\n"
                    "called.clear()\n"
                    "i, word = 1, 'k'\n"
                    "import sys, types\n"
                    "pandas = sys.modules['pandas'] = types.ModuleType('pandas')\n"
                    "class DataFrame:\n"
                    "    def __getitem__(self, key): return {'c': 'column'}[key]\n"
                    "    index = property(lambda self: 'rows')\n"
                    "    values = property(lambda self: called.append('values'))\n"
                    "    plot = property(lambda self: self.no_library)\n"
                    "pandas.DataFrame = DataFrame\n"
                    "frame = DataFrame()\n"
                    "like = type('DataFrame', (DataFrame,), {})()\n");
    return 0;
}

static int
evaluate(PyObject **ret_value)
{
    return inspect_guarded_evaluate(testing_namespace(), expression, strlen(expression),
                                    ret_value);
}

static void
is(const char *text, const char *expected)
{
    expression = text;
    AUTO_DECREF PyObject *value = NULL;
    if (evaluate(&value) != 1)
        fail_msg("%s has no value", text);
    PyDict_SetItemString(testing_namespace(), "got", value);
    testing_check(expected);
}

static void
is_unknown(const char *text)
{
    expression = text;
    AUTO_DECREF PyObject *value = NULL;
    assert_int_equal(evaluate(&value), 0);
    assert_null(value);
    assert_null(PyErr_Occurred());
}

static void
names_attributes_and_subscripts_have_values(void **state)
{
    is("d", "got is d");
    is("d['k'][-1]", "got == 'text'");
    is("d [ word ] [ i ]", "got == 'text'");
    is("(d)[3][0]", "got == 1");
    is("d['k'][0].upper", "got is str.upper");
    is("len", "got is len");
    is("'a b'", "got == 'a b'");
    is("[1, 2]", "got == []");
    is("{}", "got == {}");
    is("{1: 2}", "got == {}");
    is("{1, 2}", "got == set()");
    is("b'x'", "got == b'x'");
    is("1.5", "type(got) is float");
    is("True", "got is True");
    is("hostile['k']", "got == 2");
    testing_check("called == []");
}

static void
everything_else_is_unknown(void **state)
{
    static const char *const texts[] = {
        "",          "nosuch",   "d(",          "f()",     "d['x']",
        "d['k'][9]", "sub['k']", "1 + 2",       "d[1:2]",  "d[-word]",
        "-i",        "d.",       "lambda: 1",   "d['k'",   "'unclosed",
        "len('a')",  "(d",       "d['k', 'k']", "d[b'k']", "..."
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        is_unknown(texts[i]);
    char deep[400];
    memset(deep, '(', sizeof deep - 1);
    deep[sizeof deep - 1] = '\0';
    is_unknown(deep);
    testing_check("called == []");
}

static void
items_of_known_classes_are_asked_for(void **state)
{
    is("frame['c']", "got == 'column'");
    is("frame.c", "got == 'column'");
    is("frame.index", "got == 'rows'");
    is_unknown("frame.values");
    is_unknown("frame.plot");
    is_unknown("like.index");
    is_unknown("frame['d']");
    is_unknown("frame.d");
    is_unknown("like['c']");
    is_unknown("like.c");
}

static int
tortured(void)
{
    AUTO_DECREF PyObject *value = NULL;
    return evaluate(&value) < 0 ? -1 : 0;
}

static void
survives_every_failed_allocation(void **state)
{
    static const char *const texts[] = {
        "d['k'][-1].upper", "(d)[3]",  "{1: 2}",      "1.5",       "2j", "b'x'",
        "frame['c']",       "frame.d", "frame.index", "frame.plot"
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        expression = texts[i];
        TORTURE(tortured);
        NO_REFLEAK_TORTURED(tortured);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_attributes_and_subscripts_have_values),
        cmocka_unit_test(items_of_known_classes_are_asked_for),
        cmocka_unit_test(everything_else_is_unknown),
        cmocka_unit_test(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, start, testing_stop);
}
