"""Tracebacks, inspect and linecache show the text that a run executed (design promise P6)."""
import pytest

TEXT = """\
class Class:
    def method(self):
        return function("{text}")

def function(argument):
    return 1 / 0  # {text}
"""


@pytest.fixture
def twice(session, write):
    """A session with `first` and `second`, functions of two texts of one script, and classes."""
    write("s.py", TEXT.format(text="first text"))
    session("import inspect, linecache, traceback", "%run s.py", "first, First = function, Class")
    write("s.py", "# a line more\n" * 5 + TEXT.format(text="second text"))
    session("%run s.py", "second, Second = function, Class")
    return session


def test_getsource_shows_the_text_of_the_run(twice):
    for edition in ("first", "second"):
        expected = TEXT.format(text=f"{edition} text").split("\n\n")
        assert twice.value(f"inspect.getsource({edition})") == expected[1]
        assert twice.value(f"inspect.getsource({edition.title()}.method)") in expected[0] + "\n"
    assert twice.value("inspect.getsource(Second)") == TEXT.format(
        text="second text").split("\n\n")[0] + "\n"


def test_getsource_of_a_superseded_class_shows_its_own_text(twice):
    assert twice.value("inspect.getsource(First)") == TEXT.format(
        text="first text").split("\n\n")[0] + "\n"


def test_a_traceback_through_a_superseded_function_shows_what_ran(twice):
    written = twice("First().method()")
    assert f'File "{twice.folder}/s.py <run 1>", line 3, in method' in written
    assert 'return function("first text")' in written
    assert "1 / 0  # first text" in written
    assert "second text" not in written


def test_a_traceback_through_the_present_run_shows_its_lines(twice):
    written = twice("Second().method()")
    assert f'File "{twice.folder}/s.py", line 8, in method' in written
    assert 'return function("second text")' in written
    assert "first text" not in written


def test_a_file_edited_while_it_runs_does_not_change_its_traceback(session, write):
    write("s.py", """\
        with open(__file__, "w") as file:
            file.write("# quite another text\\n" * 20)
        def fail():
            raise ValueError("failed")  # what ran
        fail()
        """)
    written = session("%run s.py")
    assert 'raise ValueError("failed")  # what ran' in written
    assert "quite another" not in written


def test_a_file_edited_after_it_ran_does_not_change_its_functions(session, write):
    write("s.py", TEXT.format(text="what ran"))
    session("import inspect", "%run s.py")
    write("s.py", "# quite another text\n" * 20)
    assert "1 / 0  # what ran" in session("function(1)")
    assert session.value("'what ran' in inspect.getsource(function)") is True
    (session.folder / "s.py").unlink()
    assert "1 / 0  # what ran" in session("function(1)")


def test_linecache_checks_do_not_lose_the_text(twice):
    twice("linecache.checkcache()")
    assert "1 / 0  # first text" in twice("first(1)")
    assert "1 / 0  # second text" in twice("second(1)")


def test_a_text_that_came_back_is_no_relabelled_one(session, write):
    for text in ("one", "two", "one"):
        write("s.py", TEXT.format(text=text))
        session("%run s.py", f"keep_{text} = function" if text == "two" else "pass")
    assert session.value("function.__code__.co_filename") == f"{session.folder}/s.py"
    assert session.value("keep_two.__code__.co_filename") == f"{session.folder}/s.py <run 2>"
    assert "1 / 0  # one" in session("function(1)")
    assert "1 / 0  # two" in session("keep_two(1)")


def test_runs_of_one_text_share_their_code(session, write):
    write("s.py", TEXT.format(text="same"))
    session("%run s.py", "first = function", "%run s.py")
    assert session.value("first is function, first.__code__ is function.__code__") == (
        False, True)
    assert session.value("first.__code__.co_filename") == f"{session.folder}/s.py"


def test_an_error_that_was_kept_prints_its_text_after_the_edit(session, write):
    write("s.py", "import traceback\ntry:\n    1 / 0  # kept\nexcept Exception as e:\n"
                  "    error = e\n")
    session("import traceback", "%run s.py", "kept = error")
    write("s.py", "# another\n" * 9)
    assert "1 / 0  # kept" in session("%run s.py", "traceback.print_exception(kept)")


def test_the_traceback_of_a_script_has_no_frames_of_ours(session, python, write):
    write("s.py", TEXT.format(text="here") + "Class().method()\n")
    assert session("%run s.py") == python.run("s.py").stderr.decode()


@pytest.mark.parametrize("code", [
    "raise ValueError('one') from KeyError('two')",
    "try:\n    1 / 0\nexcept ZeroDivisionError:\n    [][0]",
    "raise ExceptionGroup('both', [ValueError(1), TypeError(2)])",
    "def f(n):\n    return f(n - 1) if n else 1 / 0\nf(20)",
    "e = ValueError('x')\ne.add_note('a note')\nraise e",
    "assert [] == (), 'no'",
    "import json\njson.loads('{')",
    "eval('1 +')",
])
def test_errors_look_as_in_python3(session, python, write, code):
    write("s.py", code + "\n")
    assert session("%run s.py") == python.run("s.py").stderr.decode()


def test_a_syntax_error_looks_as_in_python3(session, python, write):
    for text in ("x = (1,\ny = 2\n", "if 1:\nx = 2\n", "def f(:\n", "print 'x'\n", "é = )\n"):
        write("s.py", text)
        assert session("%run s.py") == python.run("s.py").stderr.decode()


def test_the_errors_of_threads_and_finalizers_show_the_text_that_ran(session, write):
    write("s.py", """\
        import threading
        class Thing:
            def __del__(self):
                raise ValueError("of the finalizer")  # first text
        def fail():
            raise ValueError("of the thread")  # first text
        """)
    session("%run s.py", "old, thing = fail, Thing()", "import threading as t")
    write("s.py", "'another text'\n" * 20)
    session("%run s.py")
    for cell in ("thread = t.Thread(target=old); thread.start(); thread.join()", "del thing"):
        written = session(cell)
        assert "ValueError: of the" in written and "# first text" in written
        assert "another text" not in written


def test_the_errors_of_threads_look_as_in_python3(session, python, write):
    write("s.py", """\
        import threading
        for target in (lambda: 1 / 0, exit):
            thread = threading.Thread(target=target, name="T")
            thread.start()
            thread.join()
        """)
    assert session("%run s.py") == python.run("s.py").stderr.decode()
