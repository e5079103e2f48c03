#include "inspect/object.h"

#include <stdlib.h>
#include <string.h>

#include "testing_python.h"

static const char *expression;
static InspectDetail detail;

static int
start(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    testing_spare_library();
    testing_execute(
        "import inspect, linecache\n"
        "text = 'class Outer:\\n  class C:\\n    \"doc\"\\n    def m(self, a=1):\\n"
        "        return a\\n  after = 1\\n'\n"
        "linecache.cache['t.py'] = len(text), None, text.splitlines(True), 't.py'\n"
        "exec(compile(text, 't.py', 'exec'))\n"
        "class Own:\n    @property\n    def prop(self): raise SystemExit\n"
        "class Bare: pass\n"
        "o, c = Own(), Outer.C()\n");
    return 0;
}

static int
tell(void)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *object = testing_evaluate(expression);
    testing_resume(paused);
    AUTO_DECREF PyObject *text = inspect_object_text(object, detail);
    if (text == NULL)
        return -1;
    paused = testing_pause();
    PyDict_SetItemString(testing_namespace(), "told", text);
    testing_resume(paused);
    return 0;
}

static void
tells(const char *object, const char *check)
{
    expression = object;
    assert_int_equal(tell(), 0);
    testing_check(check);
}

static void
each_kind_of_object_has_its_fields(void **state)
{
    tells("[1, 2]", "'Type:      list\\nValue:     [1, 2]\\nLength:    2\\n' in told");
    tells("c.m", "'Signature: m(a=1)\\nType:      method\\nFile:      t.py\\n' in told");
    tells("Outer.C", "'File:      t.py\\nDocstring: doc\\n' in told");
    tells("Bare", "'File:' not in told");
    tells("Own.prop", "'Type:      property' in told");
    detail.source = true;
    tells("Outer.C",
          "told.endswith('Source:\\n  class C:\\n    \"doc\"\\n    def m(self, a=1):\\n"
          "        return a\\n\\n')");
    tells("c", "'        return a' in told");
    detail.color = true;
    setenv("TERM", "xterm", 1);
    unsetenv("COLORTERM");
    unsetenv("NO_COLOR");
    setenv("MAINSPRING_THEME", "dark", 1);
    tells("c", "'\\x1b[0;35mreturn\\x1b[0m a' in told");
    detail = (InspectDetail){ 0 };
}

static int
find(void)
{
    AUTO_DECREF PyObject *found = NULL;
    AUTO_DECREF PyObject *text = PyUnicode_FromString(expression);
    int r = text == NULL ? -1 : inspect_object_find(testing_namespace(), text, &found);
    return r;
}

static void
a_property_is_found_and_not_run(void **state)
{
    expression = "o.prop";
    assert_int_equal(find(), 1);
    expression = "o.prop.x";
    assert_int_equal(find(), 0);
    expression = "o.nothing";
    assert_int_equal(find(), 0);
    expression = "f().x";
    assert_int_equal(find(), 0);
}

static int
tortured_find(void)
{
    return find() < 0 ? -1 : 0;
}

static void
survives_every_failed_allocation(void **state)
{
    static const char *const texts[] = { "[1, 2]",   "c.m", "Outer.C",
                                         "Own.prop", "len", "inspect.os.path.join" };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        expression = texts[i];
        TORTURE(tell);
        NO_REFLEAK(tell);
    }
    expression = "o.prop";
    TORTURE(tortured_find);
    NO_REFLEAK_TORTURED(tortured_find);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_object_has_its_fields),
        cmocka_unit_test(a_property_is_found_and_not_run),
        cmocka_unit_test(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, start, testing_stop);
}
