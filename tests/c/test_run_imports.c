#include "run/imports.h"

#include "testing_python.h"

/* Compile `text`, and bind what it imports to `imports`. */
static void
read_imports(const char *text)
{
    AUTO_DECREF PyObject *code = Py_CompileString(text, "text", Py_file_input);
    assert_non_null(code);
    AUTO_DECREF PyObject *imports = run_imports_of_code(code);
    assert_non_null(imports);
    BORROWED PyObject *ns = testing_namespace();
    assert_int_equal(PyDict_SetItemString(ns, "imports", imports), 0);
    assert_int_equal(PyDict_SetItemString(ns, "code", code), 0);
}

static int
imports_any(const char *package, const char *modules)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *imports = testing_evaluate("imports");
    AUTO_DECREF PyObject *given = testing_text(package);
    AUTO_DECREF PyObject *wanted = testing_evaluate(modules);
    testing_resume(paused);
    return run_imports_any(imports, given, wanted);
}

static const char text[] =
    "import a.b\nfrom c import d\nfrom . import e\nfrom .f import g\n"
    "class C:\n    import h\ndef late():\n    import never\n";

static void
the_names_are_those_outside_of_functions(void **state)
{
    read_imports(text);
    testing_check("imports == {'a.b', 'c', 'c.d', '', 'e', 'f', 'f.g', 'h'}");
}

static void
a_name_is_looked_for_as_it_is_and_in_each_package_around(void **state)
{
    read_imports(text);
    assert_int_equal(imports_any("", "{'c.d'}"), 1);
    assert_int_equal(imports_any("", "{'p.e'}"), 0);
    assert_int_equal(imports_any("p", "{'p.e'}"), 1);
    assert_int_equal(imports_any("p.q", "{'p.f.g'}"), 1);
    assert_int_equal(imports_any("p.q", "{'never'}"), 0);
}

static int
read_again(void)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *code = testing_evaluate("code");
    testing_resume(paused);
    AUTO_DECREF PyObject *imports = run_imports_of_code(code);
    return imports == NULL ? -1 : 0;
}

static int
look_up(void)
{
    return imports_any("p.q", "{'never'}");
}

static void
survives_every_failed_allocation(void **state)
{
    read_imports(text);
    TORTURE(read_again);
    TORTURE(look_up);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    read_imports(text);
    NO_REFLEAK_TORTURED(read_again);
    NO_REFLEAK_TORTURED(look_up);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_names_are_those_outside_of_functions),
        cmocka_unit_test(a_name_is_looked_for_as_it_is_and_in_each_package_around),
        cmocka_unit_test(survives_every_failed_allocation),
        cmocka_unit_test(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, testing_start, testing_stop);
}
