"""How scripts end: exit in all its ways, errors, forks (promises P7, P8)."""
import pytest

EXITS = {
    "exit 0": ("sys.exit(0)", 0, ""),
    "exit none": ("sys.exit()", 0, ""),
    "raise": ("raise SystemExit", 0, ""),
    "exit 3": ("sys.exit(3)", 3, "{path}: exit status 3\n"),
    "exit true": ("sys.exit(True)", 1, "{path}: exit status 1\n"),
    "text": ("sys.exit('no more')", 1, "no more\n"),
    "object": ("sys.exit([1, 2])", 1, "[1, 2]\n"),
    "exit()": ("exit(4)", 4, "{path}: exit status 4\n"),
    "quit()": ("quit()", 0, ""),
    "deep": ("def f(n):\n    f(n - 1) if n else sys.exit(5)\nf(50)", 5, "{path}: exit status 5\n"),
    "finally": ("try:\n    sys.exit(6)\nfinally:\n    after = 2", 6, "{path}: exit status 6\n"),
    "subclass": ("class Leave(SystemExit): pass\nraise Leave(7)", 7, "{path}: exit status 7\n"),
}


@pytest.mark.parametrize("code, status, written", EXITS.values(), ids=EXITS)
def test_exit_ends_the_script_alone(session, write, code, status, written):
    write("s.py", f"import sys\nbefore = 1\n{code}\nnever = 1\n")
    assert session("%run s.py") == written.format(path=session.folder / "s.py")
    assert session.value("_exit_code, before, 'never' in globals()") == (status, 1, False)
    assert "exit" in session("%runs")


@pytest.mark.parametrize("code, status, written", EXITS.values(), ids=EXITS)
def test_exit_is_silent_where_that_is_asked_for(session, write, code, status, written):
    write("s.py", f"import sys\nbefore = 1\n{code}\n")
    assert session("%run -e s.py") == ""
    assert session.value("_exit_code, before") == (status, 1)


def test_exit_is_silent_in_a_module_too(session, write):
    write("pkg/tool.py", "import sys\nbefore = 1\nsys.exit('words')\n")
    assert session("%run -m pkg.tool") == "words\n"
    assert session("%run -e -m pkg.tool") == "" and session("%run -em pkg.tool") == ""
    assert session.value("_exit_code, before") == (1, 1)


def test_an_argument_parser_s_refusal_is_its_own_words_and_one_line(session, write):
    write("s.py", "import argparse\nargparse.ArgumentParser(prog='s').parse_args()")
    assert session("%run s.py --what") == (
        "usage: s [-h]\ns: error: unrecognized arguments: --what\n"
        f"{session.folder}/s.py: exit status 2\n")
    assert session("%run s.py -h").startswith("usage: s [-h]\n")
    assert session.value("_exit_code") == 0


def test_an_error_ends_the_script_and_its_rerun_is_free_of_it(session, write):
    write("s.py", "import sys\nmade = sys.argv[1]\nif made == 'bad':\n    1 / 0\n")
    assert "ZeroDivisionError" in session("%run s.py bad")
    assert session.value("made") == "bad"
    assert session("%run s.py good") == ""
    assert session.value("made") == "good"


def test_a_failing_run_sets_what_post_mortem_tools_read(session, write):
    write("s.py", "def f():\n    inner = 'found'\n    1 / 0\nf()")
    session("import sys, traceback", "%run s.py")
    assert session.value("sys.last_type.__name__, str(sys.last_value)") == (
        "ZeroDivisionError", "division by zero")
    assert session.value("[f.name for f in traceback.extract_tb(sys.last_traceback)]") == [
        "<module>", "f"]


def test_a_broken_exception_is_reported(session, write):
    write("s.py", """\
        class Broken(Exception):
            def __str__(self): raise ValueError("broken too")
        raise Broken
        """)
    assert "Broken: <exception str() failed>" in session("%run s.py")
    assert session("1 + 1") == "Out[2]: 2\n"


def test_a_broken_exit_code_is_an_exit_all_the_same(session, write):
    write("s.py", """\
        import sys
        class Code:
            def __str__(self): raise ValueError("broken")
        sys.exit(Code())
        """)
    session("%run s.py")
    assert session("1 + 1") == "Out[2]: 2\n"


FORK = """\
import os, sys
pid = os.fork()
if pid == 0:
    print("child")
    {child}
else:
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    print("parent", status)
"""


@pytest.mark.parametrize("child, status", [
    ("pass", 0), ("sys.exit(3)", 3), ("raise ValueError('of the child')", 1), ("os._exit(4)", 4),
    ("sys.exit('words')", 1), ("import atexit; atexit.register(print, 'atexit')", 0),
])
def test_a_forked_child_leaves_with_its_status(session, write, child, status):
    write("s.py", FORK.format(child=child))
    written = session("%run s.py")
    assert written.count("parent") == 1
    assert f"parent {status}\n" in written
    assert written.count("child\n") == ("_exit" not in child) + ("of the child" in child)
    assert "exit status" not in written
    assert written.count("atexit\n") == ("atexit" in child)
    assert session("1 + 1") == "Out[2]: 2\n"


def test_a_child_forked_by_a_function_called_from_the_prompt_leaves(session, write):
    write("s.py", "import os\ndef fork():\n    pid = os.fork()\n    if pid:\n"
                  "        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])\n")
    session("%run s.py")
    assert session("fork()").endswith("Out[2]: 0\n")
    assert session("1 + 1") == "Out[3]: 2\n"


def test_processes_are_forked_by_multiprocessing(session, write):
    write("s.py", """\
        import multiprocessing
        def square(x): return x * x
        if __name__ == "__main__":
            with multiprocessing.get_context("fork").Pool(2) as pool:
                print(pool.map(square, [1, 2, 3]))
        """)
    for _ in range(2):
        assert session("%run s.py") == "[1, 4, 9]\n"


def test_processes_are_spawned_by_multiprocessing_in_each_run_and_from_the_prompt(session, write):
    write("s.py", """\
        import multiprocessing
        def square(x): return x * x
        def main():
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                print(pool.map(square, [1, 2, 3]))
        if __name__ == "__main__":
            main()
        """)
    for cell in ("%run s.py", "%run s.py", "main()"):
        assert session(cell) == "[1, 4, 9]\n"
