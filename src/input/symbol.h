/* input/symbol.h -- characters by the names that LaTeX gives them, without the backslash.
 *
 * The names are in symbol_table.inc, which tools/make_symbols.py writes.
 *
 * World: plain.  Tests: tests/py/test_complete.py
 */
#pragma once

#include <stddef.h>

typedef struct InputSymbol {
    const char *name;
    const char *text;  // UTF-8
} InputSymbol;

extern const InputSymbol input_symbols[];

/* How many they are. */
extern const size_t input_symbol_count;
