"""A long session: real scripts, hostile ones among them, twice each; alive, right and flat.

`make soak` is the long form: 1,000 scripts, and 100,000 runs of few.  The scripts come round again, for half of them at
least are old acquaintances: the modules that they import, and what those keep of their own, are
there when the second half begins.  From then on the objects alive must not grow.
"""
import json
import os
import pathlib
import shlex
import subprocess

import pytest

import differential_cases
from conftest import LIMIT, PATIENCE, Program
from test_differential import Laboratory, compare, outcome_in_session
from test_guard import HOSTILE

SCRIPTS = int(os.environ.get("MAINSPRING_SOAK", 100))
MANY = 100 * SCRIPTS if SCRIPTS > 100 else 1000  # runs of the light scripts
pytestmark = pytest.mark.limit(LIMIT * max(1, SCRIPTS // 50))
EVERY = 10  # one script of so many is hostile
STEP = 50  # what is alive is counted after so many
GROWTH = 1.02
# Executed as scripts these register functions of theirs until the process ends (with atexit,
# os.register_at_fork(), sys.__interactivehook__), and so hold each of their runs.
STAY = {"threading.py", "logging/__init__.py", "concurrent/futures/thread.py", "rlcompleter.py",
        "site.py", "typing.py"}


def choose(lines, count):
    """`count` of the lines, from all over the list."""
    return [lines[i * len(lines) // count] for i in range(count)] if count < len(lines) else lines


def add_hostile(laboratory, name, text):
    number = len(laboratory.cases)
    template = laboratory.root / "templates" / str(number)
    template.mkdir(parents=True)
    (template / "hostile.py").write_text(text)
    laboratory.cases.append({
        "line": name, "script": "hostile.py", "argv": [], "template": str(template),
        "folder": str(laboratory.root / "at" / str(number)), "stdin": os.devnull})


def arrange(laboratory):
    """Prepare each different script once; how many of them are real."""
    different = SCRIPTS // 2
    lines = [line for line in differential_cases.CASES.strip().splitlines()
             if line.split()[0] not in STAY]
    for line in choose(lines, different - different // EVERY):
        laboratory.add(line)
    real = len(laboratory.cases)
    for name, (text, _) in choose(list(HOSTILE.items()), different // EVERY):
        add_hostile(laboratory, name, text)
    return real


def order(real, all):
    """The numbers of SCRIPTS scripts, round and round, each tenth hostile."""
    for i in range(SCRIPTS):
        if i % EVERY == EVERY - 1 and all > real:
            yield real + i // EVERY % (all - real)
        else:
            yield (i - i // EVERY) % real


def run_session(laboratory, numbers):
    plan = laboratory.write_plan("session")
    cells = ["import soak_session"]
    for i, number in enumerate(numbers, 1):
        case = laboratory.cases[number]
        for run in (1, 2):
            cells += [f"soak_session.before({number}, {run})",
                      "%run " + shlex.join([case["script"], *case["argv"]]),
                      f"soak_session.after({number}, {run})"]
        if i % STEP == 0:
            cells += ["soak_session.forget()", "soak_session.count()"]
    cells += ["soak_session.finish()", "print('alive')"]
    script = plan.with_name("session.ipy")
    script.write_text("\n".join(cells) + "\n")
    with open(script) as stdin:
        done = subprocess.run(
            [laboratory.program.path, script], stdin=stdin, capture_output=True, cwd=laboratory.root,
            timeout=(60 + SCRIPTS) * PATIENCE, env=laboratory.program.environment(**laboratory.environment))
    return done, [json.loads(line) for line in plan.with_name("results").read_text().splitlines()]


def outcomes(laboratory, results):
    """How each case went the last time, as Outcomes for test_differential."""
    for result in results:
        for kind in ("out", "err"):
            name = f"{result['case']}.{result['run']}.{kind}"
            result[kind] = (laboratory.root / "session" / name).read_bytes()
        yield result, outcome_in_session(laboratory.cases[result["case"]], result)


def test_a_long_session_stays_alive_right_and_flat(mainspring, tmp_path):
    program = Program(mainspring, tmp_path)
    python = Program(program.output("-c", "import sys; print(sys.executable)").strip(), tmp_path)
    laboratory = Laboratory(program, python, tmp_path)
    real = arrange(laboratory)
    done, noted = run_session(laboratory, order(real, len(laboratory.cases)))
    assert (done.returncode, done.stdout) == (0, b"alive\n"), done
    results = [one for one in noted if "case" in one]
    counts = [one for one in noted if "objects" in one]
    for count in counts:
        print(count)
    assert len(results) == 2 * SCRIPTS
    assert not [one for one in results if one["problems"]]

    cases, laboratory.cases = laboratory.cases, laboratory.cases[:real]
    expected = laboratory.execute_all(python, "-python3")
    laboratory.cases = cases
    latest = {(one["case"], one["run"]): one for one in results if one["case"] < real}
    differences = [text for result, found in outcomes(laboratory, latest.values())
                   for text in compare(expected[result["case"]], found, f"%run {result['run']}",
                                       cases[result["case"]]["line"])]
    assert not differences, "\n".join(differences)

    settled = [one["objects"] for one in counts if one["runs"] > SCRIPTS]
    assert settled[-1] <= GROWTH * settled[0], counts


# Scripts that take milliseconds, with classes, caches, generators and errors of their own.
LIGHT = """
this.py
keyword.py
calendar.py 2024 2
base64.py -t
json/tool.py --compact sample.json
tokenize.py sample.py
tokenize.py broken.py
textwrap.py
quopri.py -t sample.txt
getopt.py -a -b one --alpha=two three
heapq.py
pyclbr.py sample.py
pickletools.py sample.pickle
colorsys.py
bisect.py
reprlib.py
"""


def test_very_many_runs_leave_no_more_than_few(mainspring, tmp_path):
    program = Program(mainspring, tmp_path)
    laboratory = Laboratory(program, program, tmp_path)
    lines = [shlex.split(line) for line in LIGHT.strip().splitlines()]
    lines = [shlex.join([str(laboratory.path_of(script)), *words]) for script, *words in lines
             if laboratory.path_of(script).exists()]
    cell = tmp_path / "many.ipy"
    cell.write_text("import soak_many\nsoak_many.main(get_ipython().run_line_magic)\n")
    done = subprocess.run(
        [program.path, cell], capture_output=True, cwd=laboratory.samples, stdin=subprocess.DEVNULL,
        timeout=(60 + MANY / 50) * PATIENCE,
        env=program.environment(PYTHONPATH=str(pathlib.Path(__file__).parent), PYTHONDONTWRITEBYTECODE="1",
                                SOAK_LINES=json.dumps(lines), SOAK_RUNS=str(MANY)))
    assert (done.returncode, done.stderr) == (0, b""), done
    counts = json.loads(done.stdout)
    for count in counts:
        print(count)
    objects = [count["objects"] for count in counts][3:]  # the ledger is full of freed runs
    assert max(objects) <= 1.001 * objects[0]
    assert max(count["runs"] for count in counts) <= len(lines)  # each one's latest, relabelled
