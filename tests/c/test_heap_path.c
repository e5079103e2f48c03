#include "heap/path.h"

#include "testing_python.h"

static int
start(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    testing_execute(
        "import gc, random\n"
        "gc.disable()\n"
        "def make(seed):\n"
        "    r = random.Random(seed)\n"
        "    objects = [[] for _ in range(r.randint(3, 30))]\n"
        "    for _ in range(r.randint(0, 2 * len(objects))):\n"
        "        r.choice(objects).append(r.choice(objects))\n"
        "    return objects, r.sample(objects, 2)\n"
        "def distance(starts, target):\n"
        "    level, seen, steps = list(starts), [], 1\n"
        "    while level:\n"
        "        if any(o is target for o in level): return steps\n"
        "        seen += level; steps += 1\n"
        "        level = [c for o in level for c in o if not any(c is s for s in seen)]\n"
        "    return 0\n");
    return 0;
}

/* Roots that are the items of the list `roots` of the tests. */
static HeapRoots
list_roots(void)
{
    HeapRoots roots = { 0 };
    AUTO_DECREF PyObject *list = testing_evaluate("roots");
    assert_non_null(list);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++)
        assert_int_equal(heap_roots_add(&roots, PyList_GET_ITEM(list, i), "here", "root"),
                         0);
    return roots;
}

/* Find `target` of the tests from `roots`; bind its path to the name `path`. */
static HeapHolder
find(uint32_t own)
{
    __attribute__((cleanup(heap_roots_done_slot))) HeapRoots roots = list_roots();
    __attribute__((cleanup(heap_path_done_slot))) HeapPath path = { 0 };
    AUTO_DECREF PyObject *targets = testing_evaluate("[target]");
    assert_int_equal(heap_path_find(&roots, targets, own, NULL, &path), 0);
    PyObject *found = path.objects == NULL ? Py_None : path.objects;
    assert_int_equal(PyDict_SetItemString(testing_namespace(), "path", found), 0);
    return path.holder;
}

static void
the_path_is_as_short_as_brute_force_says(void **state)
{
    for (long seed = 0; seed < 200; seed++) {
        AUTO_DECREF PyObject *number = PyLong_FromLong(seed);
        assert_int_equal(PyDict_SetItemString(testing_namespace(), "seed", number), 0);
        testing_execute("objects, roots = make(seed); target = objects[-1]\n"
                        "wanted = distance(roots, target)");
        AUTO_DECREF PyObject *wanted = testing_evaluate("wanted");
        HeapHolder holder = find(0);
        if (PyLong_AsLong(wanted) == 0) {
            assert_int_not_equal(holder, HEAP_HELD_BY_ROOT);
            continue;
        }
        assert_int_equal(holder, HEAP_HELD_BY_ROOT);
        testing_check("len(path) == wanted and path[-1] is target");
        testing_check("any(path[0] is r for r in roots)");
        testing_check("all(any(b is c for c in a) for a, b in zip(path, path[1:]))");
    }
}

static void
what_only_c_holds_is_held_by_the_hidden(void **state)
{
    testing_execute("roots = []; holder = [[]]; target = holder[0]");
    AUTO_DECREF PyObject *holder = testing_evaluate("holder");
    testing_execute("del holder");
    AUTO_DECREF PyObject *target = testing_evaluate("target");
    // One reference is ours, one that of the name in the tests' namespace, which we hold.
    assert_int_equal(find(1), HEAP_HELD_BY_HIDDEN);
    testing_execute("del path");
}

static void
what_the_question_alone_holds_is_held_by_nobody(void **state)
{
    __attribute__((cleanup(heap_path_done_slot))) HeapPath path = { 0 };
    AUTO_DECREF PyObject *value = testing_evaluate("[]");
    AUTO_DECREF PyObject *targets = Py_BuildValue("[O]", value);
    const HeapRoots none = { 0 };
    assert_int_equal(heap_path_find(&none, targets, 1, NULL, &path), 0);
    assert_int_equal(path.holder, HEAP_HELD_BY_NOBODY);
    assert_null(path.objects);
}

