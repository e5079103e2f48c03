#include "heap/module.h"

#include "heap/report.h"
#include "testing_python.h"

/* The names of the tests are roots, as those of a prompt are. */
static int
add_names(void *context, HeapRoots *roots)
{
    return heap_roots_add(roots, testing_namespace(), "a name", NULL);
}

static int
start(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    const HeapAsker asker = { .add_roots = add_names };
    AUTO_DECREF PyObject *module = heap_module_new(&asker);
    assert_non_null(module);
    assert_int_equal(PyDict_SetItemString(testing_namespace(), "m", module), 0);
    testing_execute("import collections, functools, gc, sys, weakref\n"
                    "class Thing: pass\n"
                    "def why(o): return m.why(o).expression\n"
                    "def check(target, wanted):\n"
                    "    got = m.why(target()).expression\n"
                    "    assert got == wanted, (got, wanted)\n");
    return 0;
}

static void
hops_have_the_names_that_python_gives_them(void **state)
{
    testing_execute("a = Thing(); a.b = [1, {'k': Thing()}]\n"
                    "check(lambda: a.b[1]['k'], \"a.b[1]['k']\")\n"
                    "a = {(1, 'x'): {2.5: [Thing()]}}\n"
                    "check(lambda: a[1, 'x'][2.5][0], \"a[(1, 'x')][2.5][0]\")\n"
                    "class Slots: __slots__ = 'one', 'two'\n"
                    "a = Slots(); a.two = Thing()\n"
                    "check(lambda: a.two, 'a.two')\n"
                    "a = collections.deque([1, Thing()])\n"
                    "check(lambda: a[1], 'a[1]')\n"
                    "a = functools.partial(print, Thing())\n"
                    "check(lambda: a.args[0], 'a.args[0]')\n"
                    "del a");
}

static void
functions_show_their_closures_and_globals(void **state)
{
    testing_execute(
        "def outer():\n"
        "    thing = Thing()\n"
        "    def inner(): return thing\n"
        "    return inner\n"
        "a = outer()\n"
        "target = weakref.ref(a())\n"
        "check(target, 'a.__closure__[0].cell_contents')\n"
        "assert [n for _, _, n in m.why(a())] == ['', 'the variable thing', '']\n"
        "ns = {'thing': Thing(), '__name__': 'x'}; exec('def f(): pass', ns)\n"
        "a = ns['f']; target = weakref.ref(ns['thing']); del ns\n"
        "check(target, \"a.__globals__['thing']\")\n"
        "del a, target");
}

static void
variables_of_generators_and_frames_are_named(void **state)
{
    testing_execute(
        "def gen():\n"
        "    thing = Thing(); yield thing\n"
        "a = gen(); target = weakref.ref(next(a))\n"
        "check(target, \"a.gi_frame.f_locals['thing']\")\n"
        "def fail():\n"
        "    thing = Thing(); global target; target = weakref.ref(thing); 1 / 0\n"
        "try: fail()\n"
        "except ZeroDivisionError as e: a = e\n"
        "check(target, \"a.__traceback__.tb_next.tb_frame.f_locals['thing']\")\n"
        "del a; assert target() is None; del target");
}

static void
classes_and_methods_are_named(void **state)
{
    testing_execute("class A:\n"
                    "    held = Thing()\n"
                    "    prop = property(lambda self: 1)\n"
                    "    def method(self): pass\n"
                    "check(lambda: A.held, 'A.held')\n"
                    "check(lambda: A.prop.fget, 'A.prop.fget')\n"
                    "a = A().method\n"
                    "check(lambda: a.__self__, 'a.__self__')\n"
                    "a = a.__self__; B = A; target = weakref.ref(A); del A, B\n"
                    "check(target, 'a.__class__')\n"
                    "del a, target");
}

