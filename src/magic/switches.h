/* magic/switches.h -- the options of a magic: single letters, together or apart.
 *
 *     "nop l# g* f:"   n, o, p are switches; l may have a number; g has all words up to the next
 *                      option; f needs a value.  Blanks mean nothing.
 *
 * `--` ends them, and a word that begins with a dash and a digit is none.
 *
 * World: Python, GIL held.  Tests: tests/py/test_history.py
 */
#pragma once

#include "input/words.h"
#include "session/magic.h"

enum { SWITCHES = 128 };

typedef struct MagicSwitches {
    InputWords words;
    bool on[SWITCHES];
    const char
        *values[SWITCHES];  // of a letter with one, or NULL; valid as long as the words
    PyObject *list;         // str: the words of the letter with many, a blank between
    PyObject *rest;         // str: all other words, a blank between
} MagicSwitches;

/* Read the line of a call.  Returns 0, or -1 with UsageError set. */
CHECKED int magic_switches_read(Session *s, const MagicCall *call, const char *letters,
                                MagicSwitches *ret_switches);

/* The number that is the value of `letter`, or `missing`.  Returns 0, or -1 with UsageError set. */
CHECKED int magic_switches_number(Session *s, const MagicCall *call,
                                  const MagicSwitches *switches, char letter, long *number);

/* Release what was read, from any state. */
void magic_switches_done(MagicSwitches *switches);

static inline void
magic_switches_done_slot(MagicSwitches *switches)
{
    magic_switches_done(switches);
}
