#include "run/exec.h"

#include "run/boundary.h"
#include "testing_run.h"

#define FUNCTION "def keep(): return x\n"

static const Run *
find(int number)
{
    const Run *r = run_ledger_find(ledger, number);
    assert_non_null(r);
    return r;
}

static void
check_freed(int number)
{
    testing_bind_module("m", number);
    testing_check("m is None");
}

static void
the_record_has_the_facts(void **state)
{
    AUTO_DECREF PyObject *args = Py_BuildValue("[ss]", "-v", "a b");
    int number = testing_run_with("s.py", "import sys\nargv = sys.argv\nfile = __file__\n",
                                  (RunRequest){ .args = args });
    const Run *r = find(number);
    assert_int_equal(r->status, RUN_OK);
    assert_int_equal(r->exit_code, 0);
    assert_int_equal(r->users, 0);
    assert_int_equal(r->sequence, 1);
    assert_int_equal(PyTuple_GET_SIZE(r->argv), 3);
    testing_check("p['argv'][1:] == ['-v', 'a b'] and p['argv'][0] == p['file']");
    testing_check("'argv' in p and p['file'].endswith('/s.py')");
    assert_int_equal(PyTuple_GET_SIZE(r->names), 3);
}

static void
what_a_script_ends_with_is_noted(void **state)
{
    static const struct {
        const char *text;
        RunStatus status;
        int code;
    } ends[] = {
        { "1 / 0\n", RUN_ERROR, 1 },
        { "raise KeyboardInterrupt\n", RUN_INTERRUPTED, 1 },
        { "raise SystemExit\n", RUN_EXIT, 0 },
        { "raise SystemExit(3)\n", RUN_EXIT, 3 },
        { "raise SystemExit('text')\n", RUN_EXIT, 1 },
        { "raise SystemExit(2 ** 99)\n", RUN_EXIT, -1 },
        { "class E(SystemExit):\n    code = property(lambda e: 1 / 0)\nraise E\n", RUN_EXIT,
          1 },
    };
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        const Run *r = find(testing_run("s.py", ends[i].text));
        assert_int_equal(r->status, ends[i].status);
        assert_int_equal(r->exit_code, ends[i].code);
        testing_check("isinstance(error, BaseException) and as_it_was()");
    }
}

static void
names_made_before_an_error_are_published(void **state)
{
    testing_run("s.py", "x = 1\n1 / 0\ny = 2\n");
    testing_check("p['x'] == 1 and 'y' not in p");
}

static void
what_can_not_start_changes_nothing(void **state)
{
    int number = testing_run("s.py", "x = 1\n" FUNCTION);
    static const char *const texts[] = { "x = (\n", "# coding: none\n", "'\xff'\n" };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_int_equal(testing_run_with("s.py", texts[i], (RunRequest){ 0 }), -1);
        assert_non_null(PyErr_Occurred());
        PyErr_Clear();
    }
    assert_int_equal(testing_run_with("missing.py", NULL, (RunRequest){ 0 }), -1);
    testing_raised(PyExc_FileNotFoundError);
    assert_false(find(number)->superseded);
    assert_int_equal(ledger->count, 1);
    testing_check("p['keep']() == 1");
    testing_check("linecache.getlines(p['keep'].__code__.co_filename)[0] == 'x = 1\\n'");
}

static void
an_unchanged_script_is_not_compiled_again(void **state)
{
    const Run *first = find(testing_run("s.py", "x = 1\n" FUNCTION));
    const RunSource *source = first->source;
    testing_execute("code = p['keep'].__code__");
    const Run *second = find(testing_run("s.py", NULL));
    assert_ptr_equal(second->source, source);
    testing_check("p['keep'].__code__ is code and code.co_filename.endswith('s.py')");
}

static void
a_changed_script_is_compiled_and_the_old_text_stays_findable(void **state)
{
    testing_run("s.py", "x = 1\ndef old(): return x\n");
    testing_execute("old = p['old']");
    testing_run("s.py", "x = 2\ndef new(): return x\n");
    testing_check("old.__code__.co_filename.endswith('s.py <run 1>')");
    testing_check(
        "linecache.getline(old.__code__.co_filename, 2) == 'def old(): return x\\n'");
    testing_check("p['new'].__code__.co_filename.endswith('s.py')");
    testing_check(
        "linecache.getline(p['new'].__code__.co_filename, 2).startswith('def new')");
    testing_execute("name = old.__code__.co_filename; del old");
    testing_run("s.py", "x = 3\n");
    for (int i = 0; i <= RUN_LEDGER_FREED; i++)
        testing_run("s.py", NULL);
    testing_check("name not in linecache.cache");
}

