#include "run/helper.h"

#include "run/note.h"
#include "testing_python.h"

static HeapCollector collector;

static int
make_folder(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    testing_spare_library();
    testing_spare("builtins", "compile");  // of 3.11: it reads what it has freed
    testing_execute(
        "import importlib, os, sys\nsys.path.insert(0, '')\nnotes, names = {}, None\n"
        "def write(name, text):\n"
        "    os.makedirs(os.path.dirname(name) or '.', exist_ok=True)\n"
        "    with open(name, 'w') as file: file.write(text)\n"
        "def load(*modules):\n"
        "    importlib.invalidate_caches()\n"
        "    for name in modules: importlib.import_module(name)\n"
        "here = lambda *modules: [name for name in modules if name in sys.modules]\n"
        "def forget():\n"
        "    notes.clear()\n"
        "    for name in here('deep', 'over', 'lone', 'pkg', 'pkg.part'):\n"
        "        del sys.modules[name]\n");
    return heap_collector_init(&collector, NULL);
}

static int
stop(void **state)
{
    heap_collector_done(&collector);
    return testing_stop(state);
}

static int
note_all(void)
{
    AUTO_DECREF PyObject *notes = testing_evaluate("notes");
    AUTO_DECREF PyObject *specs =
        testing_evaluate("[sys.modules[n].__spec__ for n in here('deep', 'over', 'lone', "
                         "'pkg', 'pkg.part')]");
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(specs); i++)
        if (run_note_take(notes, PyList_GET_ITEM(specs, i), Py_None) < 0)
            return -1;
    return 0;
}

/* `over` imports `deep`, `lone` nothing; a package with a module. */
static int
begin(void **state)
{
    testing_execute("forget()\nwrite('deep.py', 'x = 1\\n')\n"
                    "write('over.py', 'import deep\\ny = 1\\n')\n"
                    "write('lone.py', 'z = 1\\n')\nwrite('pkg/__init__.py', 'a = 1\\n')\n"
                    "write('pkg/part.py', 'b = 1\\n')\nload('over', 'lone', 'pkg.part')");
    return note_all();
}

static int
refresh(void)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *notes = testing_evaluate("notes");
    AUTO_DECREF PyObject *folder = testing_evaluate("os.getcwd()");
    testing_resume(paused);
    AUTO_DECREF PyObject *names = NULL;
    int found = run_helper_refresh(notes, folder, &collector, &names);
    paused = testing_pause();
    heap_collector_acquit(&collector);
    AUTO_DECREF PyObject *value = names != NULL ? Py_NewRef(names) : Py_NewRef(Py_None);
    assert_int_equal(PyDict_SetItemString(testing_namespace(), "names", value), 0);
    testing_resume(paused);
    return found;
}

static void
nothing_goes_where_nothing_changed(void **state)
{
    assert_int_equal(refresh(), 0);
    testing_check("here('deep', 'over', 'lone') == ['deep', 'over', 'lone']");
}

static void
an_edited_module_goes_with_what_imports_it(void **state)
{
    testing_execute("write('deep.py', 'x = 22\\n')");
    assert_int_equal(refresh(), 1);
    testing_check("names == ['deep', 'over'] and here('deep', 'over', 'lone') == ['lone']");
    assert_int_equal(refresh(), 0);
}

static void
an_edited_package_goes_with_what_lies_in_it(void **state)
{
    testing_execute("write('pkg/__init__.py', 'a = 22\\n')");
    assert_int_equal(refresh(), 1);
    testing_check("names == ['pkg', 'pkg.part']");
}

static void
an_edited_part_leaves_its_package(void **state)
{
    testing_execute("write('pkg/part.py', 'b = 22\\n')");
    assert_int_equal(refresh(), 1);
    testing_check("names == ['pkg.part'] and not hasattr(sys.modules['pkg'], 'part')");
}

static void
what_lies_elsewhere_or_in_an_environment_stays(void **state)
{
    testing_execute("write('pkg/pyvenv.cfg', ''); write('pkg/part.py', 'b = 22\\n')");
    assert_int_equal(refresh(), 0);
    testing_check("here('pkg.part') == ['pkg.part']");
    testing_execute("os.remove('pkg/pyvenv.cfg')");
}

/* What was imported and noted once is put back each time. */
static int
refresh_again(void)
{
    long paused = testing_pause();
    testing_execute("sys.modules.update(modules); notes.update(kept)\n"
                    "modules['pkg'].part = modules['pkg.part']");
    testing_resume(paused);
    return refresh() < 0 ? -1 : 0;
}

static void
keep_and_edit(void)
{
    testing_execute("kept = dict(notes); modules = {n: sys.modules[n] for n in notes}\n"
                    "write('deep.py', 'x = 22\\n'); write('pkg/part.py', 'b = 22\\n')");
}

static void
survives_every_failed_allocation(void **state)
{
    keep_and_edit();
    TORTURE(refresh_again);
    testing_check("here('deep', 'over', 'lone', 'pkg', 'pkg.part') == ['lone', 'pkg']");
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    keep_and_edit();
    NO_REFLEAK_TORTURED(refresh_again);
}

#define HELPER_TEST(test) cmocka_unit_test_setup(test, begin)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        HELPER_TEST(nothing_goes_where_nothing_changed),
        HELPER_TEST(an_edited_module_goes_with_what_imports_it),
        HELPER_TEST(an_edited_package_goes_with_what_lies_in_it),
        HELPER_TEST(an_edited_part_leaves_its_package),
        HELPER_TEST(what_lies_elsewhere_or_in_an_environment_stays),
        HELPER_TEST(survives_every_failed_allocation),
        HELPER_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, make_folder, stop);
}
