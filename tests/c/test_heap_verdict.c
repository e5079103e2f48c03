#include "heap/verdict.h"

#include "testing_python.h"

/* An object whose tp_traverse() reports the object in it `reports` times. */
typedef struct Liar {
    PyObject_HEAD PyObject *object;
    int reports;
} Liar;

static int
liar_traverse(PyObject *self, visitproc visit, void *arg)
{
    Liar *liar = (Liar *)self;
    for (int i = 0; i < liar->reports; i++)
        Py_VISIT(liar->object);
    return 0;
}

static int
liar_clear(PyObject *self)
{
    Py_CLEAR(((Liar *)self)->object);
    return 0;
}

static void
liar_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    (void)liar_clear(self);
    PyObject_GC_Del(self);
}

static PyTypeObject liar_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "tests.Liar",
    .tp_basicsize = sizeof(Liar),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = liar_traverse,
    .tp_clear = liar_clear,
    .tp_dealloc = liar_dealloc,
};

static PyObject *
liar_new(PyObject *object, int reports)
{
    Liar *liar = PyObject_GC_New(Liar, &liar_type);
    liar->object = Py_NewRef(object);
    liar->reports = reports;
    PyObject_GC_Track((PyObject *)liar);
    return (PyObject *)liar;
}

static HeapLimits limits = { .budget = 1000 };

static int
start(void **state)
{
    if (testing_start(state) < 0 || PyType_Ready(&liar_type) < 0)
        return -1;
    limits.module_name = PyUnicode_InternFromString("__module__");
    testing_execute("import sys, types\n"
                    "sys.modules['home'] = home = types.ModuleType('home')\n"
                    "exec('''class Resident:\\n  kept = []''', home.__dict__)");
    return limits.module_name == NULL ? -1 : 0;
}

static int
stop(void **state)
{
    testing_execute("del sys.modules['home']");
    Py_CLEAR(limits.module_name);
    return testing_stop(state);
}

/* What the verdict says of each object of the list that the expression makes: a text of `d` for
 * dead and `a` for alive. */
static void
judge(const char *expression, const char *expected)
{
    AUTO_DECREF PyObject *roots = testing_evaluate(expression);
    assert_non_null(roots);
    __attribute__((cleanup(heap_verdict_done_slot))) HeapVerdict v;
    heap_verdict_init(&v, roots, &limits);
    char found[16] = "";
    for (size_t i = 0; i < v.root_count; i++)
        found[i] = heap_verdict_proof(&v, i) == 0 ? 'd' : 'a';
    assert_string_equal(found, expected);
}

static void
an_object_that_the_list_alone_holds_is_dead(void **state)
{
    judge("[[], set(), [{}]]", "ddd");
}

static void
an_object_in_a_cycle_of_its_own_is_dead(void **state)
{
    testing_execute("def cycle():\n"
                    "    a, b = [], {}\n"
                    "    a.append(b); b['a'] = a\n"
                    "    return a, b");
    judge("[*cycle()]", "dd");
}

static void
what_is_held_from_outside_is_alive_and_all_it_leads_to(void **state)
{
    testing_execute("inner = []; outer = [inner]; other = [inner]\n"
                    "outer.append(outer)");
    judge("[outer, inner]", "aa");
    testing_execute("lone = [outer]; lone.append(lone)\nbox = [lone]; del lone");
    judge("[box.pop(), outer]", "da");
    testing_execute("del inner, outer, other, box");
}

static void
a_class_that_its_module_has_is_alive_and_not_entered(void **state)
{
    judge("[home.Resident, home.Resident()]", "ad");
    judge("[home.Resident.kept]", "a");
}

/* The same as judge(), and where a walk of a few objects is tried first. */
static void
judge_both(const char *expression, const char *expected)
{
    judge(expression, expected);
    limits.near = true;
    judge(expression, expected);
    limits.near = false;
}

static void
trying_a_few_objects_first_changes_nothing(void **state)
{
    judge_both("[[], *cycle(), [cycle()], home.Resident()]", "ddddd");
    judge_both("[type('Gone', (), {})(), [type('Gone', (), {'__module__': 'home'})]]",
               "dd");
    judge_both("[home.Resident, home.Resident.kept, [home], [sys]]", "aadd");
    testing_execute("held = [[]]");
    judge_both(
        "[held[0], [held[0]], [[i] for i in range(150)], [cycle() for i in range(150)]]",
        "addd");
    testing_execute("many = [[i] for i in range(150)]; many.append(many)");
    judge_both("[many, many[7], cycle()[0]]", "aad");
    testing_execute("del held, many");
}

