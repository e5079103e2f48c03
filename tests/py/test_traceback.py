"""Errors from the text that ran, in the mode that the user chose."""
import re

import pytest

from conftest import CTRL_C, Session, Shell


def test_context_shows_the_lines_around_each_frame(session, write):
    write("s.py", "# one\n# two\ndef f():\n    # before\n    1 / 0\n    # after\n")
    session("%xmode Context", "%run s.py")
    text = session("f()")
    assert "        4     # before\n" in text
    assert "--->    5     1 / 0\n" in text
    assert "        6     # after\n" in text
    assert text.endswith("ZeroDivisionError: division by zero\n")


def test_context_shows_causes_the_same_way(session):
    session("%xmode Context")
    session("""
        def f():
            try:
                1 / 0
            except ZeroDivisionError as error:
                raise ValueError("outer") from error
        """)
    text = session("f()")
    assert text.count("--->") == 3 and "direct cause" in text


def test_minimal_is_the_last_line(session):
    session("%xmode Minimal")
    assert session("1 / 0") == "ZeroDivisionError: division by zero\n"


def test_an_unknown_mode_is_one_line_and_changes_nothing(session):
    assert session("%xmode Loud").startswith("UsageError: %xmode: no mode Loud")
    assert session("%xmode") == "errors are shown in mode Plain\n"


def test_tb_shows_the_last_error_again_in_any_mode(session):
    session("1 / 0")
    assert session("%tb Minimal") == "ZeroDivisionError: division by zero\n"
    assert '  File "<cell 1>", line 1, in <module>\n' in session("%tb")


def test_tb_free_lets_go_of_what_the_frames_hold(session, write):
    write("s.py", """\
        import weakref, builtins
        class Big: pass
        def fail():
            big = Big()
            builtins.seen = weakref.ref(big)
            raise RuntimeError
        fail()
        """)
    session("%run s.py")
    assert session.value("seen() is None") is False
    assert session("%xmode nonsense").startswith("UsageError")  # a slip is not what %tb is about
    assert session("%tb Minimal").startswith("RuntimeError\n")
    session("%tb --free")
    assert session.value("seen() is None") is True
    assert session("%tb") == "no error to show: none since the last run\n"


def test_an_error_in_a_thread_is_shown_from_the_text_that_ran(session, write):
    write("s.py", "import threading\ngo = threading.Event()\ndef work():\n    go.wait()\n"
                  "    raise RuntimeError('late')  # as it ran\n"
                  "t = threading.Thread(target=work)\nt.start()\n")
    session("%run s.py", "thread, gone = t, go")
    write("s.py", "# edited\n" * 20)
    text = session("gone.set(); thread.join()")
    assert "raise RuntimeError('late')  # as it ran" in text


def test_an_error_in_a_finalizer_is_shown_from_the_text_that_ran(session, write):
    write("s.py", "class A:\n    def __del__(self):\n        raise RuntimeError('gone')  # as it ran\n"
                  "a = A()\n")
    session("%run s.py", "mine = a", "del a")
    write("s.py", "# edited\n" * 20)
    text = session("del mine")
    assert "Exception ignored in" in text and "# as it ran" in text


def test_tb_says_how_much_the_frames_hold(session, write):
    write("bad.py", """\
        def inner(data):
            copy, small = bytearray(5 << 20), data[:1]
            1 / 0
        def outer():
            data = bytes(100 << 20)
            try:
                inner(data)
            except ZeroDivisionError:
                raise KeyError("second")
        outer()
        """)
    session("%run bad.py")
    held = "held by 3 frames: at least 105 MB; %tb --free lets go of it\n"
    assert session("%tb").endswith(held) and session("%tb Minimal").endswith(held)
    session("1 / 0")
    assert "held" not in session("%tb")


