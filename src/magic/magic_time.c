/* %time: how long one statement takes. */
#include "magic/stopwatch.h"
#include "magic/table.h"
#include "py/call.h"
#include "py/linecache.h"
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
    AUTO_DECREF PyObject *transformed =
        session_cell_transform(s, call->cell ? call->cell : call->line);
    AUTO_DECREF PyObject *filename = PyUnicode_FromString("<timed>");
    if (transformed == NULL || filename == NULL || linecache_set(filename, transformed) < 0)
        return NULL;
    AUTO_DECREF PyObject *code = compile_either(s, transformed, filename);
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
