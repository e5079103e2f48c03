#include "heap/graph.h"

#include "heap/dominator.h"
#include "testing_python.h"

/* Objects of lists alone, `objects`; those in `held` are held from outside.  What is retained is
 * counted by hand: what can be reached with the object, and can't without. */
static int
start(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    testing_execute("import gc, random, sys\n"
                    "gc.disable()\n"
                    "def reach(starts, gone):\n"
                    "    seen, waiting = set(), list(starts)\n"
                    "    while waiting:\n"
                    "        o = waiting.pop()\n"
                    "        if id(o) in seen or any(o is g for g in gone): continue\n"
                    "        seen.add(id(o))\n"
                    "        waiting.extend(o)\n"
                    "    return seen\n"
                    "def expected(objects, held, gone):\n"
                    "    lost = reach(held, []) - reach(held, gone)\n"
                    "    return sum(sys.getsizeof(o) for o in objects if id(o) in lost)\n"
                    "def make(seed):\n"
                    "    r = random.Random(seed)\n"
                    "    count = r.randint(3, 30)\n"
                    "    objects = [[] for _ in range(count)]\n"
                    "    for _ in range(r.randint(0, 3 * count)):\n"
                    "        r.choice(objects).append(r.choice(objects))\n"
                    "    held = tuple(r.sample(objects, r.randint(1, 3)))\n"
                    "    return objects, held\n");
    return 0;
}

/* Hand the graph's objects over to C: only those in `held` are held, by a reference of ours. */
typedef struct Little {
    PyObject *addresses;  // the objects' addresses, as ints
    PyObject *held;       // list of numbers
    PyObject *wanted;     // what each one retains, by hand
} Little;

static Little
take_little(int seed)
{
    PyObject *ns = testing_namespace();
    AUTO_DECREF PyObject *number = PyLong_FromLong(seed);
    assert_int_equal(PyDict_SetItemString(ns, "seed", number), 0);
    testing_execute("objects, held = make(seed)\n"
                    "wanted = [expected(objects, held, [o]) for o in objects]\n"
                    "addresses = [id(o) for o in objects]\n"
                    "numbers = [next(i for i, o in enumerate(objects) if o is h)\n"
                    "           for h in held]\n");
    Little little = { .addresses = testing_evaluate("addresses"),
                      .held = testing_evaluate("numbers"),
                      .wanted = testing_evaluate("wanted") };
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(little.held); i++) {
        long at = PyLong_AsLong(PyList_GET_ITEM(little.held, i));
        Py_INCREF(PyLong_AsVoidPtr(PyList_GET_ITEM(little.addresses, at)));
    }
    testing_execute("del objects, held");
    return little;
}

static PyObject *
little_object(const Little *little, Py_ssize_t i)
{
    return PyLong_AsVoidPtr(PyList_GET_ITEM(little->addresses, i));
}

static void
release_little(Little *little)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(little->held); i++) {
        long at = PyLong_AsLong(PyList_GET_ITEM(little->held, i));
        Py_DECREF(little_object(little, at));
    }
    Py_CLEAR(little->addresses);
    Py_CLEAR(little->held);
    Py_CLEAR(little->wanted);
}

static void
check_little(const Little *little)
{
    HeapDominators d;
    HeapGraph *g = heap_graph_new(NULL);
    assert_non_null(g);
    assert_int_equal(heap_dominators_init(&d, g, NULL), 0);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(little->addresses); i++) {
        size_t wanted = PyLong_AsSize_t(PyList_GET_ITEM(little->wanted, i));
        PyObject *object = little_object(little, i);
        if (wanted == 0)
            continue;  // it went, or is garbage
        assert_int_equal(d.retained[heap_map_find(&g->map, object)], wanted);
        AUTO_DECREF PyObject *objects = Py_BuildValue("[O]", object);
        HeapAmount amount;
        assert_int_equal(heap_graph_retained(g, &(HeapGone){ .objects = objects }, &amount),
                         0);
        assert_int_equal(amount.bytes, wanted);
    }
    heap_dominators_done(&d);
    heap_graph_free(g);
}

static void
retained_sizes_are_those_of_brute_force(void **state)
{
    for (int seed = 0; seed < 150; seed++) {
        Little little = take_little(seed);
        check_little(&little);
        release_little(&little);
        testing_execute("gc.collect()");
    }
}

static size_t
retained_by(const char *expression)
{
    AUTO_DECREF PyObject *objects = testing_evaluate(expression);
    HeapGraph *g = heap_graph_new(NULL);
    HeapAmount amount = { 0 };
    assert_non_null(g);
    assert_int_equal(heap_graph_retained(g, &(HeapGone){ .objects = objects }, &amount), 0);
    heap_graph_free(g);
    return amount.bytes;
}

static void
what_somebody_else_holds_too_is_not_retained(void **state)
{
    testing_execute("inner = bytearray(1 << 20); outer = [inner]");
    assert_in_range(retained_by("[outer]"), 1, 1000);
    testing_execute("del inner");
    assert_in_range(retained_by("[outer]"), 1 << 20, (1 << 20) + 1000);
    testing_execute("del outer");
}

