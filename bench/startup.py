"""Start-up: how long `-c pass` takes, and the memory that is resident at its peak."""
import functools
import os
import re
import subprocess
import time

from figure import Figure, Goal, alternate

REPETITIONS = 40

# Asked from inside: ru_maxrss of a child starts at what its parent had before exec.
PRINT_PEAK = "print(open('/proc/self/status').read())"


def wall_ms(shell):
    began = time.perf_counter()
    pid = os.posix_spawn(shell, [shell, "-c", "pass"], os.environ)
    _, status = os.waitpid(pid, 0)
    elapsed = time.perf_counter() - began
    if status:
        raise OSError(f"-c pass ended with wait status {status}")
    return elapsed * 1e3


def peak_mb(shell):
    status = subprocess.run([shell, "-c", PRINT_PEAK], capture_output=True, text=True, check=True)
    peak = re.search(r"VmHWM:\s*(\d+) kB", status.stdout)
    if peak is None:
        raise ValueError("-c printed no VmHWM")
    return int(peak[1]) / 1024


def figures(shells):
    def sampled(measure, repetitions):
        return alternate(repetitions,
                         {name: functools.partial(measure, path) for name, path in shells.items()})

    sampled(wall_ms, 1)  # fills the file cache and makes IPython's profile
    return [
        Figure("-c pass, wall", "ms", sampled(wall_ms, REPETITIONS), Goal("<=", 1.3, "python3")),
        Figure("-c pass, peak resident", "MB", sampled(peak_mb, 5), Goal("<=", 1.5, "python3")),
    ]
