"""multiprocessing from scripts and from the prompt; forked children, which never see the prompt."""
import os
import re
import signal
import subprocess
import sys

import pytest

METHODS = ["spawn", "fork", "forkserver"]

POOL = '''\
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

def square(x):
    return x * x

class Box:
    def __init__(self, value):
        self.value = value
    def squared(self):
        return Box(self.value ** 2)

def main(method="{method}"):
    context = multiprocessing.get_context(method)
    with context.Pool(2) as pool:
        print(pool.map(square, [1, 2, 3]))
        print([box.value for box in pool.map(Box.squared, map(Box, [1, 2, 3]))])
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        print(list(executor.map(square, [1, 2, 3])))

if __name__ == "__main__":
    main()
'''


class Session:
    """What a session that was fed with cells wrote: lines without the prompts."""

    def __init__(self, program, *cells, **options):
        text = "".join(cell + "\n" for cell in cells)
        done = program.run("-q", "--no-banner", "-i", input=text.encode(), **options)
        out = re.sub(r"^( +\.\.\.: |In \[\d+\]: )+", "", done.stdout.decode(), flags=re.M)
        self.out = [line for line in out.splitlines() if line]
        self.err = done.stderr.decode()
        self.status = done.returncode


@pytest.fixture
def write(program):
    def write(name, text):
        (program.folder / name).write_text(text)
    return write


@pytest.mark.parametrize("method", METHODS)
def test_pools_work_on_the_first_and_second_run_and_from_the_prompt(program, write, method):
    write("s.py", POOL.format(method=method))
    session = Session(program, "%run s.py", "%run s.py", "main()")
    assert session.out == ["[1, 4, 9]"] * 9
    assert session.err == "\n"


@pytest.mark.parametrize("method", METHODS)
def test_pools_work_after_an_edit(program, write, method):
    write("s.py", POOL.format(method=method))
    session = Session(program, "%run s.py", "p = __import__('pathlib').Path('s.py')",
                      "_ = p.write_text(p.read_text().replace('x * x', 'x + x'))", "%run s.py",
                      "main()")
    assert session.out[:3] == ["[1, 4, 9]"] * 3
    assert session.out[3:] == ["[2, 4, 6]", "[1, 4, 9]", "[2, 4, 6]"] * 2


@pytest.mark.parametrize("first", ["import multiprocessing", "%run other.py"])
@pytest.mark.parametrize("method", METHODS)
def test_results_are_of_the_classes_of_the_run_that_gets_them(program, write, method, first):
    write("other.py", "import multiprocessing\n")
    write("s.py", POOL.format(method=method)
          + "    context = multiprocessing.get_context('spawn')\n"
          + "    box = context.Pool(1).map(Box.squared, [Box(3)])[0]\n"
          + "    print(type(box) is Box)\n")
    session = Session(program, first, "%run s.py", "%run s.py", "main()")
    assert session.out == (["[1, 4, 9]"] * 3 + ["True"]) * 2 + ["[1, 4, 9]"] * 3


def test_a_run_that_imported_multiprocessing_is_not_kept_for_it(program, write):
    write("s.py", "import multiprocessing\nclass C: pass\nc = C()\n")
    session = Session(program, "import weakref", "%run s.py", "r = weakref.ref(c)", "%run s.py",
                      "print(r())", "import sys; print(sys.modules['__mp_main__'] is "
                      "sys.modules['__main__'])")
    assert session.out == ["None", "True"]


def test_a_function_of_an_earlier_script_starts_workers_of_that_script(program, write):
    write("s.py", POOL.format(method="spawn"))
    write("other.py", "x = 1\n")
    session = Session(program, "%run s.py", "%run other.py", "main()")
    assert session.out == ["[1, 4, 9]"] * 6
    assert session.err == "\n"


@pytest.mark.parametrize("start", [
    "with context.Pool(2) as pool: pool.map(typed, [1, 2, 3])\n",
    "with context.Pool(2) as pool: pool.map(len, [Typed()])\n",
    "context.Pool(2, typed)",
    "context.Process(target=typed).start()",
    # One item: until 3.11.4 the end waits for ever for another one that was cancelled before it began.
    "list(concurrent.futures.ProcessPoolExecutor(2, mp_context=context).map(typed, [1]))",
])
@pytest.mark.parametrize("method", ["spawn", "forkserver"])
@pytest.mark.parametrize("after", ["", "%run s.py"])
def test_what_was_typed_at_the_prompt_is_refused_once(program, write, start, method, after):
    write("s.py", POOL.format(method="spawn"))
    session = Session(program, "import multiprocessing, concurrent.futures", after or "1;",
                      "def typed(x=1): return x\n", "class Typed: pass\n",
                      f"context = multiprocessing.get_context({method!r})", start, "print('goes on')")
    assert session.out[-1] == "goes on"
    assert session.err.count("<cell 6>") == 1
    assert "typed at the prompt" in session.err and "AttributeError" not in session.err


