/* show/color.h -- where colours are wanted, and text with them: those of the prompt (screen/theme).
 *
 * World: Python, GIL held.  Tests: tests/c/test_show_color.c, tests/py/test_traceback.py
 */
#pragma once

#include <stdbool.h>

#include "py/ref.h"

/* Whether the stream (sys.stdout, sys.stderr) is a terminal with colours, and nobody has set
 * NO_COLOR.  Never fails.  Runs user code (the stream's `isatty`).
 */
bool color_is_wanted(PyObject *stream);

/* A heading, or a label, in its colour.  Returns a str, or NULL with an exception set. */
CHECKED PyObject *color_heading(PyObject *text);

/* Python text in colours.  Returns a str, or NULL with an exception set. */
CHECKED PyObject *color_code(PyObject *text);

/* The text of a traceback in colours, in any of its modes.  Returns a str, or NULL with an exception
 * set. */
CHECKED PyObject *color_traceback(PyObject *text);
