/* base/sha256.h -- the SHA-256 of a text, as sha256sum prints it.
 *
 * World: plain.  Any thread.  Tests: tests/c/test_base_sha256.c
 */
#pragma once

#include <stddef.h>

enum { SHA256_HEX = 65 };  // 64 digits and a NUL

/* Write the digest of `length` bytes in hexadecimal.  Never fails. */
void sha256_hex(const char *bytes, size_t length, char ret_hex[SHA256_HEX]);