def test_a_pool_that_a_script_left_refuses_what_is_typed(program, write):
    write("s.py", "import multiprocessing\ndef f(x): return x\n"
                  "if __name__ == '__main__':\n"
                  "    pool = multiprocessing.get_context('spawn').Pool(1)\n")
    session = Session(program, "%run s.py", "def typed(x): return x\n", "pool.map(typed, [1])",
                      "pool.map(f, [5])", "pool.terminate()")
    assert session.out == ["Out[4]: [5]"]
    assert session.err.count("Error: ") == 1


def test_a_function_that_the_prompt_redefined_is_not_taken_for_the_scripts(program, write):
    write("s.py", POOL.format(method="spawn").replace("    main()", "    pass"))
    session = Session(program, "%run s.py", "def square(x): return -x\n", "main()")
    assert "typed at the prompt" in session.err
    assert session.out == []


def test_a_function_of_a_superseded_run_is_refused(program, write):
    write("s.py", POOL.format(method="spawn").replace("    main()", "    pass"))
    session = Session(program, "%run s.py", "old = square", "%run s.py",
                      "multiprocessing.get_context('spawn').Pool(1).map(old, [1])")
    assert "belongs to a run that was superseded" in session.err


def test_functions_typed_at_the_prompt_go_to_forked_workers(program):
    session = Session(program, "import multiprocessing", "def typed(x): return x * x\n",
                      "multiprocessing.get_context('fork').Pool(2).map(typed, [1, 2, 3])")
    assert session.out == ["Out[3]: [1, 4, 9]"]


@pytest.mark.parametrize("harm, error", [
    ("import os; os.remove('s.py')", "FileNotFoundError"),
    ("_ = open('s.py', 'w').write('def (')", "SyntaxError"),
])
def test_a_script_that_no_worker_can_execute_fails_once(program, write, harm, error):
    write("s.py", POOL.format(method="spawn").replace("    main()", "    pass"))
    session = Session(program, "%run s.py", harm, "main()", "print('goes on')")
    assert session.out == ["goes on"]
    assert session.err.count(error) == 1


def test_inspect_finds_classes_although_the_script_is_gone(program, write):
    write("s.py", "class C:\n    pass\n")
    session = Session(program, "%run s.py", "import os, inspect; os.remove('s.py')",
                      "print(inspect.getfile(C))")
    assert session.out == [str(program.folder / "s.py")]


FORK = '''\
import os, sys, atexit
sys.stdout.flush()
pid = os.fork()
if pid == 0:
    {child}
else:
    print("status", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
'''
ENDS = [("pass", 0), ("sys.exit(3)", 3), ("sys.exit()", 0), ("raise ValueError('child')", 1),
        ("sys.exit('last words')", 1), ("os._exit(5)", 5), ("quit()", 0)]
FUNCTION = "import os, sys\ndef go():\n" + "".join(
    f"    {line}\n" for line in FORK.splitlines()[1:])


@pytest.mark.parametrize("child, status", ENDS)
def test_a_child_that_a_script_forks_ends_with_the_script(program, write, child, status):
    write("s.py", FORK.format(child=child))
    session = Session(program, "%run s.py", "print('goes on')")
    assert session.out == [f"status {status}", "goes on"]
    assert session.err.count("Traceback") == ("raise" in child)
    assert session.err.count("last words") == ("words" in child)
    assert "exit status" not in session.err


@pytest.mark.parametrize("child, status", ENDS)
def test_a_child_that_a_nested_script_forks_ends_with_that_script(program, write, child, status):
    write("s.py", FORK.format(child=child))
    write("outer.py", "get_ipython().run_line_magic('run', 's.py')\nprint('outer')\n")
    session = Session(program, "for i in range(2):\n    %run outer.py\n", "print('goes on')")
    assert session.out == [f"status {status}", "outer"] * 2 + ["goes on"]


@pytest.mark.parametrize("child, status", ENDS)
def test_a_child_that_a_function_forks_ends_with_the_cell(program, write, child, status):
    write("s.py", FUNCTION.format(child=child))
    session = Session(program, "%run s.py", "go()", "print('goes on')")
    assert session.out == [f"status {status}", "goes on"]
    assert session.err.count("Traceback") == ("raise" in child)


@pytest.mark.parametrize("child, status", ENDS)
def test_a_child_of_a_thread_that_runs_a_script(program, write, child, status):
    write("s.py", FORK.format(child=child))
    session = Session(program, "import threading",
                      "t = threading.Thread(target=get_ipython().run_line_magic,"
                      " args=('run', 's.py')); t.start(); t.join()", "print('goes on')")
    assert session.out == [f"status {status}", "goes on"]


