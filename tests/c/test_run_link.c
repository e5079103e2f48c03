#include "run/link.h"

#include <stdio.h>

#include "testing_run.h"

/* `m` is the namespace of the run, which a function of its keeps alive. */
static int
run_script(const char *text)
{
    char whole[1000];
    (void)snprintf(whole, sizeof whole, "%sdef _keep(): pass\n", text);
    int number = testing_run("s.py", whole);
    testing_bind_module("m", number);
    testing_execute("m = vars(m)");
    return number;
}

static void
a_scripts_names_are_at_the_prompt(void **state)
{
    run_script("x = 1\n_private = 2\ndef f(): return x\n");
    testing_check("p['x'] == 1 and p['_private'] == 2 and p['f'] is m['f']");
}

static void
dunders_and_the_shells_own_names_are_not_published(void **state)
{
    run_script(
        "__all__ = []\n_ = __ = ___ = _1 = _i = _i2 = _ih = In = Out = quit = 7\n"
        "get_ipython = 7\n_dh = _oh = _ii = _iii = exit = 7\nkept = _1x = __x = 1\n");
    testing_check("{n for n in p if m.get(n) == 7} == set()");
    testing_check("p['kept'] == p['_1x'] == p['__x'] == 1");
}

static void
a_name_the_namespace_rebinds_follows_at_the_prompt(void **state)
{
    run_script("n = 0\ndef inc():\n    global n\n    n += 1\n");
    assert_int_equal(testing_prompt("inc(); inc()"), 1);
    testing_check("p['n'] == 2");
    assert_int_equal(testing_prompt("pass"), 0);
}

static void
a_name_the_prompt_rebinds_follows_in_the_namespace(void **state)
{
    run_script("n = 0\ndef get(): return n\n");
    assert_int_equal(testing_prompt("n = 5"), 1);
    testing_check("m['n'] == 5 and p['get']() == 5");
}

static void
where_both_sides_changed_the_prompt_wins(void **state)
{
    run_script("n = 0\ndef inc():\n    global n\n    n += 1\n");
    testing_prompt("inc(); n = 'mine'");
    testing_check("p['n'] == 'mine' and m['n'] == 'mine'");
}

static void
a_name_deleted_at_the_prompt_goes_from_the_namespace(void **state)
{
    run_script("n = 0\n");
    testing_prompt("del n");
    testing_check("'n' not in m and 'n' not in p");
    assert_int_equal(testing_prompt("pass"), 0);
}

static void
a_name_deleted_in_the_namespace_goes_from_the_prompt(void **state)
{
    run_script("n = 0\ndef drop():\n    global n\n    del n\n");
    testing_prompt("drop()");
    testing_check("'n' not in m and 'n' not in p");
}

static void
a_deleted_name_that_comes_back_is_linked_again(void **state)
{
    run_script("n = 0\ndef put(v):\n    global n\n    n = v\n");
    testing_prompt("del n");
    testing_prompt("put(3)");
    testing_check("p['n'] == 3");
    testing_prompt("n = 4");
    testing_check("m['n'] == 4");
}

static void
a_new_global_of_a_function_is_published(void **state)
{
    run_script("def make():\n    global fresh\n    fresh = 'new'\n");
    assert_int_equal(testing_prompt("make()"), 1);
    testing_check("p['fresh'] == 'new'");
    testing_prompt("fresh = 'mine'");
    testing_check("m['fresh'] == 'mine'");
}

static void
an_address_used_again_is_a_change_all_the_same(void **state)
{
    run_script(
        "n = object()\ndef renew():\n    global n\n    n = None\n    n = object()\n");
    for (int i = 0; i < 50; i++) {
        testing_prompt("renew()");
        testing_check("p['n'] is m['n']");
        testing_prompt("n = None; n = object()");
        testing_check("p['n'] is m['n']");
    }
}

