"""Real scripts, run by python3 and by mainspring: the same bytes, the same end (P8).

Each case of differential_cases.py is run by the interpreter, by `mainspring SCRIPT`, and with
%run in one long session with all the others: twice in a row, when whatever a function of the
first run could see must still be there after the second (P2), and some once more at the end,
when the session must not grow (P3).
"""
import concurrent.futures
import difflib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import types

import pytest

import differential_cases
import conftest
from conftest import LIMIT, TIMEOUT, Program

HERE = pathlib.Path(__file__).parent
CHANCE = re.compile(rb"(?<= in )\d+\.\d+(?=s$)|(?<= at )0x[0-9a-f]+", re.M)
WORKERS = 3
PATIENCE = 400 * conftest.PATIENCE
pytestmark = pytest.mark.limit(2 * LIMIT)


class Laboratory:
    """Cases in folders of their own, and what became of them."""

    def __init__(self, program, python, tmp_path):
        self.program, self.python, self.root = program, python, tmp_path
        self.library = pathlib.Path(program.output(
            "-c", "import os, sysconfig; print(sysconfig.get_path('stdlib'))").strip())
        self.environment = {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1",
                            "COLUMNS": "80", "TZ": "UTC", "NO_COLOR": "1",
                            "PYTHON_COLORS": "0", "PYTHONPATH": str(HERE),
                            "DIFFERENTIAL_PLAN": str(tmp_path / "session" / "plan.json")}
        self.samples = tmp_path / "samples"
        differential_cases.write_samples(self.samples)
        self.cases = []

    def path_of(self, script):
        if script.startswith("examples/"):
            return differential_cases.EXAMPLES / script.removeprefix("examples/")
        return self.library / script

    def add(self, line):
        """Prepare a case; nothing where this interpreter has no such script."""
        script, argv, stdin = differential_cases.arrange(line)
        source = self.path_of(script)
        if not source.exists():
            return
        number = len(self.cases)
        template = self.root / "templates" / str(number)
        template.mkdir(parents=True)
        for sample in self.samples.iterdir():
            if "." in argv or sample.stem in re.findall(r"\w+", line):
                copy = shutil.copytree if sample.is_dir() else shutil.copyfile
                copy(sample, template / sample.name)
        shutil.copyfile(source, template / source.name)
        for name in differential_cases.BESIDE.get(script, ()):
            shutil.copyfile(source.with_name(name), template / name)
        self.cases.append({
            "line": line, "script": source.name, "argv": argv,
            "template": str(template), "folder": str(self.root / "at" / str(number)),
            "stdin": str(self.samples / stdin) if stdin else os.devnull,
        })

    def execute(self, program, case, kind):
        """What a whole process does with the case."""
        folder = pathlib.Path(case["folder"] + kind) / "here"
        shutil.copytree(case["template"], folder)
        with open(case["stdin"], "rb") as stdin:
            done = subprocess.run(
                [program.path, case["script"], *case["argv"]], stdin=stdin,
                capture_output=True, cwd=folder, timeout=TIMEOUT,
                env=program.environment(**self.environment))
        shutil.rmtree(folder)
        return Outcome(done.stdout, done.stderr, done.returncode, str(folder))

    def execute_all(self, program, kind):
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            return list(pool.map(lambda case: self.execute(program, case, kind), self.cases))

    def names(self):
        """The names that each script leaves behind under runpy."""
        plan = self.write_plan("names")
        done = subprocess.run(
            [self.python.path, HERE / "differential_names.py", plan], stdin=subprocess.DEVNULL,
            capture_output=True, cwd=self.root, timeout=PATIENCE, check=True,
            env=self.python.environment(**self.environment))
        return json.loads(done.stdout)

    def write_plan(self, name):
        captured = self.root / name
        captured.mkdir()
        plan = captured / "plan.json"
        plan.write_text(json.dumps({"cases": self.cases, "captured": str(captured)}))
        return plan

    def session(self):
        """Run every case twice in one session, and many once more; what the session noted."""
        plan = self.write_plan("session")
        cells = ["import differential_session"]
        numbers = range(len(self.cases))
        for number, run in [(n, r) for n in numbers for r in (1, 2)] + [(n, 3) for n in numbers[::8]]:
            case = self.cases[number]
            cells += [f"differential_session.before({number}, {run})",
                      "%run " + shlex.join([case["script"], *case["argv"]]),
                      f"differential_session.after({number}, {run})"]
        cells += ["differential_session.finish()", "print('alive')"]
        script = plan.with_name("session.ipy")
        script.write_text("\n".join(cells) + "\n")
        with open(script) as stdin:  # a file, as each script's is: sys.stdin goes back in it
            done = subprocess.run(
                [self.program.path, script], stdin=stdin, capture_output=True, cwd=self.root,
                timeout=PATIENCE, env=self.program.environment(**self.environment))
        assert done.stdout == b"alive\n", done
        noted = json.loads(plan.with_name("results.json").read_text())
        for result in noted["results"]:
            for kind in ("out", "err"):
                name = f"{result['case']}.{result['run']}.{kind}"
                result[kind] = plan.with_name(name).read_bytes()
        return types.SimpleNamespace(**noted, status=done.returncode, err=done.stderr.decode())


