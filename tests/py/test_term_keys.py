"""The keys of the prompt, one by one, as one who knows readline and IPython expects them."""
import os

import pytest

from conftest import CTRL_C, ENTER
from term import BACK_TAB, BACKSPACE, DOWN, END, ESC, LEFT, PASTE, PASTE_END, TAB, UP, Terminal, enter

CTRL_R, CTRL_S, CTRL_T, CTRL_W, CTRL_G, CTRL_O = "\x12", "\x13", "\x14", "\x17", "\x07", "\x0f"
F2, UNDO = "\x1bOQ", "\x1f"


@pytest.fixture
def terminal(start):
    terminal = start(Terminal)
    terminal.wait_cursor(0, 8)
    return terminal


def works(terminal):
    """The session is alive, at an empty prompt."""
    terminal.keys("6 * 7" + ENTER)
    terminal.wait_until(lambda screen: "]: 42" in screen, "an answer")


def test_a_cell_is_made_a_comment_and_the_session_goes_on(terminal):
    terminal.keys("if 1:" + ENTER + "1 / 0" + ESC + "#")
    terminal.wait_rows("In [1]: # if 1:", "   ...: #     1 / 0", "In [2]:")
    works(terminal)


def test_ctrl_o_begins_a_line_where_enter_would_run_the_cell(terminal):
    terminal.keys("a = 6" + CTRL_O + "a * 7" + ENTER)
    terminal.wait_rows("In [1]: a = 6", "   ...: a * 7", "Out[1]: 42", "In [2]:")


def test_what_readline_enters_by_itself_is_executed(start, write):
    write("inputrc", '"\\C-xo": operate-and-get-next\n')
    terminal = start(Terminal, env={"INPUTRC": "inputrc"})
    terminal.wait_cursor(0, 8)
    terminal.keys("6 * 7\x18o")
    terminal.wait_rows("In [1]: 6 * 7", "Out[1]: 42", "In [2]:")


def test_shift_tab_takes_a_step_of_indentation_away(terminal):
    terminal.keys("if 1:" + ENTER + TAB + "  ab" + BACK_TAB)
    terminal.wait_rows("In [1]: if 1:", "   ...:         ab")
    terminal.wait_cursor(1, 18)
    for column in (14, 10, 10):
        terminal.keys(BACK_TAB)
        terminal.wait_cursor(1, column)
    terminal.wait_rows("In [1]: if 1:", "   ...: ab")


def test_ctrl_w_stops_at_the_ends_of_lines(terminal):
    terminal.keys("if foo:" + ENTER + "bar" + CTRL_W)
    terminal.wait_cursor(1, 12)
    terminal.keys(CTRL_W)
    terminal.wait_rows("In [1]: if")
    terminal.wait_cursor(0, 11)
    terminal.keys("\x19")
    terminal.wait_rows("In [1]: if foo:", "   ...:     bar")


def test_ctrl_t_stays_on_its_line(terminal):
    terminal.keys("[" + ENTER + "\x15ba" + CTRL_T)
    terminal.wait_rows("In [1]: [", "   ...: ab")
    terminal.keys("日" + LEFT + CTRL_T)
    terminal.wait_rows("In [1]: [", "   ...: a日b")
    terminal.keys("\x01" + CTRL_T + "x")
    terminal.wait_rows("In [1]: [", "   ...: xa日b")


def test_alt_dot_inserts_the_last_word_of_older_cells(terminal):
    enter(terminal, "a = 1", "print(a, 22)")
    terminal.keys(ESC + ".")
    terminal.wait_rows("In [3]: 22)")
    terminal.keys(ESC + ".")
    terminal.wait_rows("In [3]: 1")
    terminal.keys(" +" + ESC + "_")
    terminal.wait_rows("In [3]: 1 +22)")
    terminal.keys(CTRL_C)
    terminal.wait("KeyboardInterrupt")
    terminal.keys(ESC + "." + PASTE + " - " + PASTE_END + ESC + ".")
    terminal.wait_rows("In [3]: 22) - 22)")
    terminal.keys(CTRL_C)
    terminal.wait_count("KeyboardInterrupt", 2)
    terminal.keys(ESC + "0" + ESC + ".")
    terminal.wait_until(lambda _: terminal.cursor()[1] == 16, "the first word")


