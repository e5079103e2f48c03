/* base/clock.h -- what time it is, in seconds.
 *
 * World: plain.  Any thread.
 */
#pragma once

#include <time.h>

static inline double
clock_seconds(clockid_t clock)
{
    struct timespec t;
    (void)clock_gettime(clock, &t);  // the clocks asked for here exist
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Seconds since some moment in the past; never goes back.  Never fails. */
static inline double
clock_monotonic(void)
{
    return clock_seconds(CLOCK_MONOTONIC);
}

/* Seconds that this thread has had the processor: others on a busy machine do not count.  Never
 * fails. */
static inline double
clock_thread(void)
{
    return clock_seconds(CLOCK_THREAD_CPUTIME_ID);
}

/* Seconds since the epoch.  Never fails. */
static inline double
clock_epoch(void)
{
    return clock_seconds(CLOCK_REALTIME);
}
