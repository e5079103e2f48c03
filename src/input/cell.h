/* input/cell.h -- where a cell ends: while it is typed, and in a file.
 *
 * Lines end with a newline, which the last line may lack.  A line of nothing but blanks
 * counts as empty.  So after `if x:` and `    pass` the user's empty line makes the text
 * "if x:\n    pass\n\n".
 *
 * World: plain.  Tests: tests/c/test_input_cell.c, tests/cases/status.case, indent.case and
 * cells.case, tests/fuzz/fuzz_transform.c
 */
#pragma once

#include <stddef.h>

#include "base/attr.h"

typedef enum InputCellStatus {
    INPUT_COMPLETE,    // execute it
    INPUT_INCOMPLETE,  // read on
    INPUT_INVALID,  // no further line can make it whole: execute it, so that Python reports
} InputCellStatus;

/* Say whether the lines typed so far are a whole cell, as `python3 -i` would.
 *
 * A simple statement is whole when its brackets, strings and backslashes are; a compound
 * statement that is the last of the text, in one line or many, and a cell that begins
 * with `%%name`, when an empty line follows.  An empty line between a header or a
 * decorator and what must follow it ends nothing.  Pasted prompts are looked through.
 *
 * Returns 0, or -ENOMEM.
 */
CHECKED int input_cell_status(const char *text, size_t length, InputCellStatus *ret_status);

/* The indentation, in columns, that the line after the text wants: four more than the
 * header of a block or than the line with the innermost open bracket, four less after a
 * line that leaves its block, none inside of a string.  Never fails.
 */
size_t input_cell_indent(const char *text, size_t length);

/* Find the end of the next cell of a file, as if it were typed.
 *
 * A cell is one logical line, or a compound statement with its body, its further clauses
 * and its decorators; blank lines and comments before it and inside of it belong to it,
 * those after it do not.  Lines that are indented deeper than the first belong to it
 * whatever it is: Python will say so.  A cell that begins with `%%name` takes the rest of
 * the text.
 *
 * Returns its offset, greater than `start`; `length` when `start` is at the end or only
 * blank lines and comments are left.  Never fails.
 */
size_t input_cell_next(const char *text, size_t length, size_t start);