static void
a_prompt_name_that_the_run_reads_and_lacks_is_lent(void **state)
{
    run_script("def use(): return cfg\n");
    testing_prompt("cfg = 'x'");
    testing_check("p['use']() == 'x'");
    testing_prompt("cfg = 'y'");
    testing_check("p['use']() == 'y'");
    testing_prompt("del cfg");
    testing_check("'cfg' not in m");
}

static void
no_other_prompt_name_gets_into_a_namespace(void **state)
{
    testing_prompt("before = cfg = 1");
    run_script("def use(): return cfg\n");
    testing_prompt("other = 2");
    testing_check("'before' not in m and 'other' not in m and 'cfg' not in m");
    testing_prompt("cfg = 2");
    testing_check("m['cfg'] == 2");
}

static void
only_the_latest_run_is_lent_to(void **state)
{
    testing_run("first.py", "def use1(): return cfg\n");
    testing_run("second.py", "def use2(): return cfg\n");
    testing_prompt("cfg = 1");
    testing_check("p['use2']() == 1 and 'cfg' not in p['use1'].__globals__");
}

static void
what_an_earlier_run_read_at_the_prompt_is_not_kept_for_it(void **state)
{
    testing_run("a.py", "def main(): pass\n");
    testing_execute("import weakref; ref = weakref.ref(p['main'])");
    testing_run("b.py", "def use(): return main\n");
    testing_run("c.py", "def main(): pass\n");
    testing_prompt("pass");
    testing_execute("gc.collect()");
    testing_check("ref() is None");
}

static void
a_lent_name_is_not_retracted(void **state)
{
    int number = run_script("def use(): return cfg\n");
    testing_prompt("cfg = 1");
    assert_int_equal(run_link_retract(ledger, run_ledger_find(ledger, number)), 2);
    testing_check("'use' not in p and p['cfg'] == 1");
}

static void
a_link_moves_to_the_run_that_publishes_the_name_last(void **state)
{
    testing_run("first.py", "x = 1\ndef get1(): return x\n"
                            "def set1(v):\n    global x\n    x = v\n");
    testing_run("second.py", "x = 2\ndef get2(): return x\n");
    testing_check("p['x'] == 2 and p['get1']() == 1");
    testing_prompt("x = 3");
    testing_check("p['get2']() == 3 and p['get1']() == 1");
    testing_prompt("set1(9)");
    testing_check("p['x'] == 3 and p['get1']() == 9");
}

static void
retraction_takes_what_is_still_the_runs_and_cuts_the_rest(void **state)
{
    int number = run_script("a = b = c = 1\ndef f(): return a\n");
    testing_prompt("b = 'mine'; held = f");
    testing_prompt("c = c");
    assert_int_equal(run_link_retract(ledger, run_ledger_find(ledger, number)), 4);
    testing_check("'a' not in p and 'c' not in p and 'f' not in p");
    testing_check("p['b'] == 'mine' and p['held'] is m['f']");
    testing_check("m['a'] == 1 and m['c'] == 1");
}

static void
a_name_the_user_rebound_and_the_run_again_is_the_runs(void **state)
{
    int number = run_script("n = 1\ndef put(v):\n    global n\n    n = v\n");
    testing_prompt("n = 'mine'");
    testing_prompt("put('its')");
    testing_check("p['n'] == 'its'");
    assert_int_equal(run_link_retract(ledger, run_ledger_find(ledger, number)), 3);
    testing_check("'n' not in p");
}

static void
names_of_a_freed_run_are_the_users(void **state)
{
    int number = testing_run("s.py", "x = [1]\n");
    testing_bind_module("m", number);
    testing_check("m is None and p['x'] == [1]");
    testing_prompt("x = 2");
    testing_check("p['x'] == 2");
    assert_int_equal(testing_prompt("pass"), 0);
}

static void
user_code_in_a_finalizer_may_synchronise_again(void **state)
{
    run_script("class Noisy:\n    def __del__(self):\n        import sys\n"
               "        sys.modules['__main__'].__dict__['gone'] = True\n"
               "n = Noisy()\nk = 1\n");
    testing_prompt("n = 2; k = 3");
    testing_check("m['n'] == 2 and m['k'] == 3 and p['gone']");
}

