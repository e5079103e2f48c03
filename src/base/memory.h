/* base/memory.h -- how much memory the process has.
 *
 * World: plain.  Any thread.  Tests: tests/c/test_heap_collect.c
 */
#pragma once

#include <stddef.h>

/* The resident memory of this process in bytes; 0 where the system does not tell. */
size_t memory_resident(void);