static void
what_has_no_name_in_python_says_so(void **state)
{
    testing_execute("a = iter([Thing()]); target = weakref.ref(a.__reduce__()[1][0][0])\n"
                    "check(target, 'a<inside list_iterator>[0]')\n"
                    "a = {Thing()}; target = weakref.ref(next(iter(a)))\n"
                    "check(target, 'a<an element>')\n"
                    "a = {Thing(): 1}; target = weakref.ref(next(iter(a)))\n"
                    "check(target, 'a<a key>')\n"
                    "a = {Thing(): Thing()}; target = weakref.ref(*a.values())\n"
                    "check(target, 'a[<test.Thing>]')\n"
                    "del a, target");
}

static void
modules_and_running_functions_are_roots(void **state)
{
    testing_execute("sys.thing = Thing(); target = weakref.ref(sys.thing); del sys\n"
                    "check(target, 'sys.thing')\n"
                    "import sys; del sys.thing\n"
                    "def f():\n"
                    "    mine = Thing(); return m.why(mine)\n"
                    "assert f().expression == 'mine'\n"
                    "assert 'f() at <string>' in f().where, f().where\n"
                    "del target");
}

static void
a_function_that_is_traced_keeps_its_variables(void **state)
{
    testing_execute("def trace(frame, event, arg):\n"
                    "    if frame.f_code.co_name == 'f': m.why(asked)\n"
                    "    return trace\n"
                    "def f():\n"
                    "    one = Thing()\n"
                    "    two = Thing()\n"
                    "    return one, two\n"
                    "asked = Thing()\n"
                    "sys.settrace(trace)\n"
                    "try: assert len(f()) == 2\n"
                    "finally: sys.settrace(None)\n"
                    "del asked");
}

static void
a_function_that_was_looked_at_keeps_nothing_by_that(void **state)
{
    testing_execute("def f():\n"
                    "    one = Thing(); ref = weakref.ref(one)\n"
                    "    assert m.why(one).expression == 'one'\n"
                    "    del one\n"
                    "    assert ref() is None\n"
                    "f()");
}

static void
a_long_key_is_cut_short(void **state)
{
    testing_execute("a = {'x' * 1000: Thing()}\n"
                    "check(lambda: a['x' * 1000], 'a[' + repr('x' * 1000)[:57] + '...]')\n"
                    "del a");
}

static void
a_chain_is_a_sequence_of_texts(void **state)
{
    testing_execute(
        "a = [Thing()]; c = m.why(a[0])\n"
        "assert repr(c) == '<Chain a[0]>' and len(c) == 2, repr(c)\n"
        "assert list(c) == [('a', 'list', ''), ('[0]', 'test.Thing', '')]\n"
        "assert str(c) == 'a[0]  (a name)\\n    a    list\\n    [0]  test.Thing'\n"
        "c = m.why(Thing())\n"
        "assert not c and repr(c) == '<Chain: nothing holds it but this question>'\n"
        "del a, c");
}

static void
a_graph_has_the_dominators(void **state)
{
    testing_execute("a = Thing(); a.b = [bytearray(100000)]; g = m.graph()\n"
                    "assert g.retained(a) >= g.retained(a.b) >= 100000\n"
                    "assert g.holder(a.b[0]) is a.b and g.size(a.b) < 200\n"
                    "assert any(r is a.b for r in g.referrers(a.b[0]))\n"
                    "assert len(g.largest()) == 20 and g.largest(0) == []\n"
                    "assert g.largest(5)[0][1] >= g.largest(5)[1][1]\n"
                    "assert g.json(2).count('retained') == 2 and 'digraph' in g.dot(2)\n"
                    "for wrong in -1, 10**9:\n"
                    "    try: g.largest(wrong)\n"
                    "    except ValueError: pass\n"
                    "    else: raise AssertionError\n"
                    "del a, g");
}

