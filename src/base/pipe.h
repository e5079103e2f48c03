/* base/pipe.h -- a pipe that outlasts the user's code, which may close all descriptors there are and
 * open others: then its numbers are theirs.
 *
 * World: plain.  Tests: tests/c/test_base_pipe.c
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/attr.h"

/* All zeros: not open. */
typedef struct Pipe {
    int ends[2];  // to read from, to write to; -1 where opening failed
    ino_t inode;
} Pipe;

/* Open the pipe, both ends close-on-exec and not blocking; one whose ends are its own stays.  What
 * the numbers of others are now is not closed.
 *
 * Returns 0, or a negative errno with the pipe not open.
 */
CHECKED int pipe_open(Pipe *p);

/* Whether the end (0, 1) is still its own.  Async-signal-safe; never fails. */
bool pipe_has(const Pipe *p, int end);
