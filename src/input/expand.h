/* input/expand.h -- `$name` and `{expression}` in the lines of the shell and of magics.
 *
 *     $name  $name.attr.attr    the value of the name; a dot counts only before a letter
 *     {expression}              the value of the text between balanced braces, format and
 *                               conversion included ({x:.2f}, {x!r}); the strings in
 *                               it may hold braces
 *     $$name  {{  }}            $name  {  }, as they stand
 *
 * Everything else stands for itself: what `evaluate` cannot resolve, `{}`, `$1`, `$$`,
 * `${name}` (the shell's own), a character behind a backslash.  Inside of single quotes
 * nothing is looked at; a single quote without a partner, or inside of double quotes, is
 * an apostrophe.  Quotes and backslashes stay where they are.  Of a `{...}` that cannot
 * be resolved the `$name`s are still expanded, but no braces in it, and none after an
 * opening brace that nothing closes.
 *
 * World: plain.  Tests: tests/c/test_input_expand.c, tests/cases/expand.case
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"

/* Evaluate an expression: 1 and a malloc'ed, NUL-terminated text, 0 when it cannot be
 * resolved (it then stays as it was written), or a negative errno, which ends the
 * expansion.
 */
typedef int (*InputEvaluate)(const char *expression, size_t length, void *context,
                             char **ret_text);

/* Expand the line.
 *
 * Returns 0 and a malloc'ed, NUL-terminated text, -ENOMEM, or what `evaluate` failed with.
 */
CHECKED int input_expand(const char *line, size_t length, InputEvaluate evaluate,
                         void *context, char **ret_text);

/* An expansion step by step, for those who read the quotes themselves. */
typedef struct InputExpansion {
    const char *line;
    size_t length;
    InputEvaluate evaluate;
    void *context;
    size_t braces_from;  // braces before this offset stand for themselves
} InputExpansion;

/* Append what stands for the `$`, `{` or `}` at offset `at`, outside of single quotes.
 *
 * Returns 0 and the offset to go on from, or fails as input_expand() does.
 */
CHECKED int input_expand_at(InputExpansion *e, size_t at, Buf *out, size_t *ret_end);
