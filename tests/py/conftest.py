"""What the tests of the real binary share: where it is, and a clean place to run it in."""
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TIMEOUT = 60


class Program:
    """An executable, run in a folder of its own with an environment that holds nothing else."""

    def __init__(self, path, folder):
        self.path = str(path)
        self.folder = folder

    def environment(self, **variables):
        clean = {"HOME": str(self.folder), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        return clean | variables

    def run(self, *arguments, input=b"", env=None, **options):
        """Run it to its end: a CompletedProcess with bytes.  `env` is added to the clean one."""
        return subprocess.run(
            [self.path, *map(os.fspath, arguments)],
            input=input, capture_output=True, cwd=self.folder,
            env=self.environment(**(env or {})), timeout=TIMEOUT, **options,
        )

    def output(self, *arguments, **options):
        """Its standard output as text, after a run without any error."""
        done = self.run(*arguments, **options)
        assert (done.returncode, done.stderr) == (0, b""), done
        return done.stdout.decode()


@pytest.fixture(scope="session")
def mainspring():
    """The path of the binary under test."""
    path = os.environ.get("MAINSPRING_BINARY", ROOT / "build" / "mainspring")
    assert os.access(path, os.X_OK), f"{path} is not built"
    return str(path)


@pytest.fixture
def program(mainspring, tmp_path):
    """The binary under test, ready to run in an empty folder."""
    return Program(mainspring, tmp_path)


@pytest.fixture
def python(program):
    """The interpreter that the binary says it stands for, ready to run in the same folder."""
    path = program.output("-c", "import sys; print(sys.executable)").strip()
    return Program(path, program.folder)
