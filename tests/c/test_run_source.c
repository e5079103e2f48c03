#include "run/source.h"

#include "testing_python.h"

static int
import_linecache(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    testing_spare_library();
    testing_execute("import linecache, sys, traceback");
    return 0;
}

/* Read `name`, which must be there. */
static PyObject *
read_file(const char *name)
{
    AUTO_DECREF PyObject *path = testing_path(name);
    AUTO_DECREF PyObject *found = NULL;
    PyObject *bytes = run_source_read(path, &found);
    assert_non_null(bytes);
    return bytes;
}

/* The source of the text, as if it were the file s.py. */
static RunSource *
source_of(const char *text)
{
    AUTO_DECREF PyObject *path = testing_path("s.py");
    AUTO_DECREF PyObject *bytes = PyBytes_FromString(text);
    assert_non_null(bytes);
    return run_source_new(path, bytes);
}

static void
refused(const char *bytes, size_t length, PyObject *type)
{
    AUTO_DECREF PyObject *path = testing_path("s.py");
    AUTO_DECREF PyObject *content = PyBytes_FromStringAndSize(bytes, (Py_ssize_t)length);
    assert_null(run_source_new(path, content));
    testing_raised(type);
}

static void
bind(const char *name, PyObject *value)
{
    assert_int_equal(PyDict_SetItemString(testing_namespace(), name, value), 0);
}

static void
a_file_is_found_by_its_name_as_it_is(void **state)
{
    testing_write("s.py", "x = 1\n");
    AUTO_DECREF PyObject *path = testing_path("s.py");
    AUTO_DECREF PyObject *found = NULL;
    AUTO_DECREF PyObject *bytes = run_source_read(path, &found);
    assert_string_equal(PyBytes_AsString(bytes), "x = 1\n");
    assert_int_equal(PyUnicode_Compare(found, path), 0);
}

static void
a_missing_suffix_is_added(void **state)
{
    testing_write("s.py", "x = 1\n");
    AUTO_DECREF PyObject *path = testing_path("s");
    AUTO_DECREF PyObject *with_suffix = testing_path("s.py");
    AUTO_DECREF PyObject *found = NULL;
    AUTO_DECREF PyObject *bytes = run_source_read(path, &found);
    assert_non_null(bytes);
    assert_int_equal(PyUnicode_Compare(found, with_suffix), 0);
}

static void
the_name_as_given_wins_over_the_one_with_a_suffix(void **state)
{
    testing_write("both", "x = 1\n");
    testing_write("both.py", "x = 2\n");
    AUTO_DECREF PyObject *bytes = read_file("both");
    assert_string_equal(PyBytes_AsString(bytes), "x = 1\n");
}

static void
what_can_not_be_read_is_the_oserror_that_fits(void **state)
{
    AUTO_DECREF PyObject *missing = testing_path("missing");
    AUTO_DECREF PyObject *folder = testing_path("");
    AUTO_DECREF PyObject *found = NULL;
    assert_null(run_source_read(missing, &found));
    testing_raised(PyExc_FileNotFoundError);
    assert_null(run_source_read(folder, &found));
    testing_raised(PyExc_IsADirectoryError);
    assert_null(found);
}

static void
a_text_is_decoded_by_its_cookie_and_its_mark(void **state)
{
    AUTO(run_source_unref) RunSource *latin = source_of("# coding: latin-1\nx = '\xe9'\n");
    AUTO(run_source_unref) RunSource *marked = source_of("\xef\xbb\xbfx = 1\n");
    AUTO(run_source_unref) RunSource *plain = source_of("x = '\xc3\xa9'\n");
    assert_non_null(latin);
    bind("text", latin->text);
    testing_check("text.endswith(\"x = '\\xe9'\\n\")");
    assert_non_null(marked);
    assert_string_equal(PyUnicode_AsUTF8(marked->text), "x = 1\n");
    assert_non_null(plain);
    bind("text", plain->text);
    testing_check("text == \"x = '\\xe9'\\n\"");
}

static void
what_is_no_source_is_refused(void **state)
{
    refused("x = \0", 5, PyExc_ValueError);
    refused("# coding: no-such\n", 18, PyExc_LookupError);
    refused("x = '\xff'\n", 8, PyExc_ValueError);
    refused("x = (\n", 6, PyExc_SyntaxError);
    refused("if x:\ny\n", 8, PyExc_IndentationError);
}

static void
no_future_flag_crosses_into_it(void **state)
{
    AUTO(run_source_unref) RunSource *s = source_of("def f(x: undefined_name): pass\n");
    assert_non_null(s);
    bind("code", s->code);
    testing_execute("from __future__ import annotations\nflags = code.co_flags");
    testing_check("not flags & __import__('__future__').annotations.compiler_flag");
}

static void
it_is_shown_under_its_path(void **state)
{
    AUTO(run_source_unref) RunSource *s = source_of("x = 1\n");
    assert_int_equal(run_source_show(s), 0);
    bind("filename", s->filename);
    testing_check(
        "filename.endswith('/s.py') and linecache.getlines(filename) == ['x = 1\\n']");
}

static void
labelled_code_says_so_at_every_depth_and_keeps_its_text(void **state)
{
    AUTO(run_source_unref) RunSource *s = source_of("def f():\n    return lambda: 1 / 0\n");
    assert_int_equal(run_source_label(s, 7), 0);
    bind("code", s->code);
    bind("filename", s->filename);
    testing_execute("ns = {}; exec(code, ns)\n"
                    "try: ns['f']()()\n"
                    "except ZeroDivisionError as e: shown = traceback.format_exc()\n");
    testing_check("filename.endswith('/s.py <run 7>')");
    testing_check("ns['f']().__code__.co_filename == filename");
    testing_check("'s.py <run 7>' in shown and 'return lambda: 1 / 0' in shown");
    testing_execute("del ns");
}

