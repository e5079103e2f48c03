"""The terminal's own doing: sizes, stopping and going on, ~/.inputrc and vi mode."""
import os
import pathlib
import shutil
import signal
import subprocess
import termios
import time

import pytest

from conftest import ENTER, SHELL_TIMEOUT, Program
from term import BACKSPACE, ESC, TAB, UP, Terminal, enter


@pytest.fixture
def terminal(start):
    terminal = start(Terminal)
    terminal.wait_cursor(0, 8)
    return terminal


class Bash(Terminal):
    options = ("--norc",)

    def __init__(self, program):
        bash = Program("/bin/bash", program.folder)
        super().__init__(bash, env={"MAINSPRING": program.path, "PS1": "ready$ "})


@pytest.fixture
def bash(start, program):
    """A shell with job control on a terminal, in which `$MAINSPRING` is the binary."""
    shell = start(Bash)
    shell.wait("ready$")
    shell.keys("$MAINSPRING --no-banner" + ENTER)
    shell.wait("In [1]:")
    return shell


def test_ctrl_z_stops_and_fg_goes_on(bash):
    bash.keys("value = 6")
    bash.wait("In [1]: value = 6")
    bash.keys("\x1a")
    bash.wait("Stopped")
    bash.keys("stty -a | grep -o ' icanon\\| echo ' | tr -d '\\n'; echo ." + ENTER)
    bash.wait(" icanon echo .")
    bash.keys("fg" + ENTER)
    bash.wait_until(lambda screen: bash.rows_now()[-1] == "In [1]: value = 6", "the prompt")
    bash.keys(" * 7" + ENTER)
    bash.wait("In [2]:")
    bash.keys("value" + ENTER)
    bash.wait("Out[2]: 42")


def test_the_same_for_sigstop(bash):
    bash.keys("import os; os.getpid()" + ENTER)
    pid = int(bash.wait("Out[1]: ", "In [2]:").split("Out[1]: ")[1].split()[0])
    bash.keys("value = 6")
    bash.wait("In [2]: value = 6")
    os.kill(pid, signal.SIGSTOP)
    bash.wait("Stopped")
    bash.keys("fg" + ENTER)
    bash.wait_until(lambda screen: bash.rows_now()[-1] == "In [2]: value = 6", "the prompt")
    bash.keys(" * 7" + ENTER)
    bash.wait("In [3]:")
    bash.keys("value" + ENTER)
    bash.wait("Out[3]: 42")


@pytest.mark.skipif(not shutil.which("tmux"), reason="needs tmux")
def test_a_resize_leaves_the_cell_whole_and_once(program):
    socket = str(program.folder / "tmux")
    environment = program.environment(TERM="xterm-256color", INPUTRC="/dev/null", SHELL="/bin/sh")

    def tmux(*arguments):
        done = subprocess.run(["tmux", "-f", "/dev/null", "-S", socket, *arguments], env=environment,
                              capture_output=True, text=True, timeout=SHELL_TIMEOUT)
        assert done.returncode == 0, done
        return done.stdout

    def screen(condition):
        deadline = time.monotonic() + SHELL_TIMEOUT
        while not condition(text := tmux("capture-pane", "-p", "-J")):
            assert time.monotonic() < deadline, text
        return text

    first, second = "x = ['" + "a" * 70 + "',", "'" + "b" * 50 + "']"
    tmux("new-session", "-d", "-x", "60", "-y", "20", f"{program.path} --no-banner")
    try:
        tmux("set", "-g", "window-size", "manual")
        screen(lambda text: "In [1]:" in text)
        tmux("send-keys", "-l", r"print('\n'.join(f'above {i}' for i in range(30)))")
        tmux("send-keys", "Enter")
        screen(lambda text: "In [2]:" in text)
        tmux("send-keys", "-l", first)
        tmux("send-keys", "Enter")
        tmux("send-keys", "-l", second)
        screen(lambda text: text.count("b" * 20) > 0)
        tty = tmux("display", "-p", "#{pane_tty}").strip()
        for columns in (40, 25, 70, 60):
            tmux("resize-window", "-x", str(columns), "-y", "20")
            with open(tty) as terminal:  # tmux tells the programs in it some time later
                deadline = time.monotonic() + SHELL_TIMEOUT
                while termios.tcgetwinsize(terminal)[1] != columns:
                    assert time.monotonic() < deadline
            tmux("send-keys", "-l", "#")  # the editor has seen the size when it shows it
            screen(lambda text: second + "#" in text)
            tmux("send-keys", "BSpace")
            screen(lambda text: second + "#" not in text)
            screen(lambda text: text.count("In [2]:") == text.count(first) == text.count(second) == 1)
            above = tmux("capture-pane", "-p", "-J", "-S", "-")
            assert all(above.count(f"above {i}\n") == 1 for i in range(30)), above
        tmux("send-keys", "Enter")
        screen(lambda text: "In [3]:" in text)
        tmux("send-keys", "-l", "len(x[0]), len(x[1])")
        tmux("send-keys", "Enter")
        screen(lambda text: "Out[3]: (70, 50)" in text)
        everything = tmux("capture-pane", "-p", "-J", "-S", "-")
        assert everything.count(first) == everything.count(second) == 1, everything
    finally:
        tmux("kill-server")