static void
a_rerun_frees_the_earlier_run_before_it_starts(void **state)
{
    int first =
        testing_run("s.py", "import sys, weakref\n"
                            "class Port: pass\n"
                            "seen = sys.__dict__.setdefault('port_seen', [])\n"
                            "seen.append(sys.port() if hasattr(sys, 'port') else None)\n"
                            "port = Port(); port.me = port\n"
                            "sys.port = weakref.ref(port)\n");
    testing_run("s.py", NULL);
    testing_check("sys.port_seen == [None, None]");
    check_freed(first);
    testing_execute("del sys.port_seen, sys.port");
}

static void
names_of_the_earlier_run_go_and_the_users_stay(void **state)
{
    testing_run("s.py", "a = b = 1\n" FUNCTION);
    testing_execute("p['mine'] = p['a']; p['b'] = 'mine'");
    assert_int_equal(testing_prompt("pass"), 1);
    testing_run("s.py", "c = 3\n");
    testing_check("'a' not in p and 'keep' not in p");
    testing_check("(p['mine'], p['b'], p['c']) == (1, 'mine', 3)");
}

static void
with_keep_the_earlier_run_stays_until_one_succeeds(void **state)
{
    const RunRequest keep = { .keep = true };
    int first = testing_run("s.py", "a = 1\n" FUNCTION);
    int second = testing_run_with("s.py", "b = 2\n1 / 0\n", keep);
    assert_false(find(first)->superseded);
    testing_check("p['a'] == 1 and p['b'] == 2");
    int third = testing_run_with("s.py", "c = 3\n", keep);
    assert_true(find(first)->superseded);
    assert_true(find(second)->superseded);
    assert_false(find(third)->superseded);
    testing_check("'a' not in p and 'b' not in p and p['c'] == 3");
}

static void
other_paths_to_the_same_file_are_the_same_script(void **state)
{
    int first = testing_run("s.py", "a = 1\n" FUNCTION);
    testing_execute(
        "import os; os.path.exists('link.py') or os.symlink('s.py', 'link.py')");
    testing_run("link.py", NULL);
    assert_true(find(first)->superseded);
}

static void
what_is_held_lives_on_and_says_what_it_is(void **state)
{
    int first = testing_run("s.py", "x = 1\nclass C: pass\n" FUNCTION);
    testing_execute("held = p['keep'], p['C']");
    testing_run("s.py", NULL);
    testing_check("held[0]() == 1 and held[0].__module__ == 's <run 1>'");
    testing_check(
        "pickle.loads(pickle.dumps(held[1])) is held[1] and held[1] is not p['C']");
    testing_check("p['C'].__module__ == '__main__'");
    testing_execute("del held");
    assert_int_equal(run_boundary(ledger), 0);
    check_freed(first);
    testing_check("'s <run 1>' not in sys.modules");
}

static void
a_run_whose_names_moved_one_by_one_is_labelled_whole_in_the_end(void **state)
{
    testing_run("s.py", "def f(): pass\ndef g(): pass\n");
    testing_execute("held = p['f'], p['g']");
    testing_run("t.py", "def f(): pass\n");
    testing_check("[f.__module__ for f in held] == ['s <run 1>', '__main__']");
    testing_run("s.py", "n = 1\n");
    testing_check("[f.__module__ for f in held] == ['s <run 1>', 's <run 1>']");
    testing_execute("del held");
}

static void
a_script_with_nothing_left_of_it_is_freed_at_once(void **state)
{
    check_freed(testing_run("s.py", "x = [1]\ny = x\n"));
    testing_check("p['x'] == [1]");
}

/* Scripts call `again(path)`, which runs a script in the same ledger. */
static PyObject *
again(PyObject *self, PyObject *path)
{
    AUTO_DECREF PyObject *no_args = PyList_New(0);
    const RunRequest request = { .path = path, .args = no_args };
    RunResult result = { 0 };
    if (run_exec(ledger, &request, &result) < 0)
        return NULL;
    PyObject *number = PyLong_FromLong(result.run->number);
    run_result_done(&result);
    return number;
}

