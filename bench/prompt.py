"""The first prompt: how long until a terminal shows it."""
import functools
import os
import pty
import re
import select
import signal
import termios
import time

from figure import Figure, Goal, alternate

REPETITIONS = 20
PATIENCE = 30  # seconds
CONTROL_SEQUENCE = re.compile(rb"\x1b(?:[78]|\[[0-9;?]*[A-Za-z])")
PROMPT = re.compile(rb"(?:>>>|In \[1\]:) $")  # at the end: the cursor stands behind it


def shown_until(terminal, pattern):
    """Read what the terminal shows until it matches, without control sequences."""
    shown = b""
    deadline = time.monotonic() + PATIENCE
    while not pattern.search(CONTROL_SEQUENCE.sub(b"", shown)):
        ready, _, _ = select.select([terminal], [], [], deadline - time.monotonic())
        if not ready:
            raise ValueError(f"no prompt: {shown[-200:]!r}")
        shown += os.read(terminal, 4096)


def first_prompt_ms(arguments):
    terminal, inside = pty.openpty()
    termios.tcsetwinsize(inside, (24, 80))
    name = os.ttyname(inside)
    environment = os.environ | {"TERM": "xterm-256color"}
    try:
        began = time.perf_counter()
        pid = os.posix_spawn(
            arguments[0], arguments, environment, setsid=True,  # so that it becomes its terminal
            file_actions=[(os.POSIX_SPAWN_OPEN, 0, name, os.O_RDWR, 0),
                          (os.POSIX_SPAWN_DUP2, 0, 1), (os.POSIX_SPAWN_DUP2, 0, 2)])
        try:
            shown_until(terminal, PROMPT)
            return (time.perf_counter() - began) * 1e3
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    finally:
        os.close(terminal)
        os.close(inside)


def figures(shells):
    commands = {name: [path] for name, path in shells.items()}
    commands["python3"].append("-i")
    measures = {name: functools.partial(first_prompt_ms, command)
                for name, command in commands.items()}
    alternate(1, measures)  # fills the file cache and makes IPython's profile
    return [Figure("first prompt visible", "ms", alternate(REPETITIONS, measures),
                   Goal("<=", 1.6, "python3"))]
