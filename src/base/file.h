/* base/file.h -- whole files as bytes.
 *
 * World: plain.  Tests: tests/c/test_base_file.c
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

/* Read all of the file at `path`, whatever kind of file it is.
 *
 * The bytes are malloc'ed and followed by a NUL that `ret_length` does not count.
 * Returns 0, or the negative errno of the call that failed (-EISDIR for a folder).
 */
CHECKED int file_read(const char *path, char **ret_bytes, size_t *ret_length);

/* The same from the descriptor `fd`, from where it stands. */
CHECKED int file_read_open(int fd, char **ret_bytes, size_t *ret_length);

/* Whether the file `path` lies in `folder`, at any depth, as the two are written.  Never fails. */
bool file_lies_in(const char *path, const char *folder);
