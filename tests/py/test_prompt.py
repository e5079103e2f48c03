"""The simple prompt: cells, what they show, what is kept of them, and Ctrl-C."""
import re

import pytest

from conftest import CTRL_C, CTRL_D, Session, Shell

SPIN = 'print("spin" "ning") or any(0 for _ in iter(int, 1))'


def test_values_are_shown_numbered_and_kept(session):
    assert session("6 * 7") == "Out[1]: 42\n"
    assert session("'text'") == "Out[2]: 'text'\n"
    assert session("None") == session("x = 5") == ""
    assert session.value("_, __, _1, _2, Out[1], Out[2], _oh is Out, sorted(Out)") == (
        "text", 42, 42, "text", 42, "text", True, [1, 2])
    session("3", "4", "5")
    assert session.value("_, __, ___") == (5, 4, 3)


def test_inputs_are_kept(session, write):
    session("x = 1", "%pwd", "!true", "for i in range(1):\n    pass")
    assert session.value("In[1:5], _ih is In, _i5 == In[-1], _i == _i4, _i") == (
        ["x = 1", "%pwd", "!true", "for i in range(1):\n    pass"], True, True, True,
        "for i in range(1):\n    pass")
    session("1/0", "x = )", "'b'")
    assert session.value("_i, _ii, _iii") == ("'b'", "x = )", "1/0")


def test_a_user_s_own_underscore_is_left_alone(session):
    session("_ = 'mine'", "42")
    assert session.value("_, _2") == ("mine", 42)
    session("del _", "43")
    assert session.value("_") == 43
    session("import gettext; gettext.install('x')", "44")
    assert session.value("callable(__builtins__._), '_' in globals() and _ == 44") == (True, False)


def test_a_semicolon_hides_the_value_and_keeps_the_effect(session):
    assert session("x = [1]; x.append(2); x;") == ""
    assert session("x; # a comment") == ""
    assert session("'x;'") == "Out[3]: 'x;'\n"
    assert session("x  # not hidden;") == "Out[4]: [1, 2]\n"
    assert session.value("sorted(Out)") == [3, 4]


def test_only_the_last_expression_is_shown(session):
    assert session("1; 2; 3") == "Out[1]: 3\n"
    assert session("if 1:\n    5") == ""
    assert session("for i in range(2): i") == ""


def test_statements_execute_one_by_one(session):
    written = session("print('first'); 1 / 0; print('never')")
    assert "first\n" in written and "never\n" not in written
    assert "SyntaxError" in session("print('not executed'); x ===")
    assert "not executed\n" not in session("print('not executed'); x ===")


def test_long_containers_are_shown_in_rows(session):
    written = session("[str(i) * 10 for i in range(10)]")
    assert written.startswith("Out[1]: \n['0000000000',\n '1111111111',\n")
    assert session("list(range(10))") == "Out[2]: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n"
    assert session("{'b': 1, 'a': 2}") == "Out[3]: {'b': 1, 'a': 2}\n"


def test_blocks_of_several_lines(session):
    session("def f(x):\n    if x:\n        return 1\n\n    return 2".replace("\n\n", "\n"))
    assert session("f(0)") == "Out[2]: 2\n"
    assert session("x = [1,\n2,\n3]") == ""
    assert session("'''a\nb'''") == "Out[4]: 'a\\nb'\n"
    assert session("1 + \\\n2") == "Out[5]: 3\n"
    assert session("class A:\n    x = 1\n    def f(self):\n        return self.x") == ""
    assert session("@str\ndef g(): pass") == ""
    assert session("A().f(), g[:10]") == "Out[8]: (1, '<function ')\n"


def test_the_continuation_prompt_is_aligned(program):
    done = program.run("--no-banner", "-i", input=b"if 1:\n    x = 1\n\nx\n")
    assert done.stdout.decode() == "In [1]:    ...:    ...: In [2]: Out[2]: 1\nIn [3]: "


def test_tracebacks_have_no_frames_of_ours(session):
    assert session("1 / 0") == """\
Traceback (most recent call last):
  File "<cell 1>", line 1, in <module>
    1 / 0
    ~~^~~
ZeroDivisionError: division by zero
"""
    session("def f():\n    x = 1\n    return x / 0")
    text = session("f()")
    # Which parts are underlined is a matter of the interpreter's version.
    assert [line for line in text.splitlines() if line.strip(" ~^")] == [
        "Traceback (most recent call last):",
        '  File "<cell 3>", line 1, in <module>',
        "    f()",
        '  File "<cell 2>", line 3, in f',
        "    return x / 0",
        "ZeroDivisionError: division by zero",
    ]


