"""The end of a session: each exit function, finalizer and thread once, and nothing said that
python3 would not say (design promise P4)."""
import signal

import pytest

from conftest import CTRL_C, CTRL_D, Session, Shell

NOISY = """\
import atexit, sys, threading, weakref
NAME = "{name}"
class Thing:
    def __init__(self, kind):
        self.kind = kind
    def __del__(self):
        print("del", self.kind, NAME, sys.getsizeof is not None, Thing.__name__)
def generate():
    try:
        yield
    finally:
        print("generator", NAME)
kept, cycle, generator = Thing("kept"), Thing("cycle"), generate()
next(generator)
cycle.itself = cycle
weakref.finalize(kept, print, "finalize", NAME)
atexit.register(lambda: print("atexit", NAME, kept.kind))
thread = threading.Thread(target=lambda: (go.wait(5), print("thread", NAME)))
go = threading.Event()
thread.start()
atexit.register(print, "before", NAME)
threading.Timer(0.05, go.set).start()
"""
EXPECTED = ["atexit {} kept", "before {}", "del cycle {} True Thing", "del kept {} True Thing",
            "finalize {}", "generator {}", "thread {}"]


def expected(name):
    return sorted(line.format(name) for line in EXPECTED)


def test_all_of_a_run_ends_once_with_its_globals_there(session, write):
    write("s.py", NOISY.format(name="run"))
    session("%run s.py")
    status, written = session.end()
    assert (status, sorted(written.splitlines())) == (0, expected("run"))


def test_all_that_was_typed_at_the_prompt_ends_once(session, write):
    write("s.py", NOISY.format(name="prompt"))
    session("%run -i s.py")
    status, written = session.end()
    assert (status, sorted(written.splitlines())) == (0, expected("prompt"))


def test_superseded_runs_that_are_held_end_once(session, write):
    write("s.py", NOISY.format(name="first"))
    session("%run s.py", "thread.join(); hold = kept, cycle, generator")
    write("s.py", NOISY.format(name="second"))
    session("%run s.py", "thread.join()")
    status, written = session.end()
    left = [line for line in expected("first") + expected("second") if "thread" not in line]
    assert (status, sorted(written.splitlines())) == (0, sorted(left))


def test_exit_functions_are_called_last_registered_first_threads_before_them(session):
    session("import atexit, threading, time")
    session("for i in range(3): atexit.register(print, 'atexit', i);")
    session("def work():\n    time.sleep(0.05)\n    print('thread')")
    session("threading.Thread(target=work).start()")
    assert session.end() == (0, "thread\natexit 2\natexit 1\natexit 0\n")


def test_an_exit_function_may_register_another_and_use_the_prompt(session):
    session("import atexit; value = 'alive'")
    session("def last():\n    print('first', value)\n    atexit.register(lambda: print(value))")
    session("atexit.register(last);")
    status, written = session.end()
    assert status == 0 and written.startswith("first alive\n")
    assert "Error" not in written


def test_an_exit_function_that_fails_stops_no_other(session):
    session("import atexit", "atexit.register(print, 'after');",
            "atexit.register(lambda: 1 / 0);")
    status, written = session.end()
    assert status == 0
    assert "ZeroDivisionError" in written and written.endswith("after\n")


def test_output_of_the_last_cell_and_of_finalizers_is_flushed(session):
    session("import sys; sys.stdout.write('no newline');", "class Last:\n"
            "    def __del__(self): sys.stdout.write('last words')")
    session("last = Last()")
    assert session.end() == (0, "last words")


def test_what_the_session_keeps_itself_is_finalized_too(session):
    session("class Kept:\n    def __init__(self, name): self.name = name\n"
            "    def __del__(self): print('del', self.name)")
    session("Kept('Out')", "def fail():\n    local = Kept('frame')\n    1 / 0", "fail()",
            "In.append(Kept('In'))", "import builtins; builtins.stowed = Kept('builtins')",
            "get_ipython().user_ns['__private'] = Kept('private')")
    status, written = session.end()
    assert status == 0
    assert sorted(written.splitlines()) == [
        "del In", "del Out", "del builtins", "del frame", "del private"]


def test_finalizers_that_use_modules_and_the_prompt_find_them(session):
    session("import json, collections, os", "class Saver:\n"
            "    def __del__(self): print(json.dumps(collections.OrderedDict(a=os.sep)))",
            "saver = [Saver()]; saver.append(saver)")
    assert session.end() == (0, '{"a": "/"}\n')


def test_a_run_s_asyncio_tasks_and_pools_end_quietly(session, write):
    write("s.py", """\
        import asyncio, concurrent.futures, logging, tempfile
        executor = concurrent.futures.ThreadPoolExecutor(2)
        future = executor.submit(sum, range(1000))
        temporary = tempfile.TemporaryDirectory()
        logging.basicConfig()
        async def main(): await asyncio.sleep(0)
        asyncio.run(main())
        """)
    session("%run s.py", "import asyncio", "await asyncio.sleep(0)")
    status, written = session.end()
    assert status == 0
    assert "Exception ignored" not in written and "Traceback" not in written


