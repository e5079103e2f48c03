#include "magic/run_options.h"

#include <errno.h>
#include <string.h>

#include "testing.h"

static InputWords words;
static RunOptions options;
static char message[RUN_OPTIONS_MESSAGE];

/* Read the options of a line; the words stay until the next one. */
static int
read_line(const char *line)
{
    size_t offset = 0;
    input_words_done(&words);
    words = (InputWords){ 0 };
    assert_int_equal(
        input_words_split(line, strlen(line), INPUT_WORDS_NO_GLOB, NULL, &words, &offset),
        0);
    return run_options_read(&words, &options, message);
}

static int
forget_words(void **state)
{
    input_words_done(&words);
    return 0;
}

static void
letters_combine_and_end_at_the_first_other_word(void **state)
{
    assert_int_equal(read_line("-te -N5 s.py -k"), 0);
    assert_true(options.timed && options.ignore_exit && !options.keep);
    assert_int_equal(options.repetitions, 5);
    assert_string_equal(options.target, "s.py");
    assert_string_equal(words.items[options.used], "-k");
}

static void
a_value_is_the_rest_of_the_word_or_the_next_one(void **state)
{
    assert_int_equal(read_line("-p -l10 -l main -s time -T out.txt s.py"), 0);
    assert_int_equal(options.output.limits.count, 2);
    assert_string_equal(options.output.limits.items[1], "main");
    assert_string_equal(options.output.text_file, "out.txt");
    assert_int_equal(read_line("-d -b s.py:7 s.py"), 0);
    assert_string_equal(options.stop, "s.py:7");
}

static void
a_module_needs_no_file_and_two_dashes_end_the_options(void **state)
{
    assert_int_equal(read_line("-m json.tool x"), 0);
    assert_true(options.module);
    assert_string_equal(options.target, "json.tool");
    assert_int_equal(read_line("-- -odd.py"), 0);
    assert_string_equal(options.target, "-odd.py");
}

static void
the_letter_of_an_option_about_one_code_object_is_told(void **state)
{
    assert_int_equal(read_line("-N 3 s.py"), 0);
    assert_int_equal(run_options_of_code(&options), 'N');
    assert_int_equal(read_line("-k s.py"), 0);
    assert_int_equal(run_options_of_code(&options), '\0');
}

static void
what_is_wrong_is_said(void **state)
{
    static const char *const lines[][2] = {
        { "", "which script?" },
        { "-z s.py", "unknown option -z" },
        { "--odd s.py", "unknown option --odd" },
        { "-N 0 s.py", "-N" },
        { "-N", "-N needs a value" },
        { "-m", "which module?" },
        { "-l 5 s.py", "-l goes with -p" },
        { "-b 5 s.py", "-b goes with -d" },
        { "-d -b x s.py", "-b needs a line number" },
        { "-dt s.py", "-d does not go with -t" },
        { "-", "standard input" },
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        assert_int_equal(read_line(lines[i][0]), -EINVAL);
        assert_non_null(strstr(message, lines[i][1]));
    }
}

static void
more_values_than_there_is_room_for_are_refused(void **state)
{
    char line[200] = "-p";
    for (int i = 0; i <= RUN_OPTIONS_MOST; i++)
        strcat(line, " -l 1");
    strcat(line, " s.py");
    assert_int_equal(read_line(line), -EINVAL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_combine_and_end_at_the_first_other_word),
        cmocka_unit_test(a_value_is_the_rest_of_the_word_or_the_next_one),
        cmocka_unit_test(a_module_needs_no_file_and_two_dashes_end_the_options),
        cmocka_unit_test(the_letter_of_an_option_about_one_code_object_is_told),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(more_values_than_there_is_room_for_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, forget_words);
}
