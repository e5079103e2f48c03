"""While the prompt waits: tasks of the event loop, input hooks, nested prompts, `readline`."""
import os
import shutil
import signal
import subprocess

import pytest

from conftest import CTRL_C, CTRL_D, ENTER
from term import TAB, UP, Terminal, paste

HOOK = """\
import ctypes, select, itertools
count = itertools.count()
@ctypes.CFUNCTYPE(ctypes.c_int)
def hook():
    while not select.select([0], [], [], 0.005)[0]:
        if next(count) == 3: print('hook', 'runs')
    return 0
ctypes.c_void_p.in_dll(ctypes.pythonapi, 'PyOS_InputHook').value = ctypes.cast(hook, ctypes.c_void_p).value
"""


@pytest.fixture
def terminal(start):
    terminal = start(Terminal, columns=110)
    terminal.wait_cursor(0, 8)
    return terminal


def test_a_task_goes_on_and_prints_above_what_is_typed(terminal):
    paste(terminal, "import asyncio, signal", "go = asyncio.Event()",
          "async def work():\n    await go.wait()\n    for i in range(3):\n        print('turn', i)\n"
          "        await asyncio.sleep(0.01)\n",
          "task = asyncio.get_event_loop().create_task(work())",
          "_ = signal.signal(signal.SIGUSR1, lambda *a: loop.call_soon_threadsafe(go.set)); "
          "loop = asyncio.get_event_loop()")
    terminal.keys("typed")
    terminal.wait("In [6]: typed")
    os.kill(terminal.pid, signal.SIGUSR1)
    terminal.wait_rows("turn 0", "turn 1", "turn 2", "In [6]: typed")
    terminal.keys(CTRL_C)
    terminal.wait("KeyboardInterrupt")
    terminal.keys("await task; task.done()" + ENTER)
    terminal.wait("Out[6]: True")


def test_the_loop_that_a_library_asked_for_runs_at_the_prompt(terminal):
    paste(terminal, "import asyncio, warnings; warnings.simplefilter('ignore')",
          "loop = asyncio.get_event_loop(); _ = loop.call_later(0.01, print, 'called', 'back')")
    terminal.wait("called back")


def test_a_callback_that_raises_is_reported_and_the_prompt_comes_back(terminal):
    paste(terminal, "import asyncio", "def f(): raise SystemError('of a callback')",
          "_ = asyncio.get_event_loop().call_later(0.01, f)")
    terminal.wait("SystemError: of a callback")
    terminal.keys("6 * 7" + ENTER)
    terminal.wait("Out[4]: 42")


def test_an_input_hook_runs_while_the_prompt_waits(terminal):
    paste(terminal, HOOK)
    terminal.wait("hook runs")
    terminal.keys("x")
    terminal.wait("In [2]: x")
    terminal.keys(CTRL_C)
    terminal.wait("KeyboardInterrupt")
    terminal.keys("6 * 7" + ENTER)
    terminal.wait("Out[2]: 42")


def test_a_thread_prints_while_an_input_hook_runs(terminal):
    paste(terminal, HOOK, "import threading, signal; go = threading.Event()",
          "threading.Thread(target=lambda: (go.wait(), print('from a thread')), daemon=True).start()",
          "threading.Timer(0.2, go.set).start()")
    terminal.wait("from a thread")
    terminal.keys("6 * 7" + ENTER)
    terminal.wait("Out[5]: 42")


def test_input_in_a_callback_puts_the_prompt_aside(terminal):
    paste(terminal, "import asyncio", "def ask(): print('got', input('name? ').upper())",
          "_ = asyncio.get_event_loop().call_later(0.1, ask)")
    terminal.keys("half ")
    terminal.wait("\nname?")
    terminal.keys("me" + ENTER)
    terminal.wait("got ME")
    terminal.wait_until(lambda screen: terminal.rows_now()[-1] == "In [4]: half", "the prompt")
    terminal.keys("= 6 * 7" + ENTER + "half" + ENTER)
    terminal.wait("Out[5]: 42")


def test_pdb_is_edited_and_has_its_history(terminal, write):
    paste(terminal, "def f():\n    inside = 6\n    breakpoint()\n    return inside\n")
    terminal.keys("f()" + ENTER)
    terminal.wait("(Pdb)")
    terminal.keys("p inside * 8\x7f7" + ENTER)
    terminal.wait("\n42")
    terminal.wait_count("(Pdb)", 2)
    terminal.keys(UP + ENTER)
    terminal.wait_count("\n42", 2)
    terminal.keys("c" + ENTER)
    terminal.wait("Out[2]: 6")


def test_getpass_shows_nothing(terminal):
    paste(terminal, "import getpass")
    terminal.keys("len(getpass.getpass())" + ENTER)
    terminal.wait("Password:")
    terminal.keys("secret" + ENTER)
    terminal.wait("Out[2]: 6")
    assert "secret" not in terminal.text()


def test_the_module_readline_works_and_breaks_nothing(terminal):
    paste(terminal, "import readline, pdb, rlcompleter", "readline.parse_and_bind('tab: complete')",
          "readline.add_history('of the module')")
    terminal.keys("readline.get_history_item(1), readline.get_line_buffer()" + ENTER)
    terminal.wait("Out[4]: ('of the module', '')", "In [5]:")
    terminal.keys("for i in range(1):" + ENTER)
    terminal.wait("...:")
    terminal.keys(TAB + "\x7fprint('still', 'edited')" + ENTER * 2)
    terminal.wait("still edited", "In [6]:")
    terminal.keys("input('? ')" + ENTER)
    terminal.wait("\n?")
    terminal.keys("ab\x02c" + ENTER)  # Ctrl-B: readline's own editing
    terminal.wait("Out[6]: 'acb'", "In [7]:")
    terminal.keys(UP)
    terminal.wait("In [7]: input('? ')")


