"""A true module per run: the `__main__` that `python3 file` has (design promises P1, P8)."""
import os
import stat

import pytest

STATE = """\
import sys
main = sys.modules["__main__"]
print(__name__, __doc__, __package__, __spec__, __builtins__, __annotations__, __cached__)
print(type(__loader__), __loader__.name, __loader__.path, __file__)
print(sorted(k for k in globals() if k.startswith("__")), type(main), main.__dict__ is globals())
print(sys.argv, sys.path[0], sys.path.count(sys.path[0]))
print(__loader__.get_source("__main__") == open(__file__).read(), repr(main))
"""


@pytest.mark.parametrize("script, arguments", [
    ("s.py", ""), ("./s.py", "a b"), ("sub/s.py", "--flag=1 -x"), ("sub/../s.py", ""),
    ("link.py", ""), ("'with blank.py'", "'' 'a b'"), ("{folder}/s.py", "-- -k"),
])
def test_a_script_sees_what_python3_shows_it_in_both_runs(
        session, python, write, script, arguments):
    for name in ("s.py", "sub/s.py", "with blank.py"):
        write(name, '"""Its documentation."""\nx: int = 5\n' + STATE)
    (session.folder / "link.py").symlink_to("sub/s.py")
    script = script.format(folder=session.folder)
    command = f"exec '{python.path}' {script} {arguments}"
    shell = python.__class__("/bin/sh", python.folder)
    expected = shell.output("-c", command)
    for _ in range(2):
        assert session(f"%run {script} {arguments}") == expected


def test_the_py_of_a_script_can_be_left_out(session, write):
    write("s.py", "import sys; print(sys.argv, __file__)")
    assert session("%run s a") == f"['s.py', 'a'] {session.folder}/s.py\n"


def test_functions_called_from_the_prompt_know_their_names(session, write):
    write("s.py", """\
        import logging
        def name(): return __name__
        def logger(): return logging.getLogger(__name__).name
        def make():
            class Made: pass
            return Made.__module__
        guarded = False
        if __name__ == "__main__":
            guarded = True
        """)
    session("%run s.py")
    assert session.value("name(), logger(), make(), guarded") == (
        "__main__", "__main__", "__main__", True)


def test_the_prompt_s_module_stays_what_it_was(session, write):
    session("import sys; main = sys.modules['__main__']; state = sys.argv[:], sys.path[:]")
    write("s.py", "import sys\nprint(sys.modules['__main__'].__dict__ is globals())")
    assert session("%run s.py a b") == "True\n"
    assert session.value("sys.modules['__main__'] is main, main.__dict__ is globals(),"
                         "state == (sys.argv, sys.path)") == (True, True, True)


def test_the_session_s_module_says_the_latest_script_without_binding_a_name(session, write):
    write("s.py", "class C: pass")
    session("import inspect, sys; main = sys.modules['__main__']")
    assert session.value("hasattr(main, '__file__')") is False
    session("%run s.py")
    assert session.value("main.__file__, '__file__' in globals()") == (
        f"{session.folder}/s.py", False)
    assert session.value("inspect.getsource(C)") == "class C: pass\n"


def test_what_a_script_does_to_the_interpreter_s_state_is_undone(session, write):
    session("import sys; main = sys.modules['__main__']; state = sys.argv, sys.path[:]")
    write("s.py", """\
        import sys
        sys.argv = ["mine"]
        sys.modules["__main__"] = sys
        del sys.path[0]
        """)
    session("%run s.py a")
    assert session.value("sys.modules['__main__'] is main, state == (sys.argv, sys.path)") == (
        True, True)
    write("t.py", "import sys\nsys.path.append('/added')\ndel sys.modules['__main__']")
    session("%run t.py")
    assert session.value("sys.modules['__main__'] is main, sys.path[0], sys.path[-1]") == (
        True, "", "/added")


def test_future_statements_stay_in_their_file(session, write):
    write("s.py", "from __future__ import annotations\ndef f(x: undefined): pass")
    write("t.py", "def g(x: int): pass")
    session("%run s.py", "%run t.py", "def h(x: int): pass")
    assert session.value("f.__annotations__['x'], g.__annotations__['x'] is int,"
                         "h.__annotations__['x'] is int") == ("undefined", True, True)
    session("from __future__ import annotations")
    session("%run t.py")
    assert session.value("g.__annotations__['x'] is int") is True


def test_exit_and_input_are_there_for_scripts(session, write):
    write("s.py", "print(input('name: '))\nprint(exit, quit)")
    session.process.stdin.write(b"%run s.py\nan answer\n")
    session.process.stdin.flush()
    session.number += 1
    assert session._read(r"In \[2\]: ").startswith("name: an answer\n")


def test_a_script_from_a_pipe_runs(session):
    assert session("!mkfifo pipe; echo 'print(__file__)' > pipe &") == ""
    assert session("%run pipe") == f"{session.folder}/pipe\n"
    assert stat.S_ISFIFO(os.stat(session.folder / "pipe").st_mode)


@pytest.mark.parametrize("bytes_, shown", [
    (b"# coding: latin-1\nprint('\xe9')", "é"),
    (b"\xef\xbb\xbfprint('\xc3\xa9')", "é"),
    (b"#!/usr/bin/python3\n# -*- coding: cp1252 -*-\nprint('\x80')", "€"),
    (b"print('crlf')\r\nif 1:\r\n    print('''a\r\nb''')\r\n", "crlf\na\nb"),
    (b"print('no newline at the end')", "no newline at the end"),
    (b"", ""),
], ids=["latin-1", "bom", "cp1252", "crlf", "no newline", "empty"])
def test_scripts_in_other_encodings_run_as_python3_runs_them(session, python, write, bytes_,
                                                             shown):
    write("s.py", bytes_)
    assert session("%run s.py").rstrip("\n") == shown == python.output("s.py").rstrip("\n")
