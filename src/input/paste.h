/* input/paste.h -- take out of a pasted cell what is not part of its code.
 *
 * That is the prompts of a Python (`>>> `, `... `) or IPython session (`In [3]: `,
 * `   ...: `) and an indentation that the whole cell has.  The first line that is neither
 * blank nor a comment decides which; it may lack its own prompt when it cannot stand
 * alone and every other line has the continuation prompt.  Inside of a string that spans
 * lines they are taken out only when every line of that string has them.  Repeated until
 * nothing is left to take out, a hundred times at most, so that cleaning a clean text
 * changes nothing and a hostile one takes no more than a hundred times linear time.  No
 * line is added or removed.
 *
 * World: plain.  Tests: tests/c/test_input_transform.c, tests/cases/transform.case
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

/* Whether input_paste_clean() would change the text.  Never fails. */
bool input_paste_needed(const char *text, size_t length);

/* Clean the text.
 *
 * Returns 0 and a malloc'ed text with its length, a copy when there is nothing to take
 * out, or -ENOMEM.
 */
CHECKED int input_paste_clean(const char *text, size_t length, char **ret_text,
                              size_t *ret_length);

/* The same of a text that was copied from a session: lines that have no prompt are what the session
 * wrote, where the first one has one, and are left out.
 *
 * Returns as input_paste_clean() does.
 */
CHECKED int input_paste_code(const char *text, size_t length, char **ret_text,
                             size_t *ret_length);