def test_a_syntax_error_has_the_line_and_no_frames(session):
    assert session("x = )") == """\
  File "<cell 1>", line 1
    x = )
        ^
SyntaxError: unmatched ')'
"""
    assert session("f(1, = 2)").count("File") == 1


def test_cells_are_known_to_linecache_and_inspect(session):
    session("def f():\n    return 'of the cell'  # noted", "import linecache, inspect")
    assert session.value("f.__code__.co_filename, linecache.getline('<cell 1>', 2)") == (
        "<cell 1>", "    return 'of the cell'  # noted\n")
    assert session.value("inspect.getsource(f)").startswith("def f():\n    return")
    session("linecache.checkcache()")
    assert "# noted" in session.value("linecache.getline('<cell 1>', 2)")


def test_the_last_error_is_kept_for_post_mortem_tools(session):
    session("1 / 0", "import sys")
    assert session.value("str(sys.last_value), sys.last_type.__name__,"
                         "sys.last_traceback.tb_frame.f_code.co_filename") == (
        "division by zero", "ZeroDivisionError", "<cell 1>")


def test_the_user_s_own_hooks_are_used(session):
    session("import sys", "sys.excepthook = lambda t, v, tb: print('hook', v)")
    assert session("1 / 0") == "hook division by zero\n"
    session("sys.excepthook = lambda *a: [][0]")
    written = session("1 / 0")
    assert "IndexError" in written or "sys.excepthook failed" in written
    assert "ZeroDivisionError" in written
    session("sys.excepthook = sys.__excepthook__",
            "hook, sys.displayhook = sys.displayhook, lambda v: print('shown', v)")
    assert session("42") == "shown 42\n"


def test_top_level_await(session):
    session("import asyncio", "async def f(x):\n    await asyncio.sleep(0)\n    return x")
    assert session("await f(5)") == "Out[3]: 5\n"
    session("y = await f(6)")
    assert session.value("y") == 6
    session("async def g():\n    for i in range(3): yield i")
    assert session("async for i in g(): print(i)") == "0\n1\n2\n"
    written = session("async def fail(): 1 / 0", "await fail()")
    assert "ZeroDivisionError" in written and "asyncio" not in written
    assert written.count("File ") == 2


def test_tasks_live_on_between_cells(session):
    session("import asyncio; found = []", "async def work():\n    await asyncio.sleep(0.01)\n"
            "    found.append(1)", "async def start(): return asyncio.create_task(work())",
            "task = await start()", "await task")
    assert session.value("found, task.done()") == ([1], True)
    session("loop = asyncio.Event()")
    assert session("asyncio.run(asyncio.sleep(0, 'run'))") == f"Out[{session.number - 1}]: 'run'\n"


def test_shell_commands(session):
    assert session("!echo out; echo err >&2") in ("out\nerr\n", "err\nout\n")
    session("name = 'a b'; n = 3")
    assert session('!echo "$name" {n + 1} {n:03d} $$HOME') == f"a b 4 003 {session.folder}\n"
    session("!exit 5")
    assert session.value("_exit_code") == 5
    session("!kill -9 $$")
    assert session.value("_exit_code") == -9


def test_shell_output_is_captured(session):
    session("x = !echo a; echo 'b c'; echo err >&2; exit 3")
    assert session.value("x, _exit_code") == (["a", "b c", "err"], 3)
    assert session("!!echo listed") == "Out[3]: ['listed']\n"
    session("lines = []", "for i in range(2):\n    y = !echo $i\n    lines += y")
    assert session.value("lines") == ["0", "1"]
    session("z = !true", "bytes_ = !printf '\\\\377'")
    assert session.value("z, len(bytes_)") == ([], 1)


def test_a_child_has_the_input_of_the_session(session):
    session.process.stdin.write(b"!head -c 0\n")
    session.process.stdin.flush()
    session.number += 1
    assert session._read(r"In \[2\]: ") == ""


def test_future_statements_last_for_the_session(session):
    session("def f(x: int): pass", "from __future__ import annotations", "def g(x: unknown): pass")
    assert session.value("f.__annotations__['x'] is int, g.__annotations__['x']") == (
        True, "unknown")
    session("def h(x: also_unknown): pass")
    assert session.value("h.__annotations__['x']") == "also_unknown"


