#include "session/manager.h"

#include "testing_session.h"

static int
prepare(void **state)
{
    if (testing_session_start(state) < 0)
        return -1;
    testing_execute("class Family:\n"
                    "    magics = {\"line\": {\"one\": \"one_method\"}, \"cell\": "
                    "{\"two\": \"two_method\"}}\n"
                    "    def __init__(self, shell): pass\n"
                    "    def one_method(self, line): return 1, line\n"
                    "    def two_method(self, line, cell): return 2\n"
                    "def by_shell(shell, line): return shell is ip\n"
                    "def refused(function, *args):\n"
                    "    try: function(*args)\n"
                    "    except (TypeError, ValueError) as e: return str(e)\n");
    return 0;
}

static void
a_class_is_instantiated_and_its_tables_registered(void **state)
{
    testing_execute("ip.register_magics(Family)");
    testing_check("ip.run_line_magic('one', 'x') == (1, 'x')");
    testing_check("ip.run_cell_magic('two', '', '') == 2");
    testing_check("type(ip.magics_manager.registry['Family']) is Family");
}

static void
an_alias_calls_the_other_magic_with_its_own_words_first(void **state)
{
    testing_execute("ip.register_magics(Family)\n"
                    "ip.magics_manager.register_alias('uno', 'one', 'line', 'a')");
    testing_check("ip.run_line_magic('uno', 'b') == (1, 'a b')");
}

static void
the_old_way_gives_the_shell_first(void **state)
{
    testing_execute("ip.define_magic('old', by_shell)");
    testing_check("ip.run_line_magic('old', '')");
}

static void
what_is_no_magic_is_refused(void **state)
{
    testing_check("'callable' in refused(ip.register_magic_function, 5, 'line', 'x')");
    testing_check("'magic_kind' in refused(ip.register_magic_function, len, 'both')");
    testing_check("'magics' in refused(ip.register_magics, 5)");
}

/* Each is a piece of what extensions and cells do. */
static const char *const texts[] = {
    "ip.register_magics(Family)",
    "ip.magics_manager.register_alias('uno', 'pwd')\n"
    "ip.run_line_magic('uno', '')",
    "ip.define_magic('old', by_shell)\n"
    "ip.run_line_magic('old', '')",
    "ip.magics_manager.magics",
};

TORTURED_TEXTS_TESTS(texts)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(a_class_is_instantiated_and_its_tables_registered),
        SESSION_TEST(an_alias_calls_the_other_magic_with_its_own_words_first),
        SESSION_TEST(the_old_way_gives_the_shell_first),
        SESSION_TEST(what_is_no_magic_is_refused),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, prepare, testing_session_stop);
}
