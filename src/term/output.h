/* term/output.h -- what is printed while the prompt waits, above the prompt.
 *
 * sys.stdout and sys.stderr are given a raw file of ours at their bottom, an io.FileIO as before
 * but for its write(): while a prompt is on the screen it queues the bytes and wakes the editor,
 * whose thread alone writes to the terminal then.  At any other time it writes at once.  All that
 * is above it (encoding, errors, buffer, fileno(), isatty()) is what it was.
 *
 * A child that was forked has the same files: it writes into a pipe that the prompt reads.  What
 * is written to the terminal itself is term/foreign's.
 *
 * World: front, GIL held but where said.  State is static: a raw file knows no session.
 * Tests: tests/py/test_term_output.py
 */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "py/ref.h"

/* Put our raw files below sys.stdout and sys.stderr, where these are the interpreter's own on the
 * terminal.  Returns 0, or -1 with an exception set. */
CHECKED int output_start(void);

/* A prompt is on the screen, read by this thread; or no longer.  These nest.  What is left in the
 * queue at the end is written.  No GIL.  Never fail. */
void output_enter(void);
void output_leave(void);

/* The prompt is about to be off the screen, and is back: meanwhile all is written at once.
 * Returns what output_go_on() takes.  No GIL.  Never fail. */
int output_pause(void);
void output_go_on(int depth);

/* What stands in the row of the cursor, written since the last newline: for free(), NULL for
 * nothing.  It is forgotten.  No GIL.  Never fails. */
char *output_take_tail(void);

/* Whether something visible was written since the last newline, and no prompt is on the screen.
 * It is forgotten.  No GIL.  Never fails. */
bool output_take_begun(void);

/* How many milliseconds to wait before what is queued is written: -1 when nothing is.  A flood is
 * written in portions, so that there is time for keys.  No GIL.  Never fails. */
int output_due(void);

/* Write what is queued above what is edited, if it is due.  No GIL.  Never fails. */
void output_flush(void);

/* The editor's thread goes into a hook that knows nothing of the queue, or is back: meanwhile a
 * thread of ours writes it.  No GIL.  Never fails. */
void output_hook(bool on);
