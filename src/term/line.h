/* term/line.h -- reading a cell, or a line, with all that readline knows about editing.
 *
 * readline has the keys, the kill ring, undo, vi mode and ~/.inputrc; the screen is our own
 * painter's, and so are the commands that must know about lines within the buffer, the history,
 * the menu and the search.  The reading loop:
 *
 * 1. What the keys before have changed is painted, once they are all used up.
 * 2. The client waits, until keys have come or the editor is woken.
 * 3. Each key goes to the menu, the search, the paste, or to readline, whose commands change the
 *    buffer.  Enter and Ctrl-C end it.
 *
 * Reading nests: what is edited is put aside, and comes back.
 *
 * World: plain; all of readline is in the files that include state.h.  State is static in line.c
 * and display.c, for readline's commands have no argument of ours.  Tests: tests/c/test_term_line.c, tests/py/test_term_*.py
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "screen/theme.h"
#include "term/recall.h"

typedef enum LineStatus {
    LINE_ENTERED,
    LINE_END,          // Ctrl-D, or the terminal is gone
    LINE_INTERRUPTED,  // Ctrl-C
    LINE_FAILED,       // the client's wait() said so, or no memory
} LineStatus;

/* What could be meant at the cursor. */
typedef struct LineCandidate {
    char *text;  // what replaces the text from `start` to the cursor
    char *kind;  // a word for the menu, or NULL
} LineCandidate;

/* All zeros: none. */
typedef struct LineCandidates {
    size_t start;
    LineCandidate *items;
    size_t count;
} LineCandidates;

/* Whom the editor asks. */
typedef struct LineClient {
    void *context;
    /* The keys are the editor's from now on: 0, or -1 to end reading as LINE_FAILED.  NULL: nothing
     * is to be done. */
    int (*begin)(void *context);
    /* Wait for keys or to be woken, and do meanwhile what is to be done: 0, or -1 to end reading
     * as LINE_FAILED.  NULL: tty_wait(). */
    int (*wait)(void *context, unsigned *ret_happened);
    /* What could be meant at `cursor`: 0, or a negative errno, for nothing.  NULL: nothing. */
    int (*complete)(void *context, const char *text, size_t length, size_t cursor,
                    LineCandidates *ret_candidates);
    RecallSource history;  // without look: there is none
    bool suggests;         // what the history has next is shown in grey
} LineClient;

typedef struct LineRequest {
    const char *prompt;
    const char *more;     // NULL: one line alone
    bool cell;            // Python, in lines: coloured, indented, entered when it is whole
    const char *initial;  // what is in the buffer at first, or NULL
} LineRequest;

/* Prepare readline: read ~/.inputrc, put our commands in the place of its own.  The second call
 * does nothing.  Returns 0, or a negative errno.
 */
CHECKED int line_open(const ScreenTheme *theme);

/* Read what the user enters, without a newline at its end.
 *
 * `ret_text` is written for LINE_ENTERED alone, for free().  No GIL is needed; wait() and
 * complete() take it if they want it.
 */
LineStatus line_read(const LineRequest *request, const LineClient *client, char **ret_text);

/* Whether a read is going on that waits for the user. */
bool line_is_reading(void);

/* Write `text` above what is edited; at once, whatever line_is_reading() says.  The thread that
 * reads alone.  What is not a whole line is continued by the next text. */
void line_print_above(const char *text, size_t length);

/* If others have written beside what is edited, paint it anew.  The thread that reads alone. */
void line_settle(void);

/* Take what is edited off the screen and give the terminal back, for others to use it; and
 * return to editing.  These nest; without a read they do nothing. */
void line_suspend(void);
void line_resume(void);

/* Release the candidates.  Never fails. */
void line_candidates_done(LineCandidates *candidates);