def test_readline_s_names_are_not_the_executable_s(mainspring):
    names = subprocess.run(["nm", "-D", "--defined-only", mainspring], capture_output=True,
                           text=True, check=True).stdout
    assert "PyObject_Call" in names
    assert not [name for name in names.split() if name.startswith(("rl_", "_rl_", "tgetent", "add_history"))]


def test_end_of_input_in_input_is_an_error_and_no_end(terminal):
    terminal.keys("input('? ')" + ENTER)
    terminal.wait_cursor(1, 2)
    terminal.keys(CTRL_D)
    terminal.wait("EOFError", "In [2]:")


def test_ctrl_c_gets_out_of_a_callback_that_never_ends(terminal):
    paste(terminal, "import asyncio", "def hold():\n    print('hol' 'ding')\n    while True: pass\n",
          "_ = asyncio.get_event_loop().call_later(0.1, hold)")
    terminal.wait("holding")
    # The first is the prompt's, the next is the callback's.
    terminal.insist(CTRL_C, lambda screen: "KeyboardInterrupt" in screen, "a way out")
    terminal.insist("6 * 7" + ENTER, lambda screen: ": 42" in screen, "42")


def test_a_thread_that_asks_while_the_prompt_has_the_keys_is_told_that_there_are_none(terminal):
    paste(terminal, "import threading, time",
          "def ask():\n    time.sleep(0.2)\n    try: input()\n    except EOFError: print('no', 'keys')\n",
          "threading.Thread(target=ask).start()")
    terminal.wait("no keys")
    terminal.keys("6 * 7" + ENTER)
    terminal.wait("Out[4]: 42")


def test_a_thread_that_asks_while_a_cell_runs_is_answered(terminal):
    paste(terminal, "import threading", "def ask(): print('got', input('name? ').upper())")
    terminal.keys("t = threading.Thread(target=ask); t.start(); t.join()" + ENTER)
    terminal.wait("\nname?")
    terminal.keys("me" + ENTER)
    terminal.wait("got ME", "In [4]:")


def test_a_thread_that_still_asks_when_its_cell_is_over_leaves_the_keys_to_the_prompt(terminal):
    paste(terminal, "import threading",
          "def ask():\n    try: input('name? ')\n    except EOFError: print('no', 'keys')\n")
    terminal.keys("threading.Thread(target=ask).start()" + ENTER)
    terminal.wait("no keys", "In [4]:")
    terminal.keys("6 * 7" + ENTER)
    terminal.wait("Out[4]: 42")


@pytest.fixture
def needs(program):
    def skip_without(module):
        """Debian's packages are for Debian's interpreter: another one under test has few modules."""
        if program.run("-c", f"import {module}").returncode != 0:
            pytest.skip(f"needs {module}")
    return skip_without


def test_twisted_ticks_on_the_session_s_loop_and_its_trial_runs_twice(terminal, needs, write):
    needs("twisted")
    write("test_some.py", "from twisted.trial import unittest\nclass T(unittest.TestCase):\n"
          "    def test_it(self): self.assertEqual(6 * 7, 42)\n")
    paste(terminal, "from twisted.internet import asyncioreactor; asyncioreactor.install()",
          "from twisted.internet import reactor, task; ticks = []",
          "reactor.startRunning(); call = task.LoopingCall(lambda: ticks.append(1) or len(ticks) != 5 or print('tick', 'five'))",
          "_ = call.start(0.01)")
    terminal.wait("tick five")
    terminal.keys("call.stop()" + ENTER)
    terminal.wait("In [6]:")
    for number in (7, 8):
        terminal.keys("\x0c%run -m twisted.trial test_some" + ENTER)
        terminal.wait("PASSED (successes=1)", f"In [{number}]:")


@pytest.fixture
def display():
    """The name of an X server of our own."""
    read, write = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-nolisten", "tcp"], pass_fds=[write],
                              stderr=subprocess.DEVNULL)
    os.close(write)
    with open(read) as number:
        yield ":" + number.readline().strip()
    server.terminate()
    server.wait()


@pytest.mark.skipif(not shutil.which("Xvfb"), reason="needs Xvfb")
def test_a_window_lives_while_the_prompt_waits_and_what_it_prints_comes_above(start, display, needs):
    needs("tkinter")
    terminal = start(Terminal, columns=110, env={"DISPLAY": display})
    terminal.wait_cursor(0, 8)
    paste(terminal, "import tkinter; root = tkinter.Tk()",
          "def ask(): print('got', input('name? ').upper())",
          "_ = root.after(300, print, 'after', 'a while'), root.after(600, ask)")
    terminal.keys("typed")
    terminal.wait_rows("after a while", "In [4]: typed")
    terminal.wait("\nname?")
    terminal.keys("me" + ENTER)
    terminal.wait_rows("got ME", "In [4]: typed")
    terminal.keys(CTRL_C)
    terminal.wait("KeyboardInterrupt")
    terminal.keys("root.destroy()" + ENTER + "6 * 7" + ENTER)
    terminal.wait("Out[5]: 42")
