#include "run/ledger.h"

#include "testing_run.h"

static RunSource *source;
static PyObject *key;
static PyObject *argv;

static int
make_source(void **state)
{
    if (testing_run_begin(state) < 0)
        return -1;
    key = testing_path("s.py");
    argv = Py_BuildValue("[ss]", "s.py", "--verbose");
    AUTO_DECREF PyObject *bytes = PyBytes_FromString("x = 1\n");
    source = run_source_new(key, bytes);
    return source == NULL ? -1 : 0;
}

static int
drop_source(void **state)
{
    run_source_unref(TAKE(source));
    Py_CLEAR(key);
    Py_CLEAR(argv);
    return testing_run_end(state);
}

#define LEDGER_TEST(test) cmocka_unit_test_setup_teardown(test, make_source, drop_source)

static Run *
add(void)
{
    Run *r = run_ledger_add(ledger, source, key, argv);
    assert_non_null(r);
    return r;
}

/* As run_exec() leaves it; without a module, so that it counts as freed. */
static Run *
add_left(void)
{
    Run *r = add();
    r->status = RUN_OK;
    r->sequence = ++ledger->last_sequence;
    run_ledger_release(r);
    return r;
}

static Run *
add_superseded(void)
{
    Run *r = add_left();
    r->superseded = true;
    return r;
}

static void
a_new_record_is_running_and_has_the_facts(void **state)
{
    Run *r = add();
    assert_int_equal(r->number, 1);
    assert_int_equal(r->users, 1);
    assert_int_equal(r->status, RUN_RUNNING);
    assert_int_equal(r->sequence, 0);
    assert_true(r->started > 1e9);
    assert_ptr_equal(r->source, source);
    assert_int_equal(PyUnicode_Compare(r->key, key), 0);
    assert_int_equal(PyTuple_GET_SIZE(r->argv), 2);
    run_ledger_release(r);
}

static void
records_are_found_by_number(void **state)
{
    Run *first = add_left();
    Run *second = add_left();
    assert_ptr_equal(run_ledger_find(ledger, 1), first);
    assert_ptr_equal(run_ledger_find(ledger, 2), second);
    assert_null(run_ledger_find(ledger, 0));
    assert_null(run_ledger_find(ledger, 3));
}

static void
neighbours_are_found_also_where_numbers_are_missing(void **state)
{
    Run *first = add_left();
    run_ledger_withdraw(ledger, add());
    (void)add_left();
    Run *third = add_left();
    run_ledger_withdraw(ledger, run_ledger_find(ledger, 2));
    assert_ptr_equal(run_ledger_after(ledger, 0), first);
    assert_ptr_equal(run_ledger_after(ledger, 1), third);
    assert_ptr_equal(run_ledger_after(ledger, 2), third);
    assert_null(run_ledger_after(ledger, 3));
    assert_ptr_equal(run_ledger_before(ledger, 99), third);
    assert_ptr_equal(run_ledger_before(ledger, 3), first);
    assert_null(run_ledger_before(ledger, 1));
}

static void
a_withdrawn_number_is_given_again_if_it_was_the_last(void **state)
{
    run_ledger_withdraw(ledger, add());
    Run *first = add();
    assert_int_equal(first->number, 1);
    Run *second = add();
    run_ledger_withdraw(ledger, first);
    run_ledger_release(second);
    assert_int_equal(add_left()->number, 3);
}

static void
the_latest_is_the_one_that_left_last(void **state)
{
    Run *first = add();
    Run *second = add_left();
    first->sequence = ++ledger->last_sequence;
    run_ledger_release(first);
    assert_ptr_equal(run_ledger_latest(ledger), first);
    first->superseded = true;
    second->in_prompt = true;
    assert_null(run_ledger_latest(ledger));
}

static void
freed_records_are_forgotten_beyond_a_number_the_oldest_first(void **state)
{
    Run *kept = add_left();
    for (int i = 0; i < RUN_LEDGER_FREED + 50; i++)
        (void)add_superseded();
    run_ledger_trim(ledger);
    assert_int_equal(ledger->count, RUN_LEDGER_FREED + 1);
    assert_ptr_equal(run_ledger_find(ledger, 1), kept);
    assert_null(run_ledger_find(ledger, 51));
    assert_non_null(run_ledger_find(ledger, 52));
}

static void
live_records_take_no_freed_ones_place(void **state)
{
    for (int i = 0; i < RUN_LEDGER_FREED + 50; i++)
        (void)add_left();
    for (int i = 0; i < 10; i++)
        (void)add_superseded();
    run_ledger_trim(ledger);
    assert_int_equal(ledger->count, RUN_LEDGER_FREED + 60);
}

