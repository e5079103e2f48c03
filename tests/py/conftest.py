"""What the tests of the real binary share: where it is, and a clean place to run it in."""
import ast
import contextlib
import fcntl
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import textwrap
import time

import pyte
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# `make san` sets it: there the same work takes several times as long.
SANITIZED = "ASAN_OPTIONS" in os.environ
PATIENCE = 6 if SANITIZED else 1
TIMEOUT = 60 * PATIENCE
SHELL_TIMEOUT = 20 * PATIENCE
LIMIT = 240 * PATIENCE  # of one test, far less than meson's of a file
BLOCK = re.compile("((for|while|if|with|def|class|try|async)\\b|@|%%)")  # a blank line ends it
ENTER, CTRL_C, CTRL_D = "\r", "\x03", "\x04"
# PYTHONMALLOC=malloc is what sanitizers need to see overruns; a debug interpreter shows every
# ResourceWarning unless PYTHONWARNINGS tells it otherwise.
SANITIZERS = ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "PYTHONMALLOC", "PYTHONWARNINGS")


def read(path):
    """A file of /proc: not every kernel has all of them, and processes end."""
    try:
        return pathlib.Path(path).read_text().strip()
    except OSError:
        return ""


def doing(pid):
    """What a process, its threads and their children do, as far as the kernel tells."""
    lines = [f"process {pid} " + read(f"/proc/{pid}/cmdline").replace("\0", " ")[:120]]
    for one in sorted(map(str, pathlib.Path(f"/proc/{pid}/task").glob("*"))):
        name, _, state = read(one + "/stat").rpartition(")")
        lines.append(f"  thread {name}) {state[:2]} in {read(one + '/wchan')}, call {read(one + '/syscall')[:40]}")
        for child in read(one + "/children").split():
            lines += ["  " + line for line in doing(child).split("\n")]
    return "\n".join(lines)


