"""Completion at the prompt: the menu below the cursor, and what it leaves."""
import pytest

from conftest import CTRL_C, ENTER
from term import BACK_TAB, DOWN, ESC, TAB, UP, Terminal, paste

CLASS = """\
class C:
    def __getattr__(self, name): print('ran')
    prop_a = property(lambda self: print('ran'))
    prop_b = 1
    prop_c = 2
    prop_d = 3
    prop_e = 4
    prop_f = 5
c = C()
"""


@pytest.fixture
def terminal(start):
    terminal = start(Terminal)
    terminal.wait_cursor(0, 8)
    terminal.keys("\x1b[200~" + CLASS + "\x1b[201~" + ESC + ENTER)
    terminal.wait("In [2]:")
    return terminal


def menu(terminal, row):
    return [text.split()[0] for text in terminal.rows_now()[row + 1:]]


def test_tab_shows_five_and_the_keys_choose(terminal):
    row = terminal.cursor()[0]
    terminal.keys("c.pr" + TAB)
    wanted = ["prop_" + letter for letter in "abcde"]
    terminal.wait_until(lambda screen: menu(terminal, row) == wanted, wanted)
    terminal.wait_cursor(row, 15)
    assert terminal.rows_now()[row] == "In [2]: c.prop_"
    for key, name in ((TAB, "prop_a"), (TAB, "prop_b"), (BACK_TAB, "prop_a"), (UP, "prop_f"),
                      (DOWN, "prop_a"), (DOWN, "prop_b")):
        terminal.keys(key)
        terminal.wait("In [2]: c." + name)
    terminal.keys(ENTER)
    terminal.wait_rows("In [2]: c.prop_b")
    terminal.keys(ENTER)
    terminal.wait("Out[2]: 1")
    assert "ran\n" not in terminal.text().replace(" ", "")


def test_escape_leaves_no_trace(terminal):
    row = terminal.cursor()[0]
    terminal.keys("c.prop" + TAB + TAB)
    terminal.wait("In [2]: c.prop_a")
    terminal.keys(ESC)
    terminal.wait_rows("In [2]: c.prop_")
    terminal.wait_cursor(row, 15)


def test_ctrl_c_removes_the_menu_alone(terminal):
    row = terminal.cursor()[0]
    terminal.keys("c.prop_" + TAB)
    terminal.wait_until(lambda screen: len(menu(terminal, row)) == 5, "the menu")
    terminal.keys(CTRL_C)
    terminal.wait_rows("In [2]: c.prop_")
    terminal.keys("b" + ENTER)
    terminal.wait("Out[2]: 1")
    assert "KeyboardInterrupt" not in terminal.text()


def test_at_the_last_row_the_screen_scrolls_and_comes_back_clean(start):
    terminal = start(Terminal, rows=8)
    terminal.wait_cursor(0, 8)
    terminal.keys("import os; print('\\n'.join('abcdefgh'))" + ENTER)
    terminal.wait("In [2]:")
    terminal.keys("os.path.is" + TAB)
    terminal.wait("isabs")
    terminal.wait_cursor(2, 18)
    terminal.keys(ESC)
    terminal.wait_rows("g", "h", "In [2]: os.path.is")
    terminal.keys("abs('/')" + ENTER)
    terminal.wait("Out[2]: True")


def test_one_candidate_is_inserted_and_blanks_are_indentation(terminal):
    row = terminal.cursor()[0]
    terminal.keys("contin" + TAB)
    terminal.wait("In [2]: continue")
    terminal.keys("\x15if 1:" + ENTER + TAB)
    terminal.wait_cursor(row + 1, 16)
    terminal.keys("\x7f")
    terminal.wait_cursor(row + 1, 12)


def test_another_key_keeps_what_was_chosen(terminal):
    terminal.keys("c.prop_" + TAB + TAB)
    terminal.wait("In [2]: c.prop_a")
    terminal.keys(TAB + " + 1" + ENTER)
    terminal.wait("Out[2]: 2")


def test_names_that_do_not_exist_do_nothing(terminal):
    terminal.keys("no.such.thing" + TAB + TAB + ENTER)
    terminal.wait("NameError")


def test_a_child_that_completion_forks_has_no_prompt(terminal):
    paste(terminal, "import os", "class Forking:\n    def __dir__(self):\n        self.child = os.fork()\n"
          "        return ['parent', 'parents']\n", "f = Forking()")
    terminal.keys("f." + TAB)
    terminal.wait("In [5]: f.parent")
    terminal.keys(CTRL_C * 2 + "os.waitpid(f.child, 0)[1]" + ENTER)
    terminal.wait("]: 0")
