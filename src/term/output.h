/* term/output.h -- what is printed while the prompt waits, above the prompt.
 *
 * While a prompt is on the screen, what is printed is queued and wakes the editor, whose thread
 * alone writes to the terminal then.  At any other time it is written at once.  A flood is written
 * in portions, as fast as the terminal takes them: what is edited is seen between them, and keys
 * are heard.  Who prints more waits.
 *
 * A child that was forked prints into a pipe that the prompt reads.  What is written to the
 * terminal itself is term/foreign's.
 *
 * World: plain, any thread, without the GIL.  State is static: there is one terminal.
 * Tests: tests/py/test_term_output.py
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

/* Begin, before anything is forked.  Returns 0 or -errno. */
CHECKED int output_start(void);

/* Take what is printed, which is not nothing: how many of the bytes.  The caller writes the others
 * himself at once, and says when that is over.  Never fail. */
size_t output_take(const char *bytes, size_t length);
void output_written(void);

/* A prompt is on the screen, read by this thread; or no longer.  These nest.  What is left in the
 * queue at the end is written.  Never fail. */
void output_enter(void);
void output_leave(void);

/* The prompt is about to be off the screen, and is back: meanwhile all is written at once.
 * Returns what output_go_on() takes.  Never fail. */
int output_pause(void);
void output_go_on(int depth);

/* What stands in the row of the cursor, written since the last newline: for free(), NULL for
 * nothing.  It is forgotten.  Never fails. */
char *output_take_tail(void);

/* Whether something visible was written since the last newline, and no prompt is on the screen.
 * It is forgotten.  Never fails. */
bool output_take_begun(void);

/* How many milliseconds to wait before the next portion is written: -1 when nothing is queued.
 * Never fails. */
int output_due(void);

/* Write that portion above what is edited, if it is due.  Never fails. */
void output_flush(void);

/* The editor's thread goes into a hook that knows nothing of the queue, or is back: meanwhile a
 * thread of ours writes it.  Never fails. */
void output_hook(bool on);
