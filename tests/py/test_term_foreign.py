"""What programs of their own, and C code, write to the terminal while the prompt waits: it comes above
the prompt, and what is typed stays as it is."""
import ctypes
import os
import select
import signal
import subprocess

import pytest

from conftest import CTRL_C, CTRL_D, ENTER, SHELL_TIMEOUT
from term import BACKSPACE, LEFT, TAB, UP, Terminal

def can_watch():
    """Some machines let nobody have inotify, or have given all of it to others."""
    descriptor = ctypes.CDLL(None).inotify_init1(os.O_CLOEXEC)
    if descriptor >= 0:
        os.close(descriptor)
    return descriptor >= 0


pytestmark = pytest.mark.skipif(not can_watch(), reason="needs inotify")

# They write what they read from a pipe, as printf has it.
SHELL = "exec < {fifo}; while read -r line; do printf \"$line\"{to}; done"
THREAD = ("import threading, os; threading.Thread(target=lambda: [os.write(1, eval('b\"' + s[:-1] + '\"'))"
          " for s in open({fifo!r})], daemon=True).start()")


class Speaker:
    """A program that has the shell's terminal, or a thread, that writes what it is told."""

    def __init__(self, terminal, fifo, cell):
        os.mkfifo(fifo)
        self.number = terminal.text().count("In [") + 1
        terminal.keys(cell + ENTER)
        self.file = open(fifo, "w")
        terminal.wait(f"In [{self.number}]:")

    def __call__(self, text):
        self.file.write(text.replace("\n", "\\n").replace("\r", "\\r").replace("\x1b", "\\033") + "\n")
        self.file.flush()


def speaking(fifo, to=""):
    command = SHELL.format(fifo=fifo, to=to)
    return f"import subprocess; p = subprocess.Popen(['sh', '-c', {command!r}])"


@pytest.fixture
def terminal(start):
    terminal = start(Terminal)
    terminal.wait_cursor(0, 8)
    return terminal


@pytest.fixture
def say(terminal, tmp_path):
    return Speaker(terminal, tmp_path / "fifo", speaking(tmp_path / "fifo"))


@pytest.fixture
def mutter(terminal, tmp_path):
    """The same by a thread, of which nobody knows that it will write."""
    return Speaker(terminal, tmp_path / "fifo", THREAD.format(fifo=str(tmp_path / "fifo")))


def last(terminal):
    return terminal.rows_now()[-1]


def wait_above(terminal, written, *edited):
    """Wait until the screen ends with what was written and, after blank rows, with what is edited."""
    def shown(screen):
        rows = terminal.rows_now()
        above = [row for row in rows[:-len(edited)] if row]
        return rows[-len(edited):] == list(edited) and above[len(above) - len(written):] == list(written)
    terminal.wait_until(shown, (written, edited))


def test_a_program_writes_above_a_half_typed_line(terminal, say):
    terminal.keys("value = 1 + 2" + LEFT)
    terminal.wait("In [2]: value = 1 + 2")
    for i in range(3):
        say(f"tick {i}\n")
        wait_above(terminal, [f"tick {n}" for n in range(i + 1)], "In [2]: value = 1 + 2")
    terminal.keys("9" + ENTER + "value" + ENTER)
    terminal.wait("Out[3]: 93", "In [4]:")
    rows = [row for row in terminal.rows_now() if row]
    at = rows.index("In [2]: value = 1 + 92")
    assert rows[at - 3:at] == ["tick 0", "tick 1", "tick 2"]
    assert sum("value = 1" in row for row in rows) == 1


def test_the_same_with_a_cell_of_three_lines_at_the_bottom(start, tmp_path):
    terminal = start(Terminal, rows=8)
    terminal.wait_cursor(0, 8)
    say = Speaker(terminal, tmp_path / "fifo", speaking(tmp_path / "fifo"))
    cell = ("In [2]: x = [1,", "   ...:     2,", "   ...:     3")
    terminal.keys("x = [1,\r2,\r3")
    wait_above(terminal, [], *cell)
    for i in range(9):
        say(f"tick {i}\n")
    wait_above(terminal, [f"tick {i}" for i in range(5, 9)], *cell)
    terminal.keys("4]" + ENTER)
    terminal.wait("In [3]:")
    say("last\n")
    wait_above(terminal, ["   ...:     34]", "last"], "In [3]:")


