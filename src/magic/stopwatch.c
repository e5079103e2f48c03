#include "magic/stopwatch.h"

#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

Stopwatch
stopwatch_read(void)
{
    struct timespec t;
    struct rusage usage;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);  // this clock exists
    (void)getrusage(RUSAGE_SELF, &usage);      // our own usage can be read
    return (Stopwatch){
        .wall = (double)t.tv_sec + (double)t.tv_nsec * 1e-9,
        .user = (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec * 1e-6,
        .system = (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec * 1e-6,
    };
}

void
stopwatch_add(Stopwatch *sum, Stopwatch start, Stopwatch end)
{
    sum->wall += end.wall - start.wall;
    sum->user += end.user - start.user;
    sum->system += end.system - start.system;
}

void
stopwatch_format(double seconds, char ret_text[STOPWATCH_TEXT])
{
    if (seconds >= 60)
        (void)snprintf(ret_text, STOPWATCH_TEXT, "%dmin %.3gs", (int)(seconds / 60),
                       seconds - 60 * (int)(seconds / 60));
    else if (seconds >= 1)
        (void)snprintf(ret_text, STOPWATCH_TEXT, "%.3g s", seconds);
    else if (seconds >= 1e-3)
        (void)snprintf(ret_text, STOPWATCH_TEXT, "%.3g ms", seconds * 1e3);
    else if (seconds > 0)
        (void)snprintf(ret_text, STOPWATCH_TEXT, "%.3g us", seconds * 1e6);
    else
        (void)snprintf(ret_text, STOPWATCH_TEXT, "0 ns");
}