static void
a_record_in_use_is_never_forgotten(void **state)
{
    Run *used = add_superseded();
    used->users++;
    Run *running = add();
    for (int i = 0; i < RUN_LEDGER_FREED + 1; i++)
        (void)add_superseded();
    run_ledger_trim(ledger);
    assert_ptr_equal(run_ledger_find(ledger, 1), used);
    assert_ptr_equal(run_ledger_find(ledger, 2), running);
    assert_null(run_ledger_find(ledger, 3));
    run_ledger_release(used);
    run_ledger_release(running);
}

static void
runs_in_the_prompt_are_forgotten_too(void **state)
{
    for (int i = 0; i < RUN_LEDGER_FREED + 5; i++)
        add_left()->in_prompt = true;
    run_ledger_trim(ledger);
    assert_int_equal(ledger->count, RUN_LEDGER_FREED);
}

static void
a_ledger_that_a_thread_still_uses_stays_in_memory(void **state)
{
    Run *used = add();
    RunLedger *l = ledger;
    ledger = NULL;
    run_ledger_free(l);
    assert_int_equal(used->number, 1);
    assert_int_equal(PyTuple_GET_SIZE(used->argv), 2);
    run_ledger_release(used);
    run_ledger_free(l);
}

static void
the_shells_own_names_are_known(void **state)
{
    static const char *const own[] = { "__name__", "_",   "__",  "___",         "_1",
                                       "_123",     "_i",  "_i3", "_ii",         "_iii",
                                       "In",       "Out", "_dh", "get_ipython", "exit" };
    static const char *const others[] = { "x",    "_x",  "__x", "x__",  "_1x",
                                          "_i3x", "_iv", "in",  "____", "\xc3\xa9" };
    for (size_t i = 0; i < COUNT_OF(own); i++) {
        AUTO_DECREF PyObject *name = testing_text(own[i]);
        assert_false(run_ledger_publishes(name));
    }
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        AUTO_DECREF PyObject *name = testing_text(others[i]);
        assert_true(run_ledger_publishes(name));
    }
    assert_false(run_ledger_publishes(Py_None));
    AUTO_DECREF PyObject *surrogate = testing_evaluate("'\\udc80'");
    assert_false(run_ledger_publishes(surrogate));
    assert_null(PyErr_Occurred());
}

static int
make_and_free(void)
{
    AUTO_DECREF PyObject *prompt = PyDict_New();
    AUTO(run_ledger_free)
    RunLedger *l = prompt == NULL ? NULL : run_ledger_new(prompt, NULL);
    if (l == NULL)
        return -1;
    for (int i = 0; i < 20; i++) {
        Run *r = run_ledger_add(l, source, key, argv);
        if (r == NULL)
            return -1;
        run_ledger_release(r);
    }
    return 0;
}

static int
add_or_leave_as_it_was(void)
{
    size_t count = ledger->count;
    int last = ledger->last_number;
    Py_ssize_t users = source->users;
    Run *r = run_ledger_add(ledger, source, key, argv);
    if (r != NULL) {
        run_ledger_withdraw(ledger, r);
        return 0;
    }
    assert_int_equal(ledger->count, count);
    assert_int_equal(ledger->last_number, last);
    assert_int_equal(source->users, users);
    return -1;
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(make_and_free);
    TORTURE(add_or_leave_as_it_was);
}

static void
leaks_no_reference(void **state)
{
    NO_REFLEAK(make_and_free);
    NO_REFLEAK_TORTURED(add_or_leave_as_it_was);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        LEDGER_TEST(a_new_record_is_running_and_has_the_facts),
        LEDGER_TEST(records_are_found_by_number),
        LEDGER_TEST(neighbours_are_found_also_where_numbers_are_missing),
        LEDGER_TEST(a_withdrawn_number_is_given_again_if_it_was_the_last),
        LEDGER_TEST(the_latest_is_the_one_that_left_last),
        LEDGER_TEST(freed_records_are_forgotten_beyond_a_number_the_oldest_first),
        LEDGER_TEST(live_records_take_no_freed_ones_place),
        LEDGER_TEST(a_record_in_use_is_never_forgotten),
        LEDGER_TEST(runs_in_the_prompt_are_forgotten_too),
        LEDGER_TEST(a_ledger_that_a_thread_still_uses_stays_in_memory),
        LEDGER_TEST(the_shells_own_names_are_known),
        LEDGER_TEST(survives_every_failed_allocation),
        LEDGER_TEST(leaks_no_reference),
    };
    return cmocka_run_group_tests(tests, testing_run_start, testing_stop);
}