def test_without_a_key_for_the_end_of_the_input_ctrl_space_is_none(start):
    shell = start(Bash)
    shell.wait("ready$")
    shell.keys("stty eof undef; $MAINSPRING --no-banner" + ENTER)
    shell.wait("In [1]:")
    shell.keys("\0" + "6 * 7" + ENTER)
    shell.wait("Out[1]: 42")


def test_a_resize_wakes_the_prompt_and_no_thread(terminal):
    terminal.keys("x = '" + "a" * 40)
    terminal.wait_cursor(0, 53)
    terminal.wait_asleep()
    terminal.resize(50, 20)
    terminal.wait_cursor(1, 3)
    assert os.listdir(f"/proc/{terminal.pid}/task") == [str(terminal.pid)]


def test_a_prompt_goes_on_where_all_descriptors_were_closed(terminal):
    enter(terminal, "import os, threading, time; os.closerange(3, 256)")
    terminal.keys("thread = threading.Timer(0, print, ['from a thread']); thread.start()" + ENTER)
    terminal.wait_rows("from a thread", "In [3]:")
    terminal.keys("def f(): os.closerange(3, 256); print('from a timer')" + ENTER + ENTER)
    terminal.wait("In [4]:")
    terminal.keys("threading.Timer(0, f).start()" + ENTER)
    terminal.wait("In [5]:")
    terminal.keys("6 * 7" + ENTER)
    terminal.wait("from a timer", "Out[5]: 42", "In [6]:")


@pytest.fixture
def with_inputrc(start, program):
    def with_inputrc(text):
        path = program.folder / "inputrc"
        path.write_text(text)
        terminal = start(Terminal, env={"INPUTRC": str(path)})
        terminal.wait_cursor(0, 8)
        return terminal

    return with_inputrc


def test_the_user_s_bindings_are_used(with_inputrc):
    terminal = with_inputrc('"\\C-b": beginning-of-line\n$if mainspring\n"\\C-xp": "in-app"\n$endif\n'
                            '$if other\n"\\C-xp": "in-other"\n$endif\n')
    terminal.keys("x = [1,\r22")
    terminal.wait_cursor(1, 14)
    terminal.keys("\x02")
    terminal.wait_cursor(1, 8)
    terminal.keys("\x18p")
    terminal.wait("...: in-app")


@pytest.fixture
def vi(with_inputrc):
    return with_inputrc("set editing-mode vi\n")


