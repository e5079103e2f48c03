#!/usr/bin/env python3
"""Print src/screen/width_table.h: which characters take no column, and which take two.

usage: tools/width_table.py >src/screen/width_table.h

The interpreter's own Unicode data decides; an unassigned character is wide where it can only
become an ideograph.
"""
import sys
import unicodedata


IDEOGRAPHS = [(0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2FFFD),
              (0x30000, 0x3FFFD)]


def is_zero(code):
    character = chr(code)
    if code in (0xAD,):
        return False  # a soft hyphen is shown
    category = unicodedata.category(character)
    return (category in ("Mn", "Me", "Cf", "Zl", "Zp") or 0x1160 <= code <= 0x11FF
            or 0xD7B0 <= code <= 0xD7FF)


def is_wide(code):
    if unicodedata.category(chr(code)) == "Cn" and not any(a <= code <= b for a, b in IDEOGRAPHS):
        return False
    return not is_zero(code) and unicodedata.east_asian_width(chr(code)) in "WF"


def ranges(predicate):
    start = None
    for code in range(0x80, 0x110001):
        holds = code < 0x110000 and not 0xD800 <= code <= 0xDFFF and predicate(code)
        if holds and start is None:
            start = code
        elif not holds and start is not None:
            yield start, code - 1
            start = None


def table(name, predicate):
    print(f"\nstatic const ScreenRange {name}[] = {{")
    row = "   "
    for first, last in ranges(predicate):
        item = f" {{ 0x{first:X}, 0x{last:X} }},"
        if len(row) + len(item) > 92:
            print(row)
            row = "   "
        row += item
    print(row + "\n};")


print("/* screen/width_table.h -- made by tools/width_table.py from Unicode "
      f"{unicodedata.unidata_version}.\n *\n * World: plain.\n */\n// clang-format off\n#pragma once\n")
print("#include <stdint.h>\n")
print("typedef struct ScreenRange {\n    uint32_t first;\n    uint32_t last;\n} ScreenRange;")
table("zero_columns", is_zero)
table("two_columns", is_wide)
sys.stdout.flush()
