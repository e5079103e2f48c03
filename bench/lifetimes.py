"""What a session keeps of its runs: objects, resident memory, and the peak of a large re-run.

Each session is a process of its own; resident memory is taken after a full collection and
malloc_trim, so that it is what the session holds and not what the allocator does.
"""
import functools
import json
import pathlib
import statistics
import subprocess
import tempfile

from figure import Figure, Goal, alternate

SESSION = pathlib.Path(__file__).with_name("lifetimes_session.ipy")
DISTINCT = 60
DISTINCT_MB = 5

# A thousand nodes in one ring, with the classes and functions that a small script has.
MANY = """
class Node:
    def __init__(self, value):
        self.value, self.next = value, None

class Ring:
    def __init__(self, size):
        self.nodes = [Node(i) for i in range(size)]
        for node, other in zip(self.nodes, self.nodes[1:] + self.nodes[:1]):
            node.next = other

def total():
    return sum(node.value for node in ring.nodes)

ring = Ring(1000)
assert total() == 499500
"""

# As a script does, with functions that use what it loads; pages are touched, so resident.
LOAD = "data = bytearray(b'x') * ({mb} << 20)\ndef size():\n    return len(data)\n"


def session(folder, task, shell):
    """What the session had before and after, as the shell tells of itself."""
    output = subprocess.run([shell, SESSION, task, folder], stdin=subprocess.DEVNULL,
                            capture_output=True, text=True, check=True).stdout
    return json.loads(output)


def figures(shells):
    shells = {name: path for name, path in shells.items() if name != "python3"}
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "many.py").write_text(MANY)
        pathlib.Path(folder, "large.py").write_text(LOAD.format(mb=300))
        pathlib.Path(folder, "fifty.py").write_text(LOAD.format(mb=200))
        for i in range(DISTINCT):  # all with the same names: the prompt has those of the last
            pathlib.Path(folder, f"script_{i:02}.py").write_text(LOAD.format(mb=DISTINCT_MB))

        def sessions(task, repetitions):
            return alternate(repetitions,
                             {name: functools.partial(session, folder, task, path)
                              for name, path in shells.items()})

        many, distinct, once, three, fifty = (
            sessions("many", 1), sessions("distinct", 3), sessions("large_once", 3),
            sessions("large_three", 3), sessions("fifty", 1))

    def growth(taken, key):
        return {name: [after[key] - before[key] for before, after in each]
                for name, each in taken.items()}

    def peaks(taken):
        return {name: [after["peak"] for _, after in each] for name, each in taken.items()}

    one_run = peaks(once)
    times_one_run = {name: [peak / statistics.median(one_run[name]) for peak in each]
                     for name, each in peaks(three).items() if name in one_run}
    return [
        Figure("objects more after 10,000 runs than after 1,000", "", growth(many, "objects"),
               Goal("<=", 100)),
        Figure("resident more after 10,000 runs than after 1,000", "MB", growth(many, "resident"),
               Goal("<=", 1)),
        Figure(f"resident more after {DISTINCT} scripts of {DISTINCT_MB} MB than after one", "MB",
               growth(distinct, "resident"), Goal("<=", DISTINCT_MB)),
        Figure("peak of three runs of a 300 MB script, over that of one", "x", times_one_run,
               Goal("<=", 1.15)),
        Figure("peak of fifty runs of a 200 MB script", "MB", peaks(fifty),
               Goal("<=", 0.6, "ipython3")),
    ]
