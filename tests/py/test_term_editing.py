"""The prompt on a terminal: cells of several lines, characters of all widths, history."""
import re
import time

import pytest

from conftest import CTRL_C, CTRL_D, ENTER, SHELL_TIMEOUT
from term import BACKSPACE, DOWN, END, ESC, LEFT, PASTE, PASTE_END, RIGHT, UP, Terminal, enter

UNDO = "\x1f"
GREY = "6c6c6c"


@pytest.fixture
def terminal(start):
    terminal = start(Terminal)
    terminal.wait_cursor(0, 8)
    return terminal


def test_enter_continues_a_block_indented_and_runs_it_when_it_is_whole(terminal):
    terminal.keys("def f(x):" + ENTER)
    terminal.wait_cursor(1, 12)
    terminal.keys("return x" + ENTER)
    terminal.wait_cursor(2, 8)
    terminal.keys(ENTER)
    terminal.wait_rows("In [1]: def f(x):", "   ...:     return x", "   ...:", "In [2]:")
    terminal.keys("f(6) * 7" + ENTER)
    terminal.wait("Out[2]: 42")


def test_brackets_and_strings_go_on_and_alt_enter_forces(terminal):
    terminal.keys("x = [1," + ENTER + "2]" + ENTER)
    terminal.wait("In [2]:")
    terminal.keys("'''a" + ENTER + "b'''" + ENTER)
    terminal.wait(r"Out[2]: 'a\nb'", "In [3]:")
    terminal.keys("if x:" + ESC + ENTER)
    terminal.wait("IndentationError", "In [4]:")


def test_the_cursor_goes_by_grapheme_and_knows_their_width(terminal):
    terminal.keys('x="日本e\u0301語🙂"')
    terminal.wait_cursor(0, 21)
    for column in (20, 18, 16, 15, 13, 11, 10, 9):
        terminal.keys(LEFT)
        terminal.wait_cursor(0, column)
    terminal.keys(RIGHT * 5 + BACKSPACE)
    terminal.wait_cursor(0, 15)
    terminal.wait_rows('In [1]: x="日本語🙂"')


def test_backspace_takes_a_letter_with_its_accent(terminal):
    terminal.keys("'ae\u0301" + BACKSPACE + "'" + ENTER)
    terminal.wait("Out[1]: 'a'")


def test_a_full_row_goes_on_in_the_next_and_comes_back(start):
    terminal = start(Terminal, columns=40)
    terminal.wait_cursor(0, 8)
    terminal.keys("a" * 32)
    terminal.wait_cursor(1, 0)
    terminal.keys("b")
    terminal.wait_cursor(1, 1)
    terminal.keys(BACKSPACE * 2)
    terminal.wait_cursor(0, 39)
    assert terminal.rows_now() == ["In [1]: " + "a" * 31]
    terminal.keys("日")
    terminal.wait_cursor(1, 2)
    assert terminal.rows_now() == ["In [1]: " + "a" * 31, "日"]


def test_a_suggestion_is_grey_and_runs_only_when_it_was_accepted(terminal):
    terminal.keys("for i in range(3):" + ENTER + "print(i)" + ENTER * 2)
    terminal.wait("In [2]:")
    row = terminal.cursor()[0]
    terminal.keys("fo")
    terminal.wait_rows("In [2]: for i in range(3):", "   ...:     print(i)")
    terminal.wait_cursor(row, 10)
    assert terminal.colours(row, 10, 26) == [GREY] * 16
    assert GREY not in terminal.colours(row, 8, 10)
    terminal.keys(ENTER)
    terminal.wait("NameError", "In [3]:")
    terminal.keys("for")
    terminal.wait_rows("In [3]: for i in range(3):", "   ...:     print(i)")
    terminal.keys(END)
    terminal.keys(ENTER * 2)
    terminal.wait_until(lambda screen: "In [4]:" in screen, "the next prompt")


def test_a_word_of_the_suggestion_can_be_taken(terminal):
    enter(terminal, "value = [10, 20]")
    terminal.keys("va")
    terminal.wait_rows("In [2]: value = [10, 20]")
    terminal.keys("\x1b[1;5C")
    terminal.wait_cursor(1, 13)
    terminal.keys(CTRL_C)
    terminal.wait("KeyboardInterrupt")
    assert "In [2]: value" in terminal.rows_now()


def test_up_and_down_go_through_what_begins_so(terminal):
    enter(terminal, "alpha = 1", "beta = 2", "beta = 3")
    terminal.keys("be")
    for keys, text in ((UP, "beta = 3"), (UP, "beta = 2"), (DOWN, "beta = 3")):
        terminal.keys(keys)
        terminal.wait_rows("In [4]: " + text)
        terminal.wait_cursor(3, 16)
    terminal.keys(DOWN)
    terminal.wait_cursor(3, 10)
    terminal.keys(CTRL_C)
    terminal.wait_rows("In [4]: be", "KeyboardInterrupt", "In [4]:")


