#include "run/scope.h"

#include "testing_python.h"

static RunScope *stack;

static int
remember_the_prompt(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    testing_spare_library();
    testing_execute("import gc, sys, types, weakref\n"
                    "sys.path.insert(0, ''); sys.argv = ['prompt']\n"
                    "main, argv, path = sys.modules['__main__'], sys.argv, list(sys.path)\n"
                    "def as_it_was():\n"
                    "    return (sys.modules['__main__'] is main and sys.argv is argv\n"
                    "            and sys.path == path)");
    return 0;
}

static int
restore_the_prompt(void **state)
{
    stack = NULL;
    testing_execute(
        "sys.modules['__main__'] = main; sys.argv = argv; sys.path = list(path)");
    return 0;
}

/* Enter for the script `/f/NAME.py` with its folder, `/f` and the name, on sys.path. */
static RunScope *
try_enter(const char *name, PyObject *argv)
{
    AUTO_DECREF PyObject *main = testing_text("__main__");
    AUTO_DECREF PyObject *file = PyUnicode_FromFormat("/f/%s.py", name);
    AUTO_DECREF PyObject *folder = PyUnicode_FromFormat("/f/%s", name);
    const RunScopeState script = {
        .name = main, .file = file, .folder = folder, .argv = argv
    };
    return run_scope_enter(&stack, &script);
}

static RunScope *
enter(const char *name)
{
    AUTO_DECREF PyObject *argv = Py_BuildValue("[s]", name);
    RunScope *s = try_enter(name, argv);
    assert_non_null(s);
    return s;
}

static void
leave(RunScope *s)
{
    run_scope_leave(&stack, s);
}

static void
a_script_has_a_main_of_its_own_as_python_would_make_it(void **state)
{
    RunScope *s = enter("a");
    assert_int_equal(
        PyDict_SetItemString(testing_namespace(), "ns", run_scope_namespace(s)), 0);
    testing_check(
        "sys.modules['__main__'] is not main and vars(sys.modules['__main__']) is ns");
    testing_check("ns['__name__'] == '__main__' and ns['__file__'] == '/f/a.py'");
    testing_check(
        "ns['__builtins__'] is sys.modules['builtins'] and ns['__doc__'] is None");
    testing_check("ns['__package__'] is None and ns['__spec__'] is None");
    testing_check("ns['__cached__'] is None and ns['__annotations__'] == {}");
    testing_check("type(ns['__loader__']).__name__ == 'SourceFileLoader'");
    testing_check(
        "(ns['__loader__'].name, ns['__loader__'].path) == ('__main__', '/f/a.py')");
    leave(s);
}

static void
argv_and_the_folder_are_the_scripts(void **state)
{
    RunScope *s = enter("a");
    testing_check("sys.argv == ['a'] and sys.path == ['/f/a'] + path[1:]");
    leave(s);
    testing_check("as_it_was()");
}

static void
a_path_without_the_prompts_entry_gets_one_more(void **state)
{
    testing_execute("sys.path = path[1:]");
    RunScope *s = enter("a");
    testing_check("sys.path == ['/f/a'] + path[1:]");
    leave(s);
    testing_check("sys.path == path[1:]");
}

static void
leaving_puts_back_what_the_script_replaced(void **state)
{
    RunScope *s = enter("a");
    testing_execute(
        "sys.modules['__main__'] = sys; sys.argv = None; sys.path.insert(0, 'mine')");
    leave(s);
    testing_check("sys.modules['__main__'] is main and sys.argv is argv");
    testing_check("sys.path == ['mine', ''] + path[1:]");
}

static void
leaving_puts_back_what_the_script_deleted(void **state)
{
    RunScope *s = enter("a");
    testing_execute("del sys.modules['__main__'], sys.argv; sys.path = ['mine']");
    leave(s);
    testing_check("sys.modules['__main__'] is main and sys.argv is argv");
    testing_check("sys.path == ['', 'mine']");
}

static void
a_sys_without_the_usual_names_does_not_keep_a_scope_in(void **state)
{
    testing_execute("del sys.argv; saved = sys.path; del sys.path");
    RunScope *s = enter("a");
    testing_check("sys.argv == ['a']");
    leave(s);
    testing_check("not hasattr(sys, 'argv') and not hasattr(sys, 'path')");
    testing_execute("sys.path = saved");
}

