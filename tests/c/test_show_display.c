#include "show/display.h"

#include "testing_python.h"

static PyObject *value;

static void
set_value(const char *expression)
{
    Py_XSETREF(value, testing_evaluate(expression));
    assert_non_null(value);
}

static int
start(void **state)
{
    int r = testing_start(state);
    testing_spare_library();
    return r;
}

static int
stop(void **state)
{
    Py_CLEAR(value);
    return testing_stop(state);
}

static void
is_shown_as(const char *expression, const char *text)
{
    set_value(expression);
    AUTO_DECREF PyObject *shown = display_text(value);
    assert_non_null(shown);
    assert_string_equal(PyUnicode_AsUTF8(shown), text);
}

static void
a_value_is_its_repr(void **state)
{
    is_shown_as("'a'", "'a'");
    is_shown_as("[1, 2]", "[1, 2]");
    is_shown_as("'x' * 70",
                "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                "xxxxxx'");
}

static void
a_long_container_is_laid_out_in_rows_in_its_order(void **state)
{
    is_shown_as("{'b' * 40: 1, 'a' * 40: 2}",
                "{'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb': 1,\n"
                " 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa': 2}");
}

static void
a_repr_that_raises_is_an_error(void **state)
{
    testing_execute("class Hostile:\n    def __repr__(self): raise LookupError");
    set_value("Hostile()");
    assert_null(display_text(value));
    testing_raised(PyExc_LookupError);
}

static int
display(void)
{
    AUTO_DECREF PyObject *text = display_text(value);
    return text == NULL ? -1 : 0;
}

static void
survives_every_failed_allocation(void **state)
{
    set_value("['b' * 40, 'a' * 40]");
    TORTURE(display);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    set_value("['b' * 40, 'a' * 40]");
    NO_REFLEAK_TORTURED(display);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_its_repr),
        cmocka_unit_test(a_long_container_is_laid_out_in_rows_in_its_order),
        cmocka_unit_test(a_repr_that_raises_is_an_error),
        cmocka_unit_test(survives_every_failed_allocation),
        cmocka_unit_test(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
