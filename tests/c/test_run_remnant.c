#include "run/remnant.h"

#include "run/boundary.h"
#include "testing_run.h"

/* A run of a script whose class outlives it; `kept` in the tests' namespace is that class. */
static int
run_and_keep(void)
{
    int number = testing_run("s.py", "class Kept(Exception): pass\nlist_class = list\n"
                                     "class Held:\n    def method(self): pass\n");
    testing_execute("kept = p['Kept']");
    return number;
}

static int
note(int number, const char *name)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *key = testing_text(name);
    BORROWED PyObject *value = PyDict_GetItem(ledger->prompt, key);
    AUTO_DECREF PyObject *class = Py_XNewRef(value);
    assert_non_null(class);
    testing_resume(paused);
    return run_remnant_note(run_ledger_find(ledger, number), key, class);
}

static void
a_class_that_is_left_says_which_run_it_is_from(void **state)
{
    int number = run_and_keep();
    assert_int_equal(note(number, "Kept"), 0);
    assert_int_equal(run_remnant_settle(ledger, run_ledger_find(ledger, number)), 1);
    testing_check("kept.__module__ == 's <run 1>' and kept.__name__ == 'Kept'");
}

static void
a_class_of_somebody_else_is_none(void **state)
{
    int number = run_and_keep();
    assert_int_equal(note(number, "list_class"), 0);
    assert_int_equal(run_remnant_settle(ledger, run_ledger_find(ledger, number)), 0);
    testing_check("list.__module__ == 'builtins'");
}

static void
a_class_that_went_meanwhile_is_forgotten(void **state)
{
    int number = run_and_keep();
    assert_int_equal(note(number, "Kept"), 0);
    testing_execute("del kept");
    testing_prompt("del Kept");
    assert_int_equal(run_boundary(ledger), 0);
    assert_int_equal(run_remnant_settle(ledger, run_ledger_find(ledger, number)), 0);
}

static int
note_and_settle(void)
{
    long paused = testing_pause();
    int number = run_and_keep();
    testing_resume(paused);
    if (note(number, "Kept") < 0 || note(number, "Held") < 0)
        return -1;
    return run_remnant_settle(ledger, run_ledger_find(ledger, number)) < 0 ? -1 : 0;
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(note_and_settle);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    for (int i = 0; i < RUN_LEDGER_FREED; i++)
        run_and_keep();  // until the ledger forgets a record for each that it adds
    NO_REFLEAK(note_and_settle);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        RUN_TEST(a_class_that_is_left_says_which_run_it_is_from),
        RUN_TEST(a_class_of_somebody_else_is_none),
        RUN_TEST(a_class_that_went_meanwhile_is_forgotten),
        RUN_TEST(survives_every_failed_allocation),
        RUN_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, testing_run_start, testing_stop);
}
