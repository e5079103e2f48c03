"""What a callback asks while the prompt waits: of an event loop, of a window, of both, of neither."""
import os
import signal

import pytest

from conftest import CTRL_C, ENTER
from term import Terminal, paste


# Each makes SIGUSR1 have `callback` called, by whom the test is about.
HOOKS = {
    "none": ["import signal", "def handle(*a): loop.call_soon(lambda: callback()) if 'loop' in globals() else callback()",
             "_ = signal.signal(signal.SIGUSR1, handle)"],
    "tk": ["import signal, tkinter; root = tkinter.Tk(); go = []",
           "_ = signal.signal(signal.SIGUSR1, lambda *a: go.append(1))",
           "def poll(): root.after(10, poll); go and go.pop() and callback()", "poll()"],
    "qt": ["import signal; from PyQt5 import QtCore; app = QtCore.QCoreApplication([]); go = []",
           "_ = signal.signal(signal.SIGUSR1, lambda *a: go.append(1))",
           "def poll(): go and go.pop() and callback()",
           "timer = QtCore.QTimer(); _ = timer.timeout.connect(poll); timer.start(10)"],
    # As Qt's, and without anything but the interpreter: it waits for descriptor 0 itself.
    "select": ["import ctypes, select, signal; go = []",
               "_ = signal.signal(signal.SIGUSR1, lambda *a: go.append(1))",
               "def poll(): go and go.pop() and callback()",
               "@ctypes.CFUNCTYPE(ctypes.c_int)\ndef hook():\n"
               "    poll()\n    while not select.select([0], [], [], 0.01)[0]: poll()\n    return 0\n",
               "ctypes.c_void_p.in_dll(ctypes.pythonapi, 'PyOS_InputHook').value = "
               "ctypes.cast(hook, ctypes.c_void_p).value"],
}
# A loop that has something to do all the time.
LOOP = ["import asyncio; loop = asyncio.get_event_loop(); ticks = 0",
        "def tick(): global ticks; ticks += 1; loop.call_later(0.005, tick)", "tick()"]
LOOPS = {"no loop": [], "loop": LOOP}


def cells(terminal, *texts):
    """Enter them, and be at an empty screen's prompt."""
    number = paste(terminal, *texts)
    terminal.keys("\x0c")
    terminal.wait_until(lambda screen: terminal.rows_now() == [f"In [{number}]:"], "an empty screen")


MODULES = {"tk": "_tkinter", "qt": "PyQt5.QtCore"}


def need(kind, program, request):
    """The environment for it, or the test is skipped: an interpreter may have none of Debian's modules."""
    if kind in MODULES and program.run("-c", f"import {MODULES[kind]}").returncode != 0:
        pytest.skip(f"no {MODULES[kind]} for this interpreter")
    return {"DISPLAY": request.getfixturevalue("display")} if kind == "tk" else {"QT_QPA_PLATFORM": "offscreen"}


@pytest.fixture(params=LOOPS)
def loop(request):
    return LOOPS[request.param]


@pytest.fixture(params=HOOKS)
def terminal(start, program, request, loop):
    environment = need(request.param, program, request)
    terminal = start(Terminal, columns=110, env=environment)
    terminal.wait_cursor(0, 8)
    cells(terminal, "callback = None", *HOOKS[request.param], *loop)
    terminal.in_handler = request.param == "none" and not loop  # it is a signal's handler that calls
    return terminal


def interrupted(terminal, text="half "):
    """Type something; then what SIGUSR1 has called has come."""
    terminal.number = terminal.rows_now()[-1]
    terminal.keys(text)
    terminal.wait_rows(f"{terminal.number} {text}")
    os.kill(terminal.pid, signal.SIGUSR1)


def goes_on(terminal, loop):
    """The prompt is as it was, and so is what goes on beside it."""
    terminal.wait_until(lambda screen: terminal.rows_now()[-1] == f"{terminal.number} half", "the prompt")
    terminal.keys("= 6 * 7" + ENTER + "\x0chalf" + ENTER)
    terminal.wait_until(lambda screen: ": 42" in screen and terminal.rows_now()[-1].endswith("]:"), "the value")
    if loop:
        paste(terminal, "def watch(): print('tic' 'ked') if ticks > now + 2 else loop.call_later(0.01, watch)\n",
              "now = ticks; watch()")
        terminal.wait("ticked")


def test_input_in_a_callback_is_edited(terminal, loop):
    cells(terminal, "def callback(): print('got', input('name? ').upper())")
    interrupted(terminal)
    terminal.wait_rows("name?")
    terminal.keys("e\x02m" + ENTER)
    terminal.wait_rows("got ME", f"{terminal.number} half")
    goes_on(terminal, loop)


def test_ctrl_c_ends_an_input_in_a_callback(terminal, loop):
    cells(terminal, "def callback():\n    try: input('name? ')\n    except KeyboardInterrupt: print('not', 'answered')\n")
    for _ in range(2):
        interrupted(terminal)
        terminal.wait_rows("name?")
        terminal.keys("me" + CTRL_C)
        terminal.wait_rows("not answered", f"{terminal.number} half")
        terminal.keys("\x15")
        terminal.wait_rows(terminal.number)
        terminal.keys("\x0c")
        terminal.wait_until(lambda screen: terminal.rows_now() == [terminal.number], "an empty screen")
    terminal.keys("half ")
    goes_on(terminal, loop)


