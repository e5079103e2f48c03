"""vi's commands in cells of several lines, as vi has them: what they do to lines, `.`, `u`, counts."""
import pytest

from conftest import CTRL_D, ENTER
from term import BACKSPACE, DOWN, ESC, PASTE, PASTE_END, TAB, Terminal

PROMPTS = ("In [1]: ", "   ...: ")
CTRL_L = "\x0c"


@pytest.fixture
def terminal(start, write):
    write("inputrc", "set editing-mode vi\n")
    terminal = start(Terminal, env={"INPUTRC": "inputrc"})
    terminal.wait_cursor(0, 8)
    return terminal


def wait_text(terminal, marked):
    """Wait until the cell is this, with the cursor at the bar."""
    before = marked.partition("|")[0]
    rows = [PROMPTS[i > 0] + line for i, line in enumerate(marked.replace("|", "", 1).split("\n"))]
    terminal.wait_rows(*rows)
    terminal.wait_cursor(before.count("\n"), 8 + len(before.rpartition("\n")[2]))


def begin(terminal, text):
    terminal.keys(PASTE + text + PASTE_END + ESC + "gg0")
    wait_text(terminal, "|" + text)


ABC = "a = 1\nb = 2\nc = 3\nd = 4"
CASES = {
    # Whole lines.
    "dd": (ABC, "jdd", "a = 1\n|c = 3\nd = 4"),
    "dd with a count": (ABC, "2dd", "|c = 3\nd = 4"),
    "d and a count": (ABC, "jd2d", "a = 1\n|d = 4"),
    "dd of the last line": (ABC, "Gdd", "a = 1\nb = 2\n|c = 3"),
    "dd of all lines": (ABC, "9dd", "|"),
    "dd repeated": (ABC, "dd.", "|c = 3\nd = 4"),
    "dd repeated with a count": (ABC, "dd2.", "|d = 4"),
    "dd undone": (ABC, "j2ddu", "a = 1\n|b = 2\nc = 3\nd = 4"),
    "dd repeated, and one undone": (ABC, "dd.u", "|b = 2\nc = 3\nd = 4"),
    "dj": (ABC, "jdj", "a = 1\n|d = 4"),
    "dk": (ABC, "jdk", "|c = 3\nd = 4"),
    "dG": (ABC, "jjdG", "a = 1\n|b = 2"),
    "dgg": (ABC, "jdgg", "|c = 3\nd = 4"),
    "d2G": (ABC, "Gd2G", "|a = 1"),
    "dj on the last line does nothing": (ABC, "Gdj", "a = 1\nb = 2\nc = 3\n|d = 4"),
    "dd goes to the text of the line": ("if x:\n    a\n    b", "jdd", "if x:\n    |b"),
    "p below": (ABC, "ddp", "b = 2\n|a = 1\nc = 3\nd = 4"),
    "p below the last": (ABC, "ddGp", "b = 2\nc = 3\nd = 4\n|a = 1"),
    "P above": (ABC, "jddggP", "|b = 2\na = 1\nc = 3\nd = 4"),
    "p with a count": ("a\nb", "yy2p", "a\n|a\na\nb"),
    "p repeated and undone": ("a\nb", "yyp..uu", "a\na\n|b"),
    "yy leaves the cursor": (ABC, "wyyjp", "a = 1\nb = 2\n|a = 1\nc = 3\nd = 4"),
    "yj": (ABC, "yjGp", "a = 1\nb = 2\nc = 3\nd = 4\n|a = 1\nb = 2"),
    "Y is a line": ("a b\nc", "wYjp", "a b\nc\n|a b"),
    "cc keeps the indentation": ("if x:\n    a\n    b", "jccnew" + ESC, "if x:\n    ne|w\n    b"),
    "cc repeated": ("if x:\n    a\n    b", "jccnew" + ESC + "j.", "if x:\n    new\n    ne|w"),
    "cc undone at once": ("if x:\n    a\n    b", "jccnew" + ESC + "u", "if x:\n    |a\n    b"),
    "S with a count": (ABC, "j2Sx" + ESC, "a = 1\n|x\nd = 4"),
    "o": (ABC, "onew" + ESC, "a = 1\nne|w\nb = 2\nc = 3\nd = 4"),
    "o indents": ("if x:\n    a", "ob" + ESC, "if x:\n    |b\n    a"),
    "o repeated": ("a\nb", "ox" + ESC + "j.", "a\nx\nb\n|x"),
    "o undone at once": ("a\nb", "oxyz" + ESC + "u", "a\n|b"),
    "O": (ABC, "jOnew" + ESC, "a = 1\nne|w\nb = 2\nc = 3\nd = 4"),
    "O indents as the line": ("if x:\n    a", "jOb" + ESC, "if x:\n    |b\n    a"),
    "O repeated": ("a\nb", "jOx" + ESC + ".", "a\n|x\nx\nb"),
    "J": ("f(\n    a,\n    b)", "J", "f(| a,\n    b)"),
    "J before a closing bracket": ("x = (1\n)", "J", "x = (1|)"),
    "J with a count": ("a\n  b\n\nc", "3J", "a |b\nc"),
    "J repeated": ("a\nb\nc", "J.", "a b| c"),
    "J undone": ("a\nb\nc", "Ju", "|a\nb\nc"),
    ">>": ("a\n\nb", "3>>", "    |a\n\n    b"),
    "> and a motion, repeated": ("a\nb\nc", ">j.", "        |a\n        b\nc"),
    "<< takes what there is": ("      a\nb", "<<.", "|a\nb"),
    "<G": ("if x:\n    a\n    b", "j<G", "if x:\n|a\nb"),
    # Within lines.
    "D": (ABC, "wDjD", "a \n|b\nc = 3\nd = 4"),
    "D repeated": ("ab cd\nef gh", "wDj0w.", "ab \nef| "),
    "C": ("ab cd\nef", "wCx" + ESC, "ab |x\nef"),
    "C repeated": ("ab cd\nef gh", "wCx" + ESC + "j0w.", "ab x\nef |x"),
    "C undone at once": ("ab cd\nef", "wCxyz" + ESC + "u", "ab |cd\nef"),
    "d$": ("ab cd\nef", "wd$", "ab| \nef"),
    "dw": ("ab cd ef\ng", "dw.", "|ef\ng"),
    "dw of a line's last word": ("ab cd\n  ef", "wdw", "ab| \n  ef"),
    "d2w over lines": ("ab\ncd ef", "d2w", "|ef"),
    "2dw": ("a b c d", "2dw.", "|"),
    "db": ("ab cd", "$db", "ab |d"),
    "de": ("ab cd\nef", "de", "| cd\nef"),
    "cw leaves the blank": ("ab cd\nef", "cwx" + ESC, "|x cd\nef"),
    "cw repeated": ("ab cd ef", "cwx" + ESC + "w.", "x |x ef"),
    "cw of a last word": ("ab cd\nef", "wcwx" + ESC, "ab |x\nef"),
    "cw of one letter": ("a b c", "cwxy" + ESC, "x|y b c"),
    "c2w": ("a b c", "c2wx" + ESC, "|x c"),
    "ciw": ("foo(bar, baz)", "fbciwx" + ESC, "foo(|x, baz)"),
    "ci( repeated": ("f(a)\ng(b)", "faci(x" + ESC + "j.", "f(x)\ng(|x)"),
    "ci\"": ('x = "abc"', 'fbci"y' + ESC, 'x = "|y"'),
    "da[": ("x[1][2]", "f1da[", "x|[2]"),
    "df and ;": ("a,b,c,d", "f,;x", "a,b|c,d"),
    ", goes back": ("a,b,c", "f,;,x", "a|b,c"),
    "dt repeated": ("a, b, c", "dt,x.", "|b, c"),
    "; after t goes on": ("a,b,c", "t,;x", "a,|,c"),
    "f stays on the line": ("a\n,b", "f,x", "|\n,b"),
    "d%": ("f(\n  1,\n) + 2", "ld%", "f| + 2"),
    "x": ("abc\ndef", "2x", "|c\ndef"),
    "x stays on its line": ("abc\ndef", "9x", "|\ndef"),
    "x at the end": ("abc\ndef", "$x.", "|a\ndef"),
    "x repeated with its count": ("abcdef", "2x.", "|ef"),
    "X": ("abc\ndef", "j$2X", "abc\n|f"),
    "X stays on its line": ("abc\ndef", "jX", "abc\n|def"),
    "xp": ("abc", "xp", "b|ac"),
    "s": ("abc\nd", "2sxy" + ESC, "x|yc\nd"),
    "r": ("abc", "2rx", "x|xc"),
    "r of more than there is": ("ab\nc", "5rx", "|ab\nc"),
    "r repeated": ("abc", "rxl.", "x|xc"),
    "r of a wide letter": ("abc", "r\u00e9", "|\u00e9bc"),
    "~": ("abC\nd", "2~", "AB|C\nd"),
    "~ stays on its line": ("ab\nc", "9~", "A|B\nc"),
    "~ of other letters": ("\u00e9\u0431", "2~", "\u00c9|\u0411"),
    "g~ gu gU": ("foo BAR baz", "gUwwguww.", "FOO bar |baz"),
    "i repeated": ("ab", "ix" + ESC + "l.", "x|xab"),
    "i with a count": ("ab", "3ix" + ESC, "xx|xab"),
    "a repeated": ("ab", "ax" + ESC + ".", "ax|xb"),
    "A on the line": ("ab\ncd", "Ax" + ESC, "ab|x\ncd"),
    "A repeated": ("ab\ncd", "A;" + ESC + "j.", "ab;\ncd|;"),
    "I on the line": ("ab\n  cd", "jIx" + ESC, "ab\n  |xcd"),
    "I repeated": ("  ab\n  cd", "I# " + ESC + "j.", "  # ab\n  #| cd"),
    "an insertion is undone at once": ("ab", "ifoo bar" + BACKSPACE + ESC + "u", "|ab"),
    "undo with a count": ("abcd", "xxx3u", "|abcd"),
    "R": ("abcd\nef", "Rxy" + ESC, "x|ycd\nef"),
    "R repeated": ("abcdef", "Rxy" + ESC + "l.", "xyx|yef"),
    "R stays on its line": ("ab\nef", "Rxyz" + ESC, "xy|z\nef"),
    "R undone at once": ("abcd", "Rxy" + ESC + "u", "|abcd"),
    "U": ("abc\nd", "xjxU", "|abc\nd"),
    "U undone": ("abc\nd", "xxUu", "|c\nd"),
    # Movements.
    "0 and ^": ("a\n    bc", "j$0x^x", "a\n   |c"),
    "$ and a count": ("ab\ncd\nef", "2$", "ab\nc|d\nef"),
    "$ goes with j": ("a\nbcd\nef", "$j", "a\nbc|d\nef"),
    "j keeps the column": ("abcd\na\nabcd", "llljj", "abcd\na\nabc|d"),
    "j with a count": (ABC, "2j", "a = 1\nb = 2\n|c = 3\nd = 4"),
    "j with a count beyond the end": (ABC, "9j", "a = 1\nb = 2\nc = 3\n|d = 4"),
    "k with a count": (ABC, "G2k", "a = 1\n|b = 2\nc = 3\nd = 4"),
    "G and a count": (ABC, "3G", "a = 1\nb = 2\n|c = 3\nd = 4"),
    "gg and a count": (ABC, "G2gg", "a = 1\n|b = 2\nc = 3\nd = 4"),
    "l stays on its line": ("ab\ncd", "9l", "a|b\ncd"),
    "h stays on its line": ("ab\ncd", "jl9h", "ab\n|cd"),
    "w over lines": ("ab\n  cd", "w", "ab\n  |cd"),
    "b over lines": ("ab\n  cd", "jb", "|ab\n  cd"),
    "e over lines": ("ab\ncd", "ee", "ab\nc|d"),
    "} and {": ("a\nb\n\nc", "}x", "a\nb\n|\nc"),
    "|": ("abcd", "3|x", "ab|d"),
    "ESC at the beginning of a line": ("ab\ncd", "ji" + ESC, "ab\n|cd"),
    "a command that is none": ("ab", "dzx", "|b"),
    "an operator that is taken back": ("ab", "d" + ESC, "|ab"),
}


