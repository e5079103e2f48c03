#include "run/threads.h"

#include "testing_run.h"

#define START(name, target)                                                                \
    "import threading\n"                                                                   \
    "go = threading.Event()\n"                                                             \
    "def work(): go.wait()\n"                                                              \
    "threading.Thread(target=" target ", name='" name "').start()\n"

/* The names of the threads of the run are `names`, a Python expression. */
static void
check_threads(int number, const char *names)
{
    AUTO_DECREF PyObject *threads =
        run_threads_list(ledger, run_ledger_find(ledger, number));
    assert_non_null(threads);
    assert_int_equal(PyDict_SetItemString(testing_namespace(), "threads", threads), 0);
    AUTO_DECREF PyObject *wanted = testing_evaluate(names);
    assert_int_equal(PyDict_SetItemString(testing_namespace(), "wanted", wanted), 0);
    testing_check("[thread.name for thread in threads] == wanted");
    testing_execute("del threads");
}

static void
end_threads(const char *events)
{
    AUTO_DECREF PyObject *list = testing_evaluate(events);
    assert_int_equal(PyDict_SetItemString(testing_namespace(), "events", list), 0);
    testing_execute("import threading\n"
                    "for event in events: event.set()\n"
                    "for thread in threading.enumerate():\n"
                    "    if thread is not threading.current_thread(): thread.join()\n"
                    "del events, event, thread");
}

static void
a_run_without_threads_has_none(void **state)
{
    int number = testing_run("s.py", "import threading");
    check_threads(number, "[]");
    assert_null(run_ledger_find(ledger, number)->threads);
}

static void
threads_are_of_the_run_that_started_them(void **state)
{
    int first = testing_run("first.py", START("one", "go.wait"));
    testing_execute("first = p['go']");
    int second = testing_run("second.py", START("two", "go.wait"));
    check_threads(first, "['one']");
    check_threads(second, "['two']");
    end_threads("[first, p['go']]");
    check_threads(first, "[]");
    testing_execute("del first");
}

static void
a_thread_is_of_the_run_whose_function_it_executes(void **state)
{
    int first = testing_run("first.py", "import threading\n"
                                        "go = threading.Event()\n"
                                        "def work(*args): go.wait()\n"
                                        "class C:\n    def m(self): go.wait()\n"
                                        "class T(threading.Thread):\n"
                                        "    def run(self): go.wait()\n");
    testing_execute("import threading; first = p['go']; kept = p['work'], p['C'], p['T']");
    testing_prompt("work, C, T = work, C, T");
    int second = testing_run(
        "second.py", "import __main__, functools, sys, threading\n"
                     "def start(work, C, T):\n"
                     "    for target in work, C().m, functools.partial(work, 1):\n"
                     "        threading.Thread(target=target, name='target').start()\n"
                     "    T(name='class').start()\n"
                     "    threading.Timer(0, work).start()\n");
    testing_execute("p['start'](*kept)");
    check_threads(second, "[]");
    AUTO_DECREF PyObject *threads =
        run_threads_list(ledger, run_ledger_find(ledger, first));
    assert_int_equal(PyList_GET_SIZE(threads), 5);
    end_threads("[first]");
    testing_execute("del first, kept");
}

static void
an_interpreter_without_a_working_threading_has_none(void **state)
{
    testing_execute("import threading; plain = threading.enumerate");
    int number = testing_run("s.py", "import threading; threading.enumerate = None");
    assert_null(run_threads_note());
    assert_null(PyErr_Occurred());
    run_threads_keep(ledger, run_ledger_find(ledger, number), NULL);
    assert_null(run_threads_list(ledger, run_ledger_find(ledger, number)));
    testing_raised(PyExc_TypeError);
    testing_execute("threading.enumerate = plain; del plain");
}

static int
list_threads(void)
{
    AUTO_DECREF PyObject *list = run_threads_list(ledger, run_ledger_find(ledger, 1));
    return list == NULL ? -1 : 0;
}

static int
keep_threads(void)
{
    Run *r = run_ledger_find(ledger, 1);
    AUTO_DECREF PyObject *before = PyList_New(0);
    if (before == NULL)
        return -1;
    Py_CLEAR(r->threads);
    run_threads_keep(ledger, r, before);
    AUTO_DECREF PyObject *after = run_threads_note();
    return 0;
}

static void
a_failed_allocation_leaks_nothing(void **state)
{
    testing_run("first.py", START("one", "work"));
    // The standard library's own functions are not under test, and may fail while they hold a lock.
    testing_execute("import threading\n"
                    "plain = threading.enumerate, threading.current_thread\n"
                    "threading.enumerate = threading.enumerate().copy\n"
                    "threading.current_thread = type(None)");
    TORTURE(list_threads);
    NO_REFLEAK(list_threads);
    NO_REFLEAK(keep_threads);
    NO_REFLEAK_TORTURED(list_threads);
    NO_REFLEAK_TORTURED(keep_threads);
    testing_execute("threading.enumerate, threading.current_thread = plain");
    end_threads("[p['go']]");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        RUN_TEST(a_run_without_threads_has_none),
        RUN_TEST(threads_are_of_the_run_that_started_them),
        RUN_TEST(a_thread_is_of_the_run_whose_function_it_executes),
        RUN_TEST(an_interpreter_without_a_working_threading_has_none),
        RUN_TEST(a_failed_allocation_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, testing_run_start, testing_stop);
}
