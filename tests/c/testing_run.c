#include "testing_run.h"

#include "run/link.h"

RunLedger *ledger;

int
testing_run_start(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    testing_spare_library();
    testing_execute("import gc, linecache, pickle, sys, types, weakref\n"
                    "sys.path.insert(0, '')\n"
                    "path, argv = list(sys.path), sys.argv\n"
                    "def as_it_was():\n"
                    "    return (sys.modules['__main__'] is main and sys.argv is argv\n"
                    "            and sys.path == path)");
    return 0;
}

int
testing_run_begin(void **state)
{
    testing_execute("main = types.ModuleType('__main__'); p = vars(main)\n"
                    "sys.modules['__main__'] = main");
    AUTO_DECREF PyObject *prompt = testing_evaluate("p");
    AUTO_DECREF PyObject *module = testing_evaluate("main");
    ledger = run_ledger_new(prompt, module);
    return ledger == NULL ? -1 : 0;
}

int
testing_run_end(void **state)
{
    testing_check("as_it_was()");
    run_ledger_free(TAKE(ledger));
    testing_execute("p.clear(); gc.collect()\n"
                    "for key in [key for key in sys.modules if '<run' in key]:\n"
                    "    del sys.modules[key]");
    return 0;
}

int
testing_run_with(const char *name, const char *text, RunRequest options)
{
    if (text)
        testing_write(name, text);
    AUTO_DECREF PyObject *path = testing_path(name);
    AUTO_DECREF PyObject *no_args = PyList_New(0);
    options.path = path;
    if (options.args == NULL)
        options.args = no_args;
    RunResult result = { 0 };
    if (run_exec(ledger, &options, &result) < 0)
        return -1;
    int number = result.run->number;
    PyObject *error = result.error ? result.error : Py_None;
    assert_int_equal(PyDict_SetItemString(testing_namespace(), "error", error), 0);
    run_result_done(&result);
    return number;
}

int
testing_run(const char *name, const char *text)
{
    int number = testing_run_with(name, text, (RunRequest){ 0 });
    if (number < 0)
        PyErr_Print();
    assert_true(number > 0);
    assert_null(PyErr_Occurred());
    return number;
}

int
testing_prompt(const char *statement)
{
    BORROWED PyObject *prompt = ledger->prompt;
    AUTO_DECREF PyObject *none = PyRun_String(statement, Py_file_input, prompt, prompt);
    if (none == NULL) {
        PyErr_Print();
        fail_msg("%s", statement);
    }
    int changed = run_link_sync(ledger);
    assert_null(PyErr_Occurred());
    return changed;
}

void
testing_bind_module(const char *name, int number)
{
    BORROWED Run *r = run_ledger_find(ledger, number);
    assert_non_null(r);
    AUTO_DECREF PyObject *module = NULL;
    assert_true(run_ledger_module(r, &module) >= 0);
    assert_int_equal(
        PyDict_SetItemString(testing_namespace(), name, module ? module : Py_None), 0);
}