def test_a_macro_repeats_what_was_typed(terminal):
    terminal.keys("\x18(ab" + LEFT + "\x18)")
    terminal.wait_cursor(0, 9)
    terminal.keys("\x18e\x18e")
    terminal.wait_rows("In [1]: aaabbb")


def test_a_macro_may_enter_cells(terminal):
    terminal.keys("\x18(print('ran')" + ENTER)
    terminal.wait_count("\nran", 1)
    terminal.keys("\x18)")
    terminal.keys("\x18e")
    terminal.wait_count("\nran", 2)
    works(terminal)


def test_a_paste_is_looked_for_while_searching(terminal):
    enter(terminal, "alpha = 1", "beta = 2")
    terminal.keys(CTRL_R + PASTE + "alp\nx" + PASTE_END)
    terminal.wait_rows("In [3]: alpha = 1", "(search) alp_")
    terminal.keys(BACKSPACE)
    terminal.wait_rows("In [3]: alpha = 1", "(search) al_")


def test_ctrl_c_takes_a_paste_away_that_never_ends(terminal):
    terminal.keys(PASTE + "abc\ndef")
    terminal.keys(CTRL_C)
    terminal.wait("KeyboardInterrupt", "In [1]:")
    works(terminal)


def test_of_a_pasted_session_the_code_is_inserted(terminal):
    terminal.keys(PASTE + ">>> x = 6\r>>> x * 7\r42\r>>> print(x)\r6\r" + PASTE_END)
    terminal.wait_rows("In [1]: x = 6", "   ...: x * 7", "   ...: print(x)")
    terminal.keys("\x1f")
    terminal.wait_rows("In [1]:")
    terminal.keys("text = '''" + PASTE + ">>> 1\r2\r" + PASTE_END)
    terminal.wait_rows("In [1]: text = '''>>> 1", "   ...: 2", "   ...:")


def test_a_paste_closes_the_menu(terminal):
    terminal.keys("[].in" + TAB)
    terminal.wait("index")
    terminal.keys(PASTE + "x" + PASTE_END)
    terminal.wait_rows("In [1]: [].inx")


def test_what_was_found_is_the_entry_that_up_goes_on_from(terminal):
    enter(terminal, "x = 1", "alpha = 1", "beta = 2")
    terminal.keys(CTRL_R + "alp")
    terminal.wait_rows("In [4]: alpha = 1", "(search) alp_")
    terminal.keys(UP)
    terminal.wait_rows("In [4]: x = 1")
    terminal.keys(DOWN * 2)
    terminal.wait_rows("In [4]: beta = 2")
    terminal.keys(DOWN)
    terminal.wait_rows("In [4]:")


def test_a_cell_that_was_found_is_run_by_one_enter(terminal):
    terminal.keys("for i in range(1):" + ENTER + "print('ran')" + ENTER * 2)
    terminal.wait_count("\nran", 1)
    terminal.keys(CTRL_R + "range" + ENTER)
    terminal.wait_count("\nran", 2)


def test_ctrl_r_twice_looks_for_the_same_again_and_ctrl_s_goes_back(terminal):
    enter(terminal, "aa = 1", "ab = 2", "b = 3")
    terminal.keys(CTRL_R + "a" + CTRL_G)
    terminal.wait_rows("In [4]:")
    terminal.keys(CTRL_R * 2)
    terminal.wait_rows("In [4]: ab = 2", "(search) a_")
    terminal.keys(CTRL_R)
    terminal.wait_rows("In [4]: aa = 1", "(search) a_")
    terminal.keys(CTRL_R)
    terminal.wait_rows("In [4]: aa = 1", "(nothing found) a_")
    terminal.keys(CTRL_S)
    terminal.wait_rows("In [4]: ab = 2", "(search) a_")
    terminal.keys("zz")
    terminal.wait_rows("In [4]: ab = 2", "(nothing found) azz_")
    terminal.keys(END + " + 5")
    terminal.wait_rows("In [4]: ab = 2 + 5")


