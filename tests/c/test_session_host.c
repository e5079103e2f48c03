#include "session/host.h"

#include "testing_session.h"

static void
an_attribute_can_be_set_and_deleted(void **state)
{
    testing_execute("ip.mine = 5");
    testing_check("ip.mine == 5 and vars(ip)['mine'] == 5");
}

static void
there_is_one_shell(void **state)
{
    testing_check("type(ip).instance() is ip and type(ip).initialized()");
    testing_check("get_ipython() is ip and __mainspring__ is ip");
}

static void
the_old_way_to_call_a_magic_takes_one_text(void **state)
{
    testing_check("ip.magic('%pwd') == ip.magic('pwd ') == os.getcwd()");
}

static void
the_next_input_is_written_where_no_front_can_take_it(void **state)
{
    testing_execute("ip.set_next_input('x = 1')");
    testing_check("shown.getvalue() == 'x = 1\\n'");
}

static void
a_toolkit_that_would_not_live_is_refused(void **state)
{
    testing_execute("try: ip.enable_gui('wx')\n"
                    "except ValueError as e: error = str(e)");
    testing_check("'wx' in error and ip.enable_gui('tk') is None");
}

/* Each is a piece of what extensions and cells do. */
static const char *const texts[] = {
    "ip.mine = 5\n"
    "del ip.mine",
    "ip.magic('pwd')",
    "ip.transform_cell('%pwd')",
    "ip.var_expand('plain')",
    "ip.find_magic('time', 'cell')",
    "ip.set_next_input('x')",
    "ip.user_module, ip.colors, ip.displayhook",
    "ip.enable_gui()",
    "ip.input_transformers_cleanup, ip.ast_transformers",
};

TORTURED_TEXTS_TESTS(texts)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(an_attribute_can_be_set_and_deleted),
        SESSION_TEST(there_is_one_shell),
        SESSION_TEST(the_old_way_to_call_a_magic_takes_one_text),
        SESSION_TEST(the_next_input_is_written_where_no_front_can_take_it),
        SESSION_TEST(a_toolkit_that_would_not_live_is_refused),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, testing_session_start, testing_session_stop);
}
