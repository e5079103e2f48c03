#include "run/module.h"

#include "testing_python.h"

static int
make_packages(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    testing_execute("import os, sys\nsys.path.insert(0, '')\n"
                    "for folder in 'pkg', 'pkg/inner', 'broken': os.mkdir(folder)\n");
    testing_write("pkg/__init__.py", "");
    testing_write("pkg/__main__.py", "");
    testing_write("pkg/inner/__init__.py", "");
    testing_write("pkg/part.py", "");
    testing_write("broken/__init__.py", "raise LookupError('of mine')\n");
    testing_execute("import pkg, pkg.inner, runpy, importlib.util");
    return 0;
}

/* Find the module; its spec is `spec` in the tests' namespace. */
static int
find(const char *name)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *text = testing_text(name);
    testing_resume(paused);
    AUTO_DECREF PyObject *spec = run_module_find(text);
    if (spec == NULL)
        return -1;
    paused = testing_pause();
    assert_int_equal(PyDict_SetItemString(testing_namespace(), "spec", spec), 0);
    testing_resume(paused);
    return 0;
}

static void
a_module_is_found_in_its_package(void **state)
{
    assert_int_equal(find("pkg.part"), 0);
    testing_check("spec.name == 'pkg.part' and spec.origin.endswith('/pkg/part.py')");
    testing_check("'pkg.part' not in sys.modules");
}

static void
a_package_is_its_main_module(void **state)
{
    assert_int_equal(find("pkg"), 0);
    testing_check("spec.name == 'pkg.__main__'");
}

static void
what_is_not_there_is_an_import_error_of_one_line(void **state)
{
    static const char *const names[] = { "nowhere", "pkg.nowhere", "pkg.inner",
                                         "pkg.part.x", "" };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_int_equal(find(names[i]), -1);
        testing_raised(PyExc_ImportError);
    }
}

static void
what_a_package_raises_stays_as_it_is(void **state)
{
    assert_int_equal(find("broken.part"), -1);
    testing_raised(PyExc_LookupError);
}

static int
find_part(void)
{
    return find("pkg.part");
}

static int
find_package(void)
{
    return find("pkg");
}

static int
find_nothing(void)
{
    assert_int_equal(find("pkg.inner"), -1);
    if (!PyErr_ExceptionMatches(PyExc_ImportError))
        return -1;
    PyErr_Clear();
    return 0;
}

static void
survives_every_failed_allocation(void **state)
{
    testing_spare_library();
    TORTURE(find_part);
    TORTURE(find_package);
    TORTURE(find_nothing);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    NO_REFLEAK_TORTURED(find_part);
    NO_REFLEAK_TORTURED(find_package);
    NO_REFLEAK_TORTURED(find_nothing);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_module_is_found_in_its_package),
        cmocka_unit_test(a_package_is_its_main_module),
        cmocka_unit_test(what_is_not_there_is_an_import_error_of_one_line),
        cmocka_unit_test(what_a_package_raises_stays_as_it_is),
        cmocka_unit_test(survives_every_failed_allocation),
        cmocka_unit_test(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, make_packages, testing_stop);
}
