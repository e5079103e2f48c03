/* Random graphs, judged by us and by the collector of the whole heap.
 *
 * MAINSPRING_GRAPHS says how many there are; they differ by their seed, MAINSPRING_SEED first.
 */
#include "heap/collect.h"

#include <stdlib.h>

#include "testing_python.h"

enum { USUAL_GRAPHS = 1500, BUDGET = 1000000, ROUNDS = 100 };

static HeapCollector collector;

static int
start(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    testing_execute("import sys; sys.path.insert(0, '" TESTING_FOLDER "')\n"
                    "import random_graphs as graphs, gc\n"
                    "gc.disable()");
    return heap_collector_init(&collector, NULL);
}

static int
stop(void **state)
{
    heap_collector_done(&collector);
    return testing_stop(state);
}

static long
setting(const char *name, long usual)
{
    const char *text = getenv(name);
    return text == NULL ? usual : strtol(text, NULL, 10);
}

/* The namespaces of a new graph; the collector holds its other objects, if there are any. */
static PyObject *
build(long seed, bool strays)
{
    AUTO_DECREF PyObject *make = testing_evaluate("graphs.build");
    AUTO_DECREF PyObject *graph = PyObject_CallFunction(make, "li", seed, strays);
    assert_non_null(graph);
    BORROWED PyObject *objects = PyTuple_GET_ITEM(graph, 1);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(objects); i++)
        heap_collector_suspect(&collector, PyList_GET_ITEM(objects, i));
    return Py_NewRef(PyTuple_GET_ITEM(graph, 0));
}

/* The namespaces of the runs that are alive. */
static PyObject *
remaining(void)
{
    PyObject *list =
        testing_evaluate("[c.namespace for c in (r() for r in graphs.carriers) if c]");
    assert_non_null(list);
    return list;
}

/* The namespaces are suspects like others: a walk of a few objects is tried first. */
static void
suspect_all(PyObject *namespaces)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(namespaces); i++)
        heap_collector_suspect(&collector, PyList_GET_ITEM(namespaces, i));
    assert_int_equal(PyList_SetSlice(namespaces, 0, PY_SSIZE_T_MAX, NULL), 0);
}

static int
free_once(PyObject *namespaces, bool near)
{
    uintptr_t proofs[16] = { 0 };
    if (near)
        suspect_all(namespaces);
    return heap_collect_dead(&collector, namespaces, BUDGET, proofs);
}

/* Free what is dead, as the boundary of a run does. */
static void
free_dead(PyObject *namespaces, bool near)
{
    int freed = free_once(namespaces, near);
    for (int round = 0; freed == 1 && round < ROUNDS; round++) {
        AUTO_DECREF PyObject *list = remaining();
        freed = free_once(list, near);
    }
    assert_int_equal(freed, 0);
    heap_collector_acquit(&collector);
}

static void
compare_graph(long seed, bool strays, long *freed, long *left)
{
    AUTO_DECREF PyObject *namespaces = build(seed, strays);
    free_dead(namespaces, seed % 4 < 2);
    AUTO_DECREF PyObject *ours = testing_evaluate("graphs.alive()");
    AUTO_DECREF PyObject *theirs = testing_evaluate("graphs.collect_all()");
    assert_non_null(ours);
    assert_non_null(theirs);
    int same = PyObject_RichCompareBool(ours, theirs, Py_EQ);
    AUTO_DECREF PyObject *once = testing_evaluate("graphs.clear()");
    if (same != 1)
        fail_msg("graph %ld: we leave runs alive that the collector frees", seed);
    if (once != Py_True)
        fail_msg("graph %ld: a finalizer was called twice", seed);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(ours); i++)
        ++*(PyTuple_GET_ITEM(ours, i) == Py_True ? left : freed);
}

static void
compare_graphs(void)
{
    long first = setting("MAINSPRING_SEED", 1);
    long count = setting("MAINSPRING_GRAPHS", USUAL_GRAPHS);
    long freed = 0;
    long left = 0;
    for (long seed = first; seed < first + count; seed++)
        compare_graph(seed, seed % 2, &freed, &left);
    print_message("# %ld graphs: %ld runs freed, %ld alive\n", count, freed, left);
    assert_true(count < 100 || (freed > count / 4 && left > count / 4));
    assert_ptr_equal(collector.broken, NULL);
}

static void
what_we_free_is_what_the_collector_of_the_whole_heap_frees(void **state)
{
    compare_graphs();
}

static void
so_it_is_while_young_objects_are_collected_all_the_time(void **state)
{
    testing_execute("gc.enable(); gc.set_threshold(7, 3, 3)");
    compare_graphs();
    testing_execute("gc.set_threshold(700, 10, 10); gc.disable()");
}

/* The control: without the act all that was judged dead is there. */
static void
a_verdict_alone_frees_nothing(void **state)
{
    long dead = 0;
    for (long seed = 1; seed <= 200; seed++) {
        AUTO_DECREF PyObject *namespaces = build(seed, false);
        AUTO_DECREF PyObject *before = testing_evaluate("graphs.alive()");
        HeapVerdict v;
        collector.limits.budget = BUDGET;
        heap_verdict_init(&v, namespaces, &collector.limits);
        for (size_t i = 0; i < v.root_count; i++)
            dead += heap_verdict_proof(&v, i) == 0;
        heap_verdict_done(&v);
        Py_CLEAR(namespaces);
        AUTO_DECREF PyObject *after = testing_evaluate("graphs.alive()");
        assert_int_equal(PyObject_RichCompareBool(before, after, Py_EQ), 1);
        AUTO_DECREF PyObject *none = testing_evaluate("graphs.clear()");
    }
    assert_true(dead > 50);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_we_free_is_what_the_collector_of_the_whole_heap_frees),
        cmocka_unit_test(so_it_is_while_young_objects_are_collected_all_the_time),
        cmocka_unit_test(a_verdict_alone_frees_nothing),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
