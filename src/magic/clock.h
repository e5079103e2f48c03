/* magic/clock.h -- the time that something takes: by the clock on the wall, and this process's.
 *
 * World: Python by its folder, though nothing here needs it.  Tests: tests/py/test_run_options.py
 */
#pragma once

#include <stddef.h>

enum { CLOCK_TEXT = 32 };

/* Seconds. */
typedef struct Clock {
    double wall;
    double user;
    double system;
} Clock;

/* The time now, from some start. */
Clock clock_read(void);

/* Add the time from `start` to `end` to `*sum`. */
void clock_add(Clock *sum, Clock start, Clock end);

/* Seconds with the unit that makes them readable. */
void clock_format(double seconds, char ret_text[CLOCK_TEXT]);
