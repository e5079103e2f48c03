#include "session/api.h"

#include "testing_session.h"

static int
prepare(void **state)
{
    if (testing_session_start(state) < 0)
        return -1;
    testing_execute("def pushes():\n"
                    "    here = 5\n"
                    "    ip.push(\"here\")\n");
    return 0;
}

static void
the_prompt_is_evaluated_and_executed_in(void **state)
{
    testing_execute("ip.ex('x = 20')");
    testing_check("ip.ev('x + 1') == 21 and p['x'] == 20");
}

static void
names_are_pushed_from_a_dict_or_from_the_caller(void **state)
{
    testing_execute("ip.push({'a': 1})\n"
                    "pushes()");
    testing_check("p['a'] == 1 and p['here'] == 5");
}

static void
a_cell_has_a_result(void **state)
{
    testing_execute("good, bad = ip.run_cell('7'), ip.run_cell('1/0')");
    testing_check("good.success and good.result == 7");
    testing_check("not bad.success and type(bad.error_in_exec) is ZeroDivisionError");
}

static void
reset_deletes_the_users_names(void **state)
{
    testing_execute("p['gone'] = 1\n"
                    "ip.reset()");
    testing_check("'gone' not in p and 'In' in p");
}

static void
exit_ends_the_session_when_called(void **state)
{
    testing_execute("try: exit(3)\n"
                    "except SystemExit as e: status = e.code");
    testing_check("status == 3 and 'exit()' in repr(quit)");
}

/* Each is a piece of what extensions and cells do. */
static const char *const texts[] = {
    "ip.ev('1 + 1')",
    "ip.push({'a': 1})\n"
    "ip.push('a', False) if 'a' in globals() else None",
    "ip.user_ns, ip.execution_count, ip.cache_size",
    "repr(ip)",
    "ip.cache_size = 5\n"
    "ip.cache_size = 1000",
    "ip.run_line_magic('pwd', '')",
    "ip.reset()",
};

TORTURED_TEXTS_TESTS(texts)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(the_prompt_is_evaluated_and_executed_in),
        SESSION_TEST(names_are_pushed_from_a_dict_or_from_the_caller),
        SESSION_TEST(a_cell_has_a_result),
        SESSION_TEST(reset_deletes_the_users_names),
        SESSION_TEST(exit_ends_the_session_when_called),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, prepare, testing_session_stop);
}
