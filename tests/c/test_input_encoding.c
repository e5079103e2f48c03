#include "input/encoding.h"

#include <errno.h>
#include <string.h>

#include "testing.h"

static const char *
encoding_of(const char *text)
{
    static char name[64];
    bool bom = false;
    int r = input_encoding_detect((const unsigned char *)text, strlen(text), name,
                                  sizeof name, &bom);
    return r == -EILSEQ ? "conflict" : r < 0 ? "failed" : name;
}

static void
the_default_is_utf_8(void **state)
{
    assert_string_equal(encoding_of(""), "utf-8");
    assert_string_equal(encoding_of("x = 1\n"), "utf-8");
    assert_string_equal(encoding_of("# coding\n# coding: \n"), "utf-8");
}

static void
the_cookie_is_in_a_comment_of_the_first_two_lines(void **state)
{
    assert_string_equal(encoding_of("# -*- coding: cp1252 -*-\n"), "cp1252");
    assert_string_equal(encoding_of("#!/bin/python\r\n# vim: fileencoding=koi8-r"),
                        "koi8-r");
    assert_string_equal(encoding_of(" \t\f\n  #coding:\t euc_jp\n"), "euc_jp");
    assert_string_equal(encoding_of("#coding:x"), "x");
    assert_string_equal(encoding_of("#\r# coding=big5"), "big5");
    assert_string_equal(encoding_of("x\n# coding: big5\n"), "utf-8");
    assert_string_equal(encoding_of("x # coding: big5\n"), "utf-8");
    assert_string_equal(encoding_of("\n\n# coding: big5\n"), "utf-8");
    assert_string_equal(encoding_of("# coding : a coding: b\n"), "b");
}

static void
names_are_normalised_as_by_python(void **state)
{
    assert_string_equal(encoding_of("# coding: UTF_8\n"), "utf-8");
    assert_string_equal(encoding_of("# coding: utf-8-sig\n"), "utf-8");
    assert_string_equal(encoding_of("# coding: utf8\n"), "utf8");
    assert_string_equal(encoding_of("# coding: Latin-1\n"), "iso-8859-1");
    assert_string_equal(encoding_of("# coding: iso_latin_1-unix\n"), "iso-8859-1");
    assert_string_equal(encoding_of("# coding: iso-8859-15\n"), "iso-8859-15");
}

static void
a_byte_order_mark_wants_utf_8(void **state)
{
    char name[8];
    bool bom = false;
    assert_int_equal(input_encoding_detect((const unsigned char *)"\xef\xbb\xbfx", 4, name,
                                           sizeof name, &bom),
                     0);
    assert_true(bom);
    assert_string_equal(encoding_of("\xef\xbb\xbf# coding: utf-8\n"), "utf-8");
    assert_string_equal(encoding_of("\xef\xbb\xbf# coding: latin-1\n"), "conflict");
    assert_string_equal(encoding_of("\xef\xbb\xbf\n# coding: utf8\n"), "conflict");
}

static void
a_name_needs_room(void **state)
{
    char name[6] = "";
    bool bom = false;
    const unsigned char *text = (const unsigned char *)"# coding: abcdef";
    assert_int_equal(input_encoding_detect(text, 16, name, 6, &bom), -ENAMETOOLONG);
    assert_int_equal(input_encoding_detect(text, 15, name, 6, &bom), 0);
    assert_string_equal(name, "abcde");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_is_utf_8),
        cmocka_unit_test(the_cookie_is_in_a_comment_of_the_first_two_lines),
        cmocka_unit_test(names_are_normalised_as_by_python),
        cmocka_unit_test(a_byte_order_mark_wants_utf_8),
        cmocka_unit_test(a_name_needs_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
