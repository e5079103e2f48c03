"""How long the questions take that need the whole heap: what holds an object, what it holds.

The peer is objgraph in python3, which looks for referrers one object after another; where it is
not done within a minute it has no figure.
"""
import functools
import json
import pathlib
import subprocess
import tempfile

from figure import OURS, Figure, Goal, alternate

SESSION = pathlib.Path(__file__).with_name("why_session.ipy")
MILLION = 1_000_000
PATIENCE = 60  # seconds


def seconds(question, count, shell):
    """What one session, with a heap of its own, takes to answer."""
    try:
        output = subprocess.run([shell, SESSION, question, str(count)],
                                stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                check=True, timeout=PATIENCE).stdout
    except subprocess.TimeoutExpired:
        raise ValueError(f"no answer about {count} objects within {PATIENCE} s") from None
    return json.loads(output)


def figures(shells):
    peers = {OURS: shells[OURS], "python3": shells["python3"]}

    def sampled(question, count, repetitions, asked):
        return alternate(repetitions, {name: functools.partial(seconds, question, count, path)
                                       for name, path in asked.items()})

    ours = {OURS: shells[OURS]}
    figures = []
    for what, question, count, repetitions, asked, bound in [
            ("what holds an object, among 1 million (python3: objgraph)", "why", MILLION, 3,
             peers, 0.3),
            ("what holds a shared object, 1 million (python3: objgraph)", "shared", MILLION, 1,
             peers, 0.3),
            ("what holds an object that no name leads to, 1 million", "hidden", MILLION, 3,
             ours, 0.3),
            ("what an object retains, 1 million", "retained", MILLION, 3, ours, 1),
            ("what each object retains, 1 million", "dominators", MILLION, 3, ours, 1),
            ("what holds an object, among 10 million", "why", 10 * MILLION, 1, ours, 2),
            ("what an object retains, 10 million", "retained", 10 * MILLION, 1, ours, 10)]:
        figures.append(Figure(what, "s", sampled(question, count, repetitions, asked),
                              Goal("<=", bound)))
    return figures