def test_what_a_program_does_not_end_is_continued_and_a_bar_overwrites_itself(terminal, say):
    terminal.keys("typed")
    say(".")
    wait_above(terminal, ["."], "In [2]: typed")
    say("..")
    wait_above(terminal, ["..."], "In [2]: typed")
    say("\n10%%")
    wait_above(terminal, ["...", "10%"], "In [2]: typed")
    say("\r20%% of it")
    wait_above(terminal, ["...", "20% of it"], "In [2]: typed")
    terminal.keys(BACKSPACE * 5 + "6 * 7" + ENTER)
    terminal.wait("Out[2]: 42")
    rows = terminal.rows_now()
    assert rows[rows.index("In [2]: 6 * 7") - 1] == "20% of it"


def test_the_cursor_is_painted_where_the_terminal_s_own_is_among_the_text(terminal, say):
    terminal.keys("ab" + LEFT)
    say("tick\n")
    wait_above(terminal, ["tick"], "In [2]: ab")
    terminal.wait_until(lambda screen: [terminal.screen.buffer[19][x].reverse for x in (9, 10)] == [True, False],
                        "a cursor on b")
    assert terminal.screen.cursor.hidden
    terminal.keys(CTRL_C)
    terminal.wait("KeyboardInterrupt")
    terminal.keys(CTRL_D)
    assert terminal.end() == 0
    assert not terminal.screen.cursor.hidden and terminal.screen.margins in (None, (0, 19))


def test_a_thread_s_c_code_that_nobody_expected_comes_above_too(terminal, mutter):
    first = terminal.rows_now()[-2]
    terminal.keys("value = 1 + 2")
    terminal.wait("In [2]: value = 1 + 2")
    mutter("one\n")
    wait_above(terminal, [first, "one"], "In [2]: value = 1 + 2")
    mutter("two\n")
    wait_above(terminal, [first, "one", "two"], "In [2]: value = 1 + 2")
    terminal.keys(ENTER + "value" + ENTER)
    terminal.wait("Out[3]: 3")


def test_it_does_so_from_the_middle_of_a_cell(terminal, mutter):
    first = terminal.rows_now()[-2]
    cell = ("In [2]: x = [1,", "   ...:     2,", "   ...:     3")
    terminal.keys("x = [1,\r2,\r3" + UP)
    wait_above(terminal, [], *cell)
    mutter("one")
    wait_above(terminal, [first, "one"], *cell)
    mutter(" two\nthree\n")
    wait_above(terminal, [first, "one two", "three"], *cell)


@pytest.mark.parametrize("answers", [True, False])
def test_at_the_bottom_or_where_the_terminal_does_not_answer_the_line_is_spoiled_once(
        terminal, mutter, answers):
    if not answers:
        terminal.screen.write_process_input = lambda text: None
    else:
        terminal.keys("for i in range(20): print('row', i)" + ENTER + ENTER)
        terminal.wait("row 19")
    prompt = "In [3]: " if answers else "In [2]: "
    terminal.wait_until(lambda screen: last(terminal) == prompt.strip(), prompt)
    terminal.keys("typed")
    terminal.wait(prompt + "typed")
    mutter("one\n")
    wait_above(terminal, [prompt + "typedone"], prompt + "typed")
    mutter("two\n")
    wait_above(terminal, [prompt + "typedone", "two"], prompt + "typed")
    terminal.keys(" = 6 * 7" + ENTER + "typed" + ENTER)
    terminal.wait("]: 42")


def test_the_first_words_of_an_old_program_come_above_on_a_full_screen(terminal, tmp_path):
    say = Speaker(terminal, tmp_path / "fifo", speaking(tmp_path / "fifo"))
    terminal.keys("import time; time.sleep(5.1); print(*range(30), sep='\\n')" + ENTER)
    terminal.wait_until(lambda screen: last(terminal) == "In [3]:" and not terminal.screen.cursor.hidden, "In [3]")
    terminal.keys("typed")
    terminal.wait_cursor(17, 13)
    say("one\n")
    wait_above(terminal, ["29", "one"], "In [3]: typed")


def test_keys_among_the_terminal_s_answers_are_kept(terminal, mutter):
    terminal.screen.write_process_input = lambda text: terminal.keys("1" + text + LEFT)
    terminal.keys("x = ")
    terminal.wait_rows("In [2]: x =")
    mutter("one\n")
    terminal.wait("one")
    wait_above(terminal, ["one"], "In [2]: x = 11")
    terminal.screen.write_process_input = lambda text: None
    terminal.keys("2" + ENTER + "x" + ENTER)
    terminal.wait("Out[3]: 211")


def test_an_answer_that_comes_late_is_no_key(terminal, mutter):
    answers = []
    terminal.screen.write_process_input = answers.append
    terminal.keys("typed")
    terminal.wait_rows("In [2]: typed")
    mutter("one\n")
    wait_above(terminal, ["In [2]: typedone"], "In [2]: typed")
    terminal.keys("".join(answers) + " = 6 * 7" + ENTER + "typed" + ENTER)
    terminal.wait("Out[3]: 42")