def test_automagic_is_never_over_a_variable(session, write):
    write("s.py", "print('ran')")
    assert session("run s.py") == "ran\n"
    session("run = 5")
    assert session("run") == "Out[3]: 5\n"
    assert session("run s.py").endswith("SyntaxError: invalid syntax\nrun is a variable here, so "
                                        "this was read as Python: the magic is %run\n")
    assert session("run s").endswith("SyntaxError: invalid syntax\nrun is a variable here, so "
                                     "this was read as Python: the magic is %run\n")
    assert session("run / 0").endswith("ZeroDivisionError: division by zero\n")
    session("del run")
    assert session("run s.py") == "ran\n"


def test_help_of_python_works(session):
    written = session("help(len)")
    assert "Help on built-in function len" in written and "number of items" in written


def test_breakpoint_stops_and_goes_on(start, write):
    write("s.py", """\
        def f():
            inside = 'seen inside'
            breakpoint()
            return 'after it'
        f()
        """)
    shell = start(Shell)
    shell.wait("In [1]: ")
    shell.line("%run s.py")
    shell.wait("(Pdb) ")
    shell.line("p inside.upper()")
    shell.wait("'SEEN INSIDE'")
    shell.wait_count("(Pdb)", 2)
    shell.line("c")
    shell.wait("In [2]: ")
    shell.line("f()")
    shell.wait_count("(Pdb)", 3)
    shell.line("continue")
    shell.wait("Out[2]: 'after it'")


def test_input_reads_a_line_of_the_user_s(shell):
    shell.line("answer = input('your name? ')")
    shell.wait("your name? ")
    shell.line("mainspring")
    shell.wait("In [2]: ")
    shell.line("answer.upper()")
    shell.wait("Out[2]: 'MAINSPRING'")


def test_input_on_a_pipe_takes_the_next_line(program):
    done = program.run("--no-banner", "-i", input=b"x = input()\nan answer\nx.upper()\n")
    assert b"Out[2]: 'AN ANSWER'" in done.stdout


def test_ctrl_c_drops_the_line_and_keeps_the_session(shell):
    shell.keys("while True" + CTRL_C)
    shell.wait("KeyboardInterrupt")
    shell.line("6 * 7")
    shell.wait("Out[1]: 42")


def test_ctrl_c_drops_a_block(shell):
    shell.line("if 1:")
    shell.wait("...: ")
    shell.keys(CTRL_C)
    shell.wait("KeyboardInterrupt")
    shell.line("6 * 7")
    shell.wait("Out[1]: 42")


INTERRUPTED = {
    "a loop": SPIN,
    "time.sleep": "import time; print('spin' 'ning'); time.sleep(100)",
    "input": "input('spin' 'ning')",
    "a lock": "import threading; print('spin' 'ning'); threading.Event().wait()",
    "await": "import asyncio; print('spin' 'ning'); await asyncio.sleep(100)",
    "a script": "%run spin.py",
    "a typed script": "%run spin.ipy",
    "a shell command": "!echo spin''ning; sleep 100",
    "a captured command": "x = !echo spin''ning > /dev/tty; sleep 100",
    "a subprocess": "import subprocess; subprocess.run(\"echo spin''ning; sleep 100\", shell=True)",
    "%time": "%time " + SPIN,
}


@pytest.mark.parametrize("cell", INTERRUPTED.values(), ids=INTERRUPTED)
def test_ctrl_c_ends_what_runs_and_the_next_cell_works(shell, write, cell):
    write("spin.py", "made = 'before'\n" + SPIN)
    write("spin.ipy", SPIN)
    shell.line(cell)
    shell.wait("spinning")
    if any(call in cell for call in ("input", "sleep(100)", "wait()")):
        shell.wait_asleep()
    shell.keys(CTRL_C)
    text = shell.wait("KeyboardInterrupt", "In [2]: ")
    assert "subprocess.py" not in text or "subprocess.run" in cell
    shell.line("6 * 7")
    shell.wait("Out[2]: 42")
    if "spin.py" in cell:
        shell.line("made")
        shell.wait("Out[3]: 'before'")


