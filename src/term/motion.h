/* term/motion.h -- where vi's motions lead in a text of several lines, and what an operator takes
 * that is followed by one.
 *
 *     h l 0 ^ $ |      on the line          w W b B e E     by words
 *     f F t T          to a character       %               to the other bracket
 *     j k _ G gg       whole lines          { }             to an empty line
 *     iw aw iW aW i" a" i( a( ...           what is around the cursor, for operators alone
 *
 * A line's end belongs to no line: `l`, `$` and `f` stay before it.
 *
 * World: plain.  Tests: tests/c/test_term_motion.c
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

enum { MOTION_CHARACTER = 5 };  // one of UTF-8, NUL-terminated

typedef struct Motion {
    char key;                         // for `gg` g, for what is around the cursor i or a
    char argument[MOTION_CHARACTER];  // the character that f is about; w, (, ...
    int count;                        // 0: none was given
    bool stays;  // an `e` may stay at the end of its word, as `cw` does
} Motion;

typedef struct MotionText {
    const char *bytes;
    size_t length;
    size_t point;
} MotionText;

/* Where it leads. */
typedef struct MotionRange {
    size_t start, stop;  // what an operator takes; of lines without the last one's newline
    size_t point;        // where the cursor goes if there is none
    bool lines;
} MotionRange;

/* Read a motion at the beginning of `keys`, its count included.
 *
 * Returns its length, 0 where more keys are needed, -1 where these are none.  Never fails.
 */
int motion_read(const char *keys, size_t length, Motion *ret_motion);

/* Say where the motion leads, which may be nowhere: whether it leads anywhere.  Never fails. */
bool motion_find(const MotionText *text, const Motion *motion, MotionRange *ret_range);

/* The beginning and the end of the line, its first character that is no blank. */
size_t motion_line_start(const MotionText *text, size_t at);
size_t motion_line_stop(const MotionText *text, size_t at);
size_t motion_line_text(const MotionText *text, size_t at);
