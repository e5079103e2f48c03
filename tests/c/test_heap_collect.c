#include "heap/collect.h"

#include "testing_python.h"

enum { BUDGET = 100000 };

static HeapCollector collector;

static int
start(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    testing_execute("import gc, weakref\n"
                    "class Node: pass\n"
                    "def cycle():\n"
                    "    node = Node(); node.me = node\n"
                    "    return node\n"
                    "gc.collect(); gc.disable()");
    return heap_collector_init(&collector, NULL);
}

static int
stop(void **state)
{
    heap_collector_done(&collector);
    return testing_stop(state);
}

static void
suspect(const char *expression)
{
    AUTO_DECREF PyObject *object = testing_evaluate(expression);
    assert_non_null(object);
    heap_collector_suspect(&collector, object);
}

/* Free the dead of the suspects; whether there were any. */
static int
free_suspects(void)
{
    AUTO_DECREF PyObject *none = PyList_New(0);
    int freed = heap_collect_dead(&collector, none, BUDGET, NULL);
    assert_true(freed >= 0);
    return freed;
}

static void
young_garbage_goes(void **state)
{
    testing_execute("ref = weakref.ref(cycle())");
    assert_int_equal(heap_collect_young(&collector, HEAP_YOUNGEST), 1);
    testing_check("ref() is None");
}

static void
old_garbage_goes_when_it_is_suspected(void **state)
{
    testing_execute("node = cycle(); ref = weakref.ref(node); gc.collect(); gc.collect()");
    suspect("node");
    testing_execute("del node");
    assert_int_equal(heap_collect_young(&collector, HEAP_YOUNG), 1);
    testing_check("ref() is not None");
    assert_int_equal(free_suspects(), 1);
    testing_check("ref() is None");
}

static void
nothing_older_than_the_youngest_is_collected_for_it(void **state)
{
    testing_execute(
        "seen = []\n"
        "def note(phase, info): phase == 'stop' and seen.append(info['generation'])\n"
        "node = cycle(); gc.collect(); gc.callbacks.append(note)");
    suspect("node");
    testing_execute("del node");
    assert_int_equal(free_suspects(), 1);
    testing_execute("gc.callbacks.remove(note)");
    testing_check("seen == [0]");
}

static void
frozen_garbage_goes_too(void **state)
{
    testing_execute("node = cycle(); ref = weakref.ref(node); gc.freeze()");
    suspect("node");
    testing_execute("del node");
    assert_int_equal(free_suspects(), 1);
    testing_check("ref() is None");
    testing_execute("gc.unfreeze()");
}

static void
what_lives_on_stays_and_stays_suspected(void **state)
{
    testing_execute("node = cycle(); ref = weakref.ref(node)");
    suspect("node");
    assert_int_equal(free_suspects(), 0);
    assert_int_equal(PyList_GET_SIZE(collector.suspects), 1);
    testing_execute("del node");
    assert_int_equal(free_suspects(), 1);
    testing_check("ref() is None");
    assert_int_equal(PyList_GET_SIZE(collector.suspects), 0);
}

static void
what_nobody_else_holds_is_let_go_of_at_once(void **state)
{
    testing_execute("node = Node(); other = cycle(); ref = weakref.ref(node)");
    suspect("node");
    suspect("other");
    testing_execute("del node");
    assert_int_equal(heap_collector_release(&collector), 0);
    testing_check("ref() is None");
    assert_int_equal(PyList_GET_SIZE(collector.suspects), 1);
    heap_collector_acquit(&collector);
    testing_execute("del other; gc.collect()");
}

static void
with_it_go_the_cycles_that_it_leads_to(void **state)
{
    testing_execute("nodes = [cycle()]; ref = weakref.ref(nodes[0]); gc.collect()");
    suspect("nodes");
    testing_execute("del nodes");
    assert_int_equal(heap_collector_release(&collector), 0);
    testing_check("ref() is None");
    assert_int_equal(PyList_GET_SIZE(collector.suspects), 0);
}

static void
a_namespace_s_finalizers_find_their_globals(void **state)
{
    testing_execute("said = []\n"
                    "space = {'said': said, '__name__': 'space'}\n"
                    "exec('''\n"
                    "WORD = 'here'\n"
                    "class Thing:\n"
                    "    def __del__(self): said.append(WORD)\n"
                    "things = [Thing(), Thing()]\n"
                    "''', space)\n"
                    "gc.collect()");
    AUTO_DECREF PyObject *namespaces = testing_evaluate("[space]");
    testing_execute("del space");
    uintptr_t proof = 1;
    assert_int_equal(heap_collect_dead(&collector, namespaces, BUDGET, &proof), 1);
    assert_int_equal(proof, 0);
    testing_check("said == ['here', 'here']");
}

