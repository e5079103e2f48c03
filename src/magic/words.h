/* magic/words.h -- what is wrong with the words of a magic's line.
 *
 * World: Python, GIL held.  Tests: tests/py/test_bad_input.py,
 * tests/c/test_magic_calls.c
 */
#pragma once

#include "session/magic.h"

/* Raise what input_words_split() failed with, `r` and the offset in the line: UsageError for a quote
 * that is not closed.  Where looking up a value failed, that exception stays.
 *
 * Returns -1, always.
 */
int magic_words_fail(Session *s, const MagicCall *call, int r, size_t offset);

/* Raise UsageError with a message that quotes the words, which may have any bytes.
 *
 * Returns -1, always.
 */
int magic_words_refuse(Session *s, const MagicCall *call, const char *message);