SCRIPT = """\
    import sys
    def f(n):
        value = {"a": 1}
        return (value["a"] + value["b"] +
                n)
    def fold(n):
        return fold(n + 1)
    def chain():
        try:
            f(1)
        except KeyError as error:
            error.add_note("a note")
            raise ValueError("outer") from error
    def group():
        errors = []
        for text in "x", "y":
            try:
                int(text)
            except ValueError as error:
                errors.append(error)
        raise ExceptionGroup("many", errors)
    def syntax():
        compile("x = (1 +\\n)", "<made>", "exec")
    def accents():
        é = "ïé"; return é + 1
    class Hostile(Exception):
        def __str__(self): raise LookupError
    def hostile():
        raise Hostile
    """


@pytest.mark.parametrize("call", ["f(1)", "fold(1)", "chain()", "group()", "syntax()", "accents()",
                                  "hostile()"])
def test_plain_is_what_python_prints(session, python, write, call):
    write("s.py", SCRIPT)
    # by its module `traceback`: 3.12's has an underline of its own where letters take two bytes
    write("t.py", "import sys, traceback; sys.excepthook = traceback.print_exception; from s import *"
          f"\n{call}\n")
    done = python.run("t.py")
    session("from s import *")
    # the first frame is the file there, the cell here
    pattern = r'File "(<cell 2>|[^"]*t.py)", line [12]'
    assert re.sub(pattern, "", session(call)) == re.sub(pattern, "", done.stderr.decode())


def test_context_marks_the_failing_expression(session, write):
    write("s.py", SCRIPT)
    session("%run s.py", "%xmode Context")
    assert ('--->    4     return (value["a"] + value["b"] +\n'
            '                                   ~~~~~^^^^^\n'
            '        5             n)\n') in session("f(1)")
    assert re.search('--->   25     é = "ïé"; return é \\+ 1\n {31}(~~\\^~~|~~~\\^~)\n',
                     session("accents()"))


def test_context_folds_recursion_and_shows_groups_notes_and_causes(session, write):
    write("s.py", SCRIPT)
    session("%run s.py", "%xmode Context")
    text = session("fold(1)")
    assert text.count("--->    7") == 3 and "[Previous line repeated 9" in text
    text = session("group()")
    assert text.count("--->   18") == 2 and "  +-+---------------- 1 ----------------\n" in text
    text = session("chain()")
    assert "a note\n" in text and "direct cause" in text and text.count("--->") == 4


def test_a_syntax_error_has_its_caret_in_each_mode(session):
    for mode in "Plain", "Context", "Verbose":
        session(f"%xmode {mode}")
        assert "    x = = 1\n        ^\nSyntaxError: invalid syntax\n" in session("x = = 1")


def test_verbose_shows_the_values_of_each_frame(session, write):
    write("s.py", """\
        other = 7
        def f(first, second="text"):
            big = list(range(10 ** 6))
            return first / 0
        start = 3
        f(start)
        """)
    session("%xmode Verbose")
    text = session("%run s.py")
    assert "          start = 3\n" in text and "other" not in text
    assert "          first = 3\n          second = 'text'\n" in text
    assert "          big = [0, 1, 2, 3, 4, 5, … (1000000)]\n" in text
    assert text.endswith("ZeroDivisionError: division by zero\n")
    session("%xmode Plain")
    assert "first = 3" in session("%tb Verbose") and "first = 3" not in session("%tb")


