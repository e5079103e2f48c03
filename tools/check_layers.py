#!/usr/bin/env python3
"""Check that every include in src/ goes down the layers that ARCHITECTURE.md draws.

usage: tools/check_layers.py [FOLDER]     (the project's root; default: here)

Prints one line per breach and ends with status 1, or prints how many includes it read.
"""
import pathlib
import re
import sys

PLAIN = {"base", "input", "screen", "hist", "wire"}
CORE = {"run", "heap", "show", "input", "base", "py"}
ALLOWED = {
    "base": {"base"},
    "input": {"base"}, "screen": {"base", "input"}, "hist": {"base"}, "wire": {"base"},
    "py": {"base"},
    "heap": {"base", "py"}, "show": {"base", "py", "input", "screen"},
    "run": {"base", "py", "heap", "input"},
    "inspect": CORE,
    "session": CORE | {"inspect", "hist", "wire"},
    "magic": CORE | {"inspect", "hist", "wire", "session"},
    "ext": {"base", "py", "run", "heap", "show", "inspect"},
}
FRONTS = {"plain", "term", "kernel"}
for front in FRONTS:
    ALLOWED[front] = CORE | {"inspect", "hist", "wire", "session", "magic"}
ALLOWED["term"].add("screen")

PROJECT_INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
PYTHON_INCLUDE = re.compile(r'^\s*#\s*include\s+[<"](Python\.h|structmember\.h|opcode\.h)', re.M)
VERSION_TEST = re.compile(r"^\s*#.*\bPY_(VERSION_HEX|MINOR_VERSION)\b", re.M)


def breaches(path, area, text):
    for included in PROJECT_INCLUDE.findall(text):
        target = included.split("/")[0]
        if "/" not in included:
            yield f'{path}: "{included}" does not say its area'
        elif area is not None and target != area and target not in ALLOWED[area]:
            yield f'{path}: {area} may not include "{included}"'
    if area in PLAIN and PYTHON_INCLUDE.search(text):
        yield f"{path}: {area} is plain C and includes a Python header"
    if VERSION_TEST.search(text) and (area, path.name) != ("py", "compat.h"):
        yield f"{path}: looks at Python's version; py/compat.h is the place"


def main(root):
    sources = sorted([*root.glob("src/**/*.c"), *root.glob("src/**/*.h")])
    found = []
    for path in sources:
        parts = path.relative_to(root / "src").parts
        area = parts[0] if len(parts) > 1 else None
        if area is not None and area not in ALLOWED:
            found.append(f"{path}: '{area}' is no layer of ours")
            continue
        found.extend(breaches(path, area, path.read_text()))
    print("\n".join(found) or f"layers: {len(sources)} files keep them")
    return 1 if found or not sources else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
