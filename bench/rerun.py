"""%run again and again in one session: what a run costs beyond the script's own work."""
import functools
import json
import pathlib
import subprocess
import tempfile

from figure import Figure, Goal, alternate

REPETITIONS = 5  # sessions of each shell
SESSION = pathlib.Path(__file__).with_name("rerun_session.ipy")

SCRIPTS = {
    "empty.py": "",
    "function.py": "def answer():\n    return 42\n",
    "many.py": "".join(f"def f{i}(x):\n    return x + {i}\n\n\n"
                       f"class C{i}:\n    def method(self):\n        return {i}\n\n\n"
                       for i in range(100)),
}


def session(folder, shell):
    """The medians, in microseconds, that a session in `shell` measures for itself."""
    output = subprocess.run([shell, SESSION, folder], stdin=subprocess.DEVNULL,
                            capture_output=True, text=True, check=True).stdout
    return json.loads(output)


def figures(shells):
    shells = {name: path for name, path in shells.items() if name != "python3"}
    with tempfile.TemporaryDirectory() as folder:
        for name, text in SCRIPTS.items():
            pathlib.Path(folder, name).write_text(text)
        sessions = alternate(REPETITIONS, {name: functools.partial(session, folder, path)
                                           for name, path in shells.items()})

    def column(key):
        return {name: [medians[key] for medians in taken] for name, taken in sessions.items()}

    return [
        Figure("%run of an empty script", "us", column("empty"), Goal("<=", 1, "ipython3")),
        Figure("%run of one function, over read + compile + exec", "us",
               column("function_over_plain"), Goal("<=", 60)),
        Figure("%run, unchanged, 100 functions and 100 classes", "us", column("many"),
               Goal("<=", 0.3, "ipython3")),
    ]
