"""What a benchmark hands to run.py: figures, each with its goal.

A benchmark is a module here with one function, `figures(shells)`: `shells` maps "mainspring",
"python3" and "ipython3" to their paths; it measures and returns a list of Figure.
"""
import dataclasses
import operator
import statistics
import subprocess
import sys
from collections.abc import Callable

OURS = "mainspring"


@dataclasses.dataclass
class Goal:
    """A bound on the ratio of our figure to that of the shell `against`, or on ours itself."""
    sense: str
    bound: float
    against: str | None = None

    def met_by(self, value):
        return {"<=": operator.le, ">=": operator.ge}[self.sense](value, self.bound)

    def __str__(self):
        return f"{self.sense} {self.bound:g}" + (f" x {self.against}" if self.against else "")


@dataclasses.dataclass
class Figure:
    """One thing measured on several shells in turn: samples by the shell's name."""
    what: str
    unit: str
    samples: dict[str, list[float]]
    goal: Goal
    summary: Callable = statistics.median

    def value(self, shell):
        """What `shell` needs, or None where it was not measured."""
        samples = self.samples.get(shell)
        return self.summary(samples) if samples else None

    @property
    def judged(self):
        """What the goal is about: the ratio, or our figure; None where one is not measured."""
        ours = self.value(OURS)
        peer = self.value(self.goal.against) if self.goal.against else 1
        return ours / peer if ours is not None and peer else None

    @property
    def verdict(self):
        if self.judged is None:
            return "not measured"
        return "met" if self.goal.met_by(self.judged) else "not met"


def alternate(repetitions, measures):
    """Take `repetitions` samples with each of `measures`, a function by shell, in turn.

    A shell that fails is reported and left out.
    """
    samples = {shell: [] for shell in measures}
    for _ in range(repetitions):
        for shell in list(samples):
            try:
                samples[shell].append(measures[shell]())
            except (OSError, ValueError, subprocess.CalledProcessError) as error:
                last_words = (getattr(error, "stderr", None) or str(error)).splitlines()[-1]
                print(f"bench: {shell} failed: {last_words}", file=sys.stderr)
                del samples[shell]
    return samples


def table(figures, shells):
    """The figures as lines of text, a row each."""
    rows = [["", *shells, "ratio", "goal", ""]]
    for figure in figures:
        values = [figure.value(shell) for shell in shells]
        cells = ["-" if v is None else f"{v:.4g} {figure.unit}" for v in values]
        ratio = f"{figure.judged:.3g}" if figure.judged and figure.goal.against else "-"
        rows.append([figure.what, *cells, ratio, str(figure.goal), figure.verdict])
    widths = [max(map(len, column)) for column in zip(*rows)]
    for what, *cells, goal, verdict in rows:
        cells = [cell.rjust(width) for cell, width in zip(cells, widths[1:])]
        yield "  ".join([what.ljust(widths[0]), *cells, goal.ljust(widths[-2]), verdict]).rstrip()
