"""The history: what 100,000 inputs of earlier sessions cost a new one."""
import contextlib
import functools
import os
import pathlib
import sqlite3
import subprocess
import tempfile
import time

from figure import OURS, Figure, Goal, alternate
from prompt import first_prompt_ms

INPUTS = 100_000
REPETITIONS = 20
NONE = "no history"
SEARCHES = 5


def make(shell, path):
    """A history of so many inputs; the shell itself makes the file."""
    subprocess.run([shell, "-i", "-q"], input=b"pass\n", capture_output=True, check=True,
                   env=os.environ | {"MAINSPRING_HISTORY": str(path)})
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.executemany(
            "INSERT INTO inputs (session, line, time, typed) VALUES (1, ?, 0, ?)",
            ((i, f"result_{i} = compute({i}, 'a longer argument {i * 7}')\nprint(result_{i})")
             for i in range(2, INPUTS + 2)))


def with_history(path, measure):
    os.environ["MAINSPRING_HISTORY"] = str(path)
    try:
        return measure()
    finally:
        del os.environ["MAINSPRING_HISTORY"]


def session_ms(shell, cells):
    """From the start to the end of a session that executes the cells."""
    began = time.perf_counter()
    subprocess.run([shell, "-i", "-q"], input=cells, capture_output=True, check=True)
    return (time.perf_counter() - began) * 1e3


def figures(shells):
    shell = shells[OURS]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "history.sqlite")
        make(shell, path)

        def compared(measure, repetitions):
            measures = {OURS: functools.partial(with_history, path, measure),
                        NONE: functools.partial(with_history, "", measure)}
            alternate(1, measures)
            return alternate(repetitions, measures)

        prompts = compared(functools.partial(first_prompt_ms, [shell]), REPETITIONS)
        cells = compared(functools.partial(session_ms, shell, b"pass\n" * 100), REPETITIONS)
        searches = compared(functools.partial(
            session_ms, shell, b"%history -l 3 -g argument 77\n" * SEARCHES), 3)
    return [
        Figure("first prompt visible, 100,000 inputs kept", "ms", prompts, Goal("<=", 1.1, NONE)),
        Figure("a session of 100 cells, 100,000 inputs kept", "ms", cells, Goal("<=", 2, NONE)),
        Figure("... of 5 searches through all of them", "ms", searches, Goal("<=", 500)),
    ]