@pytest.mark.parametrize("text, keys, expected", CASES.values(), ids=list(CASES))
def test_a_command_does_as_in_vi(terminal, text, keys, expected):
    begin(terminal, text)
    terminal.keys(keys)
    wait_text(terminal, expected)


def test_what_was_typed_first_is_undone_at_once(terminal):
    terminal.keys("foo = 'a rather long line that is typed'" + ESC + "u")
    wait_text(terminal, "|")


def test_a_command_is_repeated_at_the_next_prompt(terminal):
    terminal.keys("7" + ESC + "A * 6" + ESC + ENTER)
    terminal.wait("Out[1]: 42", "In [2]:")
    terminal.keys("5" + ESC + "." + ENTER)
    terminal.wait("Out[2]: 30")


def test_enter_in_command_mode_runs_what_is_whole_from_any_line(terminal):
    begin(terminal, "for i in 1, 2:\n    print(i * 21)")
    terminal.keys(ENTER)
    terminal.wait_rows("In [1]: for i in 1, 2:", "   ...:     print(i * 21)", "21", "42", "In [2]:")


def test_enter_in_command_mode_goes_on_where_it_is_not_whole(terminal):
    begin(terminal, "x = [\n  1,")
    terminal.keys(ENTER)
    wait_text(terminal, "x = [\n  |1,")
    terminal.keys(ENTER)
    terminal.wait_cursor(2, 12)
    terminal.keys("2]")
    wait_text(terminal, "x = [\n  1,\n    2]|")


