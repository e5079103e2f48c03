/* input/transform.h -- the shell's own syntax as Python.
 *
 *     %name rest       __mainspring__.run_line_magic('name', 'rest')
 *     x = %name rest   x = __mainspring__.run_line_magic('name', 'rest')
 *     %%name rest      __mainspring__.run_cell_magic('name', 'rest', 'the other lines\n')
 *     !cmd             __mainspring__.system('cmd')
 *     !!cmd            __mainspring__.getoutput('cmd')
 *     x = !cmd         x = __mainspring__.getoutput('cmd')
 *     obj?   ?obj      __mainspring__.run_line_magic('pinfo', 'obj')
 *     obj??  ??obj     __mainspring__.run_line_magic('pinfo2', 'obj')
 *     np.*load*?       __mainspring__.run_line_magic('psearch', 'np.*load*')
 *     x = f(y) + obj?  the same: help in the middle of typing replaces the line
 *     name rest        the same as %name rest, where automagic applies
 *
 * Each at the beginning of a logical line, in blocks too; nothing inside of strings,
 * comments, brackets and continued lines is touched.  A continued line is joined as a
 * POSIX shell joins it, and blanks around `rest` and `cmd` are dropped.  `%%name` counts
 * only as the first line of the cell, comments and blank lines aside; elsewhere it is the
 * line magic `%name`, for the session to refuse.  A lone `?` is the help for ''.
 *
 * Before that, pasted prompts and a common indentation are taken out (input/paste.h).
 *
 * Automagic: the cell is one line (as a shell would see it), its first word is a magic,
 * no variable and no keyword, and what follows is not what follows a variable: `=`, an
 * augmented assignment, `,`, `:` or `;`, nor, without a blank between, anything but a
 * blank.
 *
 * The n-th line of the result is the n-th line of the text: where lines were joined a
 * lone `#` stands for each further one.  Only a cell magic becomes one line.  Transforming a result again changes nothing.
 *
 * World: plain.  Tests: tests/c/test_input_transform.c, tests/cases/transform.case and
 * automagic.case, tests/fuzz/fuzz_transform.c
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

/* What automagic asks the session. */
typedef struct InputNames {
    bool (*is_magic)(const char *name, size_t length, void *context);
    bool (*is_variable)(const char *name, size_t length, void *context);
    void *context;
} InputNames;

/* Whether the text is anything but plain Python.  NULL for `names`: no automagic.  Never
 * fails (and asks `names`, which may run what they like).
 */
bool input_transform_needed(const char *text, size_t length, const InputNames *names);

/* Rewrite the text as Python.  NULL for `names`: no automagic.
 *
 * Returns 0 and a malloc'ed, NUL-terminated text, -EINVAL when there is a NUL in `text`,
 * which Python would refuse too, or -ENOMEM.
 */
CHECKED int input_transform(const char *text, size_t length, const InputNames *names,
                            char **ret_text);
