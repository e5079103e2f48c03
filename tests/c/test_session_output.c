#include "session/output.h"

#include "testing_session.h"

static PyObject *value;

static int
show(const char *expression)
{
    Py_XSETREF(value, testing_evaluate(expression));
    assert_non_null(value);
    return session_output_show(session, value);
}

static int
stop(void **state)
{
    Py_CLEAR(value);
    return testing_session_stop(state);
}

static void
a_value_is_shown_with_its_number_and_kept(void **state)
{
    session->count = 7;
    assert_int_equal(show("[1, 2]"), 0);
    testing_check("shown.getvalue() == 'Out[7]: [1, 2]\\n' and p['Out'][7] == [1, 2]");
}

static void
none_and_what_a_semicolon_follows_are_not(void **state)
{
    assert_int_equal(show("None"), 0);
    session->quiet = true;
    assert_int_equal(show("5"), 0);
    session->quiet = false;
    testing_check("shown.getvalue() == ''");
}

static void
exit_ends_the_session_when_it_is_shown(void **state)
{
    assert_int_equal(show("exit"), -1);
    testing_raised(PyExc_SystemExit);
}

static void
what_the_stream_can_not_encode_is_written_with_backslashes(void **state)
{
    testing_execute("raw = io.BytesIO()\n"
                    "sys.stdout = io.TextIOWrapper(raw, 'ascii', write_through=True)");
    AUTO_DECREF PyObject *text = PyUnicode_FromString("a\u00e9\n");
    assert_int_equal(session_output_write(text), 0);
    testing_check("raw.getvalue() == b'a\\\\xe9\\n'");
}

static void
without_a_standard_output_nothing_is_written(void **state)
{
    testing_execute("sys.stdout = None");
    AUTO_DECREF PyObject *text = PyUnicode_FromString("text");
    assert_int_equal(session_output_write(text), 0);
}

static int
show_again(void)
{
    return session_output_show(session, value);
}

static int
write_escaped(void)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *text = PyUnicode_FromString("a\u00e9\n");
    testing_execute("raw = io.BytesIO()\n"
                    "sys.stdout = io.TextIOWrapper(raw, 'ascii', write_through=True)");
    testing_resume(paused);
    return session_output_write(text);
}

static void
survives_every_failed_allocation(void **state)
{
    assert_int_equal(show("[1, 'a', 2.5]"), 0);
    TORTURE(show_again);
    TORTURE(write_escaped);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    assert_int_equal(show("[1, 'a', 2.5]"), 0);
    NO_REFLEAK_TORTURED(show_again);
    NO_REFLEAK_TORTURED(write_escaped);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(a_value_is_shown_with_its_number_and_kept),
        SESSION_TEST(none_and_what_a_semicolon_follows_are_not),
        SESSION_TEST(exit_ends_the_session_when_it_is_shown),
        SESSION_TEST(what_the_stream_can_not_encode_is_written_with_backslashes),
        SESSION_TEST(without_a_standard_output_nothing_is_written),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, testing_session_start, stop);
}
