"""What is printed while the prompt waits comes above it; what is typed stays as it is."""
import os
import re
import signal
import time

import pytest

from conftest import CTRL_C, ENTER, SHELL_TIMEOUT
from term import Terminal, paste

START = "import threading, time, sys, os; go = threading.Event()"


@pytest.fixture
def terminal(start):
    terminal = start(Terminal)
    terminal.wait_cursor(0, 8)
    terminal.keys(START + ENTER)
    terminal.wait("In [2]:")
    return terminal


def define(terminal, *lines):
    """Define a function `work` and start it in a thread that waits for go."""
    number = terminal.text().count("In [") + 1
    terminal.keys("\x1b[200~def work():\n go.wait()\n" + "\n".join(" " + line for line in lines) + "\x1b[201~" + "\x1b\r")
    terminal.wait(f"In [{number}]:")


def begin(terminal, kind="threading.Thread"):
    """Set go on when SIGUSR1 comes: then the prompt has what is typed."""
    terminal.keys("import signal; _ = signal.signal(signal.SIGUSR1, lambda *a: go.set())" + ENTER)
    terminal.wait("In [4]:")
    terminal.keys("threading.Thread(target=work, daemon=True).start()" + ENTER)
    terminal.wait("In [5]:")


def begin_beside(terminal, typed):
    """Have `work` go on while this stands at the prompt."""
    begin(terminal)
    terminal.keys(typed)
    terminal.wait("In [5]: " + typed)
    os.kill(terminal.pid, signal.SIGUSR1)


def test_a_thread_prints_above_a_half_typed_line(terminal):
    define(terminal, "for i in range(5): print('line', i)")
    begin(terminal)
    terminal.keys("value = 1 + 2\x1b[D")
    terminal.wait("In [5]: value = 1 + 2")
    os.kill(terminal.pid, signal.SIGUSR1)
    terminal.wait_rows(*[f"line {i}" for i in range(5)], "In [5]: value = 1 + 2")
    terminal.wait_cursor(len(terminal.rows_now()) - 1, 20)
    terminal.keys("9" + ENTER + "value" + ENTER)
    terminal.wait("Out[6]: 93")


def test_the_same_with_a_cell_of_three_lines_at_the_bottom(start):
    terminal = start(Terminal, rows=8)
    terminal.wait_cursor(0, 8)
    terminal.keys(START + ENTER)
    terminal.wait("In [2]:")
    define(terminal, "for i in range(5): print('line', i)")
    terminal.keys("import signal; _ = signal.signal(signal.SIGUSR1, lambda *a: go.set())" + ENTER)
    terminal.wait("In [4]:")
    terminal.keys("threading.Thread(target=work, daemon=True).start()" + ENTER)
    terminal.wait("In [5]:")
    terminal.keys("x = [1,\r2,\r3")
    terminal.wait_rows("In [5]: x = [1,", "   ...:     2,", "   ...:     3")
    os.kill(terminal.pid, signal.SIGUSR1)
    terminal.wait_rows("line 3", "line 4", "In [5]: x = [1,", "   ...:     2,", "   ...:     3")
    terminal.wait_cursor(7, 13)


def test_a_line_is_printed_in_parts_and_a_bar_over_itself(terminal):
    define(terminal, "for part in ('one ', 'two ', 'three\\n', '\\r10%', '\\r20%', ' of it\\n'):",
           "  print(part, end='', flush=True); time.sleep(0.06)")
    begin_beside(terminal, "typed")
    terminal.wait_rows("one two three", "20% of it", "In [5]: typed")


def test_standard_error_and_a_forked_child_come_above_too(terminal):
    define(terminal, "print('to stderr', file=sys.stderr)", "if os.fork() == 0:",
           "  print('from the child', flush=True); os._exit(0)", "os.wait()")
    begin_beside(terminal, "typed")
    terminal.wait_until(lambda screen: terminal.rows_now()[-1] == "In [5]: typed"
                        and {"to stderr", "from the child"} <= set(terminal.rows_now()), "both")


def test_a_flood_leaves_the_prompt_usable(terminal):
    define(terminal, "while go.is_set(): print('flood')")
    begin(terminal)
    os.kill(terminal.pid, signal.SIGUSR1)
    terminal.wait("flood")
    terminal.keys("6 * 7 #")
    terminal.wait("In [5]: 6 * 7 #")
    terminal.keys("\x7f\x7f; go.clear()" + ENTER)
    terminal.wait_until(lambda screen: terminal.rows_now()[-1] == "In [6]:", "In [6]:")
    terminal.keys("6 * 7" + ENTER)
    terminal.wait("Out[6]: 42")


FLOOD = "print(''.join(f'line {i}\\n' for i in range(60000)), end='', flush=True)"


def numbers(terminal):
    return [int(number) for number in re.findall(rb"line (\d+)\r\n", terminal.written)]


def test_a_large_print_keeps_the_prompt_usable_and_loses_nothing(terminal):
    define(terminal, FLOOD)
    begin(terminal)
    os.kill(terminal.pid, signal.SIGUSR1)
    terminal.wait("line 1")
    terminal.keys("6 * 7")
    terminal.wait("In [5]: 6 * 7")
    assert b"line 59999" not in terminal.written
    terminal.keys(ENTER)
    terminal.wait("Out[5]: 42")
    assert numbers(terminal) == list(range(60000))


