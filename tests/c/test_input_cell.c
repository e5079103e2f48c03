/* What the case files cannot say; the rest is in tests/cases/{status,indent,cells}.case. */
#include "input/cell.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "testing_alloc.h"

static InputCellStatus
status_of(const char *text, size_t length)
{
    InputCellStatus status = INPUT_INVALID;
    assert_int_equal(input_cell_status(text, length, &status), 0);
    return status;
}

static void
the_last_newline_may_be_missing(void **state)
{
    assert_int_equal(status_of("", 0), INPUT_COMPLETE);
    assert_int_equal(status_of("if x:\n  y", 9), INPUT_INCOMPLETE);
    assert_int_equal(status_of("if x:\n  y\n", 10), INPUT_INCOMPLETE);
    assert_int_equal(status_of("if x:\n  y\n  ", 12), INPUT_COMPLETE);
    assert_int_equal(status_of("'a\\", 3), INPUT_INCOMPLETE);
    assert_int_equal(status_of("!ls \\", 5), INPUT_INCOMPLETE);
}

static void
reads_no_further_than_the_length(void **state)
{
    assert_int_equal(status_of("x = (", 3), INPUT_COMPLETE);
    assert_int_equal(input_cell_next("x\ny\n", 3, 0), 2);
    assert_int_equal(input_cell_next("x\ny\n", 3, 2), 3);
    assert_int_equal(input_cell_next("x\n\n# c\n", 7, 2), 7);
    assert_int_equal(input_cell_indent("if x:\n", 4), 0);
}

static void
nesting_ends_where_that_of_python_ends(void **state)
{
    char text[201];
    memset(text, '(', sizeof text);
    assert_int_equal(status_of(text, 200), INPUT_INCOMPLETE);
    assert_int_equal(status_of(text, 201), INPUT_INVALID);

    AUTO(buf_done) Buf blocks = { 0 };
    for (size_t i = 0; i < 100; i++) {
        buf_add_byte(&blocks, ' ', i);
        buf_add_text(&blocks, "if x:\n");
    }
    assert_int_equal(status_of(blocks.bytes, blocks.length), INPUT_INCOMPLETE);
    buf_add_byte(&blocks, ' ', 100);
    buf_add_text(&blocks, "x\n");
    assert_int_equal(status_of(blocks.bytes, blocks.length), INPUT_INVALID);
}

static int
status_of_a_pasted_cell(void)
{
    InputCellStatus status;
    const char *text = ">>> if x:\n...     y\n...\n";
    return input_cell_status(text, strlen(text), &status);
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE_PLAIN(status_of_a_pasted_cell);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_newline_may_be_missing),
        cmocka_unit_test(reads_no_further_than_the_length),
        cmocka_unit_test(nesting_ends_where_that_of_python_ends),
        cmocka_unit_test(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