static void
a_label_is_given_once(void **state)
{
    AUTO(run_source_unref) RunSource *s = source_of("x = 1\n");
    assert_int_equal(run_source_label(s, 1), 0);
    assert_int_equal(run_source_label(s, 2), 0);
    bind("filename", s->filename);
    testing_check("filename.endswith('<run 1>')");
}

static void
the_last_user_takes_the_labelled_text_out_of_linecache(void **state)
{
    RunSource *s = source_of("x = 1\n");
    assert_int_equal(run_source_label(s, 1), 0);
    bind("filename", s->filename);
    RunSource *same = run_source_ref(s);
    run_source_unref(s);
    testing_check("filename in linecache.cache");
    PyErr_SetString(PyExc_KeyError, "pending");
    run_source_unref(same);
    testing_raised(PyExc_KeyError);
    testing_check("filename not in linecache.cache");
    run_source_unref(NULL);
}

static void
reads_are_the_globals_that_any_code_in_it_reads(void **state)
{
    AUTO(run_source_unref)
    RunSource *s = source_of(
        "import os\nassigned = 1\nat_top\n"
        "def f(argument):\n    local = in_function\n    return local, argument, (lambda: "
        "deep)\n"
        "class C:\n    attribute = in_class\n    def m(self): return self.no_global\n");
    bind("reads", run_source_reads(s));
    testing_check("{'at_top', 'in_function', 'deep', 'in_class'} <= reads");
    testing_check("not reads & {'assigned', 'local', 'argument', 'no_global', 'os'}");
    assert_ptr_equal(run_source_reads(s), s->reads);
}

static void
reads_with_many_names_are_told_apart(void **state)
{
    testing_execute(
        "many = ''.join(f'n{i}\\n' for i in range(700)) + 'def f(): return last'");
    AUTO_DECREF PyObject *many = testing_evaluate("many");
    AUTO(run_source_unref) RunSource *s = source_of(PyUnicode_AsUTF8(many));
    bind("reads", run_source_reads(s));
    testing_check("reads == {f'n{i}' for i in range(700)} | {'last'}");
}

static int
read_and_use(void)
{
    AUTO_DECREF PyObject *path = PyUnicode_FromString("tortured");
    AUTO_DECREF PyObject *found = NULL;
    AUTO_DECREF PyObject *bytes = path == NULL ? NULL : run_source_read(path, &found);
    return bytes == NULL ? -1 : 0;
}

/* The parser and the compiler are CPython's to test: a source is compiled without failures. */
static int
label_and_ask(void)
{
    long paused = testing_pause();
    AUTO(run_source_unref) RunSource *s = source_of("def f(): return x\n");
    testing_resume(paused);
    if (run_source_show(s) < 0 || run_source_reads(s) == NULL
        || run_source_label(s, 3) < 0) {
        paused = testing_pause();
        assert_true(PyErr_Occurred() != NULL);
        testing_resume(paused);
        return -1;
    }
    return 0;
}

static int
label_or_leave_unlabelled(void)
{
    long paused = testing_pause();
    AUTO(run_source_unref) RunSource *s = source_of("def f(): return x\n");
    AUTO_DECREF PyObject *before = Py_NewRef(s->filename);
    testing_resume(paused);
    int r = run_source_label(s, 3);
    if (r == 0)
        return 0;
    AUTO_DECREF PyObject *error = PyErr_Occurred() ? Py_NewRef(PyErr_Occurred()) : NULL;
    PyErr_Clear();
    assert_false(s->labelled);
    assert_ptr_equal(s->filename, before);
    testing_check("not any('<run 3>' in name for name in linecache.cache)");
    PyErr_SetNone(error);
    return -1;
}

static int
decode_and_refuse(void)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *path = testing_path("s.py");
    AUTO_DECREF PyObject *bytes = PyBytes_FromString("# coding: latin-1\nx = '\xe9'\n");
    testing_resume(paused);
    AUTO(run_source_unref) RunSource *s = run_source_new(path, bytes);
    return s == NULL ? -1 : 0;
}

static void
survives_every_failed_allocation(void **state)
{
    testing_write("tortured.py", "x = 1\n");
    TORTURE(read_and_use);
    TORTURE(label_and_ask);
    TORTURE(label_or_leave_unlabelled);
}

static void
leaks_no_reference(void **state)
{
    NO_REFLEAK_TORTURED(read_and_use);
    NO_REFLEAK_TORTURED(label_and_ask);
    NO_REFLEAK(decode_and_refuse);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_found_by_its_name_as_it_is),
        cmocka_unit_test(a_missing_suffix_is_added),
        cmocka_unit_test(the_name_as_given_wins_over_the_one_with_a_suffix),
        cmocka_unit_test(what_can_not_be_read_is_the_oserror_that_fits),
        cmocka_unit_test(a_text_is_decoded_by_its_cookie_and_its_mark),
        cmocka_unit_test(what_is_no_source_is_refused),
        cmocka_unit_test(no_future_flag_crosses_into_it),
        cmocka_unit_test(it_is_shown_under_its_path),
        cmocka_unit_test(labelled_code_says_so_at_every_depth_and_keeps_its_text),
        cmocka_unit_test(a_label_is_given_once),
        cmocka_unit_test(the_last_user_takes_the_labelled_text_out_of_linecache),
        cmocka_unit_test(reads_are_the_globals_that_any_code_in_it_reads),
        cmocka_unit_test(reads_with_many_names_are_told_apart),
        cmocka_unit_test(survives_every_failed_allocation),
        cmocka_unit_test(leaks_no_reference),
    };
    return cmocka_run_group_tests(tests, import_linecache, testing_stop);
}
