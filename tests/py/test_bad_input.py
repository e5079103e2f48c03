"""What can't be run is refused in one line, and nothing has changed (design 3, steps 1 and 2)."""
import pytest

STATE = ("[sorted(sys.modules), sys.argv, sys.path[:], sys.modules['__main__'] is main,"
         " sorted(n for n in globals() if n[:2] != '_i' and n[:1] != '_')]")


@pytest.fixture
def before(session, write):
    """A session that has run good.py, with its state in mind."""
    write("good.py", "value = 1\ndef get():\n    return value\n")
    session("import sys, traceback, unicodedata; main = sys.modules['__main__']", "%run good.py")
    session(f"state = None; state = {STATE}")
    return session


def refused(session, cell, *words):
    """The line that the cell wrote, which has the words in it; all is as it was."""
    written = session(cell)
    assert written.count("\n") == 1, written
    for word in words:
        assert word in written
    unchanged(session)
    return written


def unchanged(session):
    assert session(f"assert state == {STATE}, {STATE}") == ""
    assert session.value("value, get()") == (1, 1)
    row, = session.runs()
    assert "alive" in row and "good.py" in row


def test_a_missing_file(before):
    refused(before, "%run missing.py", "missing.py", "No such file")
    refused(before, "%run missing", "missing", "No such file")
    refused(before, "%run /no/such/folder/s.py", "/no/such/folder/s.py")
    refused(before, "%run missing.ipy", "missing.ipy", "No such file")


def test_a_folder(before):
    (before.folder / "folder").mkdir()
    refused(before, "%run folder", "folder")
    refused(before, "%run .", ".")


def test_a_file_that_can_not_be_read(before):
    refused(before, "%run /proc/self/mem", "/proc/self/mem", "Input/output error")


def test_a_file_in_what_is_no_folder(before):
    refused(before, "%run good.py/s.py", "good.py/s.py", "Not a directory")


def test_a_name_that_no_file_can_have(before):
    refused(before, "%run " + "a" * 300, "File name too long")
    refused(before, "%run ''")


def test_a_link_to_nowhere_and_one_to_itself(before):
    (before.folder / "nowhere.py").symlink_to("missing.py")
    (before.folder / "circle.py").symlink_to("circle.py")
    refused(before, "%run nowhere.py", "nowhere.py", "No such file")
    refused(before, "%run circle.py", "circle.py", "symbolic links")


@pytest.mark.parametrize("content, words", [
    (b"x = 1\n\0\n", ["NUL byte", "line 2"]),
    (b"\x7fELF\x02\x01\x01\0\0\0", ["NUL byte", "line 1"]),
    (b"# coding: no-such-codec\n", ["no-such-codec"]),
    (b"\xef\xbb\xbf# coding: latin-1\n", ["byte order mark"]),
    (b"x = 1\ny = '\xff'\n", ["0xff", "line 2"]),
    (b"# coding: ascii\nx = '\xc3\xa9'\n", ["0xc3", "ascii"]),
], ids=["nul", "binary", "unknown cookie", "cookie against mark", "not utf-8", "not ascii"])
def test_bytes_that_are_no_source(before, write, content, words):
    write("bad.py", content)
    refused(before, "%run bad.py", "bad.py", *words)
    write("bad.ipy", content)
    refused(before, "%run bad.ipy", "bad.ipy", *words)


@pytest.mark.parametrize("cell", [
    "%run", "%run -", "%run -k", "%run -Z good.py", "%run --nonsense good.py", "%run 'open",
    '%run "open', "%run -kZ good.py", "%run --", "%run good.py 'open",
])
def test_a_command_that_makes_no_sense(before, cell):
    refused(before, cell)


def test_a_syntax_error_leaves_the_run_before_untouched(before, write):
    write("good.py", "value = 2\nx = (\n")
    written = before("%run good.py")
    assert "SyntaxError" in written and "good.py\", line 2" in written
    unchanged(before)
    write("good.py", "value = 3\n")
    before("%run good.py")
    assert before.value("value") == 3


@pytest.mark.parametrize("text", [
    "return 1\n", "x = 1\n  y = 2\n", "if 1:\n\tx = 1\n        y = 2\n", "f'{x!z}'\n",
    "'\\N{no such name}'\n", "x = 0777\n", "yield 1\n", "from __future__ import nonsense\n",
    "def f():\n    x = 1\n    global x\n", "(" * 300 + ")" * 300, "await x\n", "%run s.py\n",
])
def test_what_does_not_compile_leaves_all_as_it_was(before, write, text):
    write("bad.py", text)
    assert "Error" in before("%run bad.py")
    unchanged(before)


def test_source_that_is_nested_too_deeply(before, write):
    write("bad.py", "x" + "+x" * 100000)
    refused(before, "%run bad.py", "bad.py", "too deeply nested")


def test_a_refused_script_does_not_end_the_cell(before):
    assert before("for i in range(2):\n    %run missing.py\n").count("No such file") == 1


def test_a_refused_script_ends_an_ipy_file(program, write):
    write("t.ipy", "print('before')\n%run missing.py\nprint('never')\n")
    done = program.run("t.ipy")
    assert (done.returncode, done.stdout) == (1, b"before\n")
    assert b"missing.py" in done.stderr and done.stderr.count(b"\n") == 1


def test_refusals_leak_no_run(before, write):
    for number in range(20):
        write("bad.py", f"x = {number} (\n")
        before("%run bad.py", "%run missing.py")
    unchanged(before)
