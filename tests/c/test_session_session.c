#include "session/session.h"

#include "magic/table.h"
#include "testing_session.h"

static void
the_prompt_is_the_interpreters_main_module(void **state)
{
    testing_check("sys.modules['__main__'].__dict__ is p");
    testing_check("p['In'] == [''] and p['Out'] == {} and p['_'] == ''");
    testing_check("not hasattr(sys.modules['__main__'], '__file__')");
}

static void
a_name_of_the_prompt_or_of_builtins_is_a_variable(void **state)
{
    testing_execute("p['mine'] = 1");
    assert_true(session_has_variable(session, "mine", 4));
    assert_true(session_has_variable(session, "len", 3));
    assert_false(session_has_variable(session, "nobodys", 7));
    assert_false(session_has_variable(session, "\xff", 1));
    assert_null(PyErr_Occurred());
}

static void
an_error_is_kept_until_the_next_one_and_no_longer(void **state)
{
    testing_execute("import weakref\nclass Kept(Exception): pass\nerror = Kept()\n"
                    "seen = weakref.ref(error)");
    PyObject *error = testing_evaluate("error");
    session_keep_error(session, error);
    Py_DECREF(error);
    testing_execute("del error");
    testing_check("sys.last_value is seen() and sys.last_type is Kept");
    session_keep_error(session, NULL);
    testing_check("seen() is None and not hasattr(sys, 'last_value')");
}

static int
keep_an_error(void)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *error = testing_evaluate("ValueError('kept')");
    assert_non_null(error);
    testing_resume(paused);
    session_keep_error(session, error);
    (void)session_has_variable(session, "mine", 4);
    session_keep_error(session, NULL);
    return 0;
}

static int
read_the_mains_file(void)
{
    AUTO_DECREF PyObject *file = PyObject_GetAttrString(session->module, "__file__");
    assert_null(file);
    if (!PyErr_ExceptionMatches(PyExc_AttributeError))
        return -1;
    PyErr_Clear();
    return 0;
}

/* A second one beside the one under test; whatever is the interpreter's is put back. */
static int
make_another(void)
{
    static const SessionFront front = { 0 };
    long paused = testing_pause();
    testing_execute("import builtins, threading\n"
                    "before = dict(vars(builtins)), list(sys.path), sys.ps1, sys.ps2, \\\n"
                    "    sys.displayhook, sys.excepthook, sys.__excepthook__, \\\n"
                    "    sys.unraisablehook, threading.excepthook, dict(p)");
    testing_resume(paused);
    Session *s = session_new(&front, magic_table);
    paused = testing_pause();
    AUTO_DECREF PyObject *raised = Py_XNewRef(PyErr_Occurred());
    PyErr_Clear();
    session_free(s);
    testing_execute("builtins.__dict__.clear(); builtins.__dict__.update(before[0])\n"
                    "sys.path[:], sys.ps1, sys.ps2, sys.displayhook = before[1:5]\n"
                    "sys.excepthook, sys.__excepthook__, sys.unraisablehook = before[5:8]\n"
                    "threading.excepthook = before[8]\n"
                    "p.clear(); p.update(before[9]); del before\n"
                    "sys.meta_path[:] = [f for f in sys.meta_path if isinstance(f, type)]");
    testing_resume(paused);
    if (s == NULL && raised != NULL)
        PyErr_SetNone(raised);
    return s == NULL ? -1 : 0;
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(keep_an_error);
    TORTURE(read_the_mains_file);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    NO_REFLEAK_TORTURED(keep_an_error);
    NO_REFLEAK_TORTURED(read_the_mains_file);
}

/* Not on 3.13, whose dict of a class that fails to be made is broken for the collector. */
static void
it_comes_to_be_whole_or_not_at_all(void **state)
{
    AUTO_DECREF PyObject *older = testing_evaluate("sys.version_info < (3, 13)");
    if (older == Py_False)
        return;
    TORTURE(make_another);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(the_prompt_is_the_interpreters_main_module),
        SESSION_TEST(a_name_of_the_prompt_or_of_builtins_is_a_variable),
        SESSION_TEST(an_error_is_kept_until_the_next_one_and_no_longer),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
        SESSION_TEST(it_comes_to_be_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, testing_session_start, testing_session_stop);
}
