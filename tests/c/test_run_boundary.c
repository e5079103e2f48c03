#include "run/boundary.h"

#include "py/exc.h"
#include "testing_run.h"

#include <math.h>

#define SCRIPT                                                                             \
    "class Node:\n    def __init__(self): self.me = self\n"                                \
    "nodes = [Node() for _ in range(10)]\ndef use(): return nodes\n"

/* Note in `seen` which generations are collected. */
static int
start(void **state)
{
    if (testing_run_start(state) < 0)
        return -1;
    testing_execute(
        "import gc, weakref\n"
        "gc.disable(); seen = []\n"
        "gc.callbacks.append(lambda phase, info:\n"
        "                    phase == 'stop' and seen.append(info['generation']))");
    return 0;
}

static void
run_script(void)
{
    ledger->collector.whole_at = HUGE_VAL;  // not due in any test that does not say so
    (void)testing_run("s.py", SCRIPT);
    testing_bind_module("m", ledger->last_number);
    testing_execute("ref = weakref.ref(m); node = weakref.ref(m.nodes[0]); del m\n"
                    "gc.collect(); gc.collect(); seen.clear()");
}

static void
boundary(void)
{
    assert_int_equal(run_boundary(ledger), 0);
    ledger->collector.whole_at = HUGE_VAL;
    assert_null(PyErr_Occurred());
}

/* The list `kept` holds a class of the run, and a function of it is in an old list that nobody holds any more. */
static void
hold_by_garbage(void)
{
    testing_prompt("held = [use]; held.append(held); box = [held]; kept = [Node]\n"
                   "del nodes, Node, use, held");
    boundary();
    testing_execute("p['box'].clear()");  // not a name's doing: it is not suspected
    boundary();
}

/* As a cell does it. */
static void
delete_kept(void)
{
    heap_collector_suspect(&ledger->collector,
                           PyDict_GetItemString(ledger->prompt, "kept"));
    testing_prompt("del kept");
}

static void
a_run_goes_with_its_last_name_and_only_the_young_are_collected(void **state)
{
    run_script();
    testing_prompt("del nodes, Node, use");
    boundary();
    testing_check("ref() is None and node() is None and 2 not in seen");
}

static void
a_run_that_a_list_holds_goes_when_it_is_let_go_of(void **state)
{
    run_script();
    testing_prompt("held = [use]; held.append(held); del nodes, Node, use");
    boundary();
    testing_check("ref() is not None");
    testing_execute("gc.collect(); seen.clear()");
    testing_prompt("held.pop(0)");
    boundary();
    testing_check("ref() is None and node() is None and 2 not in seen");
}

static void
old_garbage_that_holds_a_run_costs_one_collection_of_the_whole_heap(void **state)
{
    run_script();
    hold_by_garbage();
    unsigned long before = ledger->collector.whole;
    boundary();
    testing_check("ref() is not None");  // nothing says that it is garbage
    delete_kept();
    boundary();
    testing_check("ref() is None");
    assert_int_equal(ledger->collector.whole, before + 1);
}

static void
now_and_then_it_is_looked_for_garbage_that_nothing_pointed_to(void **state)
{
    run_script();
    hold_by_garbage();
    testing_prompt("kept.clear()");
    boundary();
    testing_check("ref() is not None");
    ledger->collector.whole_at = 0;
    boundary();
    testing_check("ref() is None");
}

static void
what_holds_a_run_for_good_is_not_collected_for_again(void **state)
{
    run_script();
    testing_execute("kept = [p['use']]");
    testing_prompt("del nodes, Node, use");
    boundary();
    unsigned long before = ledger->collector.whole;
    for (int i = 0; i < 5; i++)
        boundary();
    assert_int_equal(ledger->collector.whole, before);
    testing_check("ref() is not None");
    testing_execute("del kept");
}

static void
where_it_would_be_noticed_the_whole_heap_is_not_collected(void **state)
{
    run_script();
    hold_by_garbage();
    ledger->collector.pace = 1;
    delete_kept();
    testing_execute("seen.clear()");
    boundary();
    testing_check("ref() is not None and 2 not in seen");
    ledger->collector.pace = 0;
    boundary();
    testing_check("ref() is None");
}

static void
for_much_memory_it_is_collected_all_the_same(void **state)
{
    (void)testing_run("s.py", "data = bytearray(65 << 20)\nclass Node:\n"
                              "    def __init__(self): pass\ndef use(): return data\n");
    ledger->collector.pace = 1;
    testing_prompt("kept = [Node]; kept.append(kept); del use, Node");
    unsigned long before = ledger->collector.whole;
    boundary();
    assert_int_equal(ledger->collector.whole, before + 1);
}

static void
after_a_cell_that_let_go_in_its_own_way_the_run_goes_too(void **state)
{
    run_script();
    testing_prompt("held = [use]; held.append(held); del nodes, Node, use");
    boundary();
    testing_execute("gc.collect()");
    testing_prompt("held.pop(0)");
    assert_int_equal(run_boundary_after_cell(ledger, false), 0);
    testing_check("ref() is None");
}

static void
after_a_cell_that_let_go_of_nothing_nothing_is_collected(void **state)
{
    run_script();
    testing_prompt("1 + 1");
    assert_int_equal(run_boundary_after_cell(ledger, false), 0);
    testing_check("seen == []");
}

static int
free_a_run(void)
{
    long paused = testing_pause();
    (void)testing_run("s.py", SCRIPT);
    testing_prompt("held = [use]; held.append(held); del nodes, Node, use");
    testing_execute("gc.collect(); p['held'].pop(0)");
    testing_resume(paused);
    int r = run_boundary(ledger);
    paused = testing_pause();
    AUTO_EXC ExcHold hold = exc_hold();
    testing_execute("p.pop('held', None); gc.collect(); seen.clear()");
    testing_resume(paused);
    return r;
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(free_a_run);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    NO_REFLEAK_TORTURED(free_a_run);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        RUN_TEST(a_run_goes_with_its_last_name_and_only_the_young_are_collected),
        RUN_TEST(a_run_that_a_list_holds_goes_when_it_is_let_go_of),
        RUN_TEST(old_garbage_that_holds_a_run_costs_one_collection_of_the_whole_heap),
        RUN_TEST(now_and_then_it_is_looked_for_garbage_that_nothing_pointed_to),
        RUN_TEST(what_holds_a_run_for_good_is_not_collected_for_again),
        RUN_TEST(where_it_would_be_noticed_the_whole_heap_is_not_collected),
        RUN_TEST(for_much_memory_it_is_collected_all_the_same),
        RUN_TEST(after_a_cell_that_let_go_in_its_own_way_the_run_goes_too),
        RUN_TEST(after_a_cell_that_let_go_of_nothing_nothing_is_collected),
        RUN_TEST(survives_every_failed_allocation),
        RUN_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, start, testing_stop);
}
