"""Typing: how long from a key to the screen, in buffers of several sizes, and a long paste."""
import functools
import os
import pty
import select
import signal
import statistics
import termios
import time

from figure import Figure, Goal, alternate

REPETITIONS = 3  # sessions of each shell
KEYS = 60
PATIENCE = 60  # seconds
PASTED = 10_000  # lines
BUSY = (b"import threading\r", b"f = lambda: [0 for _ in iter(int, 1)]\r",
        b"threading.Thread(target=f, daemon=True).start()\r")
VARIABLES = {"TERM": "xterm-256color", "INPUTRC": "/dev/null"}


class Typist:
    """A shell on a terminal, and somebody who types and looks."""

    def __init__(self, arguments):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execve(arguments[0], arguments, os.environ | VARIABLES)
        termios.tcsetwinsize(self.terminal, (24, 80))
        self.settle(1)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)

    def settle(self, quiet):
        """Read until nothing was shown for so many seconds."""
        while select.select([self.terminal], [], [], quiet)[0]:
            os.read(self.terminal, 1 << 16)

    def type(self, text, quiet):
        os.write(self.terminal, text)
        self.settle(quiet)

    def key_ms(self, key=b"x"):
        began = time.perf_counter()
        os.write(self.terminal, key)
        shown = b""
        while key not in shown:
            if not select.select([self.terminal], [], [], PATIENCE)[0]:
                raise ValueError("a key was not shown")
            shown = os.read(self.terminal, 1 << 16)
        elapsed = (time.perf_counter() - began) * 1e3
        self.settle(0.005)
        return elapsed

    def paste_ms(self, text, last):
        """Paste a text: how long until its last line is on the screen."""
        os.set_blocking(self.terminal, False)
        began, shown = time.perf_counter(), b""
        while last not in shown:
            reads, writes, _ = select.select([self.terminal], [self.terminal] if text else [], [],
                                             PATIENCE)
            if not reads and not writes:
                raise ValueError("a paste was not shown")
            if reads:
                shown = shown[-4096:] + os.read(self.terminal, 1 << 16)
            if writes:
                text = text[os.write(self.terminal, text[:4096]):]
        elapsed = (time.perf_counter() - began) * 1e3
        os.set_blocking(self.terminal, True)
        return elapsed


def pasted(count):
    lines = b"".join(b"value_%d = function(%d, 'text')\n" % (i, i) for i in range(count))
    return b"\x1b[200~" + lines + b"last_line\x1b[201~"


def keys_ms(summary, lines, arguments, before=()):
    with Typist(arguments) as typist:
        for text in before:
            typist.type(text, 0.5)
        if lines > 1:
            typist.paste_ms(pasted(lines - 1), b"last_line")
            typist.settle(1)
        return summary(sorted(typist.key_ms() for _ in range(KEYS)))


def paste_ms(arguments):
    with Typist(arguments) as typist:
        return typist.paste_ms(pasted(PASTED), b"last_line")


def p99(samples):
    return samples[int(len(samples) * 0.99)]


def figures(shells):
    commands = {name: [path] for name, path in shells.items()}
    multi = {name: command for name, command in commands.items() if name != "python3"}
    commands["python3"].append("-i")
    found = []
    for what, summary, lines, before, bound, who in (
            ("1 line, median", statistics.median, 1, (), 0.3, commands),
            ("1 line, p99", p99, 1, (), 5, commands),
            ("the same beside a busy thread", statistics.median, 1, BUSY, 0.3, commands),
            ("100 lines, median", statistics.median, 100, (), 0.4, multi),
            ("1,000 lines, median", statistics.median, 1000, (), 0.6, multi)):
        measures = {name: functools.partial(keys_ms, summary, lines, command, before)
                    for name, command in who.items()}
        found.append(Figure(f"key to screen, {what}", "ms", alternate(REPETITIONS, measures),
                            Goal("<=", bound)))
    ours = {name: functools.partial(paste_ms, command)
            for name, command in commands.items() if name == "mainspring"}
    found.append(Figure("a paste of 10,000 lines", "ms", alternate(REPETITIONS, ours),
                        Goal("<=", 1000)))
    return found
