#include "session/cell.h"

#include "testing_session.h"

static void
a_cell_is_executed_in_the_prompts_names(void **state)
{
    assert_int_equal(testing_cell("x = 6\nx * 7"), 0);
    testing_check("p['x'] == 6 and 'Out[1]: 42' in shown.getvalue()");
}

static void
what_a_cell_raises_is_reported_and_not_left_pending(void **state)
{
    assert_int_equal(testing_cell("1 / 0"), 1);
    assert_null(PyErr_Occurred());
    testing_check("'ZeroDivisionError' in said.getvalue()");
}

static void
what_does_not_compile_is_reported(void **state)
{
    assert_int_equal(testing_cell("x ="), 1);
    testing_check("'SyntaxError' in said.getvalue()");
}

static void
a_nul_character_is_refused(void **state)
{
    AUTO_DECREF PyObject *text = PyUnicode_FromStringAndSize("a\0b", 3);
    Cell cell = { .text = text, .line = 1 };
    assert_int_equal(session_cell_execute(session, &cell), -1);
    testing_raised(PyExc_ValueError);
}

static int
run_cell(void)
{
    (void)testing_cell("y = [1]\ny");
    return 0;
}

static int
run_failing_cell(void)
{
    (void)testing_cell("1 / 0");
    return 0;
}

static int
run_for_result(void)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *text = testing_text("z = 1");
    testing_resume(paused);
    Cell cell = { .text = text, .line = 1 };
    AUTO_DECREF PyObject *result = session_cell_run_result(session, &cell);
    return result == NULL ? -1 : 0;
}

static int
transform(void)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *text = testing_text("%who\nfiles = !ls\nlen?\n");
    testing_resume(paused);
    AUTO_DECREF PyObject *plain = session_cell_transform(session, text);
    return plain == NULL ? -1 : 0;
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(run_cell);
    TORTURE(run_failing_cell);
    TORTURE(run_for_result);
    TORTURE(transform);
    assert_int_equal(testing_cell("6 * 7"), 0);
    testing_check("p['_'] == 42");
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    NO_REFLEAK_TORTURED(run_cell);
    NO_REFLEAK_TORTURED(run_failing_cell);
    NO_REFLEAK_TORTURED(run_for_result);
    NO_REFLEAK_TORTURED(transform);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(a_cell_is_executed_in_the_prompts_names),
        SESSION_TEST(what_a_cell_raises_is_reported_and_not_left_pending),
        SESSION_TEST(what_does_not_compile_is_reported),
        SESSION_TEST(a_nul_character_is_refused),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, testing_session_start, testing_session_stop);
}
