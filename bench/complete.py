"""Tab: what completion takes, the first time in a session and later, by get_ipython().complete().
"""
import functools
import json
import pathlib
import subprocess

from figure import OURS, Figure, Goal, alternate

SESSION = pathlib.Path(__file__).with_name("complete_session.ipy")


def milliseconds(question, which, shell):
    """What one session takes for its first answer, or for its last."""
    output = subprocess.run([shell, SESSION, question], stdin=subprocess.DEVNULL,
                            capture_output=True, text=True, check=True).stdout
    return json.loads(output.splitlines()[-1])[which]


def figures(shells):
    asked = {OURS: shells[OURS], "ipython3": shells["ipython3"]}
    figures = []
    for what, question in [("from os import ", "from"), ("import ", "import"),
                           ("10,000 names", "names"), ("10,000 attributes", "attributes"),
                           ("10,000 keys", "keys")]:
        for when, which in [("first", 0), ("again", -1)]:
            samples = alternate(5, {name: functools.partial(milliseconds, question, which, path)
                                    for name, path in asked.items()})
            figures.append(Figure(f"{what.strip()}, {when}", "ms", samples, Goal("<=", 50)))
    return figures
