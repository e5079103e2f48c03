/* term/foreign.h -- programs that write to the terminal beside the prompt.
 *
 * What was started anew has the terminal as we have it, so that its colours, its `isatty()`, its
 * whole screen are its own business; what it writes while the prompt waits passes nobody.  The
 * same goes for C code in threads of ours.
 *
 * 1. The system tells us of each write to the terminal's file (inotify).  Our own go through
 *    another file, /dev/tty, and are not told of.  A prompt that nobody disturbs sleeps.
 * 2. After the first one the cursor is where it was left, and what was written begins in the
 *    middle of what is edited.  The terminal is asked for both places, this once, and the frame
 *    taken out in front of the text.  Where it does not answer at once, or may have scrolled
 *    (the cursor is in the last row), nobody knows: the line that was edited stays before it.
 *    What is right of the text and below it is erased, but right of its last row alone.
 * 3. The frame is painted at the bottom of the screen, where it stays for this read
 *    (screen/dock.h): others write above it and need not be looked after any more.
 *    While somebody lives who could write, rows are kept below the frame, so that it is not
 *    in the last one.
 * 4. Where somebody is likely to write (he began just now, or has written within a minute) the
 *    frame is at the bottom from the beginning, so that nothing is disturbed at all.
 *
 * A terminal that is too low is not divided: there the frame is painted anew below what was
 * written.  Where the system tells nothing all is as if nobody wrote.
 *
 * State is static: there is one terminal.
 *
 * World: plain, the editor's thread.  Tests: tests/py/test_term_foreign.py
 */
#pragma once

#include <stdbool.h>

#include "screen/paint.h"

/* A prompt has the terminal; or no longer.  Never fail. */
void foreign_start(void);
void foreign_stop(void);

/* A read begins: find out whether somebody is likely to write.  Never fails. */
void foreign_begin(void);

/* How many of the terminal's rows the frame may have.  Never fails. */
int foreign_rows(int rows);

/* Whether the frame is at the bottom, or will be when it is painted.  Never fails. */
bool foreign_is_expected(int rows);

/* If somebody has written since the last call, go to a place where the frame can be painted anew:
 * whether he has.  To be asked before anything is painted or erased.  Never fails. */
bool foreign_take(ScreenPainter *p, int rows, Buf *out);

/* Show the frame where it belongs.  Never fails but by `out`. */
void foreign_show(ScreenPainter *p, int rows, ScreenFrame *next, Buf *out);

/* If the frame is at the bottom, erase it, and be where others' text ends: whether it was.
 * Nothing is shown then.  The terminal has `rows` now.  Never fails. */
bool foreign_leave(ScreenPainter *p, int rows, Buf *out);

/* The same, where another program had the terminal: nothing is erased.  Never fails. */
void foreign_forget(int rows, Buf *out);