static void
a_finalizer_may_bring_its_object_back(void **state)
{
    testing_execute("class Cat:\n"
                    "    def __del__(self):\n"
                    "        global cat\n"
                    "        cat = self\n"
                    "cat = Cat(); cat.me = cat; gc.collect()");
    suspect("cat");
    testing_execute("del cat");
    assert_int_equal(free_suspects(), 1);
    testing_check("cat.me is cat");
    testing_execute("del cat; gc.collect()");
}

static void
what_a_finalizer_made_around_its_object_goes_with_it(void **state)
{
    testing_execute("class Last:\n"
                    "    def __del__(self): self.made = [self]\n"
                    "last = Last(); last.me = last; ref = weakref.ref(last.__class__)\n"
                    "del Last; gc.collect()");
    suspect("last");
    testing_execute("del last");
    assert_int_equal(free_suspects(), 1);
    testing_check("ref() is None");
}

/* Called by a finalizer: what a boundary would be told there. */
static PyObject *
try_to_collect(PyObject *self, PyObject *unused)
{
    return PyLong_FromLong(heap_collect_young(&collector, HEAP_YOUNGEST));
}

static void
inside_a_collection_nothing_is_done(void **state)
{
    static PyMethodDef method = { "try_to_collect", try_to_collect, METH_NOARGS, NULL };
    AUTO_DECREF PyObject *function = PyCFunction_New(&method, NULL);
    assert_int_equal(PyDict_SetItemString(testing_namespace(), "attempt", function), 0);
    testing_execute("said = []\n"
                    "class Last:\n"
                    "    def __del__(self): said.append(attempt())\n"
                    "last = Last(); last.me = last; del last; gc.collect()");
    testing_check("said == [0]");
    testing_check("attempt() == 1");
}

static void
a_collection_of_the_whole_heap_is_counted_and_timed(void **state)
{
    unsigned long before = collector.whole;
    testing_execute("ref = weakref.ref(cycle())");
    assert_int_equal(heap_collect_all(&collector), 0);
    testing_check("ref() is None");
    assert_int_equal(collector.whole, before + 1);
    assert_true(collector.pace > 0);
}

static void
it_is_cheap_beside_a_run_that_took_longer(void **state)
{
    const HeapCollector slow = { .pace = 1 };
    assert_false(heap_collect_all_is_cheap(&slow, 1));
    assert_true(heap_collect_all_is_cheap(&slow, 1e12));
    const HeapCollector fast = { .pace = 1e-15 };
    assert_true(heap_collect_all_is_cheap(&fast, 0));
}

static void
what_others_take_meanwhile_does_not_count(void **state)
{
    testing_execute("import time\n"
                    "class Waits:\n"
                    "    def __del__(self): time.sleep(0.2)\n"
                    "waits = Waits(); waits.me = waits; del waits");
    assert_int_equal(heap_collect_all(&collector), 0);
    assert_true(heap_collect_all_is_cheap(&collector, 0));
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
    AUTO_DECREF PyObject *node = testing_evaluate("cycle()");
    AUTO_DECREF PyObject *list = testing_evaluate("[{'a': []}]");
    uintptr_t proof = 0;
    testing_resume(paused);
    heap_collector_suspect(&collector, node);
    Py_CLEAR(node);
    int r = heap_collect_dead(&collector, list, BUDGET, &proof);
    paused = testing_pause();
    heap_collector_acquit(&collector);
    testing_resume(paused);
    return r < 0 ? -1 : 0;
}

static int
make_one(void)
{
    HeapCollector c = { 0 };
    int r = heap_collector_init(&c, testing_namespace());
    if (r == 0)
        r = heap_collector_limit(&c, c.collect);
    heap_collector_done(&c);
    return r;
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(collect_one);
    TORTURE(make_one);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    NO_REFLEAK_TORTURED(collect_one);
    NO_REFLEAK_TORTURED(make_one);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(young_garbage_goes),
        cmocka_unit_test(old_garbage_goes_when_it_is_suspected),
        cmocka_unit_test(nothing_older_than_the_youngest_is_collected_for_it),
        cmocka_unit_test(frozen_garbage_goes_too),
        cmocka_unit_test(what_lives_on_stays_and_stays_suspected),
        cmocka_unit_test(what_nobody_else_holds_is_let_go_of_at_once),
        cmocka_unit_test(with_it_go_the_cycles_that_it_leads_to),
        cmocka_unit_test(a_namespace_s_finalizers_find_their_globals),
        cmocka_unit_test(a_finalizer_may_bring_its_object_back),
        cmocka_unit_test(what_a_finalizer_made_around_its_object_goes_with_it),
        cmocka_unit_test(inside_a_collection_nothing_is_done),
        cmocka_unit_test(a_collection_of_the_whole_heap_is_counted_and_timed),
        cmocka_unit_test(it_is_cheap_beside_a_run_that_took_longer),
        cmocka_unit_test(what_others_take_meanwhile_does_not_count),
        cmocka_unit_test(trimming_remembers_what_it_could_not_give_back),
        cmocka_unit_test(survives_every_failed_allocation),
        cmocka_unit_test(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