def test_getpass_in_a_callback_shows_nothing(terminal, loop):
    cells(terminal, "import getpass", "def callback(): print('length', len(getpass.getpass()))")
    interrupted(terminal)
    terminal.wait_rows("Password:")
    terminal.keys("secret\x7f" + ENTER)
    terminal.wait_rows("length 5", f"{terminal.number} half")
    assert "sec" not in terminal.text()
    goes_on(terminal, loop)


def test_a_debugger_in_a_callback_is_edited(terminal, loop):
    cells(terminal, "def callback():\n    inside = 6\n    breakpoint()\n    print('left', inside)\n")
    interrupted(terminal)
    terminal.wait_rows("(Pdb)")
    terminal.keys("p inside * 8\x7f7" + ENTER)
    terminal.wait_rows("42", "(Pdb)")
    terminal.keys("c" + ENTER)
    terminal.wait_rows("left 6", f"{terminal.number} half")
    goes_on(terminal, loop)


def test_ctrl_c_in_a_callback_is_the_prompt_s(terminal, loop):
    """It is raised within a signal handler, as ever."""
    cells(terminal, "import os, time", "def callback():\n    print('hol' 'ding', flush=True)\n"
          "    while not os.path.exists('stop'): time.sleep(0.01)\n    seen.append('let go')\n", "seen = []")
    interrupted(terminal)
    terminal.wait("holding")
    terminal.keys(CTRL_C)
    with open(f"/proc/{terminal.pid}/cwd/stop", "w"):
        terminal.wait("KeyboardInterrupt")
    terminal.wait_until(lambda screen: terminal.rows_now()[-1] == terminal.number, "the prompt")
    assert terminal.text().count("KeyboardInterrupt") == 1 and "Traceback" not in terminal.text()
    terminal.keys("half ")
    goes_on(terminal, loop)
    if not terminal.in_handler:
        terminal.keys("seen" + ENTER)
        terminal.wait(": ['let go']")


def test_ctrl_c_beside_callbacks_is_the_prompt_s(terminal, loop):
    terminal.number = terminal.rows_now()[-1]
    for count in (1, 2, 3):
        terminal.keys("half " + CTRL_C)
        terminal.wait_until(lambda screen: terminal.rows_now().count("KeyboardInterrupt") == count
                            and terminal.rows_now()[-1] == terminal.number, "the prompt")
    assert "Traceback" not in terminal.text()
    terminal.keys("half ")
    goes_on(terminal, loop)


def test_ctrl_c_again_gets_out_of_a_callback_that_never_ends(terminal, loop):
    cells(terminal, "def callback():\n    print('hol' 'ding', flush=True)\n    while True: pass\n")
    interrupted(terminal)
    terminal.wait("holding")
    # The first is the prompt's, the next is the callback's.
    terminal.insist(CTRL_C, lambda screen: "KeyboardInterrupt" in screen and terminal.rows_now()[-1] == terminal.number,
                    "the prompt")
    terminal.insist("6 * 7" + ENTER, lambda screen: ": 42" in screen, "42")


def test_ctrl_c_between_a_cell_and_its_prompt_is_the_prompt_s(terminal, loop):
    cells(terminal, "import ctypes, functools; press = functools.partial(ctypes.CDLL(None)['raise'], 2)")
    number = terminal.rows_now()[-1]
    terminal.keys("get_ipython().events.register('post_execute', press)" + ENTER)
    terminal.wait_until(lambda screen: terminal.rows_now()[-2:-1] == ["KeyboardInterrupt"]
                        and terminal.rows_now()[-1] not in ("KeyboardInterrupt", number), "the prompt")
    terminal.keys("6 * 7" + ENTER)
    terminal.wait(": 42")
    assert "Traceback" not in terminal.text()


def test_what_a_callback_starts_has_the_terminal(terminal, loop):
    cells(terminal, "import os, subprocess",
          "def fork():\n    pid = os.fork()\n    if pid == 0: os._exit(10 + os.isatty(0))\n"
          "    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])\n",
          "def callback(): print('each', subprocess.call(['test', '-t', '0']), os.system('test -t 0'), fork(), "
          "os.waitpid(os.posix_spawn('/usr/bin/test', ['test', '-t', '0'], {}), 0)[1])")
    interrupted(terminal)
    terminal.wait_rows("each 0 0 11 0", f"{terminal.number} half")
    goes_on(terminal, loop)


def test_a_child_that_a_callback_forks_has_no_prompt(terminal, loop):
    """Where a window's hook waits for keys, it ends with one that the prompt has not taken."""
    cells(terminal, "import os, sys; children = []",
          "def callback():\n    children.append(os.fork())\n    children[-1] and print('for' 'ked')\n"
          "    children[-1] or print('a child', flush=True)\n")
    interrupted(terminal)
    terminal.wait("forked", "a child")
    goes_on(terminal, loop)
    terminal.keys("os.waitpid(children[0], 0)[1], len(children)" + ENTER)
    terminal.insist(ENTER, lambda screen: ": (0, 1)" in screen, "the child's end")


def test_what_a_callback_raises_is_reported(terminal, loop):
    cells(terminal, "def callback(): 1 / 0")
    interrupted(terminal)
    terminal.wait("ZeroDivisionError: division by zero")
    terminal.wait_until(lambda screen: terminal.rows_now()[-1].startswith(terminal.number), "the prompt")
    if terminal.in_handler:  # whose error ends the read
        terminal.keys("half ")
    goes_on(terminal, loop)