def test_the_screen_is_cleared_in_command_mode(terminal):
    begin(terminal, "ab\ncd")
    terminal.keys(CTRL_L + "x")
    wait_text(terminal, "|b\ncd")


def test_an_arrow_key_takes_an_operator_back(terminal):
    begin(terminal, "ab\ncd")
    terminal.keys("d" + DOWN + "x")
    wait_text(terminal, "ab\n|d")


def test_ctrl_d_never_leaves_what_is_typed(terminal):
    terminal.keys("6 * 7" + CTRL_D)
    terminal.keys(ESC + "0" + CTRL_D + CTRL_D + ENTER)
    terminal.wait("In [2]:")
    terminal.keys("6 * 7" + ENTER)
    terminal.wait("Out[2]: 42")


def test_one_line_stays_one(terminal):
    terminal.keys("input('? ')" + ENTER)
    terminal.wait("\n?")
    terminal.keys("ab" + ESC + "yypocd" + ENTER)
    terminal.wait("Out[1]: 'ababcd'")


def test_what_completion_inserted_is_repeated(terminal):
    terminal.keys("[]" + ESC + "iconti" + TAB)
    wait_text(terminal, "[continue|]")
    terminal.keys(ESC + "0.")
    wait_text(terminal, "continu|e[continue]")


