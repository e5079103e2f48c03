/* term/change.h -- what a command of vi does to the text.
 *
 * Whole lines go to where lines begin, and are kept as such for `p`; what is within a line stays
 * there.  What is kept for `p` is in readline's kill ring too, not the reverse.
 *
 * World: plain; what `p` puts is static.  Tests: tests/py/test_term_vi.py
 */
#pragma once

#include "term/motion.h"
#include "term/state.h"

/* A command that is whole. */
typedef struct Command {
    char key;                         // 0: a movement
    int count;                        // 0: none was given
    Motion motion;                    // the movement, or an operator's
    char argument[MOTION_CHARACTER];  // the character of r; which operator it is of g
} Command;

/* Do it: whether it did anything.  An insertion may have begun then. */
bool change_apply(Line *l, const Command *c);

/* Go to the first character of the line that is no blank. */
void change_go_to_text(size_t at);
