/* run/decode.h -- the bytes of a script as text, or why they are none.
 *
 * World: Python, GIL held.  Tests: tests/py/test_bad_input.py, tests/c/test_run_decode.c
 */
#pragma once

#include <stdbool.h>

#include "py/ref.h"

/* Decode source by PEP 263.  `path` (a str) is what messages call it, and `first_line` the
 * number of its first line there.
 *
 * Returns a str without a byte order mark; or NULL with an exception set.  Where that is ours,
 * `ret_refused` is true and its text one line that says what and where: LookupError for an
 * unknown encoding, ValueError for a NUL byte or bytes that are not in the encoding.  Otherwise
 * a codec raised it.
 */
CHECKED PyObject *run_decode(PyObject *path, const char *bytes, size_t length,
                             int first_line, bool *ret_refused);