static PyMethodDef again_def = { "again", again, METH_O, "Run a script." };

static int
begin_with_again(void **state)
{
    if (testing_run_begin(state) < 0)
        return -1;
    AUTO_DECREF PyObject *function = PyCFunction_New(&again_def, NULL);
    AUTO_DECREF PyObject *builtins = PyImport_ImportModule("builtins");
    return PyObject_SetAttrString(builtins, "again", function);
}

#define NESTED_TEST(test)                                                                  \
    cmocka_unit_test_setup_teardown(test, begin_with_again, testing_run_end)

static void
a_script_may_run_itself_and_the_one_that_left_last_is_current(void **state)
{
    testing_execute("sys.depth = 0");
    int number = testing_run("s.py", "import sys\nsys.depth += 1\ndepth = sys.depth\n"
                                     "if depth < 4: again(__file__)\n"
                                     "own = sys.modules['__main__'].__dict__ is globals()\n"
                                     "def keep(): return depth\n");
    assert_int_equal(number, 1);
    testing_check("error is None and sys.depth == 4");
    testing_check("p['depth'] == 1 and p['own'] and p['keep']() == 1");
    for (int n = 2; n <= 4; n++) {
        assert_true(find(n)->superseded);
        check_freed(n);
    }
    assert_false(find(1)->superseded);
}

static void
scripts_that_run_each_other_keep_their_own_worlds(void **state)
{
    testing_write("b.py", "import sys\nx = 'b'\nargv0 = sys.argv[0]\ndef fb(): return x\n");
    testing_run("a.py",
                "import os, sys\nx = 'a'\nagain(os.path.dirname(__file__) + '/b.py')\n"
                "argv_kept = sys.argv[0] == __file__\ndef fa(): return x\n");
    testing_check(
        "p['fa']() == 'a' and p['fb']() == 'b' and p['argv_kept'] and p['x'] == 'a'");
    testing_check("p['argv0'].endswith('b.py')");
}

static void
a_finalizer_may_run_the_script_again(void **state)
{
    testing_run("s.py", "class Last:\n"
                        "    def __del__(self):\n"
                        "        import sys\n"
                        "        if not hasattr(sys, 'nested'):\n"
                        "            sys.nested = again(self.file)\n"
                        "last = Last(); last.file = __file__\n");
    int number = testing_run("s.py", NULL);
    testing_check("sys.nested in (2, 3)");
    assert_false(find(number)->superseded);
    testing_check("p['last'].__class__ is p['Last']");
    testing_execute("p['last'] = None");
}

static void
finalizers_of_many_records_may_trim_the_ledger(void **state)
{
    testing_write("tiny.py", "");
    testing_run("s.py", "class Last:\n"
                        "    def __del__(self):\n"
                        "        for _ in range(300): again(self.tiny)\n"
                        "last = Last(); last.tiny = __file__.replace('s.py', 'tiny.py')\n");
    testing_run("s.py", "x = 1\n");
    assert_true(ledger->count <= RUN_LEDGER_FREED + 4);
    testing_check("p['x'] == 1");
}

static void
threads_run_scripts_at_the_same_time(void **state)
{
    testing_write("t.py", "import time\nfor i in range(20):\n    time.sleep(0)\n"
                          "def keep(): return i\n");
    testing_execute("import threading\nsys.setswitchinterval(1e-5)");
    AUTO_DECREF PyObject *path = testing_path("t.py");
    assert_int_equal(PyDict_SetItemString(testing_namespace(), "script", path), 0);
    testing_execute("def many():\n    for _ in range(30): again(script)\n"
                    "threads = [threading.Thread(target=many) for _ in range(4)]\n"
                    "for t in threads: t.start()\n"
                    "for t in threads: t.join()\n"
                    "sys.setswitchinterval(5e-3)");
    int live = 0;
    for (size_t i = 0; i < ledger->count; i++)
        live += !ledger->runs[i]->superseded;
    assert_int_equal(live, 1);
    assert_null(ledger->scopes);
    testing_check("p['keep']() == 19");
}

static void
in_the_prompt_a_script_has_the_prompts_names_and_its_file(void **state)
{
    const RunRequest in_prompt = { .in_prompt = true };
    testing_execute("p['x'] = 1; p['__file__'] = 'mine'");
    int number = testing_run_with("s.py", "x += 1\nwhere = __file__\n", in_prompt);
    assert_true(find(number)->in_prompt);
    testing_check(
        "p['x'] == 2 and p['where'].endswith('s.py') and p['__file__'] == 'mine'");
    testing_execute("del p['__file__']");
    testing_run_with("s.py", NULL, in_prompt);
    testing_check("p['x'] == 3 and '__file__' not in p");
}

