"""Print what a build needs to know of the interpreter that runs this file.

usage: python3 tools/python_config.py executable | home | library | cflags | libs

Printing `library` fails with one line where the interpreter has no static library.
"""
import os
import sys
import sysconfig

VERSION = sysconfig.get_config_var("VERSION")
ABIFLAGS = getattr(sys, "abiflags", "")


def executable():
    return sys.executable


def home():
    return sys.base_prefix


def library():
    path = os.path.join(
        sysconfig.get_config_var("LIBPL"), f"libpython{VERSION}{ABIFLAGS}.a"
    )
    if not os.path.exists(path):
        sys.exit(f"python_config: {sys.executable} has no static library: {path} is missing")
    return path


def cflags():
    paths = sysconfig.get_paths()
    folders = dict.fromkeys([paths["include"], paths["platinclude"]])
    return " ".join(f"-isystem{folder}" for folder in folders)


def libs():
    values = (sysconfig.get_config_var(name) or "" for name in ("LIBS", "SYSLIBS", "MODLIBS"))
    return " ".join(dict.fromkeys(" ".join(values).split()))


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in ("executable", "home", "library", "cflags", "libs"):
        sys.exit(__doc__.split("\n\n")[1])
    print(globals()[sys.argv[1]]())