def test_a_forked_child_s_large_print_comes_above_whole_and_by_itself(terminal):
    define(terminal, f"if os.fork() == 0: {FLOOD}; os._exit(0)", "os.wait()")
    begin_beside(terminal, "typed")
    terminal.wait_rows("line 59998", "line 59999", "In [5]: typed")
    assert numbers(terminal) == list(range(60000))


def test_a_cell_that_waits_for_a_child_gets_all_that_it_prints(terminal):
    terminal.keys("r, w = os.pipe()" + ENTER)
    terminal.wait("In [3]:")
    terminal.keys(f"pid = os.fork() or (os.read(r, 1), {FLOOD}, os._exit(0))" + ENTER)
    terminal.wait("In [4]:")
    terminal.keys("os.write(w, b'x'); _ = os.waitpid(pid, 0); print('it', 'ended')" + ENTER)
    terminal.wait_rows("line 59998", "line 59999", "it ended", "In [5]:")
    assert numbers(terminal) == list(range(60000))


def test_a_cell_that_waits_for_a_child_takes_over_while_it_prints(terminal):
    terminal.keys("import multiprocessing; go = multiprocessing.get_context('fork').Event()" + ENTER)
    terminal.wait("In [3]:")
    terminal.keys(f"pid = os.fork() or (go.wait(), {FLOOD}, os._exit(0))" + ENTER)
    terminal.wait("In [4]:")
    terminal.keys("go.set()" + ENTER)
    terminal.wait("line ")
    terminal.keys("_ = os.waitpid(pid, 0); print('it', 'ended')" + ENTER)
    terminal.wait("it ended")
    assert numbers(terminal) == list(range(60000))


def test_all_that_a_child_has_printed_is_above_what_the_next_cell_prints(terminal, program):
    define(terminal, "if os.fork() == 0:", "  print('\\n'.join(f'line {i}' for i in range(5000))); os._exit(0)",
           "os.wait(); open('ended', 'w').close()")
    begin_beside(terminal, "print('af' + 'ter')")
    deadline = time.monotonic() + SHELL_TIMEOUT
    while not (program.folder / "ended").exists():  # and nobody reads what the terminal shows
        assert time.monotonic() < deadline
    terminal.keys(ENTER)
    terminal.wait("In [6]:")
    lines = re.findall(rb"(line \d+|after)\r\n", terminal.written)
    assert lines == [b"line %d" % i for i in range(5000)] + [b"after"]


def test_the_streams_are_what_they_were(terminal):
    terminal.keys("f = sys.stdout; f.encoding, f.errors, f.fileno(), f.isatty(), f.mode" + ENTER)
    terminal.wait("Out[2]: ('utf-8', 'surrogateescape', 1, True, 'w')", "In [3]:")
    terminal.keys("sys.__stdout__ is f, f.name, f.line_buffering, sys.stderr.errors" + ENTER)
    terminal.wait("Out[3]: (True, '<stdout>', True, 'backslashreplace')")


def test_the_prompt_and_output_outlast_ctrl_c(terminal):
    define(terminal, "while True: print('tick', end=' ', flush=True); time.sleep(0.01)")
    begin(terminal)
    os.kill(terminal.pid, signal.SIGUSR1)
    terminal.wait("tick")
    terminal.keys("some text" + CTRL_C)
    terminal.wait("KeyboardInterrupt")
    terminal.keys("6 * 7" + ENTER)
    terminal.wait("Out[5]: 42")


def test_unbuffered_streams_are_as_python_makes_them(start):
    terminal = start(Terminal, env={"PYTHONUNBUFFERED": "1"})
    terminal.wait_cursor(0, 8)
    terminal.keys("half" + CTRL_C)
    terminal.wait_rows("In [1]: half", "KeyboardInterrupt", "In [1]:")
    terminal.keys("import sys; [type(f.buffer).__name__ for f in (sys.stdout, sys.stderr)]" + ENTER)
    terminal.wait("['TerminalIO', 'TerminalIO']")
    terminal.keys("sys.stderr.write('to err'), sys.stdout.write('to out')" + ENTER)
    terminal.wait("to errto out", "Out[2]: (6, 6)")


def test_what_a_child_prints_never_comes_into_files_that_it_opened_itself(terminal, program):
    paste(terminal, "import os, threading, time",
          "def work():\n    os.closerange(3, 256)\n    logs = [open(f'log{i}', 'w') for i in range(12)]\n"
          "    while not os.path.exists('go'): time.sleep(0.01)\n    print('from the child', flush=True)\n"
          "    os.rename('go', 'done')\n    os._exit(0)\n",
          "child = os.fork() or work()")
    (program.folder / "go").touch()
    deadline = time.monotonic() + SHELL_TIMEOUT
    while not (program.folder / "done").exists():
        assert time.monotonic() < deadline, terminal.text()
    assert [path.read_bytes() for path in program.folder.glob("log*")] == [b""] * 12