static void
scopes_nest_and_the_inner_restores_the_outer(void **state)
{
    RunScope *outer = enter("a");
    testing_execute("sys.path.append('late')");
    RunScope *inner = enter("b");
    testing_check("sys.argv == ['b'] and sys.path == ['/f/b'] + path[1:] + ['late']");
    leave(inner);
    testing_check("sys.argv == ['a'] and sys.path == ['/f/a'] + path[1:] + ['late']");
    assert_int_equal(
        PyDict_SetItemString(testing_namespace(), "module", run_scope_module(outer)), 0);
    testing_check("sys.modules['__main__'] is module");
    testing_execute("sys.path.remove('late')");
    leave(outer);
    testing_check("as_it_was()");
}

/* Enter three, and leave them in the order of the digits. */
static void
interleave(const char *order)
{
    RunScope *scopes[] = { enter("a"), enter("b"), enter("c") };
    for (const char *c = order; *c; c++) {
        leave(scopes[*c - '0']);
        scopes[*c - '0'] = NULL;
        for (int i = 2; i >= 0; i--) {
            if (scopes[i] == NULL)
                continue;
            assert_ptr_equal(scopes[i], stack);
            const char *const check[] = { "sys.argv == ['a'] and sys.path[0] == '/f/a'",
                                          "sys.argv == ['b'] and sys.path[0] == '/f/b'",
                                          "sys.argv == ['c'] and sys.path[0] == '/f/c'" };
            testing_check(check[i]);
            break;
        }
    }
    assert_null(stack);
    testing_check("as_it_was()");
}

static void
threads_leave_in_any_order_and_the_topmost_is_what_is_seen(void **state)
{
    static const char *const orders[] = { "012", "021", "102", "120", "201", "210" };
    for (size_t i = 0; i < COUNT_OF(orders); i++)
        interleave(orders[i]);
}

static void
a_scope_below_one_without_a_folder_takes_its_own_away(void **state)
{
    RunScope *below = enter("a");
    AUTO_DECREF PyObject *name = testing_text("__main__");
    AUTO_DECREF PyObject *argv = PyList_New(0);
    const RunScopeState script = { .name = name, .file = name, .argv = argv };
    RunScope *above = run_scope_enter(&stack, &script);
    leave(below);
    testing_check("sys.path == path");
    leave(above);
    testing_check("as_it_was()");
}

static void
a_module_that_exists_is_entered_as_it_is(void **state)
{
    AUTO_DECREF PyObject *module = testing_evaluate("main");
    AUTO_DECREF PyObject *name = testing_text("__main__");
    AUTO_DECREF PyObject *argv = PyList_New(0);
    const RunScopeState script = { .name = name, .file = name, .argv = argv };
    RunScope *s = run_scope_enter_module(&stack, &script, module);
    assert_ptr_equal(run_scope_module(s), module);
    testing_check("sys.modules['__main__'] is main and sys.argv == []");
    leave(s);
    testing_check("as_it_was()");
}

static void
the_module_lives_as_long_as_its_namespace(void **state)
{
    RunScope *s = enter("a");
    testing_execute("ref = weakref.ref(sys.modules['__main__']); ns = vars(ref())");
    leave(s);
    testing_execute("gc.collect()");
    testing_check("vars(ref()) is ns and ns['__name__'] == '__main__'");
    testing_execute("del ns; gc.collect()");
    testing_check("ref() is None");
}

static void
a_failed_enter_leaves_the_outer_main_in_place(void **state)
{
    assert_null(try_enter("a", Py_None));
    testing_raised(PyExc_TypeError);
    assert_null(stack);
    testing_check("as_it_was()");
}

static void
leaving_keeps_a_pending_exception_and_accepts_null(void **state)
{
    RunScope *s = enter("a");
    PyErr_SetString(PyExc_KeyError, "pending");
    leave(s);
    run_scope_leave(&stack, NULL);
    testing_raised(PyExc_KeyError);
    testing_check("as_it_was()");
}

static void
user_code_that_runs_while_leaving_may_enter_again(void **state)
{
    testing_execute("class Last:\n"
                    "    def __del__(self): self.seen.append(sys.argv is argv)\n"
                    "seen = Last.seen = []");
    RunScope *s = enter("a");
    testing_execute("sys.argv.append(Last())");
    leave(s);
    testing_check("seen == [True] and as_it_was()");
}