@pytest.mark.parametrize("sent", [
    "\x1b[99;5~", "\x1b[?1;2c", "\x1bOz", "\x1b[1;2P", "\x1b[15~", "\x1b[24~", "\x1b[<0;10;10M", "\x1b[<0;10;10m",
    "\x1b[I", "\x1b[O", "\x1b[M !!", "\x1b[[A", "\x1b]11;rgb:0000/0000/0000\x1b\\", "\x1b]11;rgb:0000/0000/0000\x07",
    "\x1bP1$r0m\x1b\\", "\x1b_Gi=1;OK\x1b\\", "\x1b[13;5u", "\x1b[27;5;13~", "\x1b\x1b[1;2P", "\x1b[2;2~", "\x1b[?2026;2$y"])
def test_what_is_no_key_inserts_nothing(terminal, sent):
    terminal.keys("6 *" + sent)
    terminal.keys(" 7" + ENTER)
    terminal.wait_rows("In [1]: 6 * 7", "Out[1]: 42", "In [2]:")


def test_alt_with_an_arrow_key_is_the_arrow_key(terminal):
    terminal.keys("67\x1b\x1b[D * " + ENTER)
    terminal.wait_rows("In [1]: 6 * 7", "Out[1]: 42", "In [2]:")


@pytest.mark.parametrize("columns, rows", [(1, 20), (2, 5), (60, 1), (1, 1), (3, 2), (9, 3)])
def test_no_terminal_is_too_small(start, program, columns, rows):
    terminal = start(Terminal, columns=columns, rows=rows)
    terminal.wait_until(lambda _: b"\x1b[?2004h" in terminal.written, "a prompt")
    terminal.keys("if 1:" + ENTER + "a" + UP + DOWN + "pri" + TAB + TAB + CTRL_R + "b" + CTRL_G)
    terminal.keys(ESC + "<" + "\x0b" * 6 + "open('done', 'w').close()" + ENTER + "exit()" + ENTER)
    assert terminal.end() == 0
    assert (program.folder / "done").exists()


EDITORS = {
    "false": "false: ended with status 1; the cell is as it was",
    "no-such-editor": "no-such-editor: ended with status 127; the cell is as it was",
    "kill -9 $$;": "kill -9 $$;: ended by signal 9; the cell is as it was",
}


@pytest.mark.parametrize("editor", EDITORS)
def test_an_editor_that_fails_leaves_the_cell_as_it_was(start, program, editor):
    (program.folder / "tmp").mkdir()
    terminal = start(Terminal, columns=100, env={"EDITOR": editor, "TMPDIR": str(program.folder / "tmp")})
    terminal.wait_cursor(0, 8)
    terminal.keys("6 * 7" + F2)
    terminal.wait_rows(EDITORS[editor], "In [1]: 6 * 7")
    terminal.keys(ENTER)
    terminal.wait("Out[1]: 42")
    assert list((program.folder / "tmp").iterdir()) == []


def test_an_editor_gets_a_file_of_its_own_and_its_text_is_undone_at_once(start, program, write):
    (program.folder / "it's tmp").mkdir()
    write("editor", 'stat -c %a "$1" > mode; cp "$1" before; printf "x = (\\r\\n\\t1,\\r\\n\\r\\n" > "$1"\n')
    terminal = start(Terminal, env={"VISUAL": "sh editor", "TMPDIR": str(program.folder / "it's tmp")})
    terminal.wait_cursor(0, 8)
    terminal.keys("a\x0fb" + F2)
    terminal.wait_rows("In [1]: x = (", "   ...:         1,")
    terminal.keys(ENTER)  # what is not whole goes on
    terminal.wait_cursor(2, 12)
    assert (program.folder / "mode").read_text() == "600\n"
    assert (program.folder / "before").read_text() == "a\nb\n"
    assert list((program.folder / "it's tmp").iterdir()) == []
    terminal.keys(UNDO * 2)
    terminal.wait_rows("In [1]: a", "   ...: b")


