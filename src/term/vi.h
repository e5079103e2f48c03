/* term/vi.h -- vi's commands, on lines within the buffer, as vi has them.
 *
 * A command is read whole, with its counts, its motion, its character; then it is done, in one
 * group for `u`.  What `.` repeats is that command, and what was inserted between it and ESC.
 * Keys of readline's that are not here (marks) are its own.
 *
 * `u` after a read began undoes what was typed up to the first ESC.
 *
 * World: plain; what vi remembers is static.  Tests: tests/py/test_term_vi.py
 */
#pragma once

#include "term/state.h"

/* Bind the keys, before ~/.inputrc is read; after that, take what it bound to readline's own
 * commands.  Never fail. */
void vi_bind(void);
void vi_replace(void);

/* A read begins, or is over.  Never fail. */
void vi_begin(Line *l);
void vi_done(Line *l);

/* Insert from here on, up to ESC, as often as `count` says.  Never fails. */
void vi_begin_insertion(Line *l, int count);

/* Whether keys are commands now. */
bool vi_is_commanding(void);

/* A command that waits (`l->vi.waiting`) takes the key. */
void vi_take_key(Line *l, char byte);

/* Enter on a cell that is not whole, in command mode: the next line, or a new one. */
void vi_enter(Line *l);

/* The cursor of command mode stands on a character, not behind the last one of its line. */
void vi_settle(const Line *l);

/* ESC: a command for readline. */
int vi_leave_insertion(int count, int key);
