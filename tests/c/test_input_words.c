/* Words and files; quoting is in tests/cases/words.case, bash itself in
 * tests/py/test_words.py. */
#include "input/words.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "testing_alloc.h"

static char folder[] = "/tmp/test_input_words.XXXXXX";
static const char *const files[] = { "b.c", "a.c", ".hidden.c", "sp ace.c", "x*y" };

static int
make_files(void **state)
{
    if (!mkdtemp(folder) || chdir(folder) < 0)
        return -1;
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        FILE *file = fopen(files[i], "w");
        if (!file || fclose(file) != 0)
            return -1;
    }
    return 0;
}

static int
remove_files(void **state)
{
    for (size_t i = 0; i < COUNT_OF(files); i++)
        unlink(files[i]);
    return chdir("/") < 0 || rmdir(folder) < 0 ? -1 : 0;
}

/* Check that the words of the line, a `|` behind each, are `expected`. */
static void
assert_words(const char *line, unsigned flags, const char *expected)
{
    AUTO(input_words_done) InputWords words = { 0 };
    size_t error = 0;
    char all[512] = "";
    assert_int_equal(input_words_split(line, strlen(line), flags, NULL, &words, &error), 0);
    for (size_t i = 0; i < words.count; i++) {
        strcat(all, words.items[i]);
        strcat(all, "|");
    }
    assert_string_equal(all, expected);
    if (words.count > 0)
        assert_null(words.items[words.count]);
}

static void
patterns_are_the_files_in_order(void **state)
{
    assert_words("*.c", 0, "a.c|b.c|sp ace.c|");
    assert_words(".*", 0, ".hidden.c|");
    assert_words("*.none [!a].c ./?.c", 0, "*.none|b.c|./a.c|./b.c|");
    assert_words("", 0, "");
}

static void
what_is_quoted_is_no_pattern(void **state)
{
    assert_words("'*.c' \\*.c \"*\".c --opt=\"*.c\"", 0, "*.c|*.c|*.c|--opt=*.c|");
    assert_words("x'*'* x\\**", 0, "x*y|x*y|");
}

static void
patterns_stay_when_they_shall(void **state)
{
    assert_words("*.c ~root", INPUT_WORDS_NO_GLOB, "*.c|/root|");
    assert_words("*.c ~root x=~ ~", INPUT_WORDS_NO_GLOB | INPUT_WORDS_NO_TILDE,
                 "*.c|~root|x=~|~|");
}

static void
an_open_quote_and_a_nul_have_an_offset(void **state)
{
    InputWords words = { 0 };
    size_t error = 0;
    assert_int_equal(input_words_split("ab 'c", 5, 0, NULL, &words, &error), -EINVAL);
    assert_int_equal(error, 3);
    assert_int_equal(input_words_split("a \"b\\\"", 6, 0, NULL, &words, &error), -EINVAL);
    assert_int_equal(error, 2);
    assert_int_equal(input_words_split("a\0b", 3, 0, NULL, &words, &error), -EINVAL);
    assert_int_equal(error, 1);
    assert_null(words.items);
}

static int
star(const char *expression, size_t length, void *context, char **ret_text)
{
    AUTO(buf_done) Buf value = { 0 };
    buf_add_text(&value, "* *");
    int r = buf_take(&value, ret_text);
    return r < 0 ? r : 1;
}

static int
refuse(const char *expression, size_t length, void *context, char **ret_text)
{
    return -EIO;
}

static void
values_are_neither_split_nor_patterns(void **state)
{
    const InputValues stars = { .evaluate = star }, failing = { .evaluate = refuse };
    AUTO(input_words_done) InputWords words = { 0 };
    size_t error = 0;
    assert_int_equal(input_words_split("x$a\"{b}\"", 8, 0, &stars, &words, &error), 0);
    assert_int_equal(words.count, 1);
    assert_string_equal(words.items[0], "x* ** *");
    assert_int_equal(input_words_split("x $a", 4, 0, &failing, &words, &error), -EIO);
}

static int
split(void)
{
    const InputValues values = { .evaluate = star };
    AUTO(input_words_done) InputWords words = { 0 };
    size_t error = 0;
    const char *line = "a 'b' \"c$d\" ~root/x *.c x{y} 1 2 3 4 5 6 7 8 9 ";
    return input_words_split(line, strlen(line), 0, &values, &words, &error);
}

/* A failed allocation may go unnoticed where its text is not needed: the pattern of a word
 * without special characters. */
static void
survives_every_failed_allocation(void **state)
{
    for (long n = 0, hit = 1; hit; n++) {
        (void)alloc_fail_at(n);
        int r = split();
        hit = alloc_fail_at(-1);
        assert_true(r == 0 || (hit && r == -ENOMEM));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_are_the_files_in_order),
        cmocka_unit_test(what_is_quoted_is_no_pattern),
        cmocka_unit_test(patterns_stay_when_they_shall),
        cmocka_unit_test(an_open_quote_and_a_nul_have_an_offset),
        cmocka_unit_test(values_are_neither_split_nor_patterns),
        cmocka_unit_test(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
