"""Real scripts, run by python3 and by mainspring: the same bytes, the same end (promise P8).

Each case of differential_cases.py is run by the interpreter, by `mainspring SCRIPT`, and twice
with %run in one long session with all the others.  Whatever a function of the first run could
see is still there after the second (P2).
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

HERE = pathlib.Path(__file__).parent
CHANCE = re.compile(rb"(?<= in )\d+\.\d+(?=s$)|(?<= at )0x[0-9a-f]+", re.M)
WORKERS = 3


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

    def add(self, line, samples=True):
        """Prepare a case; nothing where this interpreter has no such script."""
        script, argv, stdin = differential_cases.arrange(line)
        source = self.path_of(script)
        if not source.exists():
            return
        number = len(self.cases)
        template = self.root / "templates" / str(number)
        if samples:
            shutil.copytree(self.samples, template)
        else:
            template.mkdir(parents=True)
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
                capture_output=True, cwd=folder, timeout=60,
                env=program.environment(**self.environment))
        shutil.rmtree(folder)
        return Outcome(done.stdout, done.stderr, done.returncode, str(folder))

    def execute_all(self, program, kind):
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            return list(pool.map(lambda case: self.execute(program, case, kind), self.cases))

    def names(self):
        """The names that each script leaves behind under runpy."""
        plan = self.write_plan("names", forget=False)
        done = self.python.run(HERE / "differential_names.py", plan, env=self.environment)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    def write_plan(self, name, forget):
        captured = self.root / name
        captured.mkdir()
        plan = captured / "plan.json"
        plan.write_text(json.dumps(
            {"cases": self.cases, "captured": str(captured), "forget": forget}))
        return plan

    def session(self, forget):
        """Run every case twice in one session; what the session noted, with the outputs."""
        plan = self.write_plan("session", forget)
        cells = []
        for number, case in enumerate(self.cases):
            for run in (1, 2):
                cells += ["import differential_session",
                          f"differential_session.before({number}, {run})",
                          "%run " + shlex.join([case["script"], *case["argv"]]),
                          f"differential_session.after({number}, {run})"]
        cells += ["import differential_session", "differential_session.finish()",
                  "print('alive')"]
        script = plan.with_name("session.ipy")
        script.write_text("\n".join(cells) + "\n")
        with open(script) as stdin:  # a file, as each script's is: sys.stdin goes back in it
            done = self.program.run(
                script, input=None, stdin=stdin,
                env=self.environment)
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
    rb"|^[^\n]*: exit status -?\d+\n\Z"
    rb"|^sys\.std(?:in|out|err) was (?:closed|replaced); it is back\n", re.M)
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


@pytest.fixture
def laboratory(program, python, tmp_path):
    return Laboratory(program, python, tmp_path)


def test_scripts_do_in_a_session_what_python3_has_them_do(laboratory):
    for line in differential_cases.CASES.strip().splitlines():
        laboratory.add(line)
    assert len(laboratory.cases) >= 100
    expected = laboratory.execute_all(laboratory.python, "-python3")
    whole = laboratory.execute_all(laboratory.program, "-mainspring")
    names = laboratory.names()
    session = laboratory.session(forget=True)
    differing = []
    if session.status or session.err:
        differing.append(f"--- the session's end: {session.status}, {session.err}")
    for case, wanted, found in zip(laboratory.cases, expected, whole):
        differing += compare(wanted, found, "mainspring FILE", case["line"])
    for result in session.results:
        case, wanted = laboratory.cases[result["case"]], expected[result["case"]]
        label = f"%run {result['run']}"
        differing += compare(wanted, outcome_in_session(case, result), label, case["line"])
        found, left = published(result["published"]), published(names[result["case"]])
        if found != left:
            more, less = sorted(set(found) - set(left)), sorted(set(left) - set(found))
            differing.append(f"--- {case['line']}\n{label}: published {more}, did not {less}")
        differing += [f"--- {case['line']}\n{label}: {p}" for p in result["problems"]]
    assert not differing, f"{len(differing)} differences:\n" + "\n".join(differing)
