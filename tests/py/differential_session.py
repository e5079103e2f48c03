"""What test_differential.py's sessions call between the scripts that they %run.

Run R of case N is bracketed: before(N, R) makes the case's folder afresh and redirects
descriptors 0-2 to files, after(N, R) puts them back and notes how the run ended.  What is kept
of a first run, until the second, is held here, in a module of its own, as a user might.
"""
import builtins
import contextlib
import gc
import io
import json
import os
import re
import shutil
import sys
import types

PROMPT = sys.modules["__main__"].__dict__
plan = json.load(open(os.environ["DIFFERENTIAL_PLAN"]))
results = []
kept = {}
counts = []
_home = os.getcwd()
_own = [os.dup(fd) for fd in range(3)]
_prompt = {}


def _stream(number, run, kind):
    return os.path.join(plan["captured"], f"{number}.{run}.{kind}")


def before(number, run):
    case = plan["cases"][number]
    shutil.rmtree(case["folder"], ignore_errors=True)
    shutil.copytree(case["template"], case["folder"])
    os.chdir(case["folder"])
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    files = [os.open(case["stdin"], os.O_RDONLY),
             os.open(_stream(number, run, "out"), flags),
             os.open(_stream(number, run, "err"), flags)]
    for target, fd in enumerate(files):
        os.dup2(fd, target)
        os.close(fd)
    sys.stdin.seek(0)
    _prompt.update(PROMPT)
    vars(builtins).pop("_", None)  # a script's own displayhook leaves it


def _status():
    """How the last run ended, as %runs has it."""
    rows = io.StringIO()
    with contextlib.redirect_stdout(rows):
        get_ipython().run_line_magic("runs", "")
    return re.findall(r"^ *\d+  .*", rows.getvalue(), re.M)[-1].split()[4]


def after(number, run):
    problems = []
    exit_code = PROMPT.pop("_exit_code", None)
    status = _status()
    for name in ("stdin", "stdout", "stderr"):
        stream = getattr(sys, name)
        if stream.closed or stream.name != f"<{name}>":
            problems.append(f"sys.{name} is {stream!r}")
    sys.stdout.flush()
    sys.stderr.flush()
    for target, fd in enumerate(_own):
        os.dup2(fd, target)
    os.chdir(_home)
    case = plan["cases"][number]
    if run == 1:
        _keep(number, case)
    elif run == 2:
        problems += _changes(number)
    else:
        gc.collect()
        counts.append(len(gc.get_objects()))
    _drop_modules(case["folder"])
    results.append({"case": number, "run": run, "exit_code": exit_code, "status": status,
                    "names": sorted(PROMPT), "problems": problems, "new": sorted(
                        name for name in PROMPT if PROMPT[name] is not _prompt.get(name, _prompt))})
    _prompt.clear()


def _keep(number, case):
    """Hold the functions of the first run, and remember what its namespace had."""
    script = os.path.join(case["folder"], case["script"])
    functions = [value for value in list(PROMPT.values())
                 if isinstance(value, types.FunctionType)
                 and value.__globals__ is not PROMPT
                 and value.__globals__.get("__file__") == script]
    kept[number] = [(f, f.__globals__, dict(f.__globals__)) for f in functions]


def _changes(number):
    """What the second run did to the globals of the first."""
    problems = []
    again = {id(value.__globals__) for value in list(PROMPT.values())
             if isinstance(value, types.FunctionType)}
    for function, namespace, snapshot in kept.pop(number):
        where = f"{function.__qualname__} of the first run"
        if function.__globals__ is not namespace or id(namespace) in again:
            problems.append(f"{where}: other globals")
        missing = [name for name in snapshot if name not in namespace]
        changed = [name for name, value in snapshot.items()
                   if name in namespace and namespace[name] is not value
                   and name != "__warningregistry__"]  # unittest clears it in sys.modules
        if missing or changed:
            problems.append(f"{where}: lost {missing}, changed {changed}")
    return problems


def _drop_modules(folder):
    """Take what a script imported from its folder out of the way of the next."""
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(folder + os.sep):
            if not name.endswith(">"):
                del sys.modules[name]


def finish():
    with open(os.path.join(plan["captured"], "results.json"), "w") as file:
        json.dump({"results": results, "counts": counts}, file)
