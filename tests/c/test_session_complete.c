#include "session/complete.h"

#include "session/magic.h"
#include "session/registry.h"
#include "testing_session.h"

static PyObject *line;

static int
complete(void)
{
    AUTO_DECREF PyObject *found = session_complete_all(session, line, 1000);
    if (found == NULL)
        return -1;
    long paused = testing_pause();
    PyDict_SetItemString(testing_namespace(), "found", found);
    testing_resume(paused);
    return 0;
}

static void
finds(const char *text, const char *check)
{
    Py_XSETREF(line, testing_text(text));
    assert_int_equal(complete(), 0);
    testing_check(check);
}

static int
stop(void **state)
{
    Py_CLEAR(line);
    return testing_session_stop(state);
}

static void
the_prompts_names_and_magics_are_found(void **state)
{
    testing_execute("p['some_name'] = {'key': 1}");
    finds("some_n", "found == ('some_n', ['some_name'])");
    finds("some_name['k", "found == (\"'k\", [\"'key'\"])");
    finds("%xde", "found == ('xde', ['xdel'])");
    finds("%tb --f", "found == ('--f', ['--free'])");
}

static void
registered_magics_are_found_too(void **state)
{
    testing_execute("p['some_name'] = 1\n"
                    "ip.register_magic_function(lambda line: 1, 'line', 'my_magic')");
    finds("%my_m", "found == ('my_m', ['my_magic'])");
    finds("%my_magic some_n", "found == ('some_n', ['some_name'])");
}

static void
survives_every_failed_allocation(void **state)
{
    static const char *const texts[] = { "some_n", "%xde", "%tb --f", "xmode P" };
    testing_spare_library();
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        Py_XSETREF(line, testing_text(texts[i]));
        TORTURE(complete);
        NO_REFLEAK(complete);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(the_prompts_names_and_magics_are_found),
        SESSION_TEST(registered_magics_are_found_too),
        SESSION_TEST(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, testing_session_start, stop);
}