def kill_all(pid):
    """Kill a process and its descendants, which may hold its pipes open."""
    children = [child for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children") for child in read(task).split()]
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    for child in children:
        kill_all(int(child))


class Shown:
    """What a test has started, to be shown when it takes too long."""

    everything = []

    def __init__(self, pid, text):
        self.pid, self.shown = pid, text
        self.everything.append(self)

    def __str__(self):
        return f"{self.shown().rstrip()}\n{doing(self.pid)}"


class Program:
    """An executable, run in a folder of its own with an environment that holds nothing else."""

    def __init__(self, path, folder):
        self.path = str(path)
        self.folder = folder

    def environment(self, **variables):
        clean = {"HOME": str(self.folder), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        sanitizers = {name: os.environ[name] for name in SANITIZERS if name in os.environ}
        return clean | sanitizers | variables

    def run(self, *arguments, input=b"", env=None, **options):
        """Run it to its end: a CompletedProcess with bytes.  `env` is added to the clean one."""
        command = [self.path, *map(os.fspath, arguments)]
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        with subprocess.Popen(command, cwd=self.folder, env=self.environment(**(env or {})),
                              **pipes | options) as process:
            try:
                output = process.communicate(input, TIMEOUT)
            except subprocess.TimeoutExpired as late:
                stuck = doing(process.pid)
                kill_all(process.pid)
                pytest.fail(f"{command} goes on after {TIMEOUT} s; it wrote {late.output} {late.stderr}\n{stuck}")
            except BaseException:
                kill_all(process.pid)
                raise
        return subprocess.CompletedProcess(command, process.returncode, *output)

    def output(self, *arguments, **options):
        """Its standard output as text, after a run without any error."""
        done = self.run(*arguments, **options)
        assert (done.returncode, done.stderr) == (0, b""), done
        return done.stdout.decode()


class Session:
    """`mainspring -i` on pipes: one cell at a time, and what each one wrote.

    Both output streams arrive as one.  The next prompt's number tells that a cell has ended.
    """

    def __init__(self, program, *arguments, env=None):
        self.folder = program.folder
        self.number = 1
        self.process = subprocess.Popen(
            [program.path, "--no-banner", "-i", *map(os.fspath, arguments)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            cwd=program.folder, env=program.environment(**(env or {})))
        self.shown = Shown(self.process.pid, lambda: self.text)
        self.started = self._read(r"In \[1\]: ")

    def _read(self, pattern):
        """What is written before `pattern`, which comes last, or before the end of the process."""
        self.text, deadline = "", time.monotonic() + SHELL_TIMEOUT
        while not (found := re.search(pattern + r"\Z", self.text)):
            left = deadline - time.monotonic()
            if left < 0 or not select.select([self.process.stdout], [], [], left)[0]:
                pytest.fail(f"no {pattern} within {SHELL_TIMEOUT} s after:\n{self.shown}")
            if not (part := os.read(self.process.stdout.fileno(), 1 << 16)):
                return self.text
            self.text += part.decode(errors="replace")
        return self.text[:found.start()]

    def __call__(self, *cells):
        """Execute the cells, one line or one block each; what the last one wrote."""
        for cell in cells:
            self.number += 1
            text = textwrap.dedent(cell).strip("\n")
            end = "\n\n" if BLOCK.match(text) else "\n"
            self.process.stdin.write((text + end).encode())
            self.process.stdin.flush()
            written = self._read(rf"In \[{self.number}\]: ")
        return re.sub(r"\A( +\.\.\.: )+", "", written)

    def value(self, expression):
        """The value of an expression, which ast.literal_eval can read; Out is left alone."""
        written = self(f"print(repr(({expression})))")
        try:
            return ast.literal_eval(written)
        except (SyntaxError, ValueError):
            pytest.fail(f"{expression} wrote:\n{written}")

    def runs(self):
        """The rows of %runs, one for each run, without the lines below them."""
        return re.findall(r"^ *\d+  .*", self("%runs"), re.M)

    def end(self):
        """Leave as Ctrl-D does: the exit status, and what was written meanwhile."""
        self.process.stdin.close()
        written = self._read("(?!)")
        return self.process.wait(TIMEOUT), written.removeprefix("\n")

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stdin.close()


class Shell:
    """The binary on a pseudo-terminal, with the screen that its user would see."""

    options = ("--no-banner",)

    def __init__(self, program, *arguments, columns=160, rows=30, env=None):
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.screen.write_process_input = self.keys  # what the terminal itself answers
        terminal = {"TERM": "xterm-256color", "INPUTRC": "/dev/null"}
        environment = program.environment(**(terminal | (env or {})))
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            size = struct.pack("HHHH", rows, columns, 0, 0)
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, size)
                os.chdir(program.folder)
                os.execve(program.path, [program.path, *self.options, *arguments], environment)
            except OSError as error:
                os.write(2, str(error).encode())
            finally:
                os._exit(127)  # else there would be two of pytest
        self.shown = Shown(self.pid, self.text)

    def text(self):
        """What the screen shows.  pyte's own `display` fails between the two halves of a wide character."""
        rows = (self.screen.buffer[row] for row in range(self.screen.lines))
        return "\n".join("".join(row[column].data for column in range(self.screen.columns)) for row in rows)

    def keys(self, text):
        os.write(self.fd, text.encode())

    def _read(self, deadline):
        """Show what comes next; False at the end of the process."""
        left = deadline - time.monotonic()
        if left < 0 or not select.select([self.fd], [], [], left)[0]:
            pytest.fail(f"not within {SHELL_TIMEOUT} s; the screen:\n{self.shown}")
        try:
            part = os.read(self.fd, 1 << 16)
        except OSError:
            return False  # EIO: nobody has the terminal open any more
        self.stream.feed(part)
        return bool(part)

    def wait(self, *texts):
        """Wait until the screen shows all the texts; the screen."""
        self.wait_until(lambda screen: all(text in screen for text in texts), texts)
        return self.text()

    def wait_until(self, condition, what):
        """Wait until the condition is true of the screen; `what` says what it is about."""
        deadline = time.monotonic() + SHELL_TIMEOUT
        while not condition(self.text()):
            if not self._read(deadline):
                pytest.fail(f"ended without {what}; the screen:\n{self.text().rstrip()}")

    def wait_asleep(self):
        """Wait until the process sleeps in a call: in CPython, Ctrl-C just before is heard after it."""
        deadline = time.monotonic() + SHELL_TIMEOUT
        status = pathlib.Path(f"/proc/{self.pid}/stat")
        while status.read_text().rpartition(")")[2].split()[0] != "S":
            assert time.monotonic() < deadline, self.text()

    def wait_count(self, text, count):
        """Wait until the screen shows the text so many times: what is typed before a prompt of
        readline's is there can be lost when that changes the terminal's modes."""
        self.wait_until(lambda screen: screen.count(text) >= count, f"{count} times {text}")

    def line(self, text):
        self.keys(text + ENTER)

    def end(self):
        """Wait for the process to end: its exit status, as subprocess has it."""
        deadline = time.monotonic() + SHELL_TIMEOUT
        while self._read(deadline):
            pass
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        self.pid = None
        return status

    def stop(self):
        if self.pid is not None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item):
    """A test that hangs fails by itself, and says where and what its screens show."""
    def ring(*_):
        pytest.fail(f"not within {limit} s\n" + "\n".join(map(str, Shown.everything)))

    Shown.everything.clear()
    marker = item.get_closest_marker("limit")
    limit = marker.args[0] if marker else LIMIT
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, limit, SHELL_TIMEOUT)  # again: its end may hang, too
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def pytest_configure(config):
    config.addinivalue_line("markers", "limit(seconds): the time that the test may take")


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


@pytest.fixture
def write(program):
    """write(name, text) makes a file in the folder that the programs run in."""

    def write(name, text):
        path = program.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else textwrap.dedent(text).encode())
        return name

    return write


@pytest.fixture
def start(program):
    """start(CLASS, ARGUMENTS) starts a Session or a Shell that is gone after the test."""
    started = []

    def start(kind, *arguments, **options):
        started.append(kind(program, *arguments, **options))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def session(start):
    """A shell on pipes; calling it executes cells and returns what they wrote."""
    return start(Session)


@pytest.fixture(params=[(), ("--simple-prompt",)], ids=["edited", "simple"])
def shell(start, request):
    """A shell on a terminal, at its first prompt: the edited one, and the simple one."""
    shell = start(Shell, *request.param)
    shell.wait("In [1]: ")
    return shell


@pytest.fixture
def display():
    """An X display of its own."""
    with contextlib.closing(os.fdopen(os.memfd_create("display"), "w+")) as number:
        if shutil.which("Xvfb") is None:
            pytest.skip("no Xvfb")
        server = subprocess.Popen(["Xvfb", "-displayfd", str(number.fileno()), "-screen", "0", "300x200x24"],
                                  pass_fds=[number.fileno()], stderr=subprocess.DEVNULL)
        while not (text := os.pread(number.fileno(), 100, 0).decode().strip()):
            assert server.poll() is None
        yield f":{text}"
        server.kill()
        server.wait()
