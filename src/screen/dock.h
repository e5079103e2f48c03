/* screen/dock.h -- the frame at the bottom of the screen, apart from what others write there.
 *
 *     Mon 12:00:01            others write here: the terminal scrolls these rows alone,
 *     Mon 12:00:02            and its cursor stays among them
 *     _
 *     In [3]: for row in |    the frame; its cursor is painted
 *
 * Others may write at any moment, so the cursor is where they have left it, but for the time of
 * one write of ours, which begins with screen_dock_open() and ends with screen_dock_close().
 * Where it is need not be known: the terminal keeps it for us.
 *
 * 1. To come between what is there and the bottom, the cursor goes down by the height of the
 *    frame, which scrolls as far as needed, and up again.
 * 2. The rows above the frame become the scrolling region.
 * 3. To paint, the cursor's place is saved, the region given up, and both are put back.
 *
 * What would go wrong: who saves the cursor's place himself, gives up the region or erases the
 * screen has the frame in his way until it is painted again, as a whole.
 *
 * World: plain.  Tests: tests/c/test_screen_dock.c
 */
#pragma once

#include <stdbool.h>

#include "base/buf.h"

/* How many rows others have at least; a terminal of fewer than twice as many is too low. */
enum { SCREEN_DOCK_LEAST = 2 };

/* All zeros: there is none. */
typedef struct ScreenDock {
    int rows;    // of the terminal; 0: the frame is not at the bottom
    int height;  // of the frame
} ScreenDock;

/* Have `count` rows below the cursor, which stays with what it is in.  Never fails. */
void screen_dock_reserve(int count, Buf *out);

/* Make room at the bottom of a terminal of `rows` for a frame of `height`.  There is nothing
 * below the cursor, where others write next.  Never fails. */
void screen_dock_enter(ScreenDock *d, int rows, int height, Buf *out);

/* Begin to paint the frame, which is `height` rows high from now on.  Where that is another
 * height, or `anew`, all of it is erased, and the cursor is where it begins.  Returns whether
 * it was.  Never fails. */
bool screen_dock_open(ScreenDock *d, int height, bool anew, Buf *out);

/* Go to a place in the frame, between screen_dock_open() and screen_dock_close().  Never fails. */
void screen_dock_go(const ScreenDock *d, int row, int column, Buf *out);

/* Give the cursor back.  Never fails. */
void screen_dock_close(const ScreenDock *d, Buf *out);

/* Erase the frame: the cursor is where others' text ends.  The terminal has `rows` now, and the
 * frame need not be where it was.  Never fails. */
void screen_dock_leave(ScreenDock *d, int rows, Buf *out);

/* Somebody else had the terminal meanwhile: give the region up and leave all as it is.  Never
 * fails. */
void screen_dock_forget(ScreenDock *d, int rows, Buf *out);
