#include "base/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "testing.h"

enum { ARGUMENTS_MAX = 16 };

static char *arguments[ARGUMENTS_MAX + 1];
static Options options;
static OptionsError error;

/* Parse `mainspring` and the words up to NULL; standard input is a terminal or not. */
static int
parse_on(bool terminal, const char *const *words)
{
    int argc = 0;
    arguments[argc++] = (char *)"mainspring";
    while (*words && argc < ARGUMENTS_MAX)
        arguments[argc++] = (char *)*words++;  // it moves them and writes none
    arguments[argc] = NULL;
    return options_parse(argc, arguments, terminal, &options, &error);
}

#define PARSE(...) parse_on(true, (const char *const[]){ __VA_ARGS__, NULL })
#define PARSE_PIPED(...) parse_on(false, (const char *const[]){ __VA_ARGS__, NULL })

/* The interpreter's command line is `expected`, words with a space between. */
static void
assert_left(const char *expected)
{
    char left[200] = "";
    for (int i = 1; i < options.argc; i++) {
        size_t length = strlen(left);
        snprintf(left + length, sizeof left - length, "%s%s", i > 1 ? " " : "",
                 options.argv[i]);
    }
    assert_string_equal(left, expected);
    assert_null(options.argv[options.argc]);
}

static void
assert_runs(OptionsAction action, const char *target)
{
    assert_int_equal(options.action, action);
    if (target)
        assert_string_equal(options.target, target);
    else
        assert_null(options.target);
}

static void
no_argument_is_the_shell_on_a_terminal_and_a_program_elsewhere(void **state)
{
    assert_int_equal(PARSE(NULL), 0);
    assert_runs(OPTIONS_SHELL, NULL);
    assert_int_equal(PARSE_PIPED(NULL), 0);
    assert_runs(OPTIONS_STDIN, NULL);
    assert_int_equal(PARSE_PIPED("-i"), 0);
    assert_runs(OPTIONS_SHELL, NULL);
    assert_true(options.inspect);
}

static void
a_lone_dash_is_standard_input_and_the_shell_where_that_is_a_terminal(void **state)
{
    assert_int_equal(PARSE_PIPED("-", "a"), 0);
    assert_runs(OPTIONS_STDIN, NULL);
    assert_left("- a");
    assert_int_equal(PARSE("-", "a"), 0);
    assert_runs(OPTIONS_SHELL, NULL);
    assert_int_equal(PARSE_PIPED("-i", "-"), 0);
    assert_runs(OPTIONS_STDIN, NULL);
}

static void
the_first_plain_argument_is_the_file_and_ends_the_options(void **state)
{
    assert_int_equal(PARSE("-B", "s.py", "-Z", "--no-banner", "--help"), 0);
    assert_runs(OPTIONS_FILE, "s.py");
    assert_left("-B s.py -Z --no-banner --help");
    assert_false(options.no_banner);
}

static void
two_dashes_end_the_options(void **state)
{
    assert_int_equal(PARSE("-B", "--", "-s.py"), 0);
    assert_runs(OPTIONS_FILE, "-s.py");
    assert_left("-B -- -s.py");
}

static void
code_and_module_take_all_that_follows(void **state)
{
    assert_int_equal(PARSE("-c", "pass", "-Z", "--version"), 0);
    assert_runs(OPTIONS_COMMAND, "pass");
    assert_left("-c pass -Z --version");
    assert_int_equal(PARSE("-um", "timeit", "-h"), 0);
    assert_runs(OPTIONS_MODULE, "timeit");
    assert_left("-um timeit -h");
    assert_int_equal(PARSE("-Bcpass"), 0);
    assert_runs(OPTIONS_COMMAND, "pass");
    assert_int_equal(PARSE("-c", ""), 0);
    assert_runs(OPTIONS_COMMAND, "");
}

static void
our_own_options_are_taken_out_of_the_command_line(void **state)
{
    assert_int_equal(PARSE("--no-banner", "-u", "--simple-prompt", "--no-color",
                           "--no-config", "s.py", "x"),
                     0);
    assert_left("-u s.py x");
    assert_true(options.no_banner);
    assert_true(options.simple_prompt);
    assert_true(options.no_color);
    assert_true(options.no_config);
}

static void
every_letter_of_the_interpreter_is_taken(void **state)
{
    assert_int_equal(PARSE("-bBdEIOPqRsStuvx", "-OO", "-bb", "s.py"), 0);
    assert_runs(OPTIONS_FILE, "s.py");
    assert_left("-bBdEIOPqRsStuvx -OO -bb s.py");
    assert_true(options.skip_first_line);
    assert_true(options.no_banner);
    assert_false(options.inspect);
}

static void
a_value_is_joined_or_the_next_argument(void **state)
{
    assert_int_equal(PARSE("-Wignore", "-BW", "error", "-X", "dev", "-Xutf8", "s.py"), 0);
    assert_runs(OPTIONS_FILE, "s.py");
    assert_left("-Wignore -BW error -X dev -Xutf8 s.py");
    assert_int_equal(PARSE("--check-hash-based-pycs", "never", "s.py"), 0);
    assert_runs(OPTIONS_FILE, "s.py");
    assert_int_equal(PARSE("-W", "-i", "s.py"), 0);
    assert_false(options.inspect);
}

