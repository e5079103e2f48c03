#include "run/target.h"

#include "testing_python.h"

static int
make_targets(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    testing_spare_library();
    testing_execute("import os, sys\n"
                    "sys.path.insert(0, os.getcwd())\n"
                    "sys.dont_write_bytecode = True\n"
                    "os.mkdir('app'); os.mkdir('pkg'); os.mkdir('empty')");
    testing_write("s.py", "x = 1\n");
    testing_write("app/__main__.py", "x = 2\n");
    testing_write("pkg/__init__.py", "");
    testing_write("pkg/part.py", "x = 3\n");
    testing_write("made.pyc", "");
    testing_write("nul.py", "");
    testing_execute("open('nul.py', 'wb').write(b'PK\\0\\0')");
    return 0;
}

static void
bind(const char *name, PyObject *value)
{
    assert_int_equal(
        PyDict_SetItemString(testing_namespace(), name, value ? value : Py_None), 0);
}

static void
bind_target(const RunTarget *t)
{
    bind("given", t->given);
    bind("path", t->path);
    bind("key", t->key);
    bind("folder", t->folder);
    bind("home", t->home);
    bind("name", t->name);
    bind("spec", t->spec);
    bind("content", t->content);
    bind("code", t->code);
}

static int
find(const char *path)
{
    AUTO_DECREF PyObject *text = testing_text(path);
    AUTO_TARGET RunTarget t = { 0 };
    if (run_target_find(text, &t) < 0)
        return -1;
    bind_target(&t);
    return 0;
}

static int
find_module(const char *name)
{
    AUTO_DECREF PyObject *text = testing_text(name);
    AUTO_DECREF PyObject *folder = run_target_current_folder();
    AUTO_TARGET RunTarget t = { 0 };
    if (run_target_find_module(text, folder, &t) < 0)
        return -1;
    bind_target(&t);
    return 0;
}

static void
a_file_is_its_own_and_its_folder_heads_the_path(void **state)
{
    assert_int_equal(find("s"), 0);
    testing_check("given == 's.py' and path == os.path.abspath('s.py')");
    testing_check(
        "key == os.path.realpath('s.py') and folder == home == os.path.dirname(key)");
    testing_check(
        "name == 's' and spec is None and code is None and content == b'x = 1\\n'");
}

static void
a_folder_heads_the_path_as_it_is_written(void **state)
{
    assert_int_equal(find("app//"), 0);
    testing_check("given == 'app//' and folder == os.getcwd() + '/app//'");
    testing_check("home == os.path.abspath('app') and name == 'app'");
    testing_check("path == spec.origin and key == os.path.realpath('app/__main__.py')");
    testing_check("content == b'x = 2\\n'");
}

static void
a_module_is_found_with_the_packages_around_it(void **state)
{
    assert_int_equal(find_module("pkg.part"), 0);
    testing_check(
        "given == path == os.path.abspath('pkg/part.py') and folder == os.getcwd()");
    testing_check("name == 'pkg.part' == spec.name and 'pkg' in sys.modules");
    testing_check("'pkg.part' not in sys.modules");
}

static void
a_module_without_a_file_has_the_loader_s_code(void **state)
{
    assert_int_equal(find_module("zipimport"), 0);
    testing_check(
        "code is not None and path == key == code.co_filename and name == 'zipimport'");
}

static void
what_can_not_be_run_is_an_error_of_one_line(void **state)
{
    assert_int_equal(find("missing"), -1);
    testing_raised(PyExc_FileNotFoundError);
    assert_int_equal(find("empty"), -1);
    testing_raised(PyExc_ValueError);
    assert_int_equal(find("made.pyc"), -1);
    testing_raised(PyExc_ValueError);
    assert_int_equal(find_module("pkg"), -1);
    testing_raised(PyExc_ImportError);
    assert_int_equal(find_module("pkg.nothing.part"), -1);
    testing_raised(PyExc_ImportError);
}

static void
what_is_no_zip_file_yet_may_become_one(void **state)
{
    assert_int_equal(find("nul.py"), 0);
    testing_check("spec is None");
    testing_execute("import zipfile\n"
                    "with zipfile.ZipFile('nul.py', 'w') as file:\n"
                    "    file.writestr('__main__.py', 'x = 4')");
    assert_int_equal(find("nul.py"), 0);
    testing_check("content == b'x = 4' and folder == os.path.abspath('nul.py')");
}

/* The finders themselves are CPython's to test: they may take a failure for an answer. */
static int
find_tortured(const char *path)
{
    AUTO_DECREF PyObject *text = PyUnicode_FromString(path);
    AUTO_TARGET RunTarget t = { 0 };
    return text == NULL ? -1 : run_target_find(text, &t);
}

static int
find_file(void)
{
    return find_tortured("s");
}

static int
find_folder(void)
{
    return find_tortured("app");
}

static int
find_module_again(void)
{
    return find_module("pkg.part");
}

static int
find_nothing(void)
{
    (void)find("empty");
    PyErr_Clear();
    (void)find_module("pkg.nothing");
    PyErr_Clear();
    (void)find_module("pkg");
    PyErr_Clear();
    return 0;
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(find_file);
    TORTURE(find_folder);
}

static void
leaks_no_reference(void **state)
{
    NO_REFLEAK_TORTURED(find_file);
    NO_REFLEAK_TORTURED(find_folder);
    NO_REFLEAK(find_module_again);
    NO_REFLEAK(find_nothing);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_its_own_and_its_folder_heads_the_path),
        cmocka_unit_test(a_folder_heads_the_path_as_it_is_written),
        cmocka_unit_test(a_module_is_found_with_the_packages_around_it),
        cmocka_unit_test(a_module_without_a_file_has_the_loader_s_code),
        cmocka_unit_test(what_can_not_be_run_is_an_error_of_one_line),
        cmocka_unit_test(what_is_no_zip_file_yet_may_become_one),
        cmocka_unit_test(survives_every_failed_allocation),
        cmocka_unit_test(leaks_no_reference),
    };
    return cmocka_run_group_tests(tests, make_targets, testing_stop);
}