static void
a_script_that_deletes_its_loader_publishes_all_the_same(void **state)
{
    testing_run("s.py", "x = 1\ndef f(): return x\ndel __loader__\n");
    testing_check("p['x'] == 1 and p['f']() == 1");
}

static int
publish_and_sync(void)
{
    long paused = testing_pause();
    testing_run("s.py", "a = [1]\ndef put(v):\n    global a, b\n    a = v\n    b = v\n");
    testing_execute("p['cfg'] = 1; p['put']([2]); p['c'] = 3");
    testing_resume(paused);
    int r = run_link_sync(ledger);
    paused = testing_pause();
    AUTO_DECREF PyObject *type = Py_XNewRef(PyErr_Occurred());
    PyErr_Clear();
    assert_true(run_link_sync(ledger) >= 0);
    testing_check("p['a'] == [2] and p['b'] == [2] and p['put'].__globals__['a'] == [2]");
    testing_check("p['put'].__globals__['b'] == [2]");
    if (r < 0 && type != NULL)
        PyErr_SetNone(type);
    return r < 0 ? -1 : 0;
}

static int
lend(void)
{
    long paused = testing_pause();
    testing_run("s.py", "def use(): return cfg\n");
    testing_execute("p['cfg'] = object()");
    testing_resume(paused);
    int r = run_link_sync(ledger);
    paused = testing_pause();
    AUTO_DECREF PyObject *type = Py_XNewRef(PyErr_Occurred());
    PyErr_Clear();
    assert_true(run_link_sync(ledger) >= 0);
    testing_check("p['use']() is p['cfg']");
    testing_execute("del p['cfg']");
    if (r < 0 && type != NULL)
        PyErr_SetNone(type);
    return r < 0 ? -1 : 0;
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(publish_and_sync);
    TORTURE(lend);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    for (int i = 0; i < RUN_LEDGER_FREED; i++)
        assert_int_equal(lend(),
                         0);  // until the ledger forgets a record for each that it adds
    NO_REFLEAK_TORTURED(lend);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        RUN_TEST(a_scripts_names_are_at_the_prompt),
        RUN_TEST(dunders_and_the_shells_own_names_are_not_published),
        RUN_TEST(a_name_the_namespace_rebinds_follows_at_the_prompt),
        RUN_TEST(a_name_the_prompt_rebinds_follows_in_the_namespace),
        RUN_TEST(where_both_sides_changed_the_prompt_wins),
        RUN_TEST(a_name_deleted_at_the_prompt_goes_from_the_namespace),
        RUN_TEST(a_name_deleted_in_the_namespace_goes_from_the_prompt),
        RUN_TEST(a_deleted_name_that_comes_back_is_linked_again),
        RUN_TEST(a_new_global_of_a_function_is_published),
        RUN_TEST(an_address_used_again_is_a_change_all_the_same),
        RUN_TEST(a_prompt_name_that_the_run_reads_and_lacks_is_lent),
        RUN_TEST(no_other_prompt_name_gets_into_a_namespace),
        RUN_TEST(only_the_latest_run_is_lent_to),
        RUN_TEST(what_an_earlier_run_read_at_the_prompt_is_not_kept_for_it),
        RUN_TEST(a_lent_name_is_not_retracted),
        RUN_TEST(a_link_moves_to_the_run_that_publishes_the_name_last),
        RUN_TEST(retraction_takes_what_is_still_the_runs_and_cuts_the_rest),
        RUN_TEST(a_name_the_user_rebound_and_the_run_again_is_the_runs),
        RUN_TEST(names_of_a_freed_run_are_the_users),
        RUN_TEST(user_code_in_a_finalizer_may_synchronise_again),
        RUN_TEST(a_script_that_deletes_its_loader_publishes_all_the_same),
        RUN_TEST(survives_every_failed_allocation),
        RUN_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, testing_run_start, testing_stop);
}
