/* input/words.h -- a line as the words that bash would make of it.
 *
 * Quotes, backslashes and comments (`#` at the beginning of a word); `~` and `~user`,
 * also behind the `=` and each `:` of `name=...`; then `*`, `?` and `[...]` against the
 * files there are, sorted as the locale sorts, hidden ones only where the pattern says
 * so; a pattern that nothing matches stays.  A quoted character never globs.  A newline
 * separates like a blank.
 *
 * It stops there: no variables, commands, arithmetic, history or brace lists, no $'...',
 * no ~+ and ~-; and as nothing is run, | & ; < > ( ) are characters like others.
 * Where bash matches characters, glibc's `?` and `[!a]` may also match one byte of a
 * character outside of ASCII.
 *
 * World: plain.  Tests: tests/c/test_input_words.c, tests/cases/words.case,
 * tests/py/test_words.py
 */
#pragma once

#include <stddef.h>

#include "base/attr.h"
#include "input/expand.h"

enum {
    INPUT_WORDS_NO_GLOB = 1 << 0,   // leave patterns as they are
    INPUT_WORDS_NO_TILDE = 1 << 1,  // leave `~` and `~user` as they are
};

/* How the `$name` and `{expression}` outside of single quotes are looked up; the rules are
 * input_expand()'s.  A value is neither split nor globbed.
 */
typedef struct InputValues {
    InputEvaluate evaluate;
    void *context;
} InputValues;

/* The words; `items` has a NULL behind the last.  All zeros: no words. */
typedef struct InputWords {
    char **items;
    size_t count;
} InputWords;

/* Split the line.  NULL for `values`: `$` and braces are characters like others.  The home
 * directories come from HOME and the user database.
 *
 * Returns 0; -EINVAL for a quote that nothing closes or a NUL, with its offset; -ENOMEM; or
 * what `evaluate` failed with.
 */
CHECKED int input_words_split(const char *line, size_t length, unsigned flags,
                              const InputValues *values, InputWords *ret_words,
                              size_t *ret_error);

/* Release the words.  Never fails. */
void input_words_done(InputWords *words);

static inline void
input_words_done_slot(InputWords *words)
{
    input_words_done(words);
}
