#include "input/symbol.h"

const InputSymbol input_symbols[] = {
#include "input/symbol_table.inc"
};

const size_t input_symbol_count = sizeof input_symbols / sizeof *input_symbols;
