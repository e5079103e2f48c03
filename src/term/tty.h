/* term/tty.h -- the terminal as the editor has it: its modes, its size, its bytes, its signals.
 *
 * While the editor reads, keys arrive as they are pressed, Ctrl-C and Ctrl-Z among them.  What
 * was read and not used up is there for whoever reads next.  A pipe wakes the editor: written to
 * by other threads, and by the handlers of SIGWINCH and SIGCONT.
 *
 * What is written goes through /dev/tty where it can, a file that nobody else has: so the writes
 * of others to the terminal's can be told from ours.
 *
 * State is static here: signal handlers have no argument of ours, and there is one terminal.
 *
 * World: plain.  Tests: tests/py/test_term_*.py
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

enum {
    TTY_INPUT = 1 << 0,    // there are bytes
    TTY_WOKEN = 1 << 1,    // somebody woke the editor
    TTY_END = 1 << 2,      // the terminal is gone
    TTY_SIZE = 1 << 3,     // its size may be another
    TTY_RESUMED = 1 << 4,  // the process was stopped, and goes on
    TTY_SIGNAL =
        1 << 5,  // the interpreter noted a signal, and wrote its number to the pipe
    TTY_WATCHED = 1 << 6  // the descriptor that is watched had something to read
};

/* Prepare what outlasts a prompt, or what is missing of it: a script may close all descriptors.
 * Returns 0, or a negative errno. */
CHECKED int tty_open(void);

/* Take the terminal's modes and signals for the editor; give them back as they were.  Never
 * fail. */
void tty_start(void);
void tty_stop(void);

/* Have Ctrl-C send its signal, for code that runs in between; or be a key again.  Never fails. */
void tty_allow_signals(bool allowed);

/* Its size, 80x24 where it says nothing.  Never fails. */
void tty_size(int *ret_columns, int *ret_rows);

/* The keys that the user's modes have for an interrupt, for stopping, for the end of the input;
 * 0 for none. */
unsigned char tty_interrupt_key(void);
unsigned char tty_end_key(void);
unsigned char tty_stop_key(void);

/* Stop the process as Ctrl-Z does; returns when it goes on.  Never fails. */
void tty_suspend(void);

/* The descriptors to wait for: keys, and waking. */
enum { TTY_KEYS = 0 };
int tty_wake_fd(void);

/* Wake the editor.  Any thread; async-signal-safe. */
void tty_wake(void);

/* The end of the pipe that waking writes to: zeros; the interpreter, numbers of signals. */
int tty_waking_fd(void);

/* Whether what we write goes through a file of our own.  Never fails. */
bool tty_is_apart(void);

/* Look at `fd` too, which does not block; -1 for none.  Nobody else reads it: what it says is
 * thrown away.  Never fails. */
void tty_watch(int fd);

/* Have waiting end when there is something to read from it, as at first; or not.  Never fails. */
void tty_heed(bool heeded);

/* What ends waiting of that, or -1. */
int tty_watched_fd(void);

/* Whether there was anything to read since the last call.  Never fails. */
bool tty_take_watched(void);

/* Wait `timeout` milliseconds (-1: for ever) for something to happen: what did, 0 for nothing. */
unsigned tty_wait(int timeout);

/* Wait so long for keys alone, of what has not come yet: whether they have.  What else happens the
 * next tty_wait() tells.  Never fails. */
bool tty_wait_keys(int timeout);

/* What has happened, without waiting.  Never fails. */
unsigned tty_poll(void);

/* Have the interrupt key among the bytes, as if it had been pressed now.  Never fails. */
void tty_press_interrupt(void);

/* The bytes that are there; using `count` of them up. */
const char *tty_bytes(size_t *ret_length);
void tty_use(size_t count);

/* Write a question with `\033[6n` in it: whether the terminal told within a moment where its cursor
 * is, counted from 0.  Keys that come meanwhile are kept.  Never fails. */
bool tty_ask_cursor(const char *question, int *ret_row, int *ret_column);

/* Write all of it.  Never fails: a terminal that is gone shows nothing. */
void tty_write(const char *bytes, size_t length);
