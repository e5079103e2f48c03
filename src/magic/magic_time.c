/* %time: how long one statement takes. */
#include "magic/statement.h"
#include "magic/stopwatch.h"
#include "magic/table.h"
#include "session/cell.h"
#include "session/output.h"

static int
write_times(Stopwatch start, Stopwatch end)
{
    char user[STOPWATCH_TEXT];
    char system[STOPWATCH_TEXT];
    char total[STOPWATCH_TEXT];
    char wall[STOPWATCH_TEXT];
    double used = end.user - start.user;
    double in_system = end.system - start.system;
    stopwatch_format(used, user);
    stopwatch_format(in_system, system);
    stopwatch_format(used + in_system, total);
    stopwatch_format(end.wall - start.wall, wall);
    AUTO_DECREF PyObject *text =
        PyUnicode_FromFormat("CPU times: user %s, sys: %s, total: %s\nWall time: %s\n",
                             user, system, total, wall);
    return text == NULL ? -1 : session_output_write(text);
}

static PyObject *
time_run(Session *s, const MagicCall *call)
{
    AUTO_DECREF PyObject *code =
        magic_statement_compile(s, call->cell ? call->cell : call->line, "<timed>");
    if (code == NULL)
        return NULL;
    Stopwatch start = stopwatch_read();
    AUTO_DECREF PyObject *value = session_cell_evaluate(s, code);
    Stopwatch end = stopwatch_read();
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