static void
assert_refused(int r, const char *reason)
{
    assert_int_equal(r, -EINVAL);
    assert_string_equal(error.reason, reason);
}

static void
an_unknown_option_is_named(void **state)
{
    assert_refused(PARSE("-Z"), "unknown option -Z");
    assert_refused(PARSE("-BZu", "s.py"), "unknown option -Z");
    assert_refused(PARSE("-B-"), "unknown option --");
    assert_refused(PARSE("-J"), "unknown option -J");
    assert_refused(PARSE("-\xC3\xA9x"), "unknown option -\xC3\xA9");
    assert_refused(PARSE("--no-such", "s.py"), "unknown option --no-such");
    assert_refused(PARSE("--help", "-Z"), "unknown option -Z");
}

static void
a_missing_value_names_its_option(void **state)
{
    assert_refused(PARSE("-c"), "option -c needs a value");
    assert_refused(PARSE("-um"), "option -m needs a value");
    assert_refused(PARSE("-W"), "option -W needs a value");
    assert_refused(PARSE("-X"), "option -X needs a value");
    assert_refused(PARSE("--check-hash-based-pycs"),
                   "option --check-hash-based-pycs needs a value");
}

static void
a_mistake_of_any_length_is_cut_to_one_line(void **state)
{
    char option[1000] = "--";
    memset(option + 2, 'x', sizeof option - 3);
    option[sizeof option - 1] = '\0';
    assert_int_equal(PARSE(option), -EINVAL);
    assert_int_equal(strlen(error.reason), sizeof error.reason - 1);
}

static void
help_and_version_win_over_a_target(void **state)
{
    assert_int_equal(PARSE("-V"), 0);
    assert_runs(OPTIONS_VERSION, NULL);
    assert_int_equal(PARSE("--version", "s.py"), 0);
    assert_int_equal(options.action, OPTIONS_VERSION);
    assert_int_equal(PARSE("-BVh", "-c", "pass"), 0);
    assert_int_equal(options.action, OPTIONS_HELP);
    assert_int_equal(PARSE("-?"), 0);
    assert_int_equal(options.action, OPTIONS_HELP);
    assert_int_equal(PARSE("-h", "--help-env", "-Z"), 0);
    assert_int_equal(options.action, OPTIONS_PYTHON_HELP);
}

static void
the_environment_asks_to_inspect_on_a_terminal_only(void **state)
{
    setenv("PYTHONINSPECT", "1", 1);
    assert_int_equal(PARSE("s.py"), 0);
    assert_true(options.inspect);
    assert_int_equal(PARSE_PIPED("s.py"), 0);
    assert_false(options.inspect);
    assert_int_equal(PARSE("-E", "s.py"), 0);
    assert_false(options.inspect);
    assert_int_equal(PARSE("-I", "s.py"), 0);
    assert_false(options.inspect);
    setenv("PYTHONINSPECT", "", 1);
    assert_int_equal(PARSE("s.py"), 0);
    assert_false(options.inspect);
    unsetenv("PYTHONINSPECT");
}

static void
an_ending_is_asked_of_targets_alone(void **state)
{
    assert_int_equal(PARSE("notes.ipy"), 0);
    assert_true(options_target_ends_with(&options, ".ipy"));
    assert_false(options_target_ends_with(&options, ".py"));
    assert_false(options_target_ends_with(&options, "more/notes.ipy"));
    assert_int_equal(PARSE(NULL), 0);
    assert_false(options_target_ends_with(&options, ".ipy"));
}

static void
the_help_fits_a_screen_and_names_our_options(void **state)
{
    char *help = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&help, &size);
    assert_non_null(out);
    options_print_help(out);
    assert_int_equal(fclose(out), 0);
    assert_non_null(strstr(help, "--simple-prompt"));
    for (const char *line = help; *line; line += strcspn(line, "\n") + 1)
        assert_in_range(strcspn(line, "\n"), 0, 80);
    free(help);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_argument_is_the_shell_on_a_terminal_and_a_program_elsewhere),
        cmocka_unit_test(
            a_lone_dash_is_standard_input_and_the_shell_where_that_is_a_terminal),
        cmocka_unit_test(the_first_plain_argument_is_the_file_and_ends_the_options),
        cmocka_unit_test(two_dashes_end_the_options),
        cmocka_unit_test(code_and_module_take_all_that_follows),
        cmocka_unit_test(our_own_options_are_taken_out_of_the_command_line),
        cmocka_unit_test(every_letter_of_the_interpreter_is_taken),
        cmocka_unit_test(a_value_is_joined_or_the_next_argument),
        cmocka_unit_test(an_unknown_option_is_named),
        cmocka_unit_test(a_missing_value_names_its_option),
        cmocka_unit_test(a_mistake_of_any_length_is_cut_to_one_line),
        cmocka_unit_test(help_and_version_win_over_a_target),
        cmocka_unit_test(the_environment_asks_to_inspect_on_a_terminal_only),
        cmocka_unit_test(an_ending_is_asked_of_targets_alone),
        cmocka_unit_test(the_help_fits_a_screen_and_names_our_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
