/* magic/switches.h -- the options of a magic: single letters, together or apart.
 *
 *     "nop l# g* f:"   n, o, p are switches; l may have a number; g has all words up to the next
 *                      option; f needs a value.  Blanks mean nothing.
 *
 * `--` ends them, and a word that begins with a dash and a digit is none.  Quotes are bash's, but for
 * g, which has what is looked for: there they are characters like others.
 *
 * World: Python, GIL held.  Tests: tests/py/test_history.py,
 * tests/c/test_magic_calls.c
 */
#pragma once

#include "session/magic.h"

enum { SWITCHES = 128 };

typedef struct MagicSwitches {
    bool on[SWITCHES];
    char *values[SWITCHES];  // of a letter with one, without its quotes, or NULL
    PyObject *list;          // str: the words of the letter with many, as they were typed
    PyObject *rest;          // str: all other words as they were typed, a blank between
    PyObject *first;         // str: the first of these without its quotes, or ""
    PyObject *behind;        // str: those behind the first
} MagicSwitches;

/* Read the line of a call.  Returns 0, or -1 with UsageError set. */
CHECKED int magic_switches_read(Session *s, const MagicCall *call, const char *letters,
                                MagicSwitches *ret_switches);

/* The number that is the value of `letter`, INT_MAX at the most; `number` stays where there is none.  Returns 0, or -1 with UsageError set. */
CHECKED int magic_switches_number(Session *s, const MagicCall *call,
                                  const MagicSwitches *switches, char letter, long *number);

/* Release what was read, from any state. */
void magic_switches_done(MagicSwitches *switches);

static inline void
magic_switches_done_slot(MagicSwitches *switches)
{
    magic_switches_done(switches);
}