def test_a_macro_of_inputrc_may_hold_operators(start, write):
    write("inputrc", 'set editing-mode vi\nset keymap vi-command\n"Q": "dwjf,D"\n')
    terminal = start(Terminal, env={"INPUTRC": "inputrc"})
    terminal.wait_cursor(0, 8)
    begin(terminal, "ab cd\nef,gh")
    terminal.keys("Q")
    wait_text(terminal, "cd\ne|f")


def test_inputrc_has_the_last_word(start, write):
    write("inputrc", 'set editing-mode vi\nset keymap vi-command\n"x": end-of-line\n')
    terminal = start(Terminal, env={"INPUTRC": "inputrc"})
    terminal.wait_cursor(0, 8)
    begin(terminal, "ab\ncd")
    terminal.keys("xic")
    wait_text(terminal, "ac|b\ncd")


def enter(terminal, *cells):
    for number, cell in enumerate(cells, 2):
        terminal.keys(cell + ENTER)
        terminal.wait(f"In [{number}]:")


def test_a_search_ends_with_enter_and_goes_on_with_n(terminal):
    enter(terminal, "alpha = 1", "alp = 2", "b = 3")
    terminal.keys(ESC + "/alp")
    terminal.wait_rows("In [4]: alp = 2", "(search) alp_")
    terminal.keys(ENTER)
    terminal.wait_rows("In [3]: b = 3", "In [4]: alp = 2")
    terminal.keys("n")
    terminal.wait_rows("In [4]: alpha = 1")
    terminal.keys("N")
    terminal.wait_rows("In [4]: alp = 2")
    terminal.keys("k")
    terminal.wait_rows("In [4]: alpha = 1")


def test_k_with_a_count_goes_so_far_into_the_history(terminal):
    enter(terminal, "a = 1", "b = 2", "c = 3")
    terminal.keys(ESC + "2k")
    terminal.wait_rows("In [4]: b = 2")
    terminal.keys("j")
    terminal.wait_rows("In [4]: c = 3")


def test_v_opens_the_editor(start, write):
    write("inputrc", "set editing-mode vi\n")
    write("editor", 'sed -i s/6/7/ "$1"\n')
    terminal = start(Terminal, env={"INPUTRC": "inputrc", "EDITOR": "sh editor"})
    terminal.wait_cursor(0, 8)
    terminal.keys("6 * 6" + ESC + "v")
    terminal.wait_rows("In [1]: 7 * 6")
    terminal.keys(ENTER)
    terminal.wait("Out[1]: 42")


def test_the_mode_is_shown_where_inputrc_wants_it(start, write):
    write("inputrc", "set editing-mode vi\nset show-mode-in-prompt on\n"
                     'set vi-ins-mode-string "\\1\\e[6 q\\2[ins] "\nset vi-cmd-mode-string "[cmd] "\n')
    terminal = start(Terminal, env={"INPUTRC": "inputrc"})
    terminal.wait_rows("[ins] In [1]:")
    terminal.keys("x = [" + ENTER + "1")
    terminal.wait_rows("[ins] In [1]: x = [", "         ...:     1")
    terminal.keys(ESC)
    terminal.wait_rows("[cmd] In [1]: x = [", "         ...:     1")
    terminal.wait_cursor(1, 18)
