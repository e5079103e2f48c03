/* %xmode and %tb: how errors are shown, and the last one again. */
#include <string.h>
#include <strings.h>

#include "magic/table.h"
#include "session/report.h"
#include "show/traceback.h"

static const char *const mode_names[] = { [TRACEBACK_PLAIN] = "Plain",
                                          [TRACEBACK_CONTEXT] = "Context",
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
    .usage = "[Plain | Context | Minimal]",
    .summary =
        "How errors are shown: as Python does, with the lines around, or in one line.",
    .flags = MAGIC_LINE | MAGIC_RAW,
    .run = xmode_run,
};

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
    Py_RETURN_NONE;
}

const Magic magic_tb = {
    .name = "tb",
    .usage = "[Plain | Context | Minimal | --free]",
    .summary =
        "Show the last error again; --free lets go of it and of what its frames hold.",
    .flags = MAGIC_LINE | MAGIC_RAW,
    .run = tb_run,
};
