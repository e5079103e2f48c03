#include "run/view.h"

#include "testing_python.h"

static PyObject *type;

/* `module` is a run's module with a class of its own, `view` the view of it. */
static int
make_view(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    testing_execute("import gc, inspect, pickle, sys, typing\n"
                    "def new_module():\n"
                    "    global module\n"
                    "    module = type(sys)('__main__')\n"
                    "    exec('class C:\\n"
                    "    field: \"C\"\\n"
                    "    def same(self, other): return isinstance(other, C)\\n',\n"
                    "         module.__dict__)\n"
                    "    module.x = 1\n"
                    "    module.C.__module__ = 's <run 3>'\n"
                    "new_module()");
    type = run_view_type_new();
    return type == NULL ? -1 : 0;
}

static int
drop_type(void **state)
{
    Py_CLEAR(type);
    return testing_stop(state);
}

static void
show_module(void)
{
    AUTO_DECREF PyObject *module = testing_evaluate("module");
    AUTO_DECREF PyObject *key = testing_text("s <run 3>");
    AUTO_DECREF PyObject *file = testing_text("/f/s.py <run 3>");
    AUTO_DECREF PyObject *view = run_view_new(type, module, key, file, NULL);
    assert_non_null(view);
    BORROWED PyObject *ns = testing_namespace();
    assert_int_equal(PyDict_SetItemString(ns, "view", view), 0);
    testing_execute("sys.modules['s <run 3>'] = view");
}

static void
it_is_a_module_that_answers_for_itself_by_name_file_and_spec(void **state)
{
    show_module();
    testing_check("isinstance(view, type(sys))");
    testing_check("view.__name__ == 's <run 3>'");
    testing_check("view.__file__ == '/f/s.py <run 3>'");
    testing_check("view.__spec__ is None");
    testing_check("repr(view) == \"<module 's <run 3>' from '/f/s.py <run 3>'>\"");
}

static void
all_else_is_the_runs(void **state)
{
    show_module();
    testing_check("view.x == 1 and view.C is module.C");
    testing_check("view.__dict__ is module.__dict__ and vars(view) is vars(module)");
    testing_check("not hasattr(view, 'nothing')");
    testing_check("'C' in dir(view)");
}

static void
what_is_set_and_deleted_is_set_and_deleted_in_the_run(void **state)
{
    show_module();
    testing_execute("view.y = 2");
    testing_check("module.y == 2");
    testing_execute("del view.y");
    testing_check("not hasattr(module, 'y')");
    testing_execute("try: del view.y\nexcept AttributeError: missing = True");
    testing_check("missing");
}

static void
its_own_name_is_set_in_the_view_alone(void **state)
{
    show_module();
    testing_execute("view.__file__ = 'elsewhere'");
    testing_check("view.__file__ == 'elsewhere' and not hasattr(module, '__file__')");
}

static void
a_pickle_of_an_old_object_finds_its_class(void **state)
{
    show_module();
    testing_execute("object = module.C(); copy = pickle.loads(pickle.dumps(object))");
    testing_check("type(copy) is module.C and object.same(copy)");
    testing_execute("del object, copy");
}

static void
hints_and_inspect_resolve_in_the_old_world(void **state)
{
    show_module();
    testing_check("typing.get_type_hints(module.C) == {'field': module.C}");
    testing_check("inspect.getmodule(module.C) is view");
}

static void
it_keeps_nothing_alive_and_outlives_its_run(void **state)
{
    show_module();
    testing_execute("del module; gc.collect()");
    testing_check("not hasattr(view, 'x')");
    testing_check(
        "view.__name__ == 's <run 3>' and view.__dict__['__name__'] == 's <run 3>'");
    testing_execute("view.x = 3");
    testing_check("view.x == 3");
    testing_execute("new_module()");
}

static int
make_and_ask(void)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *module = testing_evaluate("module");
    AUTO_DECREF PyObject *key = testing_text("s <run 4>");
    testing_resume(paused);
    AUTO_DECREF PyObject *view = run_view_new(type, module, key, key, NULL);
    if (view == NULL)
        return -1;
    AUTO_DECREF PyObject *value = PyObject_GetAttrString(view, "x");
    AUTO_DECREF PyObject *name =
        value == NULL ? NULL : PyObject_GetAttrString(view, "__name__");
    if (name == NULL || PyObject_SetAttrString(view, "fresh", name) < 0)
        return -1;
    return PyObject_SetAttrString(view, "fresh", NULL);
}

static int
make_type(void)
{
    AUTO_DECREF PyObject *made = run_view_type_new();
    return made == NULL ? -1 : 0;
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(make_and_ask);
}

static void
leaks_no_reference(void **state)
{
    NO_REFLEAK_TORTURED(make_and_ask);
    NO_REFLEAK(make_type);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_a_module_that_answers_for_itself_by_name_file_and_spec),
        cmocka_unit_test(all_else_is_the_runs),
        cmocka_unit_test(what_is_set_and_deleted_is_set_and_deleted_in_the_run),
        cmocka_unit_test(its_own_name_is_set_in_the_view_alone),
        cmocka_unit_test(a_pickle_of_an_old_object_finds_its_class),
        cmocka_unit_test(hints_and_inspect_resolve_in_the_old_world),
        cmocka_unit_test(it_keeps_nothing_alive_and_outlives_its_run),
        cmocka_unit_test(survives_every_failed_allocation),
        cmocka_unit_test(leaks_no_reference),
    };
    return cmocka_run_group_tests(tests, make_view, drop_type);
}
