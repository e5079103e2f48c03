#include "run/finder.h"

#include <sys/stat.h>

#include "testing_python.h"

static PyObject *finder;

static int
make_folders(void **state)
{
    if (testing_start(state) < 0 || mkdir("one", 0700) < 0 || mkdir("two", 0700) < 0)
        return -1;
    testing_write("one/sibling.py", "where = 'one'\n");
    testing_write("two/sibling.py", "where = 'two'\n");
    testing_execute(
        "import os, sys\n"
        "def importer(file):\n"
        "    ns = {'__file__': os.getcwd() + '/' + file}\n"
        "    exec('def ask():\\n    import sibling\\n    return sibling.where', ns)\n"
        "    return ns['ask']\n"
        "def ask(file):\n"
        "    sys.modules.pop('sibling', None)\n"
        "    try: return importer(file)()\n"
        "    except ImportError: return None\n"
        "def ours(): return [f for f in sys.meta_path if 'Sibling' in repr(f)]");
    return 0;
}

static int
make_finder(void **state)
{
    AUTO_DECREF PyObject *notes = PyDict_New();
    finder = notes == NULL ? NULL : run_finder_new(notes);
    return finder == NULL ? -1 : 0;
}

static int
withdraw(void **state)
{
    run_finder_withdraw(finder);
    Py_CLEAR(finder);
    testing_check("ours() == []");
    return 0;
}

static void
offer(const char *folder)
{
    AUTO_DECREF PyObject *path = testing_path(folder);
    assert_int_equal(run_finder_offer(finder, path), 0);
}

static void
code_in_an_offered_folder_finds_its_siblings(void **state)
{
    testing_check("ask('one/s.py') is None");
    offer("one");
    offer("two");
    testing_check("ask('one/s.py') == 'one' and ask('two/s.py') == 'two'");
    testing_check("ask('one/deep/s.py') == 'one'");
}

static void
code_elsewhere_finds_nothing(void **state)
{
    offer("one");
    testing_check("ask('s.py') is None and ask('onemore/s.py') is None");
}

static void
it_stands_once_before_the_path_finder(void **state)
{
    offer("one");
    offer("two");
    offer("one");
    offer("one");
    testing_check("len(ours()) == 1");
    testing_check(
        "sys.meta_path[sys.meta_path.index(ours()[0]) + 1].__name__ == 'PathFinder'");
}

static void
it_comes_back_where_it_was_taken_away(void **state)
{
    offer("one");
    testing_execute("sys.meta_path.remove(ours()[0])");
    offer("one");
    testing_check("ask('one/s.py') == 'one'");
}

static void
a_meta_path_that_is_no_list_is_left_alone(void **state)
{
    testing_execute("saved = sys.meta_path; sys.meta_path = tuple(saved)");
    offer("one");
    testing_check("type(sys.meta_path) is tuple and len(sys.meta_path) == len(saved)");
    testing_execute("sys.meta_path = saved");
}

static void
withdrawing_accepts_null_and_keeps_a_pending_exception(void **state)
{
    offer("one");
    PyErr_SetString(PyExc_KeyError, "pending");
    run_finder_withdraw(NULL);
    run_finder_withdraw(finder);
    testing_raised(PyExc_KeyError);
    testing_check("ours() == []");
}

static int
offer_two(void)
{
    AUTO_DECREF PyObject *notes = PyDict_New();
    AUTO_DECREF PyObject *made = notes == NULL ? NULL : run_finder_new(notes);
    AUTO_DECREF PyObject *one = PyUnicode_FromString("/one");
    AUTO_DECREF PyObject *two = PyUnicode_FromString("/two");
    int r = made == NULL || one == NULL || two == NULL || run_finder_offer(made, one) < 0
                    || run_finder_offer(made, two) < 0 || run_finder_offer(made, one) < 0
                ? -1
                : 0;
    long paused = testing_pause();  // withdrawing needs memory to find sys.meta_path
    run_finder_withdraw(made);
    testing_resume(paused);
    return r;
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(offer_two);
    testing_check("len(ours()) == 1");  // the one of every test's own
}

static void
leaks_no_reference(void **state)
{
    NO_REFLEAK(offer_two);
}

#define FINDER_TEST(test) cmocka_unit_test_setup_teardown(test, make_finder, withdraw)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FINDER_TEST(code_in_an_offered_folder_finds_its_siblings),
        FINDER_TEST(code_elsewhere_finds_nothing),
        FINDER_TEST(it_stands_once_before_the_path_finder),
        FINDER_TEST(it_comes_back_where_it_was_taken_away),
        FINDER_TEST(a_meta_path_that_is_no_list_is_left_alone),
        FINDER_TEST(withdrawing_accepts_null_and_keeps_a_pending_exception),
        FINDER_TEST(survives_every_failed_allocation),
        FINDER_TEST(leaks_no_reference),
    };
    return cmocka_run_group_tests(tests, make_folders, testing_stop);
}
