/* py/text.h -- questions about a str.
 *
 * World: Python, GIL held.  Tests: tests/py/test_run_kinds.py, tests/py/test_run_typed.py
 */
#pragma once

#include <stdbool.h>

#include "py/ref.h"

/* Whether the str `text` ends with `suffix`, which is ASCII.  Never fails. */
bool text_ends_with(PyObject *text, const char *suffix);
