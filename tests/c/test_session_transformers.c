#include "session/transformers.h"

#include "testing_session.h"

static int
prepare(void **state)
{
    if (testing_session_start(state) < 0)
        return -1;
    testing_execute(
        "import ast\n"
        "def shout(lines): return [line.replace(\"small\", \"LARGE\") for line in lines]\n"
        "class Double(ast.NodeTransformer):\n"
        "    def visit_Constant(self, node): return ast.Constant(node.value * 2)\n"
        "class Broken(ast.NodeTransformer):\n"
        "    def visit_Constant(self, node): raise LookupError(\"of mine\")\n"
        "def forget():\n"
        "    ip.input_transformers_cleanup = []; ip.input_transformers_post = []; "
        "ip.ast_transformers = []\n");
    return 0;
}

static void
lines_are_transformed_before_they_are_python(void **state)
{
    testing_execute("ip.input_transformers_cleanup.append(shout)\n"
                    "ip.run_cell('small = 1')\n"
                    "forget()");
    testing_check("p['LARGE'] == 1");
}

static void
a_tree_is_visited(void **state)
{
    testing_execute("ip.ast_transformers.append(Double())\n"
                    "ip.run_cell('x = 21')\n"
                    "forget()");
    testing_check("p['x'] == 42");
}

static void
a_visitor_that_fails_is_unregistered(void **state)
{
    testing_execute("ip.ast_transformers.append(Broken())\n"
                    "ip.run_cell('x = 1')\n"
                    "left = list(ip.ast_transformers)\n"
                    "forget()");
    testing_check("left == [] and p['x'] == 1 and 'unregistered' in said.getvalue()");
}

static void
what_is_no_list_is_refused(void **state)
{
    testing_execute("try: ip.ast_transformers = 5\n"
                    "except TypeError as e: error = str(e)");
    testing_check("error == 'need a list, got 5'");
}

/* Each is a piece of what extensions and cells do. */
static const char *const texts[] = {
    "ip.input_transformers_post = [shout]\n"
    "ip.transform_cell('small = 1')",
    "forget()\n"
    "ip.transform_cell('x')",
};

TORTURED_TEXTS_TESTS(texts)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(lines_are_transformed_before_they_are_python),
        SESSION_TEST(a_tree_is_visited),
        SESSION_TEST(a_visitor_that_fails_is_unregistered),
        SESSION_TEST(what_is_no_list_is_refused),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, prepare, testing_session_stop);
}
