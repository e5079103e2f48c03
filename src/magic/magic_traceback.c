/* %xmode and %tb: how errors are shown, and the last one again. */
#include <string.h>
#include <strings.h>

#include "magic/table.h"
#include "session/report.h"
#include "session/size.h"
#include "show/traceback.h"

static const char *const mode_names[] = { [TRACEBACK_PLAIN] = "Plain",
                                          [TRACEBACK_CONTEXT] = "Context",
                                          [TRACEBACK_VERBOSE] = "Verbose",
                                          [TRACEBACK_MINIMAL] = "Minimal" };

/* The mode named in the line, or -1 with UsageError set. */
static int
mode_of_line(Session *s, const MagicCall *call)
{
    const char *line = PyUnicode_AsUTF8(call->line);
    if (line == NULL)
        return -1;
    for (size_t i = 0; i < COUNT_OF(mode_names); i++)
        if (strcasecmp(line, mode_names[i]) == 0)
            return (int)i;
    magic_usage_error(s, call, "no mode %s", line);
    return -1;
}

static PyObject *
xmode_run(Session *s, const MagicCall *call)
{
    if (PyUnicode_GET_LENGTH(call->line) > 0) {
        int mode = mode_of_line(s, call);
        if (mode < 0)
            return NULL;
        s->traceback_mode = (TracebackMode)mode;
    }
    session_say("errors are shown in mode %s", mode_names[s->traceback_mode]);
    Py_RETURN_NONE;
}

const Magic magic_xmode = {
    .name = "xmode",
    .usage = "[Plain | Context | Verbose | Minimal]",
    .summary = "How errors are shown: as Python does, with the lines around, with values "
               "too, or in one "
               "line.",
    .flags = MAGIC_LINE | MAGIC_RAW,
    .run = xmode_run,
};

/* How much the error keeps in memory, where it does. */
static int
say_held(PyObject *error)
{
    SessionHeld held;
    if (session_size_of_frames(error, &held) < 0)
        return -1;
    static const char *const units[] = { "bytes", "KB", "MB", "GB" };
    const size_t most = 10240;  // of a unit, before the next one is used
    size_t unit = 0;
    size_t count = held.bytes;
    for (; count >= most && unit + 1 < COUNT_OF(units); unit++)
        count /= 1024;
    if (held.bytes > 0)
        session_say("held by %d frame%s: at least %zu %s; %%tb --free lets go of it",
                    held.frames, held.frames == 1 ? "" : "s", count, units[unit]);
    return 0;
}

static PyObject *
tb_run(Session *s, const MagicCall *call)
{
    if (PyUnicode_CompareWithASCIIString(call->line, "--free") == 0) {
        session_keep_error(s, NULL);
        Py_RETURN_NONE;
    }
    int mode = (int)s->traceback_mode;
    if (PyUnicode_GET_LENGTH(call->line) > 0 && (mode = mode_of_line(s, call)) < 0)
        return NULL;
    AUTO_DECREF PyObject *error = Py_XNewRef(s->last_error);
    if (error == NULL)
        session_say("no error to show: none since the last run");
    else
        traceback_print(error, (TracebackMode)mode);
    if (error != NULL && say_held(error) < 0)
        return NULL;
    Py_RETURN_NONE;
}

const Magic magic_tb = {
    .name = "tb",
    .usage = "[Plain | Context | Verbose | Minimal | --free]",
    .summary =
        "Show the last error again; --free lets go of it and of what its frames hold.",
    .flags = MAGIC_LINE | MAGIC_RAW,
    .run = tb_run,
};
