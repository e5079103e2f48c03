#include "session/registry.h"

#include "testing_session.h"

static int
prepare(void **state)
{
    if (testing_session_start(state) < 0)
        return -1;
    testing_execute("def mine(line, cell=None): return line, cell\n"
                    "def scoped(line, local_ns): return local_ns is p\n"
                    "scoped.needs_local_scope = True\n");
    return 0;
}

static void
a_registered_magic_comes_before_a_native_one_of_its_name(void **state)
{
    testing_execute("ip.register_magic_function(mine, magic_name='pwd')");
    testing_check("ip.run_line_magic('pwd', 'x') == ('x', None)");
}

static void
a_native_magic_is_there_again_for_whoever_looks(void **state)
{
    testing_execute("del ip.magics_manager.magics['line']['pwd']");
    testing_check("callable(ip.find_line_magic('pwd'))");
    testing_check("ip.run_line_magic('pwd', '') == os.getcwd()");
}

static void
a_line_is_expanded_and_the_names_are_given_where_they_are_wanted(void **state)
{
    testing_execute("p['v'] = 5\n"
                    "ip.register_magic_function(scoped)\n"
                    "ip.register_magic_function(mine)");
    testing_check("ip.run_line_magic('mine', '$v {v + 1}') == ('5 6', None)");
    testing_check("ip.run_line_magic('scoped', '')");
}

static void
a_native_magic_called_as_a_function_says_what_it_is_not(void **state)
{
    testing_execute("try: ip.find_line_magic('time')(1)\n"
                    "except TypeError as e: error = str(e)\n"
                    "try: ip.find_line_magic('who')('', 'cell')\n"
                    "except ValueError as e: wrong = str(e)");
    testing_check("'str' in error");
    testing_check("wrong == 'who is no cell magic'");
}

/* Each is a piece of what extensions and cells do. */
static const char *const texts[] = {
    "ip.register_magic_function(mine, 'line_cell')\n"
    "ip.run_line_magic('mine', 'x')\n"
    "ip.run_cell_magic('mine', 'x', 'y')",
    "ip.register_magic_function(scoped)\n"
    "ip.run_line_magic('scoped', '')",
    "ip.find_line_magic('pwd')('')\n"
    "ip.find_line_magic('pwd').__doc__",
    "ip.magics_manager.lsmagic()",
};

TORTURED_TEXTS_TESTS(texts)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(a_registered_magic_comes_before_a_native_one_of_its_name),
        SESSION_TEST(a_native_magic_is_there_again_for_whoever_looks),
        SESSION_TEST(a_line_is_expanded_and_the_names_are_given_where_they_are_wanted),
        SESSION_TEST(a_native_magic_called_as_a_function_says_what_it_is_not),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, prepare, testing_session_stop);
}