static void
a_prompt_without_a_module_has_no_scripts_in_it(void **state)
{
    AUTO_DECREF PyObject *prompt = PyDict_New();
    AUTO(run_ledger_free) RunLedger *own = run_ledger_new(prompt, NULL);
    RunLedger *outer = ledger;
    ledger = own;
    int r = testing_run_with("s.py", "x = 1\n", (RunRequest){ .in_prompt = true });
    ledger = outer;
    assert_int_equal(r, -1);
    testing_raised(PyExc_ValueError);
    assert_int_equal(own->count, 0);
}

static void
not_as_main_a_script_has_its_own_name(void **state)
{
    testing_run_with("s.py", "name = __name__\n", (RunRequest){ .not_main = true });
    testing_check("p['name'] == 's'");
}

static void
in_the_prompt_and_not_as_main_a_script_has_its_own_name(void **state)
{
    testing_run_with("s.py", "name = __name__\n",
                     (RunRequest){ .not_main = true, .in_prompt = true });
    testing_check("p['name'] == 's' and p['__name__'] == '__main__'");
}

/* Count the calls in `context`; every third one fails. */
static int
evaluate_counting(void *context, PyObject *code, PyObject *namespace)
{
    int *count = context;
    if (++*count % 3 == 0)
        return PyErr_SetNone(PyExc_KeyError), -1;
    AUTO_DECREF PyObject *none = PyEval_EvalCode(code, namespace, namespace);
    return none == NULL ? -1 : 0;
}

static void
code_is_executed_by_who_asks_for_that(void **state)
{
    int count = 1;
    const RunRequest request = { .evaluate = evaluate_counting, .context = &count };
    int first = testing_run_with("s.py", "x = 1\n", request);
    testing_check("p['x'] == 1 and error is None");
    assert_int_equal(find(first)->status, RUN_OK);
    int second = testing_run_with("s.py", NULL, request);
    testing_check("'x' not in p and type(error) is KeyError");
    assert_int_equal(find(second)->status, RUN_ERROR);
    assert_int_equal(count, 3);
}

static void
repetitions_are_one_run_up_to_a_failure(void **state)
{
    int count = 0;
    RunRequest request = { .evaluate = evaluate_counting,
                           .context = &count,
                           .repetitions = 2 };
    testing_execute("refs = []; import builtins, weakref; builtins.refs = refs");
    int number =
        testing_run_with("s.py",
                         "class C: pass\nimport weakref\nn = globals().get('n', 0) + 1\n"
                         "c = C(); c.c = c\nrefs.append(weakref.ref(c))\n",
                         request);
    assert_int_equal(count, 2);
    assert_int_equal(find(number)->number, number);
    testing_check("p['n'] == 1 and [r() is None for r in refs] == [True, False]");
    request.repetitions = 9;
    count = 0;
    int again = testing_run_with("s.py", NULL, request);
    assert_int_equal(again, number + 1);
    assert_int_equal(count, 3);
    testing_check("'n' not in p and type(error) is KeyError and len(refs) == 4");
    testing_execute("del builtins.refs");
}

static void
records_of_freed_runs_are_bounded(void **state)
{
    testing_write("s.py", "x = 1\n");
    for (int i = 0; i < 3 * RUN_LEDGER_FREED; i++)
        testing_run("s.py", NULL);
    assert_true(ledger->count <= RUN_LEDGER_FREED + 1);
    assert_int_equal(ledger->runs[ledger->count - 1]->number, 3 * RUN_LEDGER_FREED);
}

static void
retiring_takes_the_names_away_and_frees_the_run(void **state)
{
    int number = testing_run("s.py", "x = 1\n" FUNCTION);
    Run *r = run_ledger_find(ledger, number);
    assert_int_equal(run_exec_retire(ledger, r), 0);
    assert_int_equal(run_exec_retire(ledger, r), 0);
    testing_check("'x' not in p and 'keep' not in p");
    assert_int_equal(run_boundary(ledger), 0);
    check_freed(number);
}

