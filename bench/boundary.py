"""What a re-run costs beyond its script, beside few and many objects of the user's.

That is to find and read the file, to free what the previous run left, to publish the names and
to look for what is dead; each heap is a process of its own.  The re-run's script is unchanged, so
it is not compiled.  IPython collects later, or never: its figures say what the rest costs.
"""
import functools
import json
import pathlib
import subprocess
import tempfile

from figure import OURS, Figure, Goal, alternate

SESSION = pathlib.Path(__file__).with_name("boundary_session.ipy")
REPETITIONS = 3


def milliseconds(objects, beside, shell):
    with tempfile.TemporaryDirectory() as folder:
        output = subprocess.run(
            [shell, SESSION, str(objects / 1000), str(beside // 1000), folder],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout
    return json.loads(output)


def figures(shells):
    shells = {name: path for name, path in shells.items() if name != "python3"}
    figures = []
    for objects, bound in [(10, 1), (1000, 1), (100_000, 200)]:
        taken = {}
        for beside in (0, 1_000_000, 10_000_000):
            repetitions = 1 if beside > 1_000_000 and objects != 1000 else REPETITIONS
            taken[beside] = alternate(repetitions, {
                name: functools.partial(milliseconds, objects, beside, path)
                for name, path in shells.items()})
            figures.append(Figure(
                f"re-run of {objects:,} objects beside {beside:,}", "ms",
                {name: [each["boundary"] for each in samples]
                 for name, samples in taken[beside].items()}, Goal("<=", bound)))
        ours = {beside: min(each["boundary"] for each in samples[OURS])
                for beside, samples in taken.items()}
        collect = min(each["collect"] for each in taken[10_000_000][OURS])
        figures.append(Figure(f"{objects:,} objects: beside 10,000,000 over beside none", "x",
                              {OURS: [ours[10_000_000] / ours[0]]}, Goal("<=", 2)))
        figures.append(Figure(f"{objects:,} objects: beside 10,000,000 over gc.collect()", "x",
                              {OURS: [ours[10_000_000] / collect]}, Goal("<=", 1)))
    return figures
