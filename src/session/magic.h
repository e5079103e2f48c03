/* session/magic.h -- what a magic is, and how one is called.
 *
 * One const struct per magic; magic/table.c lists them.  They are found natively: nothing that
 * a script or the user binds can take their place, only a magic that is registered by their name
 * (session/registry.h).
 *
 * World: Python, GIL held.  Tests: tests/py/test_magics.py
 */
#pragma once

#include "session/session.h"

typedef struct MagicCall {
    const Magic *magic;
    PyObject *line;  // str: what follows the name, `$var` and `{expr}` expanded
    PyObject *cell;  // str: the body of a cell magic, or NULL
} MagicCall;

enum {
    MAGIC_LINE = 1 << 0,
    MAGIC_CELL = 1 << 1,
    MAGIC_RAW = 1 << 2,  // the line is not expanded
};

struct Magic {
    const char *name;
    const char *usage;    // what follows the name
    const char *summary;  // one line, for %lsmagic and help
    unsigned flags;
    PyObject *(*run)(Session *s, const MagicCall *call);
};

/* The native magic `name`, or NULL when there is none. */
BORROWED const Magic *magic_find(const Session *s, const char *name, size_t length);

/* Call the magic `name` with the text of its line, and of its cell if `cell` is not NULL.
 *
 * Returns its value, or NULL with an exception set: UsageError for a name that is no magic.
 * Runs user code.
 */
CHECKED PyObject *magic_call(Session *s, PyObject *name, PyObject *line, PyObject *cell);

/* Raise UsageError, which is reported as one line: the message, then how the magic is used.  The
 * format is PyUnicode_FromFormat's.
 *
 * Returns NULL, always.
 */
PyObject *magic_usage_error(Session *s, const MagicCall *call, const char *format, ...);

/* Make the pending exception the cause of a UsageError that is the magic's name and its text.
 *
 * Returns NULL, always.
 */
PyObject *magic_refuse(Session *s, const MagicCall *call);

/* The same where it is a ValueError or an OSError, as the past has for bad input; others stay.
 *
 * Returns NULL, always.
 */
PyObject *magic_refuse_input(Session *s, const MagicCall *call);
