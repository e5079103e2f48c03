/* magic/input_code.h -- the text that a magic is told to take: inputs by their ranges, a file, a
 * URL, a macro, a str or something with a source.
 *
 * World: Python, GIL held.  Tests: tests/py/test_history.py,
 * tests/c/test_magic_calls.c
 */
#pragma once

#include "session/magic.h"

typedef struct InputCode {
    PyObject *text;
    PyObject *path;   // str: the file that it is in, or NULL
    long line;        // where it begins there, from 1
    PyObject *macro;  // str: the name of the macro that it is, or NULL
} InputCode;

/* Find what `target` names; `flags` as session/past.h has them.
 *
 * Returns 1; 0 where it names nothing; or -1 with an exception set, UsageError for a range that has
 * no inputs and for what has no source.  Runs user code.
 */
CHECKED int magic_input_code_find(Session *s, const MagicCall *call, PyObject *target,
                                  unsigned flags, InputCode *ret_code);

/* The path of the file that `target` names as bash would, in quotes or not.  Returns NULL with an
 * exception set. */
CHECKED PyObject *magic_input_code_file(PyObject *target);

/* `path` with `~` expanded.  Returns NULL with an exception set. */
CHECKED PyObject *magic_input_code_path(PyObject *path);

/* The text of a file as Python reads source.  Returns NULL with an exception set, UsageError where
 * it can't be read. */
CHECKED PyObject *magic_input_code_read(Session *s, const MagicCall *call, PyObject *path);

/* Write a text to a file, `mode` "w" or "a".  Returns 0, or -1 with UsageError set. */
CHECKED int magic_input_code_write(Session *s, const MagicCall *call, PyObject *path,
                                   const char *mode, PyObject *text);

/* Release what was found, from any state. */
void magic_input_code_done(InputCode *code);

static inline void
magic_input_code_done_slot(InputCode *code)
{
    magic_input_code_done(code);
}