static void
sizes_are_written_for_people(void **state)
{
    const struct {
        size_t bytes;
        const char *text;
    } cases[] = { { 0, "0 bytes" },         { 999, "999 bytes" },
                  { 1000, "1.0 KB" },       { 999949, "999.9 KB" },
                  { 999950, "1.0 MB" },     { 12345678, "12.3 MB" },
                  { 5000000000, "5.0 GB" }, { SIZE_MAX, "18446744.1 TB" } };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[HEAP_REPORT_BYTES];
        heap_report_bytes(cases[i].bytes, text);
        assert_string_equal(text, cases[i].text);
    }
}

/* Not under failed allocations: it makes classes, at which 3.13.0's own dicts crash then. */
static int
make_module(void)
{
    AUTO_DECREF PyObject *module = heap_module_new(NULL);
    return module == NULL ? -1 : 0;
}

static int
call(const char *name)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *function = testing_evaluate(name);
    AUTO_DECREF PyObject *target = testing_evaluate("target");
    testing_resume(paused);
    AUTO_DECREF PyObject *value = PyObject_CallOneArg(function, target);
    return value == NULL ? -1 : 0;
}

static int
ask_why(void)
{
    return call("m.why");
}

static int
ask_retained(void)
{
    return call("m.retained");
}

static int
show_chain(void)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *chain = testing_evaluate("chain");
    testing_resume(paused);
    AUTO_DECREF PyObject *text = PyObject_Str(chain);
    AUTO_DECREF PyObject *repr = text == NULL ? NULL : PyObject_Repr(chain);
    AUTO_DECREF PyObject *json =
        repr == NULL ? NULL : PyObject_CallMethod(chain, "json", NULL);
    AUTO_DECREF PyObject *dot =
        json == NULL ? NULL : PyObject_CallMethod(chain, "dot", NULL);
    return dot == NULL ? -1 : 0;
}

static int
ask_graph(void)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *graph = testing_evaluate("m.graph()");
    testing_resume(paused);
    AUTO_DECREF PyObject *json = PyObject_CallMethod(graph, "json", "i", 3);
    AUTO_DECREF PyObject *dot =
        json == NULL ? NULL : PyObject_CallMethod(graph, "dot", NULL);
    return dot == NULL ? -1 : 0;
}

static void
survives_every_failed_allocation(void **state)
{
    testing_execute("a = Thing(); a.b = [{'k': (lambda v: lambda: v)(Thing())}]\n"
                    "target = weakref.proxy(a); del target\n"
                    "chain = m.why(a.b[0]['k']()); target = a.b[0]['k'].__closure__[0]");
    TORTURE(ask_retained);
    TORTURE(show_chain);
    TORTURE(ask_graph);
    TORTURE(ask_why);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    NO_REFLEAK(make_module);
    NO_REFLEAK_TORTURED(ask_retained);
    NO_REFLEAK_TORTURED(show_chain);
    NO_REFLEAK(ask_graph);
    NO_REFLEAK_TORTURED(ask_why);
    testing_execute("del a, target, chain");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hops_have_the_names_that_python_gives_them),
        cmocka_unit_test(functions_show_their_closures_and_globals),
        cmocka_unit_test(variables_of_generators_and_frames_are_named),
        cmocka_unit_test(classes_and_methods_are_named),
        cmocka_unit_test(what_has_no_name_in_python_says_so),
        cmocka_unit_test(modules_and_running_functions_are_roots),
        cmocka_unit_test(a_function_that_is_traced_keeps_its_variables),
        cmocka_unit_test(a_function_that_was_looked_at_keeps_nothing_by_that),
        cmocka_unit_test(a_long_key_is_cut_short),
        cmocka_unit_test(a_chain_is_a_sequence_of_texts),
        cmocka_unit_test(a_graph_has_the_dominators),
        cmocka_unit_test(sizes_are_written_for_people),
        cmocka_unit_test(survives_every_failed_allocation),
        cmocka_unit_test(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, start, testing_stop);
}
