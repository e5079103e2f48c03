#include "session/system.h"

#include "testing_session.h"

static void
variables_and_expressions_are_expanded_from_the_prompts_names(void **state)
{
    testing_execute("p.update(name='x', n=2)");
    testing_check("ip.var_expand('$name {n + 1} $nothing {1/0}') == 'x 3 $nothing {1/0}'");
}

static void
a_commands_lines_are_a_list_and_its_status_a_name(void **state)
{
    testing_execute("lines = ip.getoutput('printf \"a\\\\nb\"; exit 3')");
    testing_check("lines == ['a', 'b'] and p['_exit_code'] == 3");
}

static void
a_command_on_the_terminal_leaves_its_status(void **state)
{
    testing_execute("ip.system('exit 4')");
    testing_check("p['_exit_code'] == 4");
}

/* Each is a piece of what extensions and cells do. */
static const char *const texts[] = {
    "p['name'] = 'x'\n"
    "ip.var_expand('$name {name}')",
    "p['name'] = 'x'\n"
    "ip.var_expand('{nothing}')",
};

TORTURED_TEXTS_TESTS(texts)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(variables_and_expressions_are_expanded_from_the_prompts_names),
        SESSION_TEST(a_commands_lines_are_a_list_and_its_status_a_name),
        SESSION_TEST(a_command_on_the_terminal_leaves_its_status),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, testing_session_start, testing_session_stop);
}