static void
what_garbage_holds_is_said_to_be(void **state)
{
    __attribute__((cleanup(heap_path_done_slot))) HeapPath path = { 0 };
    AUTO_DECREF PyObject *value = testing_evaluate("[]");
    assert_int_equal(PyList_Append(value, value), 0);
    AUTO_DECREF PyObject *targets = Py_BuildValue("[O]", value);
    const HeapRoots none = { 0 };
    assert_int_equal(heap_path_find(&none, targets, 1, NULL, &path), 0);
    assert_int_equal(path.holder, HEAP_HELD_BY_GARBAGE);
    assert_int_equal(PyList_SetSlice(value, 0, 1, NULL), 0);
}

static void
ctrl_c_ends_the_search(void **state)
{
    testing_execute("import _signal\n"
                    "_signal.signal(_signal.SIGINT, _signal.default_int_handler)\n"
                    "roots = [[[] for _ in range(200000)]]; target = []");
    __attribute__((cleanup(heap_roots_done_slot))) HeapRoots roots = list_roots();
    __attribute__((cleanup(heap_path_done_slot))) HeapPath path = { 0 };
    AUTO_DECREF PyObject *targets = testing_evaluate("[target]");
    PyErr_SetInterrupt();
    assert_int_equal(heap_path_find(&roots, targets, 0, NULL, &path), -1);
    testing_raised(PyExc_KeyboardInterrupt);
    testing_execute("roots = []");
}

static size_t told;

static void
count_calls(void *context, size_t objects)
{
    told++;
}

static void
long_work_is_told_about(void **state)
{
    testing_execute("roots = [[[] for _ in range(200000)]]; target = []");
    __attribute__((cleanup(heap_roots_done_slot))) HeapRoots roots = list_roots();
    __attribute__((cleanup(heap_path_done_slot))) HeapPath path = { 0 };
    AUTO_DECREF PyObject *targets = testing_evaluate("[target]");
    const HeapWatch watch = { .tell = count_calls };
    told = 0;
    assert_int_equal(heap_path_find(&roots, targets, 0, &watch, &path), 0);
    assert_in_range(told, 3, 100);
    testing_execute("roots = []");
}

static int
interpreters_roots(void)
{
    __attribute__((cleanup(heap_roots_done_slot))) HeapRoots roots = { 0 };
    return heap_roots_add_interpreter(&roots);
}

static int
find_one(void)
{
    long paused = testing_pause();
    __attribute__((cleanup(heap_roots_done_slot))) HeapRoots roots = list_roots();
    AUTO_DECREF PyObject *targets = testing_evaluate("[target]");
    testing_resume(paused);
    __attribute__((cleanup(heap_path_done_slot))) HeapPath path = { 0 };
    return heap_path_find(&roots, targets, 0, NULL, &path);
}

static void
survives_every_failed_allocation(void **state)
{
    testing_execute("roots = [[[[]]]]; target = roots[0][0][0]");
    TORTURE(find_one);
    TORTURE(interpreters_roots);
    testing_execute("target = []");
    TORTURE(find_one);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    testing_execute("roots = [[[[]]]]; target = roots[0][0][0]");
    NO_REFLEAK_TORTURED(find_one);
    NO_REFLEAK_TORTURED(interpreters_roots);
    testing_execute("target = []");
    NO_REFLEAK_TORTURED(find_one);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_path_is_as_short_as_brute_force_says),
        cmocka_unit_test(what_only_c_holds_is_held_by_the_hidden),
        cmocka_unit_test(what_the_question_alone_holds_is_held_by_nobody),
        cmocka_unit_test(what_garbage_holds_is_said_to_be),
        cmocka_unit_test(ctrl_c_ends_the_search),
        cmocka_unit_test(long_work_is_told_about),
        cmocka_unit_test(survives_every_failed_allocation),
        cmocka_unit_test(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, start, testing_stop);
}