def test_where_no_file_can_be_made_the_cell_is_as_it_was(start):
    terminal = start(Terminal, columns=100, env={"TMPDIR": "/nonexistent"})
    terminal.wait_cursor(0, 8)
    terminal.keys("6 * 7" + F2)
    terminal.wait_rows("no file for the editor: No such file or directory; the cell is as it was",
                       "In [1]: 6 * 7")


def test_what_is_overwritten_is_of_one_line(terminal):
    terminal.keys("[" + ENTER + "\x15ab]" + UP + "\x01\x1b[2~" + "(xyz")
    terminal.wait_rows("In [1]: (xyz", "   ...: ab]")
    terminal.keys(DOWN + "\x01日")
    terminal.wait_rows("In [1]: (xyz", "   ...: 日b]")
    terminal.keys("\x1b[2~" + "a")
    terminal.wait_rows("In [1]: (xyz", "   ...: 日ab]")


def test_up_with_a_count_goes_so_far_into_the_history(terminal):
    enter(terminal, "a = 1", "b = 2", "c = 3")
    terminal.keys(ESC + "3" + UP)
    terminal.wait_rows("In [4]: a = 1")
    terminal.keys(ESC + "2" + DOWN)
    terminal.wait_rows("In [4]: c = 3")


def test_ctrl_home_and_end_go_to_the_ends_of_the_cell(terminal):
    terminal.keys("[" + ENTER + "a]\x1b[1;5Hx\x1b[1;5Fy")
    terminal.wait_rows("In [1]: x[", "   ...:     a]y")


def test_enter_of_the_keypad_is_enter(terminal):
    terminal.keys("6 * 7\x1bOM")
    terminal.wait("Out[1]: 42")


def test_keys_that_can_do_nothing_do_nothing(terminal):
    terminal.keys(ESC + "." + ESC + "_" + CTRL_T + ESC + "y" + "\x18\x12")
    works(terminal)


def test_bytes_that_are_no_character_do_no_harm(terminal):
    os.write(terminal.fd, b"x = '\xff\xfe\x80' \xe6\x97\x00 " + ENTER.encode())
    terminal.wait("In [2]:")
    works(terminal)


def test_ctrl_space_sets_the_mark_and_inserts_nothing(terminal):
    terminal.keys("6 *\x00 7\x18\x18")
    terminal.wait_cursor(0, 11)
    terminal.keys(ENTER)
    terminal.wait("Out[1]: 42")


def test_a_line_of_ten_thousand_characters_is_edited_at_both_ends(terminal):
    terminal.keys_all("len('" + "a" * 10000 + "')")
    terminal.keys("\x01-")
    terminal.wait("In [1]: -len('aaa")
    terminal.keys("\x05\x1bb-\x05 - 1" + ENTER)
    terminal.wait("In [2]:")
    terminal.wait_until(lambda screen: "NameError" in screen or "Out[1]:" in screen, "an answer")
    works(terminal)


def test_a_character_that_comes_in_parts_is_searched_for(terminal):
    enter(terminal, "price = '12 €'", "other = 3")
    terminal.keys(CTRL_R + "12 ")
    terminal.wait_rows("In [3]: price = '12 €'", "(search) 12 _")
    for part in "€".encode():
        os.write(terminal.fd, bytes([part]))
    terminal.wait_rows("In [3]: price = '12 €'", "(search) 12 €_")
    os.write(terminal.fd, "€".encode()[:2])  # the rest never comes
    terminal.keys(BACKSPACE * 2)
    terminal.wait_rows("In [3]: price = '12 €'", "(search) 12 _")


def test_pages_of_a_menu_go_round(terminal):
    enter(terminal, "aaa1 = aaa2 = aaa3 = 0")
    terminal.keys("aaa" + TAB)
    terminal.wait("aaa3")
    for key, chosen in (("\x1b[5~", 3), ("\x1b[5~", 1), ("\x1b[6~", 3)):
        terminal.keys(key)
        terminal.wait_until(lambda screen: f"In [2]: aaa{chosen}" in screen, chosen)
