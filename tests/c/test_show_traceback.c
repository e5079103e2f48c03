#include "show/traceback.h"

#include "testing_python.h"

static PyObject *error;
static TracebackMode mode;

static int
make_error(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    testing_spare_library();
    testing_execute(
        "import io, linecache, sys, traceback\nsaid = io.StringIO()\n"
        "text = 'def f(there=[0, 1]):\\n    return 1 / 0\\n\\nf()\\n'\n"
        "linecache.cache['t.py'] = len(text), None, text.splitlines(True), 't.py'\n"
        "def fail():\n"
        "    try: exec(compile(text, 't.py', 'exec'), {})\n"
        "    except ZeroDivisionError as e: return e\n"
        "class Hostile(Exception):\n"
        "    def __str__(self): raise LookupError\n"
        "class Worse(Exception):\n"
        "    @property\n"
        "    def __cause__(self): raise LookupError\n");
    error = testing_evaluate("fail()");
    return error == NULL ? -1 : 0;
}

static int
drop_error(void **state)
{
    Py_CLEAR(error);
    return testing_stop(state);
}

static int
begin(void **state)
{
    Py_SETREF(error, testing_evaluate("fail()"));
    testing_execute("said.seek(0); said.truncate(); sys.stderr = said");
    return 0;
}

static int
end(void **state)
{
    testing_execute("sys.stderr = sys.__stderr__");
    return 0;
}

static int
lines(void)
{
    AUTO_DECREF PyObject *result = traceback_lines(error, mode);
    if (result == NULL)
        return -1;
    long paused = testing_pause();
    assert_int_equal(PyDict_SetItemString(testing_namespace(), "lines", result), 0);
    testing_resume(paused);
    return 0;
}

static void
frames_before_the_files_own_are_left_out(void **state)
{
    AUTO_DECREF PyObject *file = testing_text("t.py");
    traceback_start_at(error, file);
    mode = TRACEBACK_PLAIN;
    assert_int_equal(lines(), 0);
    testing_check("lines[1:3] == ['  File \"t.py\", line 4, in <module>', '    f()']");
}

static void
each_mode_shows_what_it_says(void **state)
{
    mode = TRACEBACK_CONTEXT;
    assert_int_equal(lines(), 0);
    testing_check("'--->    2     return 1 / 0' in lines and '        1 def f(there=[0, "
                  "1]):' in lines");
    mode = TRACEBACK_VERBOSE;
    assert_int_equal(lines(), 0);
    testing_check("'          there = [0, 1]' in lines");
    mode = TRACEBACK_MINIMAL;
    assert_int_equal(lines(), 0);
    testing_check("lines == ['ZeroDivisionError: division by zero']");
}

static void
a_hostile_exception_is_at_least_named(void **state)
{
    AUTO_DECREF PyObject *hostile = testing_evaluate("Hostile()");
    traceback_print(hostile, TRACEBACK_PLAIN);
    testing_check("'Hostile' in said.getvalue()");
    AUTO_DECREF PyObject *worse = testing_evaluate("Worse()");
    traceback_print(worse, TRACEBACK_CONTEXT);
    testing_check("'Worse' in said.getvalue()");
    assert_null(PyErr_Occurred());
}

static void
printing_keeps_a_pending_exception(void **state)
{
    PyErr_SetString(PyExc_KeyError, "pending");
    traceback_print(error, TRACEBACK_PLAIN);
    testing_raised(PyExc_KeyError);
    testing_check("'ZeroDivisionError' in said.getvalue()");
}

static int
print(void)
{
    traceback_print(error, mode);
    return 0;
}

static int
start_at(void)
{
    long paused = testing_pause();
    Py_SETREF(error, testing_evaluate("fail()"));
    AUTO_DECREF PyObject *file = testing_text("t.py");
    testing_resume(paused);
    traceback_start_at(error, file);
    return 0;
}

static void
survives_every_failed_allocation(void **state)
{
    for (mode = TRACEBACK_PLAIN; mode <= TRACEBACK_MINIMAL; mode++) {
        TORTURE(lines);
        TORTURE(print);
    }
    TORTURE(start_at);
}

/* The class of the Context mode is left out: CPython 3.11 leaves classes behind that fail to be
 * made. */
static void
leaks_no_reference_when_it_fails(void **state)
{
    mode = TRACEBACK_PLAIN;
    NO_REFLEAK_TORTURED(lines);
    NO_REFLEAK_TORTURED(print);
    NO_REFLEAK_TORTURED(start_at);
    mode = TRACEBACK_CONTEXT;
    NO_REFLEAK(lines);
}

#define TRACEBACK_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TRACEBACK_TEST(frames_before_the_files_own_are_left_out),
        TRACEBACK_TEST(each_mode_shows_what_it_says),
        TRACEBACK_TEST(a_hostile_exception_is_at_least_named),
        TRACEBACK_TEST(printing_keeps_a_pending_exception),
        TRACEBACK_TEST(survives_every_failed_allocation),
        TRACEBACK_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, make_error, drop_error);
}