def test_a_busy_pool_is_waited_for_and_named(start, write):
    write("s.py", """\
        import concurrent.futures, os, time
        def work():
            while not os.path.exists("go"):
                time.sleep(0.01)
            print("work", "done")
        executor = concurrent.futures.ThreadPoolExecutor(1, "pool")
        executor.submit(work)
        """)
    shell = start(Shell)
    shell.wait("In [1]: ")
    shell.line("%run s.py")
    shell.wait("In [2]: ")
    shell.line("exit()")
    shell.wait("waiting for thread 'pool_0'")
    write("go", "")
    shell.wait("work done")
    assert shell.end() == 0


def test_calling_the_exit_functions_by_hand_does_not_end_the_session(session):
    session("import atexit; atexit.register(print, 'called');")
    assert session("atexit._run_exitfuncs()") == "called\n"
    assert session("1 + 1") == "Out[3]: 2\n"
    assert session.end() == (0, "")


@pytest.mark.parametrize("cell, status, written", [
    ("exit()", 0, ""), ("quit()", 0, ""), ("exit", 0, ""), ("quit", 0, ""), ("exit(3)", 3, ""),
    ("exit('words')", 1, "words\n"), ("raise SystemExit", 0, ""),
    ("import sys; sys.exit(4)", 4, ""), ("raise SystemExit(2**70)", 255, ""),
    ("raise SystemExit(256)", 0, ""),
    ("import os; os._exit(7)", 7, ""), ("import os; os.abort()", -signal.SIGABRT, ""),
])
def test_leaving_from_a_cell(program, cell, status, written):
    done = program.run("--no-banner", "-i", input=cell.encode() + b"\nprint('never')\n")
    assert (done.returncode, done.stdout, done.stderr.decode()) == (
        status, b"In [1]: ", written)


def test_the_end_of_the_input_leaves_with_status_0_even_after_an_error(program):
    assert program.run("-i", input=b"1 / 0\n").returncode == 0


def test_ctrl_d_leaves(shell):
    shell.keys(CTRL_D)
    assert shell.end() == 0


def test_ctrl_d_in_a_block_ends_the_block_and_the_next_one_leaves(shell):
    shell.line("if 1:")
    shell.wait("...:")
    shell.keys(CTRL_D)
    shell.wait("In [2]:")
    shell.keys(CTRL_D)
    assert shell.end() == 0


def test_a_thread_that_blocks_the_end_is_named_and_ctrl_c_leaves(start, write):
    write("s.py", "import threading, atexit\natexit.register(print, 'at', 'exit')\n"
                  "threading.Thread(target=threading.Event().wait, name='stuck').start()\n")
    shell = start(Shell)
    shell.wait("In [1]: ")
    shell.line("%run s.py")
    shell.wait("In [2]: ")
    shell.line("exit")
    shell.wait("waiting for thread 'stuck'")
    shell.wait_asleep()
    shell.keys(CTRL_C)
    shell.wait("at exit")
    assert shell.end() == 130


def test_daemon_threads_do_not_block_the_end(session):
    session("import threading, time", "threading.Thread(target=time.sleep, args=[100], "
                                      "daemon=True).start()")
    assert session.end() == (0, "")


@pytest.mark.parametrize("arguments, status", [
    (["-ic", "x = 1"], 0), (["-i", "s.py"], 0), (["-im", "s"], 0)])
def test_what_ran_before_the_prompt_ends_politely(start, write, arguments, status):
    write("s.py", NOISY.format(name="before"))
    session = start(Session, *arguments)
    assert session.end()[0] == status


def test_an_ipy_file_ends_politely(program, write):
    write("s.py", NOISY.format(name="typed"))
    write("t.ipy", "%run s.py\nthread.join()\n")
    assert sorted(program.output("t.ipy").splitlines()) == expected("typed")


def test_a_session_that_did_nothing_says_nothing(program):
    done = program.run("--no-banner", "-i", input=b"")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"In [1]: ", b"\n")


@pytest.mark.parametrize("cell", [
    "import sys; sys.modules.clear()", "import builtins; del builtins.print",
    "import sys; del sys.stdout, sys.stderr", "import sys; sys.stdout.close()",
    "import gc; gc.disable()", "globals().clear()", "import sys; sys.modules['gc'] = None",
    "import atexit; atexit._clear();", "del __builtins__", "import linecache; del linecache.cache",
    "import sys; sys.path = sys.meta_path = None",
    "import threading; threading.enumerate = None",
    "class M(type): __eq__ = None\nclass C(metaclass=M): pass",
])
def test_a_session_with_its_interpreter_in_pieces_still_ends(program, cell):
    done = program.run("--no-banner", "-i", input=cell.encode() + b"\n\nx = 1\n")
    assert done.returncode in (0, 120), done
    assert b"Fatal" not in done.stderr