static void
the_values_of_the_prompt_are_alive(void **state)
{
    AUTO_DECREF PyObject *prompt = testing_evaluate("{'kept': [1, [2]]}");
    testing_execute("made = []");
    assert_int_equal(PyDict_SetItemString(prompt, "kept", testing_evaluate("made")), 0);
    limits.prompt = prompt;
    judge("[made]", "a");
    limits.prompt = NULL;
    testing_execute("del made");
}

static void
an_object_that_is_twice_in_the_list_is_as_dead(void **state)
{
    testing_execute("def twice():\n"
                    "    a = []; a.append(a)\n"
                    "    return [a, a]");
    judge("twice()", "dd");
}

static void
beyond_the_budget_all_is_alive(void **state)
{
    judge("[[[[i]] for i in range(2000)]]", "a");
    judge("[[[[i]] for i in range(200)]]", "d");
}

static void
a_traversal_that_reports_too_much_is_named_and_all_is_alive(void **state)
{
    AUTO_DECREF PyObject *victim = testing_evaluate("[[1]]");
    AUTO_DECREF PyObject *roots = PyList_New(0);
    PyObject *liar = liar_new(victim, 5);
    assert_int_equal(PyList_Append(roots, liar), 0);
    Py_DECREF(liar);
    __attribute__((cleanup(heap_verdict_done_slot))) HeapVerdict v;
    heap_verdict_init(&v, roots, &limits);
    assert_ptr_equal(v.broken, &liar_type);
    assert_false(heap_verdict_any_dead(&v));
    assert_int_not_equal(heap_verdict_proof(&v, 0), 0);
}

static void
a_traversal_that_leaves_something_out_keeps_it_alive(void **state)
{
    testing_execute("hidden = []");
    AUTO_DECREF PyObject *roots = testing_evaluate("[hidden]");
    AUTO_DECREF PyObject *hidden = testing_evaluate("hidden");
    testing_execute("del hidden");
    assert_int_equal(PyList_Append(roots, liar_new(hidden, 0)), 0);
    Py_DECREF(PyList_GET_ITEM(roots, 1));
    Py_CLEAR(hidden);
    __attribute__((cleanup(heap_verdict_done_slot))) HeapVerdict v;
    heap_verdict_init(&v, roots, &limits);
    assert_int_not_equal(heap_verdict_proof(&v, 0), 0);
    assert_int_equal(heap_verdict_proof(&v, 1), 0);
}

static void
the_proof_is_another_when_something_else_holds(void **state)
{
    testing_execute("a = []");
    uintptr_t proofs[3];
    static const char *const before[] = { "pass", "pass", "b = a" };
    for (int i = 0; i < 3; i++) {
        testing_execute(before[i]);
        AUTO_DECREF PyObject *roots = testing_evaluate("[a]");
        __attribute__((cleanup(heap_verdict_done_slot))) HeapVerdict v;
        heap_verdict_init(&v, roots, &limits);
        proofs[i] = heap_verdict_proof(&v, 0);
    }
    assert_true(proofs[0] == proofs[1] && proofs[1] != proofs[2]);
    testing_execute("del a, b");
}

static int
judge_some(void)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *roots = testing_evaluate("[[[[i]] for i in range(300)]]");
    testing_resume(paused);
    __attribute__((cleanup(heap_verdict_done_slot))) HeapVerdict v;
    heap_verdict_init(&v, roots, &limits);
    if (!v.exhausted)
        return heap_verdict_proof(&v, 0) == 0 ? 0 : (PyErr_BadInternalCall(), -1);
    assert_int_not_equal(heap_verdict_proof(&v, 0), 0);
    return PyErr_NoMemory(), -1;
}

static void
where_memory_ends_all_is_alive(void **state)
{
    TORTURE(judge_some);
    NO_REFLEAK_TORTURED(judge_some);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_that_the_list_alone_holds_is_dead),
        cmocka_unit_test(an_object_in_a_cycle_of_its_own_is_dead),
        cmocka_unit_test(what_is_held_from_outside_is_alive_and_all_it_leads_to),
        cmocka_unit_test(a_class_that_its_module_has_is_alive_and_not_entered),
        cmocka_unit_test(trying_a_few_objects_first_changes_nothing),
        cmocka_unit_test(the_values_of_the_prompt_are_alive),
        cmocka_unit_test(an_object_that_is_twice_in_the_list_is_as_dead),
        cmocka_unit_test(beyond_the_budget_all_is_alive),
        cmocka_unit_test(a_traversal_that_reports_too_much_is_named_and_all_is_alive),
        cmocka_unit_test(a_traversal_that_leaves_something_out_keeps_it_alive),
        cmocka_unit_test(the_proof_is_another_when_something_else_holds),
        cmocka_unit_test(where_memory_ends_all_is_alive),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
