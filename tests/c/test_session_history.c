#include "session/history.h"

#include "hist/journal.h"
#include "session/cell.h"
#include "session/history_manager.h"
#include "session/macro.h"
#include "session/past.h"
#include "testing_session.h"

static int
stored_cell(const char *typed)
{
    AUTO_DECREF PyObject *text = PyUnicode_FromString(typed);
    Cell cell = { .text = text, .line = 1, .store = true };
    return session_cell_run(session, &cell);
}

/* The inputs of ranges, as repr() shows them. */
static void
assert_ranges(const char *ranges, unsigned flags, const char *wanted)
{
    AUTO_DECREF PyObject *list = session_past_ranges(session, ranges, flags);
    AUTO_DECREF PyObject *shown = list == NULL ? NULL : PyObject_Repr(list);
    assert_non_null(shown);
    assert_string_equal(PyUnicode_AsUTF8(shown), wanted);
}

static void
stored_cells_are_noted_as_typed_and_as_python(void **state)
{
    assert_int_equal(stored_cell("six = 6\n"), 0);
    assert_int_equal(stored_cell("%who"), 0);
    assert_int_equal(stored_cell(" hidden = 1"), 0);
    assert_ranges("1-3", 0, "[(0, 1, 'six = 6'), (0, 2, '%who')]");
    assert_ranges("2", HIST_SOURCE,
                  "[(0, 2, \"get_ipython().run_line_magic('who', '')\")]");
}

static void
what_was_displayed_comes_from_out(void **state)
{
    int line = session->count;
    assert_int_equal(stored_cell("6 * 7"), 0);
    char range[20];
    (void)snprintf(range, sizeof range, "%d", line);
    AUTO_DECREF PyObject *list = session_past_ranges(session, range, HIST_OUTPUTS);
    AUTO_DECREF PyObject *shown = list == NULL ? NULL : PyObject_Repr(list);
    assert_non_null(strstr(PyUnicode_AsUTF8(shown), "('6 * 7', '42')"));
}

static void
without_a_file_nothing_of_it_is_saved_or_said(void **state)
{
    assert_null(hist_journal_path(session->history));
    assert_ranges("~1/ 7/", 0, "[]");
    testing_check("said.getvalue() == ''");
}

static void
a_word_that_is_no_range_is_a_value_error(void **state)
{
    assert_null(session_past_ranges(session, "1 x", 0));
    testing_raised(PyExc_ValueError);
}

static void
a_macro_is_what_its_name_means(void **state)
{
    AUTO_DECREF PyObject *text = PyUnicode_FromString("seven = 7\nseven");
    AUTO_DECREF PyObject *macro = session_macro_new(session, text);
    assert_non_null(macro);
    assert_ptr_equal(session_macro_text(session, macro), text);
    assert_null(session_macro_text(session, text));
    assert_int_equal(PyDict_SetItemString(session->namespace, "mac", macro), 0);
    assert_int_equal(testing_cell("mac\n"), 0);
    testing_check("p['seven'] == 7 and 'Out[' in shown.getvalue()");
}

static int
read_ranges(void)
{
    AUTO_DECREF PyObject *list = session_past_ranges(session, "1-2 ~1/", HIST_OUTPUTS);
    return list == NULL ? -1 : 0;
}

static int
search(void)
{
    AUTO_DECREF PyObject *list = session_past_search(session, "*six*", 3, HIST_SOURCE);
    AUTO_DECREF PyObject *text = list == NULL ? NULL : session_past_join(list);
    return text == NULL ? -1 : 0;
}

static int
tail(void)
{
    AUTO_DECREF PyObject *list = session_past_tail(session, 2, 0);
    return list == NULL ? -1 : 0;
}

static int
make_macro(void)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *text = testing_text("x = 1");
    testing_resume(paused);
    AUTO_DECREF PyObject *macro = session_macro_new(session, text);
    AUTO_DECREF PyObject *shown = macro == NULL ? NULL : PyObject_Repr(macro);
    return shown == NULL ? -1 : 0;
}

static int
ask_manager(void)
{
    AUTO_DECREF PyObject *manager = session_history_manager_get(session);
    AUTO_DECREF PyObject *list =
        manager == NULL ? NULL : PyObject_GetAttrString(manager, "input_hist_raw");
    return list == NULL ? -1 : 0;
}

static int
show_history(void)
{
    AUTO_DECREF PyObject *none = testing_magic("history", "-no 1-2");
    return none == NULL ? -1 : 0;
}

static void
survives_every_failed_allocation(void **state)
{
    assert_int_equal(read_ranges(), 0);
    TORTURE(read_ranges);
    TORTURE(search);
    TORTURE(tail);
    TORTURE(make_macro);
    TORTURE(ask_manager);
    TORTURE(show_history);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    NO_REFLEAK_TORTURED(read_ranges);
    NO_REFLEAK_TORTURED(search);
    NO_REFLEAK_TORTURED(tail);
    NO_REFLEAK_TORTURED(make_macro);
    NO_REFLEAK_TORTURED(ask_manager);
    NO_REFLEAK_TORTURED(show_history);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(stored_cells_are_noted_as_typed_and_as_python),
        SESSION_TEST(what_was_displayed_comes_from_out),
        SESSION_TEST(without_a_file_nothing_of_it_is_saved_or_said),
        SESSION_TEST(a_word_that_is_no_range_is_a_value_error),
        SESSION_TEST(a_macro_is_what_its_name_means),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, testing_session_start, testing_session_stop);
}
