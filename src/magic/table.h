/* magic/table.h -- the list of all magics.
 *
 * World: Python, GIL held.  Tests: tests/py/test_magics.py, tests/c/test_magic_table.c
 */
#pragma once

#include "session/magic.h"

/* All magics in alphabetical order, ended by NULL. */
extern const Magic *const magic_table[];