class Outcome:
    """What a case wrote and how it ended, with its folder, times and addresses made alike."""

    def __init__(self, out, err, status, folder):
        folder = os.fsencode(folder)
        self.out, self.err = (
            CHANCE.sub(b"N", text.replace(folder, b"/HERE")) for text in (out, err))
        self.status = status

    def differences(self, expected, label):
        if self.status != expected.status:
            yield f"{label}: status {self.status}, not {expected.status}"
        for kind in ("out", "err"):
            found, wanted = getattr(self, kind), getattr(expected, kind)
            if found != wanted:
                lines = difflib.unified_diff(
                    wanted.decode(errors="replace").splitlines(),
                    found.decode(errors="replace").splitlines(),
                    f"python3 std{kind}", f"{label} std{kind}", "", "", 1, "")
                yield "\n".join(list(lines)[:40])


# What %run itself says of a script, in standard error.
REMARKS = re.compile(
    rb"What the previous run of [^\n]* was released before this one; [^\n]*\n\Z"
    rb"|/[^\n:]*: exit status -?\d+\n\Z"
    rb"|^put back after the run: [^\n]*\n", re.M)
# A warning that a script's module blames on its caller: there is none in a process of its own,
# and what has none is ignored.
BLAMED = re.compile(rb"^[^\n]*session\.ipy:\d+: DeprecationWarning: [^\n]*\n  %run [^\n]*\n", re.M)
STATUS = {"ok": 0, "error": 1}


def outcome_in_session(case, result):
    """What %run did, in the terms of a process: its own remarks are taken off."""
    status = STATUS.get(result["status"])
    if status is None:
        status = (result["exit_code"] or 0) & 0xFF
    err = BLAMED.sub(b"", REMARKS.sub(b"", result["err"]))
    return Outcome(result["out"], err, status, case["folder"])


OWN_NAME = re.compile(r"__.*__|_+|_i*|_dh|_[oi]h|_i?\d+|_exit_code|In|Out|get_ipython|exit|quit")


def published(names):
    """Those of the names that a run puts at the prompt."""
    return sorted(name for name in names if not OWN_NAME.fullmatch(name))


def compare(expected, found, label, line):
    return [f"--- {line}\n{text}" for text in found.differences(expected, label)]


@pytest.fixture(scope="module")
def found(mainspring, tmp_path_factory):
    """What became of all cases: alone under both programs, under runpy, and in a session."""
    folder = tmp_path_factory.mktemp("differential")
    program = Program(mainspring, folder)
    python = Program(program.output("-c", "import sys; print(sys.executable)").strip(), folder)
    laboratory = Laboratory(program, python, folder)
    for line in differential_cases.CASES.strip().splitlines():
        laboratory.add(line)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        session = pool.submit(laboratory.session)
        return types.SimpleNamespace(
            cases=laboratory.cases, names=laboratory.names(),
            expected=laboratory.execute_all(python, "-python3"),
            whole=laboratory.execute_all(program, "-mainspring"), session=session.result())


def fail_for(differences):
    assert not differences, f"{len(differences)} differences:\n" + "\n".join(differences)


def test_there_are_enough_scripts(found):
    assert len(found.cases) >= 250


def test_a_script_is_the_same_to_mainspring_as_to_python3(found):
    fail_for([text for case, wanted, alone in zip(found.cases, found.expected, found.whole)
              for text in compare(wanted, alone, "mainspring FILE", case["line"])])


def test_a_script_does_in_a_session_what_python3_has_it_do(found):
    differences = []
    for result in found.session.results:
        case, wanted = found.cases[result["case"]], found.expected[result["case"]]
        outcome = outcome_in_session(case, result)
        differences += compare(wanted, outcome, f"%run {result['run']}", case["line"])
        differences += [f"--- {case['line']}\n{problem}" for problem in result["problems"]]
    fail_for(differences)


def test_a_run_publishes_the_names_that_runpy_finds(found):
    differences = []
    for result in found.session.results:
        left = set(published(found.names[result["case"]]))
        more = set(published(result["new"])) - left
        less = left - set(result["names"])
        if more or less:
            differences.append(f"--- {found.cases[result['case']]['line']}\n"
                               f"published {sorted(more)}, did not {sorted(less)}")
    fail_for(differences)


def test_a_long_session_ends_well_and_does_not_grow(found):
    assert (found.session.status, found.session.err) == (0, "")
    counts = found.session.counts
    assert len(counts) >= 30
    assert counts[-1] <= 1.05 * counts[0], counts  # what registers with atexit is kept
