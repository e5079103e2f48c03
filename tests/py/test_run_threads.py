"""The threads that a run left: told of once, listed with their run, with that run's globals, and
named where they block the end."""
import re

from conftest import CTRL_C, Shell

WAITS = """\
import threading
RUN = {run}
go, said = threading.Event(), threading.Event()
def work():
    go.wait()
    print("thread of run", RUN, __name__)
    said.set()
threading.Thread(target=work, name="worker {run}", daemon={daemon}).start()
"""
TOLD = "left threads that go on: 'worker 1'"


def waits(run, daemon=False):
    return WAITS.format(run=run, daemon=daemon)


def rows(session):
    """What %runs says of each run: its row and the lines below it."""
    return re.split(r"^ +\d+  ", session("%runs"), flags=re.M)[1:]


def test_a_thread_that_a_run_left_is_told_of_once_and_listed_with_it(session, write):
    write("s.py", waits(1))
    assert session("%run s.py") == ""
    session("first = go, said")
    write("s.py", "RUN = 2\n")
    assert re.fullmatch(rf"run 1 \(/.*/s\.py\) {TOLD}\n", session("%run s.py"))
    assert session("%run s.py") == ""
    first, *others = rows(session)
    assert "held" in first and "threads  'worker 1'\n" in first
    assert not any("threads" in row for row in others)
    session("first[0].set()")
    assert session("_ = first[1].wait()") == "thread of run 1 __main__\n"
    session("import threading; [t.join() for t in threading.enumerate() if 'worker' in t.name];")
    assert "threads" not in session("%runs")


def test_a_daemon_is_listed_and_not_told_of(session, write):
    write("s.py", waits(1, daemon=True))
    session("%run s.py")
    write("other.py", "")
    assert session("%run other.py") == ""
    assert "threads  'worker 1' (daemon)\n" in rows(session)[0]


def test_a_thread_started_later_is_of_the_run_whose_function_it_executes(session, write):
    write("s.py", waits(1, daemon=True))
    session("%run s.py", "late = threading.Timer(0, work); late.name = 'late'; late.daemon = True",
            "late.start()")
    write("other.py", waits(2, daemon=True))
    session("%run other.py")
    first, second = rows(session)
    assert "'worker 1' (daemon), 'late' (daemon)\n" in first
    assert "threads  'worker 2' (daemon)\n" in second


def test_the_prompt_s_names_of_a_run_are_listed(session, write):
    write("s.py", "alpha = beta = 1\n")
    write("t.py", "beta = gamma = 2\n")
    session("%run s.py", "%run t.py")
    first, second = rows(session)
    assert "names    alpha\n" in first and "names    beta, gamma\n" in second
    write("many.py", "".join(f"name_{i} = {i}\n" for i in range(100)))
    session("%run many.py")
    line = rows(session)[2].splitlines()[1]
    assert line.endswith(" ...") and len(line) < 100


def test_the_end_names_the_thread_that_blocks_it_and_ctrl_c_leaves(start, write):
    write("s.py", waits(1))
    shell = start(Shell)
    shell.wait("In [1]: ")
    shell.line("%run s.py")
    shell.wait("In [2]: ")
    write("s.py", "")
    shell.line("%run s.py")
    shell.wait(TOLD, "In [3]: ")
    shell.line("exit")
    shell.wait("waiting for thread 'worker 1'")
    shell.wait_asleep()
    shell.keys(CTRL_C)
    assert shell.end() == 130
