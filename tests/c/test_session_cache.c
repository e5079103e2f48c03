#include "session/cache.h"

#include "testing_session.h"

static int
keep(PyObject *value)
{
    int r = session_cache_keep(session, value);
    session->count++;
    return r;
}

/* Keep the values of these expressions, `values` in the tests' namespace. */
static void
keep_all(const char *values)
{
    AUTO_DECREF PyObject *list = testing_evaluate(values);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++)
        assert_int_equal(keep(PyList_GET_ITEM(list, i)), 0);
}

static int
start_at_one(void **state)
{
    session->count = 1;
    session->cache_count = SESSION_CACHE_COUNT;
    session->cache_bytes = SESSION_CACHE_BYTES;
    return testing_session_begin(state);
}

static void
the_last_three_have_names_and_each_its_number(void **state)
{
    keep_all("['a', 'b', 'c']");
    testing_check("(p['_'], p['__'], p['___']) == ('c', 'b', 'a')");
    testing_check("p['Out'] == {1: 'a', 2: 'b', 3: 'c'} and p['_2'] == 'b'");
}

static void
the_oldest_go_first_and_the_last_stays(void **state)
{
    session->cache_count = 2;
    keep_all("['a', 'b', 'c']");
    testing_check("p['Out'] == {2: 'b', 3: 'c'} and '_1' not in p");
    session->cache_bytes = 10;
    keep_all("[bytes(1000), bytes(1000)]");
    testing_check("list(p['Out']) == [5] and '_4' not in p");
}

static void
what_is_deleted_from_out_is_forgotten_by_all_its_names(void **state)
{
    keep_all("['a', 'b']");
    testing_execute("del p['Out'][2]");
    assert_int_equal(session_cache_settle(session), 0);
    testing_check("'_2' not in p and p['_'] == '' and p['__'] == 'a'");
}

static void
the_users_own_underscore_is_left_alone(void **state)
{
    keep_all("['a']");
    testing_execute("p['_'] = 'mine'");
    assert_int_equal(session_cache_settle(session), 0);
    keep_all("['b']");
    testing_check("p['_'] == 'mine' and p['Out'] == {1: 'a', 2: 'b'}");
    testing_execute("p['_'] = p['__'] = p['___'] = ''");
}

static int
keep_some(void)
{
    session->count = 1;
    session->cache_count = 1;
    if (keep(Py_True) < 0 || keep(Py_False) < 0)
        return -1;
    return session_cache_settle(session);
}

static int
keep_and_clear(void)
{
    session->count = 1;
    return keep(Py_True) < 0 ? -1 : session_cache_clear(session);
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(keep_some);
    TORTURE(keep_and_clear);
    testing_check("p['Out'] == {} and '_1' not in p and '_2' not in p");
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    NO_REFLEAK_TORTURED(keep_some);
    NO_REFLEAK_TORTURED(keep_and_clear);
}

#define CACHE_TEST(test)                                                                   \
    cmocka_unit_test_setup_teardown(test, start_at_one, testing_session_end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CACHE_TEST(the_last_three_have_names_and_each_its_number),
        CACHE_TEST(the_oldest_go_first_and_the_last_stays),
        CACHE_TEST(what_is_deleted_from_out_is_forgotten_by_all_its_names),
        CACHE_TEST(the_users_own_underscore_is_left_alone),
        CACHE_TEST(survives_every_failed_allocation),
        CACHE_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, testing_session_start, testing_session_stop);
}