def test_up_and_down_keep_their_column_inside_of_a_cell(terminal):
    enter(terminal, "before = 1")
    terminal.keys("long = [111111," + ENTER + "2," + ENTER + "333333333")
    terminal.wait_cursor(3, 21)
    terminal.keys(UP)
    terminal.wait_cursor(2, 14)
    terminal.keys(UP)
    terminal.wait_cursor(1, 21)
    terminal.keys(DOWN * 2)
    terminal.wait_cursor(3, 21)
    terminal.keys(UP * 3)
    terminal.wait_cursor(1, 21)
    terminal.keys("\x15\x0b" + UP)  # nothing is left of the first line: all entries begin so
    terminal.wait_rows("In [2]: before = 1")


def test_a_recalled_cell_is_run_by_one_enter(terminal):
    terminal.keys("for i in range(1):" + ENTER + "print('ran')" + ENTER * 2)
    terminal.wait("\nran", "In [2]:")
    terminal.keys(UP + ENTER)
    terminal.wait_count("\nran", 2)


def test_a_paste_of_ten_thousand_lines(terminal):
    lines = "\n".join(f"value_{i} = {i}" for i in range(10000))
    terminal.keys_all(PASTE + lines + PASTE_END)
    terminal.wait("value_9999 = 9999")
    assert "In [2]" not in terminal.text()
    terminal.keys("9")
    terminal.wait("value_9999 = 99999")
    terminal.keys(UNDO * 2)
    terminal.wait_rows("In [1]:")
    terminal.keys("6 * 7" + ENTER)
    terminal.wait("Out[1]: 42")


def test_a_text_higher_than_the_screen_scrolls_and_is_left_whole(start):
    terminal = start(Terminal, rows=10)
    terminal.wait_cursor(0, 8)
    terminal.keys(PASTE + "x = [\n" + "".join(f"    {i},\n" for i in range(48)) + "]" + PASTE_END)
    terminal.wait("   ...:     47,")
    terminal.keys(UP * 20)
    terminal.wait_until(lambda screen: screen.split("\n")[terminal.cursor()[0]].rstrip().endswith(" 28,"), "a cursor at 28")
    terminal.keys(END + "7")
    terminal.wait("   ...:     28,7")
    terminal.written = b""
    terminal.keys("\x1b>" + ENTER)
    terminal.wait("In [2]:")
    written = re.sub(r"\x1b\[[0-9;]*m", "", terminal.written.decode())
    assert [i for i in range(48) if f"{i}," not in written] == []


def test_ctrl_c_drops_what_is_typed_wherever_it_is(terminal):
    enter(terminal, "found = 1")
    for keys in ("text", "\x12fou", "\x1b5"):
        terminal.keys(keys)
        terminal.keys(CTRL_C)
        terminal.wait_rows("KeyboardInterrupt", "In [2]:")
        assert terminal.text().count("KeyboardInterrupt") == 1
        terminal.keys("\x0c")
        terminal.wait_cursor(0, 8)
    terminal.keys("6 * 7" + ENTER)
    terminal.wait("Out[2]: 42")


def test_ctrl_v_inserts_the_next_key(terminal):
    terminal.keys("'\x16\x03'" + ENTER)
    terminal.wait("'^C'", r"Out[1]: '\x03'")


def test_ctrl_r_looks_through_all_that_was_entered(terminal):
    enter(terminal, "alpha = 1", "beta = 2", "alphabet = 3")
    terminal.keys("\x12alp")
    terminal.wait_rows("In [4]: alphabet = 3", "(search) alp_")
    terminal.keys("\x12")
    terminal.wait_rows("In [4]: alpha = 1", "(search) alp_")
    terminal.keys("\x07")
    terminal.wait_rows("In [4]:")
    terminal.keys("\x12bet" + ENTER)
    terminal.wait("In [5]:")
    terminal.keys("alphabet" + ENTER)
    terminal.wait("Out[5]: 3")


def test_output_without_a_newline_keeps_its_row(terminal):
    terminal.keys('print("x", end="")' + ENTER)
    terminal.wait_rows('In [1]: print("x", end="")', "x", "In [2]:")


@pytest.mark.parametrize("printed, row", [("step 1", "step 1"), ("\\r1 of 3", "1 of 3")], ids=str)
def test_an_error_and_a_value_begin_rows_of_their_own(terminal, printed, row):
    terminal.keys(f'print("{printed}", end=""); 1 / 0' + ENTER)
    terminal.wait("ZeroDivisionError", "In [2]:")
    rows = terminal.rows_now()
    assert rows[rows.index("Traceback (most recent call last):") - 1] == row
    terminal.keys(f'print("{printed}", end=""); 6 * 7' + ENTER)
    terminal.wait("In [3]:")
    rows = terminal.rows_now()
    assert rows[rows.index("Out[2]: 42") - 1] == row
    terminal.keys('print("\\033[0m   \\r", end=""); 6 * 8' + ENTER)
    terminal.wait("In [4]:")
    rows = terminal.rows_now()
    assert rows[rows.index("Out[3]: 48") - 1].startswith("In [3]: print(")


