#include "session/extensions.h"

#include "testing_session.h"

static int
prepare(void **state)
{
    if (testing_session_start(state) < 0)
        return -1;
    testing_execute(
        "good = \"\"\"def load_ipython_extension(ip): ip.register_magic_function(magic)\n"
        "def unload_ipython_extension(ip): pass\n"
        "def magic(line): return line\n"
        "\"\"\"\n"
        "bad = \"\"\"def load_ipython_extension(ip):\n"
        "    ip.register_magic_function(len, magic_name=\"lost\")\n"
        "    raise LookupError(1)\n"
        "\"\"\"\n"
        "for name, text in (\"ext_good\", good), (\"ext_bad\", bad), (\"ext_none\", "
        "\"\"):\n"
        "    with open(name + \".py\", \"w\") as file: file.write(text)\n"
        "sys.path.insert(0, \"\")\n"
        "import ext_good, ext_bad, ext_none\n"
        "manager = lambda: ip.extension_manager\n"
        "def fails(name):\n"
        "    try: manager().load_extension(name)\n"
        "    except LookupError: return True\n");
    return 0;
}

static void
a_magic_goes_with_the_extension_that_registered_it(void **state)
{
    testing_execute("manager().load_extension('ext_good')\n"
                    "during = ip.find_line_magic('magic')\n"
                    "again = manager().load_extension('ext_good')\n"
                    "manager().unload_extension('ext_good')");
    testing_check("during is not None and again == 'already loaded'");
    testing_check("ip.find_line_magic('magic') is None and manager().loaded == set()");
}

static void
one_that_fails_to_load_leaves_no_magics(void **state)
{
    testing_check("fails('ext_bad')");
    testing_check("ip.find_line_magic('lost') is None");
}

static void
a_module_without_the_functions_says_so(void **state)
{
    testing_check("manager().load_extension('ext_none') == 'no load function'");
    testing_check("manager().unload_extension('ext_none') == 'not loaded'");
}

/* Each is a piece of what extensions and cells do. */
static const char *const texts[] = {
    "manager().load_extension('ext_good')\n"
    "manager().unload_extension('ext_good')",
    "manager().load_extension('ext_none')",
    "fails('ext_bad')",
};

TORTURED_TEXTS_TESTS(texts)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(a_magic_goes_with_the_extension_that_registered_it),
        SESSION_TEST(one_that_fails_to_load_leaves_no_magics),
        SESSION_TEST(a_module_without_the_functions_says_so),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, prepare, testing_session_stop);
}
