#include "session/report.h"

#include "testing_session.h"

/* Raise what the expression is. */
static void
raise(const char *expression)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *error = testing_evaluate(expression);
    assert_non_null(error);
    testing_resume(paused);
    PyErr_SetObject((PyObject *)Py_TYPE(error), error);
}

static void
an_error_is_shown_and_kept(void **state)
{
    raise("LookupError('of mine')");
    session_report(session, NULL);
    assert_null(PyErr_Occurred());
    testing_check("said.getvalue() == 'LookupError: of mine\\n'");
    testing_check("type(sys.last_value) is LookupError");
}

static void
systemexit_asks_the_session_to_exit(void **state)
{
    raise("SystemExit(3)");
    session_report(session, NULL);
    assert_true(session->exiting);
    assert_int_equal(session->exit_status, 3);
    testing_check("said.getvalue() == ''");
}

static int
status_of(const char *expression)
{
    AUTO_DECREF PyObject *error = testing_evaluate(expression);
    return session_exit_status(error);
}

static void
the_status_of_systemexit_is_the_interpreters(void **state)
{
    assert_int_equal(status_of("SystemExit()"), 0);
    assert_int_equal(status_of("SystemExit(5)"), 5);
    assert_int_equal(status_of("SystemExit(1 << 80)"), -1);
    assert_int_equal(status_of("SystemExit('a text')"), 1);
    testing_check("said.getvalue() == 'a text\\n'");
}

static void
nobody_is_told_where_standard_error_is_broken(void **state)
{
    testing_execute("sys.stderr = 5");
    session_say("nobody hears %s", "this");
    testing_execute("sys.stderr = None");
    session_say("nor this");
    assert_null(PyErr_Occurred());
}

static void
what_is_said_keeps_a_pending_exception(void **state)
{
    PyErr_SetString(PyExc_KeyError, "pending");
    session_say("a line");
    testing_raised(PyExc_KeyError);
    testing_check("said.getvalue() == 'a line\\n'");
}

static void
an_excepthook_of_the_users_shows_the_error_unless_it_fails(void **state)
{
    testing_execute("ours, seen = sys.excepthook, []\n"
                    "sys.excepthook = lambda type, value, traceback: seen.append(value)");
    raise("LookupError(1)");
    session_report(session, NULL);
    testing_check("said.getvalue() == '' and len(seen) == 1");
    testing_execute("sys.excepthook = lambda: None");
    raise("LookupError(1)");
    session_report(session, NULL);
    testing_execute("sys.excepthook = ours");
    testing_check("'sys.excepthook failed' in said.getvalue()");
    testing_check("'LookupError: 1' in said.getvalue()");
}

static int
report(void)
{
    raise("LookupError('of mine')");
    session_report(session, NULL);
    session_say("%s", "a line");
    return 0;
}

static int
note(void)
{
    PyObject *list = NULL;
    session_report_note(&list, "one");
    session_report_note(&list, "two");
    Py_XDECREF(list);
    return 0;
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(report);
    TORTURE(note);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    NO_REFLEAK_TORTURED(report);
    NO_REFLEAK_TORTURED(note);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(an_error_is_shown_and_kept),
        SESSION_TEST(systemexit_asks_the_session_to_exit),
        SESSION_TEST(the_status_of_systemexit_is_the_interpreters),
        SESSION_TEST(nobody_is_told_where_standard_error_is_broken),
        SESSION_TEST(what_is_said_keeps_a_pending_exception),
        SESSION_TEST(an_excepthook_of_the_users_shows_the_error_unless_it_fails),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, testing_session_start, testing_session_stop);
}