def test_no_color_means_no_colour(start):
    terminal = start(Terminal, env={"NO_COLOR": "1"})
    terminal.wait_cursor(0, 8)
    terminal.keys("def f(): return 'text'" + ENTER)
    terminal.wait("...:")
    assert not [code for code in terminal.sgr() if code >= 30]


@pytest.mark.parametrize("variables, sequence", [
    ({"TERM": "xterm"}, b"\x1b[0;35m"), ({"TERM": "xterm-256color"}, b"\x1b[0;38;5;176m"),
    ({"COLORTERM": "truecolor"}, b"\x1b[0;38;2;215;135;215m"),
    ({"MAINSPRING_THEME": "light"}, b"\x1b[0;38;5;90m")], ids=str)
def test_colours_as_many_as_the_terminal_has(start, variables, sequence):
    terminal = start(Terminal, env=variables)
    terminal.wait_cursor(0, 8)
    terminal.keys("while x")
    terminal.wait("while x")
    assert sequence in terminal.written


def test_a_dumb_terminal_has_the_simple_prompt(start):
    terminal = start(Terminal, env={"TERM": "dumb"})
    terminal.wait_cursor(0, 8)
    terminal.keys("for i in range(2):\r")
    terminal.wait_cursor(1, 8)
    terminal.keys("    print(i)\r")
    terminal.wait_cursor(2, 8)
    terminal.keys("\r")
    terminal.wait_rows("In [1]: for i in range(2):", "   ...:     print(i)", "   ...:", "0", "1", "In [2]:")
    assert b"\x1b" not in terminal.written


def test_the_simple_prompt_can_be_asked_for(start):
    terminal = start(Terminal, "--simple-prompt")
    terminal.wait_cursor(0, 8)
    terminal.keys("6 * 7" + ENTER)
    terminal.wait("Out[1]: 42")
    assert b"\x1b" not in terminal.written


def test_input_is_edited_and_has_a_history_of_its_own(terminal):
    terminal.keys("input('name? ')" + ENTER)
    terminal.wait_cursor(1, 6)
    terminal.keys("mainsprig" + LEFT + "n" + ENTER)
    terminal.wait("Out[1]: 'mainspring'")
    terminal.keys("input('again? ')" + ENTER)
    terminal.wait("\nagain?")
    terminal.keys(UP + ENTER)
    terminal.wait("Out[2]: 'mainspring'")


def test_what_was_printed_without_a_newline_is_part_of_the_prompt_of_input(terminal):
    terminal.keys("print('name', end=': ', flush=True); input('? ')" + ENTER)
    terminal.wait_cursor(1, 8)
    terminal.keys("abc\x01X")
    terminal.wait_rows("name: ? Xabc")
    terminal.keys(ENTER)
    terminal.wait("Out[1]: 'Xabc'", "In [2]:")
    terminal.keys("print('of another cell', end='')" + ENTER)
    terminal.wait("In [3]:")
    terminal.keys("input('? ')" + ENTER)
    terminal.wait_rows("In [3]: input('? ')", "?")


def test_an_editor_edits_the_cell(start, write):
    write("editor", "#!/bin/sh\nsed -i s/6/7/ \"$1\"\n")
    terminal = start(Terminal, env={"EDITOR": "sh editor"})
    terminal.wait_cursor(0, 8)
    terminal.keys("6 * 6" + "\x18\x05")
    terminal.wait("In [1]: 7 * 6")
    terminal.keys(ENTER)
    terminal.wait("Out[1]: 42")


def test_ctrl_d_deletes_and_leaves_an_empty_prompt(terminal):
    terminal.keys("66 * 7\x01" + CTRL_D + ENTER)
    terminal.wait("Out[1]: 42", "In [2]:")
    terminal.keys(CTRL_D)
    assert terminal.end() == 0


def test_ctrl_d_that_was_typed_ahead_leaves(terminal, program):
    terminal.keys("import os; os.mkfifo('fifo'); open('fifo').close()" + ENTER)
    deadline = time.monotonic() + SHELL_TIMEOUT
    while not (program.folder / "fifo").exists():
        assert time.monotonic() < deadline, terminal.text()
    terminal.keys("6 * 7" + ENTER + CTRL_D)
    with open(program.folder / "fifo", "w"):
        assert terminal.end() == 0
    assert "Out[2]: 42" in terminal.text()


def test_ctrl_c_takes_what_was_typed_ahead_with_it(terminal):
    terminal.keys("import time; print('be' 'gun'); time.sleep(100)" + ENTER + "print('mo' 're')" + ENTER)
    terminal.wait("begun")
    terminal.wait_asleep()
    terminal.keys(CTRL_C)
    terminal.wait("KeyboardInterrupt", "In [2]:")
    terminal.keys("6 * 7" + ENTER)
    terminal.wait("Out[2]: 42")
    assert "more" not in terminal.text()
