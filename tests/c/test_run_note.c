#include "run/note.h"

#include "testing_python.h"

static int
make_modules(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    testing_execute("import importlib.util, os, sys\nsys.path.insert(0, '')\nnotes = {}\n"
                    "def spec_of(path):\n"
                    "    return importlib.util.spec_from_file_location('helper', path)\n"
                    "def rewrite(text):\n"
                    "    with open('helper.py', 'w') as file: file.write(text)\n");
    testing_write("helper.py", "x = 1\n");
    testing_execute("spec = spec_of(os.path.abspath('helper.py'))");
    return 0;
}

static int
begin(void **state)
{
    testing_execute("notes.clear(); rewrite('x = 1\\n'); sys.modules.pop('helper', None)");
    return 0;
}

static int
take(const char *spec, const char *target)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *notes = testing_evaluate("notes");
    AUTO_DECREF PyObject *given = testing_evaluate(spec);
    AUTO_DECREF PyObject *loaded = testing_evaluate(target);
    testing_resume(paused);
    return run_note_take(notes, given, loaded);
}

static int
is_stale(void)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *notes = testing_evaluate("notes");
    AUTO_DECREF PyObject *name = testing_text("helper");
    AUTO_DECREF PyObject *note = testing_evaluate("notes['helper']");
    testing_resume(paused);
    return run_note_is_stale(notes, name, note);
}

static void
a_noted_text_is_stale_once_it_is_another(void **state)
{
    assert_int_equal(take("spec", "None"), 0);
    assert_int_equal(is_stale(), 0);
    testing_execute("rewrite('x = 2\\n')");
    assert_int_equal(is_stale(), 1);
    testing_execute("rewrite('x = 1\\n')");
    assert_int_equal(is_stale(), 0);
}

static void
a_file_that_is_gone_has_not_changed(void **state)
{
    assert_int_equal(take("spec", "None"), 0);
    testing_execute("os.remove('helper.py')");
    assert_int_equal(is_stale(), 0);
}

static void
nothing_of_the_library_and_no_other_file_is_noted(void **state)
{
    assert_int_equal(take("spec_of(os.__file__)", "None"), 0);
    assert_int_equal(take("spec_of(os.path.abspath('helper.txt'))", "None"), 0);
    assert_int_equal(take("spec_of(os.path.abspath('missing.py'))", "None"), 0);
    assert_int_equal(take("sys.__spec__", "None"), 0);
    testing_check("notes == {}");
}

static void
an_import_system_that_is_blocked_stops_no_import(void **state)
{
    testing_execute("blocked = sys.modules['_frozen_importlib_external']\n"
                    "sys.modules['_frozen_importlib_external'] = None");
    assert_int_equal(take("spec", "None"), 0);
    testing_execute("sys.modules['_frozen_importlib_external'] = blocked");
    testing_check("notes == {}");
}

static void
the_note_of_a_module_that_is_loaded_stays_when_somebody_only_looks(void **state)
{
    assert_int_equal(take("spec", "None"), 0);
    testing_execute("first = notes['helper']\n"
                    "sys.modules['helper'] = importlib.util.module_from_spec(spec)\n"
                    "rewrite('x = 2\\n')");
    assert_int_equal(take("spec_of(os.path.abspath('helper.py'))", "None"), 0);
    testing_check("notes['helper'] is first");
    assert_int_equal(take("spec_of(os.path.abspath('helper.py'))", "sys"), 0);
    testing_check("notes['helper'] is not first");
}

static int
take_again(void)
{
    return take("spec", "sys");
}

static int
look(void)
{
    long paused = testing_pause();
    testing_execute("rewrite('x = 1\\n')");
    assert_int_equal(take("spec", "sys"), 0);
    testing_execute("rewrite('x = 2\\n')");
    testing_resume(paused);
    return is_stale() < 0 ? -1 : 0;
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(take_again);
    TORTURE(look);
    testing_check("list(notes) == ['helper']");
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    NO_REFLEAK_TORTURED(take_again);
    NO_REFLEAK_TORTURED(look);
}

#define NOTE_TEST(test) cmocka_unit_test_setup(test, begin)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        NOTE_TEST(a_noted_text_is_stale_once_it_is_another),
        NOTE_TEST(a_file_that_is_gone_has_not_changed),
        NOTE_TEST(nothing_of_the_library_and_no_other_file_is_noted),
        NOTE_TEST(an_import_system_that_is_blocked_stops_no_import),
        NOTE_TEST(the_note_of_a_module_that_is_loaded_stays_when_somebody_only_looks),
        NOTE_TEST(survives_every_failed_allocation),
        NOTE_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, make_modules, testing_stop);
}