def test_a_hostile_repr_never_breaks_the_printer(session, write):
    write("s.py", """\
        import sys, time
        class Sleeps:
            def __repr__(self): time.sleep(10 ** 6)
        class Loops:
            def __repr__(self):
                while True: pass
        class Raises:
            def __repr__(self): raise RuntimeError
        class Exits:
            def __repr__(self): sys.exit(3)
        class Junk:
            def __repr__(self): return 3
        class Deep:
            def __repr__(self): return repr(self)
        class Large:
            def __repr__(self): return "many\\nlines " * 10 ** 5
        def f():
            a, b, c, d, e, g, h = Sleeps(), Loops(), Raises(), Exits(), Junk(), Deep(), Large()
            1 / 0
        """)
    session("%xmode Verbose", "%run s.py")
    text = session("f()")
    assert "a = <Sleeps: its repr takes too long>\n" in text
    assert "b = <Loops: its repr takes too long>\n" in text
    assert "c = <Raises: its repr raises RuntimeError>\n" in text
    assert "d = <Exits: its repr raises SystemExit>\n" in text
    assert "e = <Junk: its repr raises TypeError>\n" in text
    assert "g = <Deep: its repr raises RecursionError>\n" in text
    assert "h = many lines many lines" in text and len(text) < 4000
    assert text.endswith("ZeroDivisionError: division by zero\n")


def test_ctrl_c_ends_slow_values_and_the_error_is_shown_plain(shell, write):
    write("s.py", """\
        import time
        class Slow:
            def __repr__(self):
                while True:
                    try: print("asked"); time.sleep(10 ** 6)
                    except KeyboardInterrupt as error:
                        if "time" not in str(error): raise
        def f():
            slow = Slow()
            1 / 0
        """)
    shell.line("%xmode Verbose")
    shell.wait("In [2]: ")
    shell.line("%run s.py")
    shell.wait("In [3]: ")
    shell.line("f()")
    shell.wait("asked")
    shell.keys(CTRL_C)
    shell.wait("ZeroDivisionError: division by zero", "In [4]: ")


def test_a_lost_or_edited_file_is_shown_as_it_ran(session, write):
    write("s.py", "def f():\n    return 1 / 0  # as it ran\n")
    write("helper.py", "def g():\n    return 1 / 0\n")
    session("%run s.py", "import helper", "import os; os.remove('s.py'); os.remove('helper.py')")
    for mode in "Plain", "Context", "Verbose":
        session(f"%xmode {mode}")
        assert "return 1 / 0  # as it ran" in session("f()")
        text = session("helper.g()")
        assert 'helper.py", line 2, in g\n' in text and text.endswith("division by zero\n")
    write("s.py", "one line\n")
    assert "return 1 / 0  # as it ran" in session("f()")


@pytest.mark.parametrize("arguments, environment, colour", [
    ([], {}, "ff5f5f"),
    ([], {"MAINSPRING_THEME": "light"}, "d70000"),
    ([], {"TERM": "xterm"}, "red"),
    ([], {"NO_COLOR": "1"}, "default"),
    (["--no-color"], {}, "default")], ids=str)
def test_an_error_has_the_colours_of_the_prompt_s_theme(start, arguments, environment, colour):
    shell = start(Shell, *arguments, env=environment)
    shell.wait("In [1]: ")
    shell.line("1 / 0")
    shell.wait("ZeroDivisionError: division by zero", "In [2]: ")
    row = next(y for y, text in enumerate(shell.text().split("\n"))
               if text.startswith("ZeroDivisionError"))
    assert shell.screen.buffer[row][0].fg == colour


def test_leaving_a_breakpoint_is_one_line(start, write):
    write("s.py", "try:\n    breakpoint()\n    x = 1\nfinally:\n    print('cleaned')\n")
    shell = start(Shell)
    shell.wait("In [1]: ")
    for count, line in enumerate(["breakpoint(); 1", "%run s.py"], 1):
        shell.line(line)
        shell.wait_count("(Pdb) ", count)
        shell.line("q")
        shell.wait_count("bdb.BdbQuit: left the debugger (%tb shows where)", count)
        shell.wait(f"In [{count + 1}]: ")
    assert "cleaned" in shell.text() and "Traceback" not in shell.text()
    shell.line("%tb")
    shell.wait("Traceback (most recent call last):", 's.py", line')


def test_an_error_has_no_colours_on_a_pipe(start):
    assert "\x1b" not in start(Session)("1 / 0")