def test_ctrl_c_again_and_again(shell):
    for number in range(1, 6):
        shell.keys(CTRL_C)
        shell.wait("KeyboardInterrupt")
        shell.line(SPIN)
        shell.wait("spinning")
        shell.screen.reset()
        shell.keys(CTRL_C)
        shell.wait("KeyboardInterrupt", f"In [{number + 1}]: ")
        shell.screen.reset()
    shell.line("6 * 7")
    shell.wait("Out[6]: 42")


def test_ctrl_c_that_a_script_handles_is_the_script_s(shell, write):
    write("s.py", f"try:\n    {SPIN}\nexcept KeyboardInterrupt:\n    print('handled', 'it')\n")
    shell.line("%run s.py")
    shell.wait("spinning")
    shell.keys(CTRL_C)
    shell.wait("handled it")
    shell.line("6 * 7")
    shell.wait("Out[2]: 42")


def test_an_interrupted_loop_of_runs_ends(shell, write):
    write("s.py", SPIN)
    shell.line("for i in range(3): get_ipython().run_line_magic('run', 's.py')")
    shell.wait("...: ")
    shell.line("")
    shell.wait("spinning")
    shell.keys(CTRL_C)
    shell.wait("KeyboardInterrupt", "In [2]: ")


def test_ctrl_d_asks_nothing_and_says_nothing(shell):
    shell.keys(CTRL_D)
    assert shell.end() == 0
    assert shell.text().split() == ["In", "[1]:"]


def test_print_without_newline_does_not_hide_the_prompt(shell):
    shell.line("print('no newline', end='')")
    shell.wait("In [2]: ")


def test_an_ipy_file_is_executed_as_typed(program, write):
    write("t.ipy", """\
        x = 5
        %time y = x + 1

        def f():
            return x

        !echo $x {f() + 1}
        z = !echo listed
        f(); print(y, z)
        'not shown'
        print(__name__)
        """)
    lines = program.output("t.ipy").splitlines()
    assert [line for line in lines if "time" not in line] == ["5 6", "6 ['listed']", "__main__"]


def test_an_ipy_file_ends_at_its_first_error_with_status_1(program, write):
    write("t.ipy", "print('first')\n\nx = 1\n1 / 0\nprint('never')\n")
    done = program.run("t.ipy")
    assert (done.returncode, done.stdout) == (1, b"first\n")
    assert re.search(rb'File ".*t.ipy", line 4, in <module>\n    1 / 0\n', done.stderr)
    write("t.ipy", "import sys\nsys.exit(7)\n")
    assert program.run("t.ipy").returncode == 7


def test_a_script_and_then_the_prompt(start, write):
    write("s.py", "import sys\nmade = sys.argv\nprint('ran')\n")
    session = start(Session, "s.py", "a")
    assert session.started == "ran\n"
    assert session.value("made") == ["s.py", "a"]
    write("s.py", "1 / 0")
    session = start(Session, "s.py")
    assert "ZeroDivisionError" in session.started
    assert session("6 * 7") == "Out[1]: 42\n"


def test_the_state_of_the_interpreter_at_the_prompt(session):
    session("import sys, os")
    assert session.value("sys.path[0], sys.argv, bool(sys.ps1), __name__,"
                         "sys.flags.interactive") == ("", [""], True, "__main__", 1)
    assert session.value("os.path.basename(sys.executable)").startswith("python3")


@pytest.mark.parametrize("cell", [
    "\x00", "x = '\udc80'", "é = 'ü'; print(é)", "\tx = 1", "   ", "#", "\\", "'",
    "%", "!", "?", "%%",
    "x" * 100000, "(" * 5000, "raise BaseException('base')", "raise GeneratorExit", "yield 1",
    "return 1", "del In, Out", "In = Out = 5", "import sys; sys.stdout = None",
    "import sys; sys.setrecursionlimit(50)", "globals().clear()", "del __builtins__",
    "import sys; del sys.ps1", "import os; os.chdir('/'); os.rmdir('/nowhere')",
    "import sys; sys.stderr = None; 1 / 0", "del __mainspring__", "__mainspring__ = None; %pwd",
], ids=lambda cell: repr(cell[:30]))
def test_hostile_cells_do_not_end_the_session(program, cell):
    text = cell.encode(errors="surrogateescape") + b"\n\nimport os\n\nos.write(1, b'ali' b've')\n"
    done = program.run("-i", input=text)
    assert b"alive" in done.stdout or cell in ("\\", "'", "(" * 5000), done
    assert done.returncode == 0, done
