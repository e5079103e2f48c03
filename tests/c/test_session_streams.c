#include "session/streams.h"

#include "testing_session.h"

/* What `statements` do to the streams, put back; what is said of it is `noted`. */
static int
disturb(const char *statements)
{
    SessionStreams streams = session_streams_take();
    long paused = testing_pause();
    testing_execute(statements);
    testing_resume(paused);
    AUTO_DECREF PyObject *said = NULL;
    session_streams_restore(&streams, &said);
    paused = testing_pause();
    assert_int_equal(
        PyDict_SetItemString(testing_namespace(), "noted", said ? said : Py_None), 0);
    testing_resume(paused);
    return 0;
}

static void
a_stream_that_was_replaced_or_deleted_is_the_old_one_again(void **state)
{
    disturb("sys.stdout = io.StringIO()\ndel sys.stderr");
    testing_check("sys.stdout is shown and sys.stderr is said");
    testing_check("noted == 'sys.stdout, sys.stderr'");
}

static void
what_replaced_it_is_flushed(void **state)
{
    testing_execute("raw = io.BytesIO(); other = io.TextIOWrapper(raw)");
    disturb("sys.stdout = other\nother.write('late')");
    testing_check("raw.getvalue() == b'late'");
}

static void
nothing_is_noted_where_nothing_changed(void **state)
{
    disturb("pass");
    testing_check("noted is None");
}

static int
replace(void)
{
    int r = disturb("sys.stdout = io.StringIO()");
    long paused = testing_pause();
    testing_execute("sys.stdout = shown");
    testing_resume(paused);
    return r;
}

static int
take(void)
{
    SessionStreams streams = session_streams_take();
    session_streams_done(&streams);
    return 0;
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(replace);
    TORTURE(take);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    NO_REFLEAK_TORTURED(replace);
    NO_REFLEAK_TORTURED(take);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(a_stream_that_was_replaced_or_deleted_is_the_old_one_again),
        SESSION_TEST(what_replaced_it_is_flushed),
        SESSION_TEST(nothing_is_noted_where_nothing_changed),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, testing_session_start, testing_session_stop);
}
