#include "session/typed.h"

#include "testing_session.h"

static PyObject *path;
static PyObject *failed_in;

static void
set_path(const char *name)
{
    Py_XSETREF(path, testing_path(name));
}

static int
stop(void **state)
{
    Py_CLEAR(path);
    Py_CLEAR(failed_in);
    return testing_session_stop(state);
}

static int
execute(void)
{
    AUTO_DECREF PyObject *where = NULL;
    int r = session_typed_execute(session, path, &where);
    Py_XSETREF(failed_in, TAKE(where));
    return r;
}

static const char notebook[] =
    "{\"cells\": [{\"cell_type\": \"markdown\", \"source\": \"# x\"},"
    "{\"cell_type\": \"code\", \"source\": [\"a = 1\\n\", \"b = 2\"]},"
    "{\"cell_type\": \"code\", \"source\": \"c = a + b\"}]}";

static void
a_notebooks_code_cells_are_executed_in_order(void **state)
{
    testing_write("n.ipynb", notebook);
    set_path("n.ipynb");
    assert_true(session_typed_is(path));
    assert_int_equal(execute(), 0);
    testing_check("p['c'] == 3 and shown.getvalue() == ''");
}

static void
an_error_ends_it_and_the_cell_is_named(void **state)
{
    testing_write("bad.ipynb",
                  "{\"cells\": [{\"cell_type\": \"code\", \"source\": \"1/0\"},"
                  "{\"cell_type\": \"code\", \"source\": \"never = 1\"}]}");
    set_path("bad.ipynb");
    assert_int_equal(execute(), -1);
    testing_raised(PyExc_ZeroDivisionError);
    AUTO_DECREF PyObject *end = testing_text("/bad.ipynb <cell 1>");
    assert_int_equal(PyUnicode_Tailmatch(failed_in, end, 0, PY_SSIZE_T_MAX, 1), 1);
    testing_check("'never' not in p");
}

static void
what_is_no_notebook_is_one_line(void **state)
{
    static const char *const texts[] = {
        "", "[]", "{}", "{\"cells\": [{\"cell_type\": \"code\"}]}",
        "{\"cells\": [], \"metadata\": {\"language_info\": {\"name\": \"julia\"}}}"
    };
    set_path("odd.ipynb");
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        testing_write("odd.ipynb", texts[i]);
        assert_int_equal(execute(), -1);
        assert_null(failed_in);
        testing_raised(PyExc_ValueError);
    }
}

static void
a_text_with_magics_is_executed_cell_by_cell(void **state)
{
    testing_write("t.ipy", "x = 5\n%time y = x\nz = y + 1\n");
    set_path("t.ipy");
    assert_int_equal(execute(), 0);
    testing_check("p['x'] == 5 and p['z'] == 6");
}

static void
survives_every_failed_allocation(void **state)
{
    testing_write("n.ipynb", notebook);
    testing_write("s.ipy", "x = 5\ny = x\n");
    set_path("n.ipynb");
    TORTURE(execute);
    set_path("s.ipy");
    TORTURE(execute);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    set_path("n.ipynb");
    NO_REFLEAK_TORTURED(execute);
    set_path("s.ipy");
    NO_REFLEAK_TORTURED(execute);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(a_notebooks_code_cells_are_executed_in_order),
        SESSION_TEST(an_error_ends_it_and_the_cell_is_named),
        SESSION_TEST(what_is_no_notebook_is_one_line),
        SESSION_TEST(a_text_with_magics_is_executed_cell_by_cell),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, testing_session_start, stop);
}
