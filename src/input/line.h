/* input/line.h -- the logical lines of a cell: what each is, and whether it is whole.
 *
 * A logical line is one of Python's, with everything that its brackets, strings and
 * backslashes make it span; or a line of the shell's own (`%name`, `!cmd`, `obj?`), which
 * ends with its physical line unless an odd number of backslashes ends that, and in which
 * Python's brackets and quotes mean nothing.
 *
 * Takes time linear in the line and no memory.
 *
 * World: plain.  Tests: tests/c/test_input_cell.c, test_input_transform.c
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef enum LineKind {
    LINE_BLANK,  // nothing but blanks, or a comment
    LINE_PYTHON,
    LINE_HELP,           // obj?  obj??  ?obj  ??obj  np.*load*?  %run?  x = obj?
    LINE_MAGIC,          // %name rest
    LINE_CELL,           // %%name rest
    LINE_SYSTEM,         // !cmd
    LINE_OUTPUT,         // !!cmd
    LINE_ASSIGN_MAGIC,   // x = %name rest
    LINE_ASSIGN_OUTPUT,  // x = !cmd
} LineKind;

enum {
    LINE_COMMENT = 1 << 0,   // the blank line has a comment
    LINE_OPEN = 1 << 1,      // the text ends before the line does
    LINE_BROKEN = 1 << 2,    // no further text can make it Python
    LINE_COMPOUND = 1 << 3,  // begins with the keyword of a compound statement
    LINE_CLAUSE = 1 << 4,    // ... with one that goes on with it: elif else except finally
    LINE_HEADER = 1 << 5,    // ends with the colon of one: a body must follow
    LINE_DECORATOR = 1 << 6,
    LINE_LEAVES = 1 << 7,  // return pass break continue raise: the block likely ends here
};

typedef struct InputLine {
    LineKind kind;
    unsigned flags;
    size_t start;          // of its first physical line
    size_t first;          // the first byte after the indentation
    size_t shell;          // where the shell's own part begins: at the % ! ? or name
    size_t stop;           // where the line's text ends, before its newline
    size_t end;            // where the next line begins
    size_t columns;        // the indentation; a tab goes to the next multiple of eight
    size_t inner_columns;  // of the physical line with the innermost open bracket
    bool in_string;        // LINE_OPEN because of a string
    bool in_bracket;       // LINE_OPEN because of a bracket
} InputLine;

/* Read the logical line that begins at offset `start`, the beginning of a physical line.
 *
 * Returns false at the end of the text.  Never fails.
 */
bool input_line_read(const char *text, size_t length, size_t start, InputLine *ret_line);

/* The end of the physical line at `start`, before its newline.  Never fails. */
size_t input_line_stop(const char *text, size_t length, size_t start);

/* The end of the shell's line at `start`, continuation lines included, before its newline.
 * Never fails.
 */
size_t input_line_shell_stop(const char *text, size_t length, size_t start);

/* The beginning of the physical line after the one whose text ends at `stop`.  Never
 * fails. */
size_t input_line_after(const char *text, size_t length, size_t stop);

/* The offset of the first byte from `start` on that is no blank, `stop` at most.  Never
 * fails. */
size_t input_line_skip_blanks(const char *text, size_t stop, size_t start);