def test_a_terminal_of_three_rows_has_the_prompt_below(start, tmp_path):
    terminal = start(Terminal, rows=3)
    terminal.wait_cursor(0, 8)
    fifo = tmp_path / "f"
    os.mkfifo(fifo)
    terminal.keys(THREAD.format(fifo=str(fifo)) + ENTER)
    with open(fifo, "w") as file:
        terminal.wait_rows("In [2]:")
        terminal.keys("typed")
        terminal.wait_rows("In [2]: typed")
        file.write("one\\n\n")
        file.flush()
        terminal.wait_rows("In [2]: typedone", "In [2]: typed")
        file.write("two\n")
        file.flush()
        terminal.wait_rows("In [2]: typedtwo", "In [2]: typed")


def test_a_program_that_writes_elsewhere_changes_nothing(terminal, tmp_path):
    log = tmp_path / "log"
    say = Speaker(terminal, tmp_path / "fifo",
                  speaking(tmp_path / "fifo", f" >> {log}").replace("])", "], stdout=-3, stderr=-3)"))
    terminal.keys("typed")
    terminal.wait_rows("In [2]: typed")
    terminal.wait_until(lambda screen: terminal.written.endswith(b"\x1b7"), "the end of what is painted")
    before = len(terminal.written)
    say("tick\n")
    while not log.exists() or not log.read_text():
        assert not select.select([terminal.fd], [], [], 0)[0]
    terminal.keys("x")
    terminal.wait_rows("In [2]: typedx")
    terminal.wait_until(lambda screen: terminal.written.endswith(b"\x1b7"), "the end of what is painted")
    assert terminal.written[before:] == b"x\x1b7"


def test_a_flood_leaves_the_prompt_usable(terminal):
    terminal.keys("import subprocess; p = subprocess.Popen(['yes', 'flood'])" + ENTER)
    terminal.wait("flood")
    terminal.keys("6 * 7 #")
    terminal.wait_until(lambda screen: terminal.rows_now()[-1] == "In [2]: 6 * 7 #", "the line")
    terminal.keys(BACKSPACE * 2 + "; p.kill()" + ENTER)
    terminal.wait("In [3]:")
    terminal.keys("6 * 7" + ENTER)
    terminal.wait("Out[3]: 42")


def test_a_process_that_is_spawned_prints_above(terminal, tmp_path):
    os.mkfifo(tmp_path / "f")
    terminal.keys("from multiprocessing import get_context; context = get_context('spawn')" + ENTER)
    terminal.wait("In [2]:")
    work = f"open({str(tmp_path / 'f')!r}).read(); print(6 * 7)"
    terminal.keys(f"p = context.Process(target=exec, args=({work!r},))" + ENTER)
    terminal.wait("In [3]:")
    terminal.keys("p.start()" + ENTER)
    terminal.wait("In [4]:")
    terminal.keys("typed")
    open(tmp_path / "f", "w").close()
    wait_above(terminal, ["In [3]: p.start()", "42"], "In [4]: typed")


def test_a_thread_prints_between_what_a_program_writes(terminal, say, tmp_path):
    fifo = tmp_path / "g"
    also = Speaker(terminal, fifo, "import threading; threading.Thread(target=lambda: [print(s, end='', flush=True)"
                   f" for s in open({str(fifo)!r})], daemon=True).start()")
    terminal.keys("typed")
    say("one\n")
    wait_above(terminal, ["one"], "In [3]: typed")
    also.file.write("two\n")
    also.file.flush()
    wait_above(terminal, ["one", "two"], "In [3]: typed")
    say("three\n")
    wait_above(terminal, ["one", "two", "three"], "In [3]: typed")


def test_the_menu_the_search_and_a_cleared_screen(terminal, say):
    terminal.keys("aaaa = aabb = 1" + ENTER)
    terminal.wait("In [3]:")
    terminal.keys("aa" + TAB)
    terminal.wait("aabb ")
    say("tick\n")
    terminal.wait("tick")
    terminal.wait_until(lambda screen: "aabb " in screen and "In [3]: aa" in screen, "the menu")
    terminal.keys(CTRL_C)
    wait_above(terminal, ["tick"], "In [3]: aaaa = aabb = 1")  # a suggestion
    terminal.keys("\x12aabb")
    terminal.wait_until(lambda screen: last(terminal).startswith("(search) aabb"), "the search")
    say("tock\n")
    wait_above(terminal, ["tick", "tock"], "In [3]: aaaa = aabb = 1", last(terminal))
    terminal.keys(CTRL_C)
    wait_above(terminal, ["KeyboardInterrupt"], "In [3]:")
    say("\x1b[2J\x1b[H")
    terminal.wait_until(lambda screen: not screen.strip(), "nothing")
    terminal.keys("6 * 7")
    wait_above(terminal, [], "In [3]: 6 * 7")
    terminal.keys(ENTER)
    terminal.wait("Out[3]: 42")


