/* base/stdin.h -- a program on standard input, looked at before it is run.
 *
 * World: plain.  Tests: tests/py/test_command_line.py
 */
#pragma once

#include <stddef.h>

#include "base/attr.h"

/* Read standard input to its end, and leave it so that it can be read again from where it was:
 * a file is wound back, what came through a pipe is kept in memory that takes its place.
 *
 * The text is malloc'ed.  Returns 0 or a negative errno.
 */
CHECKED int stdin_peek(char **ret_text, size_t *ret_length);
