#include "input/role.h"

#include <string.h>

#include "testing.h"

/* Assert that the bytes of `code` have the roles of the letters, a blank for ROLE_PLAIN. */
static void
assert_roles(const char *code, const char *letters)
{
    static const char names[ROLE_COUNT + 1] = " kcbdasonlpe";
    char found[200] = "";
    InputLex lex;
    InputRoles roles;
    InputToken token;
    input_lex_init(&lex, code, strlen(code), 0);
    input_roles_init(&roles, code);
    while (input_lex_next(&lex, &token))
        memset(found + token.start, names[input_roles_next(&roles, &token)],
               token.end - token.start);
    assert_string_equal(found, letters);
}

static void
names_are_defined_built_in_or_plain(void **state)
{
    assert_roles("def len(x):", "kkk dddp pp");
    assert_roles("class A", "kkkkk d");
    assert_roles("len(a.len)", "bbbp p   p");
    assert_roles("async def f", "kkkkk kkk d");
    assert_roles("lens", "    ");
}

static void
a_decorator_is_its_dots_and_names(void **state)
{
    assert_roles("@a.b(len)", "aaaapbbbp");
    assert_roles("x @ y", "  p  ");
    assert_roles("x\n  @a", "    aa");
}

static void
strings_numbers_comments_and_constants_have_their_own(void **state)
{
    assert_roles("x = None + 1.5  # n", "  p cccc p nnn  lll");
    assert_roles("'a' 'b", "sss oo");
    assert_roles("'''b", "ssss");
    assert_roles("a $ b", "  e  ");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_defined_built_in_or_plain),
        cmocka_unit_test(a_decorator_is_its_dots_and_names),
        cmocka_unit_test(strings_numbers_comments_and_constants_have_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
