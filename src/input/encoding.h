/* input/encoding.h -- the encoding that Python source declares for itself (PEP 263).
 *
 * Agrees with CPython's tokenizer: the cookie is in a comment of the first line, or of
 * the second when the first is blank or a comment; a byte order mark says UTF-8, and a
 * cookie that says otherwise is a conflict.
 *
 * World: plain.  Tests: tests/c/test_input_encoding.c
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

/* Find the encoding's name: "utf-8" unless the text says otherwise.  The usual spellings
 * of utf-8 and iso-8859-1 come out as these two names, others as they were written;
 * whether such a codec exists is Python's to say.  `ret_bom`: whether the text begins
 * with the three bytes of the byte order mark, which are not part of the source.
 *
 * Returns 0, -EILSEQ when the mark and the cookie disagree, or -ENAMETOOLONG when the
 * name and its NUL do not fit into `size` bytes.
 */
CHECKED int input_encoding_detect(const unsigned char *bytes, size_t length, char *ret_name,
                                  size_t size, bool *ret_bom);