def test_input_has_the_same(terminal, say):
    terminal.keys("answer = input('name? ')" + ENTER)
    terminal.wait("name?")
    terminal.keys("somebo")
    say("tick\n")
    wait_above(terminal, ["In [2]: answer = input('name? ')", "tick"], "name? somebo")
    terminal.keys("dy" + ENTER + "answer" + ENTER)
    terminal.wait("name? somebody", "Out[3]: 'somebody'")


def test_a_resize_keeps_it_whole(terminal, say):
    terminal.keys("typed")
    say("tick 1\n")
    wait_above(terminal, ["tick 1"], "In [2]: typed")
    terminal.resize(50, 15)
    terminal.keys("!")
    terminal.wait_until(lambda screen: terminal.rows_now()[-1] == "In [2]: typed!"
                        and screen.count("typed") == 1, "the line once")
    say("tick 2\n")
    terminal.wait_until(lambda screen: "tick 2" in screen and terminal.rows_now()[-1] == "In [2]: typed!",
                        "tick 2 above")


ASYNC = "import asyncio, ctypes; task = asyncio.create_task(asyncio.sleep(1000)); await asyncio.sleep(0)"
HOOK = ("import ctypes, select; hook = ctypes.CFUNCTYPE(ctypes.c_int)(lambda: select.select([0], [], []) and 0);"
        " ctypes.c_void_p.in_dll(ctypes.pythonapi, 'PyOS_InputHook').value = ctypes.cast(hook, ctypes.c_void_p).value")


@pytest.mark.parametrize("cell", [ASYNC, HOOK], ids=["asyncio", "hook"])
def test_it_is_seen_while_something_else_waits_for_keys(terminal, mutter, cell):
    terminal.keys(cell + ENTER)
    terminal.wait("In [3]:")
    terminal.keys("typed")
    terminal.wait("In [3]: typed")
    mutter("one\n")
    wait_above(terminal, ["one"], "In [3]: typed")
    mutter("two\n")
    wait_above(terminal, ["one", "two"], "In [3]: typed")
    assert "typedone" not in terminal.text()
    terminal.keys("= 6 * 7" + ENTER + "typed" + ENTER)
    terminal.wait("Out[4]: 42")


def test_a_terminal_that_is_not_the_process_s_own_is_left_alone(program):
    """Without /dev/tty what others write can't be told from what the prompt does."""
    terminal, other = os.openpty()
    process = subprocess.Popen([program.path, "--no-banner"], stdin=other, stdout=other, stderr=other,
                               cwd=program.folder, env=program.environment(TERM="xterm"), start_new_session=True)
    os.close(other)
    written = b""

    def wait(text):
        nonlocal written
        while text not in written:
            assert select.select([terminal], [], [], SHELL_TIMEOUT)[0], written
            written += os.read(terminal, 1 << 16)

    wait(b"In [1]: ")
    os.write(terminal, b"import os; _ = os.system('echo one'); 6 * 7\r")
    wait(b"In [2]: ")
    os.write(terminal, b"\x04")
    assert process.wait(SHELL_TIMEOUT) == 0
    os.close(terminal)
    assert b"one\r\n" in written and b"Out[1]: 42" in written and b"\x1b7" not in written


def test_a_prompt_is_an_ordinary_one_again_when_the_program_has_ended(terminal, say):
    say("tick\n")
    wait_above(terminal, ["tick"], "In [2]:")
    terminal.keys("import time; p.kill(); p.wait(); time.sleep(1.1)" + ENTER)
    terminal.wait_until(lambda screen: "In [3]:" in screen and not terminal.screen.cursor.hidden, "a cursor")
    terminal.wait_rows("In [3]:")
    rows = terminal.rows_now()
    assert rows[-2].startswith("Out[2]") or "time.sleep" in rows[-2]


def test_the_terminal_is_whole_after_sigterm(terminal, say):
    say("tick\n")
    wait_above(terminal, ["tick"], "In [2]:")
    os.kill(terminal.pid, signal.SIGTERM)
    terminal.end()
    assert not terminal.screen.cursor.hidden and terminal.screen.margins in (None, (0, 19))
