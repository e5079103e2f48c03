"""Hostile scripts on a terminal: the session shows what it put back, and goes on."""
import os
import signal

import pytest
from conftest import CTRL_C

HOSTILE = {
    "closes sys.stdin": ("import sys; sys.stdin.close()", "sys.stdin"),
    "closes descriptor 0": ("import os; os.close(0)", "descriptor 0"),
    "replaces sys.stdout": ("import io, sys; sys.stdout = io.StringIO(); print('x')", "sys.stdout"),
    "closes all output": ("import sys; sys.stdout.close(); sys.stderr.close()", "sys.stdout"),
    "redirects descriptors": (
        "import os; null = os.open('/dev/null', os.O_WRONLY); os.dup2(null, 1); os.dup2(null, 2)",
        "descriptor 1, descriptor 2"),
    "deletes sys.stdin": ("import sys; del sys.stdin", "sys.stdin"),
    "sets sys.stdin to None": ("import sys; sys.stdin = None", "sys.stdin"),
    "ignores Ctrl-C": ("import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)", "Ctrl-C"),
    "lets Ctrl-C kill": ("import signal; signal.signal(signal.SIGINT, signal.SIG_DFL)", "Ctrl-C"),
    "makes the terminal raw": ("import tty; tty.setraw(0)", "the terminal's modes"),
    "takes the display": ("import sys; sys.displayhook = None", None),
    "takes the errors": ("import sys; sys.excepthook = None", "sys.excepthook"),
    "leaves a trace function": ("import sys; sys.settrace(lambda *a: None)", "trace"),
    "leaves a profile function": ("import sys; sys.setprofile(lambda *a: None)", "profile"),
    "leaves a wakeup descriptor": (
        "import os, signal; r, w = os.pipe(); os.set_blocking(w, False); signal.set_wakeup_fd(w)",
        "the signal wakeup descriptor"),
    "shadows the shell": ("get_ipython = _ = In = Out = run = list = exit = 1", None),
    "changes no thing": ("x = 1", None),
}


@pytest.mark.parametrize("script, restored", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_script_leaves_a_session_that_works(shell, write, script, restored):
    write("h.py", script)
    write("ok.py", "print('o' + 'k')")
    shell.line("%run h.py")
    screen = shell.wait("In [2]:")
    if restored is None:
        assert "put back" not in screen
    else:
        assert f"put back after the run: {restored}" in screen
    shell.line("1 + 1")
    shell.wait("Out[2]: 2", "In [3]:")
    shell.line("import time; print('asleep'); time.sleep(100)")
    shell.wait("\nasleep")
    shell.wait_asleep()
    shell.keys(CTRL_C)
    shell.wait("KeyboardInterrupt", "In [4]:")
    shell.line("%run ok.py")
    shell.wait("\nok", "In [5]:")
    shell.line("int(input('number? ')) + 1")
    shell.wait("\nnumber?")
    shell.line("41")
    shell.wait("Out[5]: 42")


def test_a_handler_that_raises_at_the_prompt_prints_and_the_prompt_comes_back(shell, write):
    write("alarm.py", """
        import signal
        def ring(*arguments):
            raise RuntimeError("rang")
        signal.signal(signal.SIGUSR1, ring)
        """)
    shell.line("%run alarm.py")
    shell.wait("In [2]:")
    os.kill(shell.pid, signal.SIGUSR1)
    shell.wait("RuntimeError: rang")
    shell.line("1 + 1")
    shell.wait("Out[2]: 2")


def test_an_alarm_that_a_script_left_raises_in_a_cell_and_at_the_prompt(shell, write):
    write("alarm.py", """
        import signal
        def ring(*arguments):
            raise TimeoutError("rang " + str(next(count)))
        def wait():
            while True:  # signal.pause() would miss one that comes just before it
                pass
        count = iter(range(1, 9))
        signal.signal(signal.SIGALRM, ring)
        """)
    shell.line("%run alarm.py")
    shell.wait("In [2]:")
    shell.line("signal.setitimer(signal.ITIMER_REAL, 0.01); wait()")
    shell.wait("TimeoutError: rang 1", "In [3]:")
    shell.line("signal.setitimer(signal.ITIMER_REAL, 0.01) and None")
    shell.wait("TimeoutError: rang 2")
    shell.line("6 * 7")
    shell.wait(": 42")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_sigterm_and_sighup_end_the_session_politely(shell, number):
    shell.line("import atexit; _ = atexit.register(print, 'good' + 'bye')")
    shell.wait("In [2]:")
    os.kill(shell.pid, number)
    shell.wait("goodbye")
    assert shell.end() == 128 + number


def test_what_the_user_replaces_at_the_prompt_stays(session):
    assert session("import sys", "sys.displayhook = lambda value: print('mine', value)", "5") == (
        "mine 5\n")


def test_a_script_with_its_own_excepthook_reports_by_it(session, write):
    write("h.py", "import sys; sys.excepthook = lambda t, v, tb: print('hook:', v)\n1 / 0\n")
    assert "hook: division by zero\n" in session("%run h.py")


def test_pdb_leaves_ctrl_c_without_a_word(shell):
    shell.line("breakpoint()")
    shell.wait("(Pdb)")
    shell.line("c")
    assert "put back" not in shell.wait("In [2]:")
