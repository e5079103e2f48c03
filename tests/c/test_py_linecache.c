#include "py/linecache.h"

#include "testing_python.h"

static int
import_linecache(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    testing_execute("import linecache, traceback");
    return 0;
}

static void
set(const char *filename, const char *content)
{
    AUTO_DECREF PyObject *name = testing_text(filename);
    AUTO_DECREF PyObject *text = testing_text(content);
    assert_int_equal(linecache_set(name, text), 0);
}

static void
the_text_is_found_line_by_line(void **state)
{
    set("<cell 1>", "one\ntwo\n");
    testing_check("linecache.getlines('<cell 1>') == ['one\\n', 'two\\n']");
    testing_check("linecache.getline('<cell 1>', 2) == 'two\\n'");
    testing_check("linecache.getline('<cell 1>', 3) == ''");
}

static void
the_last_line_gets_a_newline(void **state)
{
    set("<cell 1>", "one\n\nthree");
    testing_check("linecache.getlines('<cell 1>') == ['one\\n', '\\n', 'three\\n']");
    set("<cell 1>", "alone");
    testing_check("linecache.getlines('<cell 1>') == ['alone\\n']");
}

static void
lines_of_other_systems_end_as_in_a_text_file(void **state)
{
    set("<cell 1>", "one\r\ntwo\rthree\n");
    testing_check("linecache.getlines('<cell 1>') == ['one\\n', 'two\\n', 'three\\n']");
}

static void
other_separators_are_no_line_ends(void **state)
{
    set("<cell 1>", "a\x0c\xe2\x80\xa8g\n\xf0\x9f\x90\x8d\n");
    testing_check(
        "linecache.getlines('<cell 1>') == ['a\\x0c\\u2028g\\n', '\\U0001f40d\\n']");
}

static void
an_empty_text_has_no_lines(void **state)
{
    set("<cell 1>", "");
    testing_check("linecache.getlines('<cell 1>') == []");
}

static void
a_check_of_the_files_leaves_the_text_alone(void **state)
{
    set("/no/such/file.py", "was there\n");
    testing_execute("linecache.checkcache()");
    testing_check("linecache.getline('/no/such/file.py', 1) == 'was there\\n'");
}

static void
a_forgotten_text_is_gone_and_may_be_forgotten_again(void **state)
{
    set("<cell 2>", "two\n");
    AUTO_DECREF PyObject *name = testing_text("<cell 2>");
    assert_int_equal(linecache_discard(name), 0);
    assert_int_equal(linecache_discard(name), 0);
    testing_check("'<cell 2>' not in linecache.cache");
}

static void
a_cache_that_is_none_is_an_error(void **state)
{
    testing_execute("saved = linecache.cache; linecache.cache = None");
    AUTO_DECREF PyObject *name = testing_text("<cell 3>");
    assert_int_equal(linecache_set(name, name), -1);
    testing_raised(PyExc_TypeError);
    testing_execute("linecache.cache = saved");
}

static int
set_and_discard(void)
{
    AUTO_DECREF PyObject *name = PyUnicode_FromFormat("<cell %d>", 9);
    AUTO_DECREF PyObject *text = PyUnicode_FromString("one\r\ntwo\rthree");
    if (name == NULL || text == NULL || linecache_set(name, text) < 0)
        return -1;
    return linecache_discard(name);
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(set_and_discard);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    NO_REFLEAK_TORTURED(set_and_discard);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_is_found_line_by_line),
        cmocka_unit_test(the_last_line_gets_a_newline),
        cmocka_unit_test(lines_of_other_systems_end_as_in_a_text_file),
        cmocka_unit_test(other_separators_are_no_line_ends),
        cmocka_unit_test(an_empty_text_has_no_lines),
        cmocka_unit_test(a_check_of_the_files_leaves_the_text_alone),
        cmocka_unit_test(a_forgotten_text_is_gone_and_may_be_forgotten_again),
        cmocka_unit_test(a_cache_that_is_none_is_an_error),
        cmocka_unit_test(survives_every_failed_allocation),
        cmocka_unit_test(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, import_linecache, testing_stop);
}
