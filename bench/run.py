"""Measure mainspring against python3 and IPython, side by side in one run.

usage: /usr/bin/python3 bench/run.py [--save] MAINSPRING [BENCHMARK...]

Prints a table for each benchmark: the medians (for loops the best), ours over the peer's, and
the goal.  With --save it is kept in bench/results/BENCHMARK.txt.  Status 1 when something
could not be measured; a goal that is not met is no failure.
"""
import argparse
import importlib
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

from figure import OURS, table

BENCHMARKS = ["startup", "prompt", "keys", "history", "complete", "rerun", "lifetimes", "boundary", "why",
              "loops"]
RESULTS = pathlib.Path(__file__).with_name("results")


def version_of(shell):
    answer = subprocess.run([shell, "--version"], capture_output=True, text=True)
    return answer.stdout.strip() or "unknown"


def machine(shells):
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    cores = len(os.sched_getaffinity(0))
    versions = (f"{name}: {version_of(path)}" for name, path in shells.items())
    return ", ".join([cpu[1] if cpu else platform.machine(), f"{cores} cores",
                      f"Linux {platform.release()}", f"load {os.getloadavg()[0]:.1f}", *versions])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--save", action="store_true", help="keep the figures in bench/results")
    parser.add_argument("mainspring", help="the executable to measure")
    parser.add_argument("benchmark", nargs="*", default=BENCHMARKS)
    arguments = parser.parse_args()
    shells = {OURS: os.path.abspath(arguments.mainspring),
              "python3": "/usr/bin/python3", "ipython3": "/usr/bin/ipython3"}

    measured = True
    with tempfile.TemporaryDirectory() as home:
        os.environ.clear()
        os.environ.update(HOME=home, PATH="/usr/bin:/bin", LANG="C.UTF-8", TERM="dumb")
        machine_line = machine(shells)
        print(machine_line)
        for name in arguments.benchmark:
            figures = importlib.import_module(name).figures(shells)
            report = "\n".join([name, *table(figures, shells)])
            print(f"\n{report}", flush=True)
            measured &= all(figure.judged is not None for figure in figures)
            if arguments.save:
                RESULTS.mkdir(exist_ok=True)
                (RESULTS / f"{name}.txt").write_text(f"{machine_line}\n\n{report}\n")
    return 0 if measured else 1


if __name__ == "__main__":
    sys.exit(main())