@pytest.mark.parametrize("child", [child for child, _ in ENDS])
def test_a_child_of_a_thread_ends_as_in_python3(program, python, write, child):
    write("s.py", FUNCTION.format(child=child))
    start = "import threading; t = threading.Thread(target=go); t.start(); t.join()"
    session = Session(program, "%run s.py", start, "print('goes on')")
    plain = python.run("-c", f"from s import go; {start}; print('goes on')")
    assert session.out == plain.stdout.decode().splitlines()


def test_children_of_a_loop_at_the_prompt_end_with_the_cell(program):
    session = Session(program, "import os", "for i in range(3): pid = os.fork() or os._exit(7)\n",
                      "print([os.waitstatus_to_exitcode(os.wait()[1]) for i in range(3)])",
                      "for i in range(2): pid = os.fork()\n",
                      "import time; time.sleep(0.3); print('one')")
    assert session.out == ["[7, 7, 7]", "one"]


def test_a_child_flushes_and_calls_its_exit_functions_as_in_python3(program, python, write):
    write("s.py", "import atexit\natexit.register(print, 'bye from', 'both', flush=True)\n"
                  + FORK.format(child="print('unflushed', end=' ')"))
    session = Session(program, "%run s.py")
    assert session.out == python.output("s.py").splitlines()


def test_finalizers_run_in_the_child_with_their_globals(program, write):
    write("s.py", "import os\nwho = 'child'\nclass C:\n    def __del__(self): "
                  "os.write(1, f'{who} ended\\n'.encode())\nc = C()\n"
                  + FORK.format(child="pass"))
    session = Session(program, "%run s.py", "who = 'parent'", "del c")
    assert session.out[:2] == ["child ended", "status 0"]
    assert session.out[2:] == ["parent ended"]


def test_typed_files_end_their_children_at_their_end(program, write):
    write("t.ipy", "import os\npid = os.fork()\nif pid: _ = os.waitpid(pid, 0)\n\n"
                   "print('parent' if pid else 'child', flush=True)\n")
    session = Session(program, "%run t.ipy", "print('goes on')")
    assert session.out == ["child", "parent", "goes on"]
    done = program.run("-i", "-q", "t.ipy", input=b"print('goes on')\n")
    assert done.stdout.decode().count("goes on") == 1


def test_a_forked_worker_that_runs_a_script_goes_on_after_it(program, write):
    write("s.py", "print('script', flush=True)\n")
    session = Session(program, "import multiprocessing, sys",
                      "def work():\n    get_ipython().run_line_magic('run', 's.py')\n"
                      "    print('after', flush=True)\n",
                      "p = multiprocessing.get_context('fork').Process(target=work)",
                      "p.start(); p.join(); print(p.exitcode)")
    assert session.out == ["script", "after", "0"]


@pytest.mark.parametrize("child, status", ENDS[:2] + ENDS[3:4])
def test_on_a_terminal_exactly_one_prompt_is_left(program, write, child, status):
    pexpect = pytest.importorskip("pexpect")
    write("s.py", FORK.format(child=child))
    shell = pexpect.spawn(program.path, ["-q"], cwd=str(program.folder), encoding="utf-8",
                          env=program.environment(TERM="dumb"), timeout=20, echo=False)
    shell.expect_exact("In [1]: ")
    shell.sendline("%run s.py")
    shell.expect_exact(f"status {status}")
    shell.expect_exact("In [2]: ")
    shell.sendline("print('a' + 'lone')")
    shell.expect_exact("In [3]: ")
    assert shell.before.count("alone") == 1
    shell.sendline("pid = __import__('os').fork()")
    shell.expect_exact("In [4]: ")
    shell.sendline("import os; print('ended', os.waitpid(pid, 0)[1])")
    shell.expect_exact("ended 0")
    shell.expect_exact("In [5]: ")
    shell.sendeof()
    shell.expect(pexpect.EOF)
    assert "In [" not in shell.before
    shell.wait()
    assert shell.exitstatus == 0


AT_ONCE = """\
import os, signal
os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])  # a child does not begin before it is told to end
statuses = set()
for _ in range(50):
    if (pid := os.fork()) == 0:
        signal.alarm(60)
        while True:
            signal.pause()
    os.kill(pid, signal.SIGTERM)
    statuses.add(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
print(statuses)
"""


def test_a_forked_child_ends_that_is_told_to_before_it_has_begun(program, write):
    """A Pool that has got all its results tells a worker so that has not had the processor yet."""
    write("s.py", AT_ONCE)
    session = Session(program, "%run s.py")
    assert session.out == ["{-15}"]
