#include "inspect/attribute.h"

#include <string.h>

#include "testing_python.h"

static const char *object_text = "o";
static const char *wanted = "own";

static int
start(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    testing_spare_library();
    testing_execute("called = []\n"
                    "class Meta(type):\n    meta = 1\n"
                    "class Base(metaclass=Meta):\n"
                    "    __slots__ = 'slot', 'empty', '__dict__'\n"
                    "    plain = 'class'\n"
                    "    def method(self): return 1\n"
                    "    @classmethod\n    def of_class(cls): pass\n"
                    "    @staticmethod\n    def static(): pass\n"
                    "    @property\n    def prop(self): called.append(1)\n"
                    "    def __getattr__(self, name): called.append(name)\n"
                    "    def __dir__(self): called.append(1)\n"
                    "class Derived(Base): pass\n"
                    "o = Derived()\n"
                    "o.slot, o.own = 's', 'o'\n"
                    "o.__dict__['prop'] = 'covered'\n"
                    "import sys\n");
    return 0;
}

static int
get(PyObject **ret_value)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *object = testing_evaluate(object_text);
    AUTO_DECREF PyObject *name = PyUnicode_InternFromString(wanted);
    testing_resume(paused);
    return inspect_attribute_get(object, name, ret_value);
}

static void
gets(const char *object, const char *name, const char *expected)
{
    object_text = object;
    wanted = name;
    AUTO_DECREF PyObject *value = NULL;
    int found = get(&value);
    assert_int_equal(found, expected != NULL);
    if (expected == NULL)
        return;
    PyDict_SetItemString(testing_namespace(), "got", value);
    testing_check(expected);
}

static void
values_that_are_there_are_got(void **state)
{
    gets("o", "own", "got == 'o'");
    gets("o", "slot", "got == 's'");
    gets("o", "plain", "got == 'class'");
    gets("o", "method", "got() == 1 and got.__self__ is o");
    gets("o", "of_class", "got.__self__ is Derived");
    gets("o", "static", "got is Base.static");
    gets("Derived", "of_class", "got.__self__ is Derived");
    gets("Derived", "method", "got is Base.method");
    gets("Derived", "meta", "got == 1");
    gets("sys", "path", "got is sys.path");
    gets("'text'", "upper", "got is str.upper");
    testing_check("called == []");
}

static void
what_only_code_could_tell_is_not(void **state)
{
    gets("o", "prop", NULL);
    gets("o", "nothing", NULL);
    gets("o", "empty", NULL);
    gets("o", "__dict__", NULL);
    gets("o", "meta", NULL);
    testing_check("called == []");
}

static int
count_visit(PyObject *name, PyObject *raw, void *context)
{
    *(size_t *)context += PyUnicode_CompareWithASCIIString(name, "slot") == 0;
    return 0;
}

static void
all_are_visited_and_dir_is_noticed(void **state)
{
    size_t count = 0;
    AUTO_DECREF PyObject *object = testing_evaluate("o");
    assert_int_equal(inspect_attribute_each(object, count_visit, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(inspect_attribute_has_dir(object), 1);
    AUTO_DECREF PyObject *plain = testing_evaluate("{}");
    assert_int_equal(inspect_attribute_has_dir(plain), 0);
    testing_check("called == []");
}

static int
tortured_get(void)
{
    AUTO_DECREF PyObject *value = NULL;
    return get(&value) < 0 ? -1 : 0;
}

static void
survives_every_failed_allocation(void **state)
{
    static const char *const names[] = { "own", "slot", "method", "of_class", "static" };
    object_text = "o";
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        wanted = names[i];
        TORTURE(tortured_get);
        NO_REFLEAK_TORTURED(tortured_get);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_that_are_there_are_got),
        cmocka_unit_test(what_only_code_could_tell_is_not),
        cmocka_unit_test(all_are_visited_and_dir_is_noticed),
        cmocka_unit_test(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, start, testing_stop);
}
