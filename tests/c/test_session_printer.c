#include "session/printer.h"

#include "testing_session.h"

static int
prepare(void **state)
{
    if (testing_session_start(state) < 0)
        return -1;
    testing_execute("class Tree(list): pass\n"
                    "def write(tree, printer, cycle):\n"
                    "    if cycle: return printer.text(\"...\")\n"
                    "    printer.begin_group(1, \"<\")\n"
                    "    for each in tree: printer.pretty(each); printer.breakable()\n"
                    "    printer.break_()\n"
                    "    printer.end_group(1, \">\")\n"
                    "plain = lambda: ip.display_formatter.formatters[\"text/plain\"]\n"
                    "tree = Tree([1, \"a\"])\n"
                    "round_tree = Tree(); round_tree.append(round_tree)\n");
    return 0;
}

static void
groups_indent_what_breaks_within_them(void **state)
{
    testing_execute("plain().for_type(Tree, write)");
    testing_check("plain()(tree) == \"<1 'a' \\n >\"");
}

static void
an_object_within_itself_is_a_cycle(void **state)
{
    testing_execute("plain().for_type(Tree, write)");
    testing_check("'...' in plain()(round_tree)");
}

static void
what_is_no_text_is_refused(void **state)
{
    testing_execute("plain().for_type(Tree, lambda t, p, c: p.text(5))\n"
                    "try: plain()(tree)\n"
                    "except TypeError as e: error = str(e)");
    testing_check("error == 'need a str, got 5'");
}

/* Each is a piece of what extensions and cells do. */
static const char *const texts[] = {
    "plain().for_type(Tree, write)\n"
    "plain()(tree)",
    "plain()(round_tree)",
};

TORTURED_TEXTS_TESTS(texts)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(groups_indent_what_breaks_within_them),
        SESSION_TEST(an_object_within_itself_is_a_cycle),
        SESSION_TEST(what_is_no_text_is_refused),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, prepare, testing_session_stop);
}
