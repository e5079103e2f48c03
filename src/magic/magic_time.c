/* %time: how long one statement takes. */
#include <stdio.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "magic/table.h"
#include "py/call.h"
#include "py/linecache.h"
#include "session/cell.h"
#include "session/output.h"

typedef struct Clock {
    double wall;
    double user;
    double system;
} Clock;

static Clock
read_clock(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);      // our own usage can be read
    return (Clock){
        .wall = clock_monotonic(),
        .user = (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec * 1e-6,
        .system = (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec * 1e-6,
    };
}

/* Seconds with the unit that makes them readable. */
static void
format_seconds(double seconds, char *text, size_t size)
{
    if (seconds >= 60)
        (void)snprintf(text, size, "%dmin %.3gs", (int)(seconds / 60),
                       seconds - 60 * (int)(seconds / 60));
    else if (seconds >= 1)
        (void)snprintf(text, size, "%.3g s", seconds);
    else if (seconds >= 1e-3)
        (void)snprintf(text, size, "%.3g ms", seconds * 1e3);
    else if (seconds > 0)
        (void)snprintf(text, size, "%.3g us", seconds * 1e6);
    else
        (void)snprintf(text, size, "0 ns");
}

static int
write_times(Clock start, Clock end)
{
    char user[32];
    char system[32];
    char total[32];
    char wall[32];
    double used = end.user - start.user;
    double in_system = end.system - start.system;
    format_seconds(used, user, sizeof user);
    format_seconds(in_system, system, sizeof system);
    format_seconds(used + in_system, total, sizeof total);
    format_seconds(end.wall - start.wall, wall, sizeof wall);
    AUTO_DECREF PyObject *text = PyUnicode_FromFormat(
        "CPU times: user %s, sys: %s, total: %s\nWall time: %s\n", user, system, total, wall);
    return text == NULL ? -1 : session_output_write(text);
}

/* An expression has a value; whatever is none is executed. */
static PyObject *
compile_either(Session *s, PyObject *source, PyObject *filename)
{
    AUTO_DECREF PyObject *code = session_cell_compile(s, source, filename, "eval");
    if (code != NULL || !PyErr_ExceptionMatches(PyExc_SyntaxError))
        return TAKE(code);
    PyErr_Clear();
    return session_cell_compile(s, source, filename, "exec");
}

static PyObject *
time_run(Session *s, const MagicCall *call)
{
    AUTO_DECREF PyObject *transformed = session_cell_transform(s, call->cell ? call->cell : call->line);
    AUTO_DECREF PyObject *filename = PyUnicode_FromString("<timed>");
    if (transformed == NULL || filename == NULL || linecache_set(filename, transformed) < 0)
        return NULL;
    AUTO_DECREF PyObject *code = compile_either(s, transformed, filename);
    if (code == NULL)
        return NULL;
    Clock start = read_clock();
    AUTO_DECREF PyObject *value = session_cell_evaluate(s, code);
    Clock end = read_clock();
    return value == NULL || write_times(start, end) < 0 ? NULL : TAKE(value);
}

const Magic magic_time = {
    .name = "time",
    .usage = "STATEMENT",
    .summary = "Execute a statement or a cell and say how long it took; "
               "an expression's value is the result.",
    .flags = MAGIC_LINE | MAGIC_CELL | MAGIC_RAW,
    .run = time_run,
};
