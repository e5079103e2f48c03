#include "heap/collect.h"

#include "testing_python.h"

static HeapCollector collector;

static int
import_gc(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    testing_execute("import gc, weakref\n"
                    "class Node: pass\n"
                    "def garbage():\n"
                    "    node = Node(); node.me = node\n"
                    "    return weakref.ref(node)\n"
                    "gc.collect(); gc.disable()");
    return 0;
}

/* Collect with the list that the expression gives; the name `watched` holds it. */
static void
collect(const char *watched, int at_least)
{
    AUTO_DECREF PyObject *list = testing_evaluate(watched);
    assert_non_null(list);
    assert_true(heap_collect(&collector, list, at_least) >= 0);
    assert_null(PyErr_Occurred());
}

static void
young_garbage_goes_though_nobody_watches_it(void **state)
{
    testing_execute("ref = garbage()");
    collect("[]", HEAP_YOUNGEST);
    testing_check("ref() is None");
}

static void
old_garbage_goes_when_it_is_watched(void **state)
{
    testing_execute("node = Node(); node.me = node; ref = weakref.ref(node)\n"
                    "gc.collect(); gc.collect(); del node");
    collect("[]", HEAP_YOUNG);
    testing_check("ref() is not None");
    collect("[ref]", HEAP_YOUNGEST);
    testing_check("ref() is None");
}

static void
no_more_is_collected_than_is_needed(void **state)
{
    testing_execute(
        "seen = []\n"
        "def note(phase, info): phase == 'stop' and seen.append(info['generation'])\n"
        "gc.callbacks.append(note); ref = garbage()");
    collect("[ref]", HEAP_YOUNGEST);
    testing_check("seen == [0]");
    collect("[ref]", HEAP_YOUNG);
    testing_check("seen == [0, 1]");
    testing_execute("gc.callbacks.remove(note)");
}

static void
what_lives_on_stays(void **state)
{
    testing_execute("node = Node(); ref = weakref.ref(node)");
    collect("[ref]", HEAP_YOUNGEST);
    testing_check("ref() is node");
    testing_execute("del node");
}

static void
a_finalizer_may_bring_its_object_back(void **state)
{
    testing_execute("class Cat:\n"
                    "    def __del__(self):\n"
                    "        global cat\n"
                    "        cat = self\n"
                    "cat = Cat(); cat.me = cat; ref = weakref.ref(cat); del cat");
    collect("[ref]", HEAP_YOUNGEST);
    testing_check("cat.me is cat");
    testing_execute("del cat; gc.collect()");
}

static void
no_collection_of_the_whole_heap_yet_counts_as_cheap(void **state)
{
    const HeapCollector fresh = { 0 };
    assert_true(heap_collect_is_cheap(&fresh));
    const HeapCollector slow = { .full_seconds = 10 };
    assert_false(heap_collect_is_cheap(&slow));
}

static void
trimming_remembers_what_it_could_not_give_back(void **state)
{
    HeapCollector c = { .free_after_trim = (size_t)1 << 40 };
    heap_collect_trim(&c);
    assert_true(c.free_after_trim == (size_t)1 << 40);
}

static int
collect_one(void)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *list = testing_evaluate("[garbage()]");
    testing_resume(paused);
    return heap_collect(&collector, list, HEAP_YOUNG);
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(collect_one);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    NO_REFLEAK_TORTURED(collect_one);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(young_garbage_goes_though_nobody_watches_it),
        cmocka_unit_test(old_garbage_goes_when_it_is_watched),
        cmocka_unit_test(no_more_is_collected_than_is_needed),
        cmocka_unit_test(what_lives_on_stays),
        cmocka_unit_test(a_finalizer_may_bring_its_object_back),
        cmocka_unit_test(no_collection_of_the_whole_heap_yet_counts_as_cheap),
        cmocka_unit_test(trimming_remembers_what_it_could_not_give_back),
        cmocka_unit_test(survives_every_failed_allocation),
        cmocka_unit_test(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, import_gc, testing_stop);
}