static void
texts_and_bytes_count_with_their_contents(void **state)
{
    testing_execute("outer = ['x' * 100000, bytes(100000), bytearray(100000)]");
    assert_in_range(retained_by("[outer]"), 300000, 301000);
    testing_execute("del outer");
}

static void
attributes_without_a_dict_count(void **state)
{
    testing_execute("class Thing: pass\n"
                    "thing = Thing(); thing.data = bytes(50000)\n");
    assert_in_range(retained_by("[thing]"), 50000, 51000);
    testing_execute("del thing");
}

static void
a_users_sizeof_is_not_called(void **state)
{
    testing_execute("class Loud(list):\n"
                    "    def __sizeof__(self): called.append(1); return 10 ** 9\n"
                    "called = []; loud = Loud(range(1000))\n");
    assert_in_range(retained_by("[loud]"), 8000, 100000);
    testing_check("called == []");
    testing_execute("del loud, Loud");
}

static void
garbage_is_retained_by_nobody(void **state)
{
    testing_execute("a = [bytes(90000)]; a.append(a); del a; b = []");
    assert_in_range(retained_by("[b]"), 1, 200);
    testing_execute("gc.collect(); del b");
}

static void
references_that_are_cut_do_not_hold(void **state)
{
    testing_execute(
        "value = bytes(70000); run = {'value': value}; prompt = {'value': value}\n"
        "del value");
    AUTO_DECREF PyObject *objects = testing_evaluate("[run]");
    AUTO_DECREF PyObject *holder = testing_evaluate("prompt");
    AUTO_DECREF PyObject *values = testing_evaluate("[run['value']]");
    HeapGraph *g = heap_graph_new(NULL);
    HeapAmount plain;
    HeapAmount cut;
    assert_int_equal(heap_graph_retained(g, &(HeapGone){ .objects = objects }, &plain), 0);
    HeapGone gone = { .objects = objects, .holder = holder, .values = values };
    assert_int_equal(heap_graph_retained(g, &gone, &cut), 0);
    heap_graph_free(g);
    assert_in_range(plain.bytes, 1, 1000);
    assert_in_range(cut.bytes, 70000, 71000);
    testing_execute("del run, prompt");
}

static void
a_snapshot_holds_what_is_in_it(void **state)
{
    testing_execute("import weakref\n"
                    "class Node: pass\n"
                    "node = Node(); ref = weakref.ref(node)");
    HeapGraph *g = heap_graph_new(NULL);
    testing_execute("del node; gc.collect()");
    testing_check("ref() is not None");
    heap_graph_free(g);
    testing_check("ref() is None");
}

static void
a_replaced_list_of_objects_is_refused(void **state)
{
    testing_execute("own = gc.get_objects");
    const char *const fakes[] = { "gc.get_objects = lambda: ()",
                                  "gc.get_objects = lambda: [fakes, fakes]; fakes = []" };
    for (size_t i = 0; i < COUNT_OF(fakes); i++) {
        testing_execute(fakes[i]);
        assert_null(heap_graph_new(NULL));
        testing_raised(PyExc_RuntimeError);
    }
    testing_execute("gc.get_objects = own");
}

static void
ctrl_c_ends_it(void **state)
{
    testing_execute("import signal, _signal\n"
                    "_signal.signal(_signal.SIGINT, _signal.default_int_handler)\n"
                    "many = [[] for _ in range(200000)]");
    PyErr_SetInterrupt();
    assert_null(heap_graph_new(NULL));
    testing_raised(PyExc_KeyboardInterrupt);
    testing_execute("del many");
}

static int
snapshot_and_sizes(void)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *objects = testing_evaluate("[[1], {}]");
    testing_resume(paused);
    AUTO(heap_graph_free) HeapGraph *g = heap_graph_new(NULL);
    HeapAmount amount;
    HeapDominators d;
    if (g == NULL || heap_graph_retained(g, &(HeapGone){ .objects = objects }, &amount) < 0
        || heap_dominators_init(&d, g, NULL) < 0)
        return -1;
    heap_dominators_done(&d);
    return 0;
}

/* Sizes of types that are asked allocate numbers, which may fail: not so here. */
static int
snapshot(void)
{
    AUTO(heap_graph_free) HeapGraph *g = heap_graph_new(NULL);
    return g == NULL ? -1 : 0;
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(snapshot);
}

static void
leaks_nothing(void **state)
{
    NO_REFLEAK(snapshot_and_sizes);
    NO_REFLEAK_TORTURED(snapshot);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(retained_sizes_are_those_of_brute_force),
        cmocka_unit_test(what_somebody_else_holds_too_is_not_retained),
        cmocka_unit_test(texts_and_bytes_count_with_their_contents),
        cmocka_unit_test(attributes_without_a_dict_count),
        cmocka_unit_test(a_users_sizeof_is_not_called),
        cmocka_unit_test(garbage_is_retained_by_nobody),
        cmocka_unit_test(references_that_are_cut_do_not_hold),
        cmocka_unit_test(a_snapshot_holds_what_is_in_it),
        cmocka_unit_test(a_replaced_list_of_objects_is_refused),
        cmocka_unit_test(ctrl_c_ends_it),
        cmocka_unit_test(survives_every_failed_allocation),
        cmocka_unit_test(leaks_nothing),
    };
    return cmocka_run_group_tests(tests, start, testing_stop);
}
