#include "run/label.h"

#include "testing_run.h"

#define TEXT                                                                               \
    "import functools\n"                                                                   \
    "class C:\n"                                                                           \
    "    class Inner:\n        def m(self): pass\n"                                        \
    "    def method(self): return C\n"                                                     \
    "    @classmethod\n    def made(cls): return cls()\n"                                  \
    "    @staticmethod\n    def plain(): pass\n"                                           \
    "    @property\n    def p(self): pass\n"                                               \
    "C.me = C\n"                                                                           \
    "class Empty: pass\n"                                                                  \
    "def f(): pass\n"                                                                      \
    "@functools.wraps(functools.reduce)\ndef g(*args): pass\n"                             \
    "value = C()\n"

/* Run the text, label what is in it, and bind its module to `m`. */
static Run *
run_and_label(void)
{
    int number = testing_run("some.script.py", TEXT);
    Run *r = run_ledger_find(ledger, number);
    assert_int_equal(run_label_all(ledger, r), 0);
    testing_bind_module("m", number);
    testing_execute("key = f'some_script <run 1>'");
    return r;
}

static void
functions_and_classes_say_which_run_they_are_of(void **state)
{
    run_and_label();
    testing_check("m.f.__module__ == m.C.__module__ == m.Empty.__module__ == key");
    testing_check("m.C.method.__module__ == m.C.made.__module__ == key");
    testing_check(
        "m.C.plain.__module__ == m.C.Inner.__module__ == m.C.Inner.m.__module__ == key");
    testing_check("repr(m.value).startswith('<some_script <run 1>.C object')");
}

static void
what_is_not_the_runs_keeps_its_module(void **state)
{
    run_and_label();
    testing_check(
        "m.g.__module__ == '_functools' and m.functools.reduce.__module__ == '_functools'");
    testing_check("m.functools.partial.__module__ == 'functools'");
}

static void
the_view_is_in_sys_modules_under_a_key_without_dots(void **state)
{
    run_and_label();
    testing_check("sys.modules[key].C is m.C and vars(sys.modules[key]) is vars(m)");
}

static void
an_old_object_can_be_pickled(void **state)
{
    run_and_label();
    testing_check("type(pickle.loads(pickle.dumps(m.value))) is m.C");
    testing_check("pickle.loads(pickle.dumps(m.C.Inner)) is m.C.Inner");
    testing_check("pickle.loads(pickle.dumps(m.f)) is m.f");
}

static void
a_class_keeps_its_line(void **state)
{
    run_and_label();
    testing_check("getattr(m.C, '__firstlineno__', 2) == 2");
}

static void
a_metaclass_has_no_say_in_it(void **state)
{
    int number = testing_run("s.py", "class M(type):\n"
                                     "    def __setattr__(c, n, v): raise RuntimeError\n"
                                     "    @property\n    def __dict__(c): return [3]\n"
                                     "class C(metaclass=M):\n    def m(self): pass\n");
    assert_int_equal(run_label_all(ledger, run_ledger_find(ledger, number)), 0);
    testing_check("p['C'].__module__ == p['C'].m.__module__ == 's <run 1>'");
}

static void
a_class_of_another_main_is_left_alone(void **state)
{
    testing_execute("exec('class Foreign:\\n    def m(self): pass', p)");
    int number =
        testing_run("s.py", "import gc\n"
                            "Foreign = next(o for o in gc.get_objects()\n"
                            "    if isinstance(o, type) and o.__name__ == 'Foreign')\n"
                            "def f(): pass\n");
    testing_execute("p['Foreign'].__module__ = '__main__'; main.__name__ = '__main__'");
    assert_int_equal(run_label_all(ledger, run_ledger_find(ledger, number)), 0);
    testing_check(
        "p['Foreign'].__module__ == '__main__' and p['f'].__module__ == 's <run 1>'");
    testing_execute("del p['Foreign']");
}

static void
one_value_is_labelled_alone(void **state)
{
    int number = testing_run("s.py", "def f(): pass\ndef g(): pass\nn = 3\n");
    Run *r = run_ledger_find(ledger, number);
    AUTO_DECREF PyObject *f = testing_evaluate("p['f']");
    AUTO_DECREF PyObject *n = testing_evaluate("p['n']");
    assert_int_equal(run_label_value(ledger, r, n), 0);
    testing_check("'s <run 1>' not in sys.modules");
    assert_int_equal(run_label_value(ledger, r, f), 0);
    testing_check("p['f'].__module__ == 's <run 1>' and p['g'].__module__ == '__main__'");
    assert_true(r->viewed);
    assert_false(r->labelled);
}

static void
the_view_of_a_freed_run_is_removed(void **state)
{
    Run *r = run_and_label();
    assert_int_equal(run_label_remove(r), 0);
    testing_check("key not in sys.modules");
    assert_int_equal(run_label_remove(r), 0);
}

static void
a_freed_run_has_nothing_to_label(void **state)
{
    int number = testing_run("s.py", "x = 1\n");
    Run *r = run_ledger_find(ledger, number);
    assert_int_equal(run_label_all(ledger, r), 0);
    assert_false(r->viewed);
}

static Run *tortured;

static int
label(void)
{
    int r = run_label_all(ledger, tortured);
    long paused = testing_pause();
    AUTO_DECREF PyObject *type = Py_XNewRef(PyErr_Occurred());
    PyErr_Clear();
    assert_int_equal(run_label_all(ledger, tortured), 0);
    testing_check("m.f.__module__ == m.C.__module__ == m.C.Inner.__module__ == key");
    testing_check("vars(sys.modules[key]) is vars(m)");
    testing_execute(
        "for o in m.C, m.C.Inner, m.Empty, m.f, m.C.method, m.C.plain, m.C.Inner.m,"
        " m.C.made.__func__:\n    o.__module__ = '__main__'");
    assert_int_equal(run_label_remove(tortured), 0);
    testing_resume(paused);
    if (r < 0 && type != NULL)
        PyErr_SetNone(type);
    return r;
}

static void
survives_every_failed_allocation(void **state)
{
    tortured = run_and_label();
    TORTURE(label);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    tortured = run_and_label();
    NO_REFLEAK_TORTURED(label);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        RUN_TEST(functions_and_classes_say_which_run_they_are_of),
        RUN_TEST(what_is_not_the_runs_keeps_its_module),
        RUN_TEST(the_view_is_in_sys_modules_under_a_key_without_dots),
        RUN_TEST(an_old_object_can_be_pickled),
        RUN_TEST(a_class_keeps_its_line),
        RUN_TEST(a_metaclass_has_no_say_in_it),
        RUN_TEST(a_class_of_another_main_is_left_alone),
        RUN_TEST(one_value_is_labelled_alone),
        RUN_TEST(the_view_of_a_freed_run_is_removed),
        RUN_TEST(a_freed_run_has_nothing_to_label),
        RUN_TEST(survives_every_failed_allocation),
        RUN_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, testing_run_start, testing_stop);
}