def test_vi_commands(vi):
    vi.keys("abc def")
    vi.wait("In [1]: abc def")
    vi.keys(ESC)
    vi.wait_cursor(0, 14)
    vi.keys("0")
    vi.wait_cursor(0, 8)
    vi.keys("x")
    vi.wait_rows("In [1]: bc def")
    vi.keys("cwxyz" + ESC)
    vi.wait_rows("In [1]: xyz def")
    vi.keys("u")
    vi.wait_rows("In [1]: bc def")
    vi.keys("$x")
    vi.wait_rows("In [1]: bc de")


def test_an_arrow_key_in_parts_is_one_key(with_inputrc):
    vi = with_inputrc("set editing-mode vi\nset keyseq-timeout 20000\n")
    vi.keys("abc")
    vi.wait("In [1]: abc")
    for part in "\x1b[D":
        vi.keys(part)
        time.sleep(0.01)  # what is tested: the parts come one after another
    vi.wait_cursor(0, 10)
    vi.keys("X")
    vi.wait_rows("In [1]: abXc")


def test_a_resize_is_seen_while_the_rest_of_a_key_is_waited_for(with_inputrc):
    terminal = with_inputrc("set editing-mode vi\nset keyseq-timeout 500\n")
    terminal.keys("x = '" + "a" * 40)
    terminal.wait_cursor(0, 53)
    terminal.keys(ESC)
    terminal.resize(50, 20)
    terminal.wait_cursor(1, 2)


@pytest.mark.parametrize("keys, rows", [
    ("kdd", ["In [1]: x = [11,", "   ...:     33]"]), ("dd", ["In [1]: x = [11,", "   ...:     22,"]),
    ("kk0dj", ["In [1]:     33]"]), ("kyyp", None), ("kccnew" + ESC, ["In [1]: x = [11,", "   ...:     new", "   ...:     33]"]),
    ("kOnew" + ESC, ["In [1]: x = [11,", "   ...:     new", "   ...:     22,", "   ...:     33]"]),
    ("kd$", ["In [1]: x = [11,", "   ...:     2", "   ...:     33]"]),
    ("kD", ["In [1]: x = [11,", "   ...:     2", "   ...:     33]"]),
    ("kddu", ["In [1]: x = [11,", "   ...:     22,", "   ...:     33]"]),
])
def test_vi_commands_on_whole_lines(vi, keys, rows):
    vi.keys("x = [11,\r22,\r33]")
    vi.wait_cursor(2, 15)
    vi.keys(ESC)
    vi.wait_cursor(2, 14)
    if keys.startswith("kd$") or keys == "kD":
        vi.keys("k")
        vi.wait_cursor(1, 14)
        vi.keys("h")
        vi.wait_cursor(1, 13)
        keys = keys[1:]
    for key in keys:
        vi.keys(key)
    if rows:
        vi.wait_rows(*rows)


NOTE_MODULES = "import sys; _ = open('modules', 'w').write(' '.join(sorted(sys.modules)))"


class Plain(Terminal):
    """`python3 -i`, which knows no --no-banner."""

    def __init__(self, program, *arguments, **options):
        python = program.output("-c", "import sys; print(sys.executable)").strip()
        launcher = program.folder / "python-i"
        launcher.write_text(f"#!/bin/sh\nexec {python} -q -i\n")
        launcher.chmod(0o755)
        super().__init__(Program(launcher, program.folder), *arguments, **options)


def test_a_prompt_imports_what_that_of_python3_does_and_no_more(start, program):
    modules = {}
    for kind, prompt, after in ((Plain, ">>>", ">>>"), (Terminal, "In [1]:", "In [2]:")):
        terminal = start(kind, columns=120)
        terminal.wait(prompt)
        terminal.keys(NOTE_MODULES + "\r")
        terminal.wait_rows(f"{prompt} {NOTE_MODULES}", after)
        modules[kind] = set((program.folder / "modules").read_text().split())
    assert modules[Terminal] - modules[Plain] <= {"gc", "mainspring"}
