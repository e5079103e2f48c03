/* magic/stopwatch.h -- the time that something takes: by the clock on the wall, and this process's.
 *
 * World: Python by its folder, though nothing here needs it.  Tests: tests/py/test_run_options.py,
 * tests/c/test_magic_stopwatch.c
 */
#pragma once

#include <stddef.h>

enum { STOPWATCH_TEXT = 32 };

/* Seconds. */
typedef struct Stopwatch {
    double wall;
    double user;
    double system;
} Stopwatch;

/* The time now, from some start. */
Stopwatch stopwatch_read(void);

/* Add the time from `start` to `end` to `*sum`. */
void stopwatch_add(Stopwatch *sum, Stopwatch start, Stopwatch end);

/* Seconds with the unit that makes them readable. */
void stopwatch_format(double seconds, char ret_text[STOPWATCH_TEXT]);