static int
enter_and_leave(void)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *name = testing_text("__main__");
    AUTO_DECREF PyObject *file = testing_text("/f/s.py");
    AUTO_DECREF PyObject *folder = testing_text("/f");
    AUTO_DECREF PyObject *argv = Py_BuildValue("[s]", "s.py");
    const RunScopeState script = {
        .name = name, .file = file, .folder = folder, .argv = argv
    };
    testing_resume(paused);
    RunScope *s = run_scope_enter(&stack, &script);
    run_scope_leave(&stack, s);
    AUTO_DECREF PyObject *type = Py_XNewRef(PyErr_Occurred());
    PyErr_Clear();
    paused = testing_pause();
    assert_null(stack);
    testing_check("as_it_was()");
    testing_resume(paused);
    if (s != NULL)
        return 0;
    if (type != NULL)
        PyErr_SetNone(type);
    return -1;
}

/* The same for a module that was found, in one that exists. */
static int
enter_with_spec(void)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *name = testing_text("__main__");
    AUTO_DECREF PyObject *argv = Py_BuildValue("[s]", "s.py");
    AUTO_DECREF PyObject *spec =
        testing_evaluate("__import__('importlib.util').util.spec_from_file_location('pkg.s'"
                         ", '/f/pkg/s.py')");
    assert_non_null(spec);
    testing_resume(paused);
    AUTO_DECREF PyObject *bare = run_scope_module_new(name);
    const RunScopeState module = { .name = name, .argv = argv, .spec = spec, .bare = bare };
    RunScope *s = bare == NULL ? NULL : run_scope_enter(&stack, &module);
    bool entered = s != NULL;
    run_scope_leave(&stack, s);
    assert_null(stack);
    return entered ? 0 : -1;
}

static void
a_module_that_was_found_is_tied_by_a_spec_of_its_own(void **state)
{
    AUTO_DECREF PyObject *name = testing_text("__main__");
    AUTO_DECREF PyObject *argv = Py_BuildValue("[s]", "s.py");
    testing_execute(
        "import importlib.util\n"
        "found = importlib.util.spec_from_file_location('pkg.s', '/f/pkg/s.py')");
    AUTO_DECREF PyObject *spec = testing_evaluate("found");
    const RunScopeState module = { .name = name, .argv = argv, .spec = spec };
    RunScope *s = run_scope_enter(&stack, &module);
    assert_non_null(s);
    testing_execute(
        "n = vars(sys.modules['__main__']); w = weakref.ref(sys.modules['__main__'])");
    leave(s);
    testing_check("(n['__name__'], n['__package__'], n['__file__']) == "
                  "('__main__', 'pkg', '/f/pkg/s.py')");
    testing_check("n['__spec__'] == found and n['__spec__'] is not found");
    testing_check("n['__loader__'] is found.loader and '__mainspring_module__' not in n");
    testing_check("w() is not None");
    testing_execute("del n; gc.collect()");
    testing_check("w() is None");
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(enter_and_leave);
    TORTURE(enter_with_spec);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    NO_REFLEAK_TORTURED(enter_and_leave);
    NO_REFLEAK(enter_with_spec);  // copy.copy() is the standard library's to test
}

#define SCOPE_TEST(test) cmocka_unit_test_teardown(test, restore_the_prompt)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SCOPE_TEST(a_script_has_a_main_of_its_own_as_python_would_make_it),
        SCOPE_TEST(a_module_that_was_found_is_tied_by_a_spec_of_its_own),
        SCOPE_TEST(argv_and_the_folder_are_the_scripts),
        SCOPE_TEST(a_path_without_the_prompts_entry_gets_one_more),
        SCOPE_TEST(leaving_puts_back_what_the_script_replaced),
        SCOPE_TEST(leaving_puts_back_what_the_script_deleted),
        SCOPE_TEST(a_sys_without_the_usual_names_does_not_keep_a_scope_in),
        SCOPE_TEST(scopes_nest_and_the_inner_restores_the_outer),
        SCOPE_TEST(threads_leave_in_any_order_and_the_topmost_is_what_is_seen),
        SCOPE_TEST(a_scope_below_one_without_a_folder_takes_its_own_away),
        SCOPE_TEST(a_module_that_exists_is_entered_as_it_is),
        SCOPE_TEST(the_module_lives_as_long_as_its_namespace),
        SCOPE_TEST(a_failed_enter_leaves_the_outer_main_in_place),
        SCOPE_TEST(leaving_keeps_a_pending_exception_and_accepts_null),
        SCOPE_TEST(user_code_that_runs_while_leaving_may_enter_again),
        SCOPE_TEST(survives_every_failed_allocation),
        SCOPE_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, remember_the_prompt, testing_stop);
}