static void
a_script_that_empties_its_namespace_does_no_harm(void **state)
{
    testing_run("s.py", "x = 1\nglobals().clear()\ny = 2\n");
    testing_check("error is None and 'x' not in p and p['y'] == 2");
    testing_run("s.py", NULL);
    testing_run("s.py", "import sys\nsys.modules.pop('__main__')\nz = 3\n");
    testing_check("p['z'] == 3");
}

/* Alive through its own namespace: 3.12.1 crashes where a `def` finds no memory. */
#define TORTURED "x = [1]\nkeep = globals()\nif x is None: other\n"

/* The script is compiled before, so that the parser of CPython is not what is tortured. */
static int
run_again(void)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *path = testing_path("s.py");
    AUTO_DECREF PyObject *no_args = PyList_New(0);
    const RunRequest request = { .path = path, .args = no_args };
    testing_resume(paused);
    RunResult result = { 0 };
    int r = run_exec(ledger, &request, &result);
    paused = testing_pause();
    AUTO_DECREF PyObject *type = Py_XNewRef(PyErr_Occurred());
    PyErr_Clear();
    run_result_done(&result);
    assert_null(ledger->scopes);
    testing_check("as_it_was()");
    for (size_t i = 0; i < ledger->count; i++) {
        assert_int_equal(ledger->runs[i]->users, 0);
        assert_true(ledger->runs[i]->sequence > 0);
    }
    assert_int_equal(run_boundary(ledger), 0);
    testing_resume(paused);
    if (r < 0 && type != NULL)
        PyErr_SetNone(type);
    return r;
}

static void
survives_every_failed_allocation(void **state)
{
    testing_run("s.py", TORTURED);
    TORTURE(run_again);
    testing_check("p['keep']['x'] == p['x'] == [1]");
}

static void
leaks_no_reference(void **state)
{
    testing_run("s.py", TORTURED);
    for (int i = 0; i < RUN_LEDGER_FREED + 10; i++)
        assert_int_equal(run_again(), 0);
    NO_REFLEAK(run_again);
    NO_REFLEAK_TORTURED(run_again);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        RUN_TEST(the_record_has_the_facts),
        RUN_TEST(what_a_script_ends_with_is_noted),
        RUN_TEST(names_made_before_an_error_are_published),
        RUN_TEST(what_can_not_start_changes_nothing),
        RUN_TEST(an_unchanged_script_is_not_compiled_again),
        RUN_TEST(a_changed_script_is_compiled_and_the_old_text_stays_findable),
        RUN_TEST(a_rerun_frees_the_earlier_run_before_it_starts),
        RUN_TEST(names_of_the_earlier_run_go_and_the_users_stay),
        RUN_TEST(with_keep_the_earlier_run_stays_until_one_succeeds),
        RUN_TEST(other_paths_to_the_same_file_are_the_same_script),
        RUN_TEST(what_is_held_lives_on_and_says_what_it_is),
        RUN_TEST(a_run_whose_names_moved_one_by_one_is_labelled_whole_in_the_end),
        RUN_TEST(a_script_with_nothing_left_of_it_is_freed_at_once),
        NESTED_TEST(a_script_may_run_itself_and_the_one_that_left_last_is_current),
        NESTED_TEST(scripts_that_run_each_other_keep_their_own_worlds),
        NESTED_TEST(a_finalizer_may_run_the_script_again),
        NESTED_TEST(finalizers_of_many_records_may_trim_the_ledger),
        NESTED_TEST(threads_run_scripts_at_the_same_time),
        RUN_TEST(in_the_prompt_a_script_has_the_prompts_names_and_its_file),
        RUN_TEST(a_prompt_without_a_module_has_no_scripts_in_it),
        RUN_TEST(not_as_main_a_script_has_its_own_name),
        RUN_TEST(in_the_prompt_and_not_as_main_a_script_has_its_own_name),
        RUN_TEST(code_is_executed_by_who_asks_for_that),
        RUN_TEST(repetitions_are_one_run_up_to_a_failure),
        RUN_TEST(records_of_freed_runs_are_bounded),
        RUN_TEST(retiring_takes_the_names_away_and_frees_the_run),
        RUN_TEST(a_script_that_empties_its_namespace_does_no_harm),
        RUN_TEST(survives_every_failed_allocation),
        RUN_TEST(leaks_no_reference),
    };
    return cmocka_run_group_tests(tests, testing_run_start, testing_stop);
}
