/* show/display.h -- a value as the text that is shown for it.
 *
 * World: Python, GIL held.  Tests: tests/py/test_prompt.py, tests/c/test_show_display.c
 */
#pragma once

#include "py/ref.h"

/* The text of `value`: its repr; a built-in container too long for one row is laid out in
 * several by the standard library's pprint.
 *
 * Returns a str, or NULL with an exception set.  Runs user code (`__repr__`).
 */
CHECKED PyObject *display_text(PyObject *value);
