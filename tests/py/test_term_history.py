"""Earlier cells at the prompt of a terminal, this session's and those of others."""
import pytest

from conftest import CTRL_C, CTRL_D, ENTER
from term import END, UP, Terminal

CTRL_R = "\x12"


@pytest.fixture
def prompt(start):
    """Start a terminal in the same home, with the cells entered there."""
    def open(*cells):
        terminal = start(Terminal)
        terminal.wait_cursor(0, 8)
        for number, cell in enumerate(cells, 2):
            terminal.keys(cell + ENTER)
            terminal.wait(f"In [{number}]:")
        return terminal
    return open


def leave(terminal):
    terminal.keys(CTRL_D)
    assert terminal.end() == 0


def test_up_goes_back_into_sessions_that_are_over(prompt):
    leave(prompt("alpha = 1", "beta = 2"))
    terminal = prompt("gamma = 3")
    terminal.keys(UP)
    terminal.wait_rows("In [1]: gamma = 3", "In [2]: gamma = 3")
    terminal.keys(UP)
    terminal.wait_rows("In [1]: gamma = 3", "In [2]: beta = 2")
    terminal.keys(UP)
    terminal.wait_rows("In [1]: gamma = 3", "In [2]: alpha = 1")


def test_what_is_entered_side_by_side_is_found_at_the_next_prompt(prompt):
    leave(prompt("alpha = 1"))
    first, second = prompt("beta = 2"), prompt("gamma = 3")
    first.keys(UP + UP)
    first.wait_rows("In [1]: beta = 2", "In [2]: gamma = 3")
    first.keys(CTRL_C)
    first.wait_rows("KeyboardInterrupt", "In [2]:")
    second.keys("delta = 4" + ENTER)
    second.wait("In [3]:")
    first.keys("epsilon = 5" + ENTER)
    first.wait("In [3]:")
    for entry in ("epsilon = 5", "beta = 2", "delta = 4", "gamma = 3", "alpha = 1"):
        first.keys(UP)
        first.wait_until(lambda screen: first.rows_now()[-1] == f"In [3]: {entry}", entry)
    first.keys(CTRL_C + CTRL_R + "delta")
    first.wait_rows("In [3]: delta = 4", "(search) delta_")


def test_the_suggestion_may_be_another_sessions_cell(prompt):
    leave(prompt("answer = 6 * 7"))
    terminal = prompt()
    terminal.keys("ans")
    terminal.wait_rows("In [1]: answer = 6 * 7")
    terminal.keys(END + "; answer" + ENTER)
    terminal.wait("Out[1]: 42")


def test_ctrl_r_finds_a_part_in_another_sessions_cell(prompt):
    leave(prompt("needle = 'in the hay'", "other = 2"))
    terminal = prompt("third = 3")
    terminal.keys(CTRL_R + "hay")
    terminal.wait("needle = 'in the hay'")
    terminal.keys(CTRL_C)


def test_a_cell_that_begins_with_a_blank_is_not_kept(prompt):
    leave(prompt("kept = 1", " secret = 2"))
    terminal = prompt()
    terminal.keys(UP)
    terminal.wait_rows("In [1]: kept = 1")


def test_suggestions_can_be_turned_off(start, prompt):
    leave(prompt("answer = 6 * 7"))
    terminal = start(Terminal, env={"MAINSPRING_SUGGESTIONS": "off"})
    terminal.wait_cursor(0, 8)
    terminal.keys("ans")
    terminal.wait_cursor(0, 11)
    terminal.keys("wer" + ENTER)
    terminal.wait("NameError")
    terminal.wait_rows("In [2]:")
    assert "6 * 7" not in terminal.text()
