"""Runs live as long as something needs them, and no longer (design promises P2, P3, P4)."""
import socket

import pytest

from conftest import SANITIZED, Session

PRICE = """\
RATE = {rate}
def price(x):
    return x * (1 + RATE)
"""

SEVEN = """\
import asyncio, dataclasses, functools, store
VALUE = 1
def function():
    return VALUE
class Class:
    @classmethod
    def method(cls):
        return VALUE, cls is Class
@dataclasses.dataclass
class Data:
    x: int = 5
    def method(self):
        return VALUE, self.x, Data.__name__
def generate():
    yield VALUE
    yield VALUE + 1
async def wait():
    await asyncio.sleep(0)
    return VALUE
generator = generate()
next(generator)
store.kept = [function, lambda: VALUE, Class.method, Data().method,
              functools.partial(function), generator.__next__, wait()]
"""
CALL_SEVEN = "[f() for f in store.kept[:6]] + [asyncio.run(store.kept[6])]"

NODES = """\
import store, weakref
class Node:
    def __init__(self):
        self.itself = self
        store.live.append(weakref.ref(self))
nodes = [Node() for _ in range(100)]
store.live.append(weakref.ref(Node))
def use():
    return nodes
"""
COUNT_LIVE = "sum(r() is not None for r in store.live)"

FINALIZED = """\
import weakref
RUN = {run}
class Thing:
    def __del__(self):
        print("del", RUN, Thing.__name__, self.name)
    def __init__(self, name):
        self.name = name
thing = Thing("named")
hidden = [Thing("hidden")]
weakref.finalize(thing, print, "finalize", RUN, "named")
"""
FAREWELL = """\
def farewell(name):
    print("farewell", RUN, name)
weakref.finalize(thing, farewell, "named")
"""


@pytest.fixture
def store(start, write):
    """A session with a module `store` that outlives any run, and no collection but ours."""
    write("store.py", "live = []")
    session = start(Session)
    assert session("import asyncio, gc, store, sys, weakref; gc.disable()") == ""
    return session


def test_a_kept_function_keeps_its_world(session, write):
    write("s.py", PRICE.format(rate=0.1))
    session("%run s.py", "old = price")
    write("s.py", PRICE.format(rate=0.5))
    session("%run s.py")
    assert session.value("round(old(100)), price(100), RATE") == (110, 150.0, 0.5)


def test_whatever_kind_of_callable_is_kept_works_after_an_edited_run(store, write):
    write("s.py", SEVEN)
    store("%run s.py")
    write("s.py", "print('nothing of that')")
    assert store("%run s.py") == "nothing of that\n"
    store("gc.collect();")
    assert store.value(CALL_SEVEN) == [1, 1, (1, True), (1, 5, "Data"), 1, 2, 1]


def test_a_kept_object_works_after_a_hundred_other_runs(store, write):
    write("s.py", SEVEN)
    store("%run s.py")
    write("other.py", "VALUE = 'other'\nfunction = Class = Data = None")
    store("for _ in range(100): get_ipython().run_line_magic('run', 'other.py')")
    assert store.value(CALL_SEVEN) == [1, 1, (1, True), (1, 5, "Data"), 1, 2, 1]


def test_a_rerun_leaves_one_generation_of_objects(store, write):
    write("s.py", NODES)
    store("for _ in range(50): get_ipython().run_line_magic('run', 's.py')")
    assert store.value(COUNT_LIVE) == 101


def test_a_rerun_after_each_edit_leaves_one_generation_of_objects(store, write):
    for edition in range(10):
        write("s.py", NODES + f"EDITION = {edition}\n")
        store("%run s.py")
    assert store.value(COUNT_LIVE) == 101
    assert store.value("len([k for k in sys.modules if '<run' in k])") == 0


def test_scripts_that_bind_one_name_leave_one_object(store, write):
    for i in range(10):
        write(f"s{i}.py", "import store, weakref\nclass Big(bytearray): pass\n"
                          "big = Big(1 << 20)\nstore.live.append(weakref.ref(big))\n")
        store(f"%run s{i}.py")
    assert store.value(COUNT_LIVE) == 1


def test_a_run_goes_when_the_prompt_deletes_its_last_name(store, write):
    write("s.py", NODES)
    store("%run s.py", "del nodes, Node", "del use")
    assert store.value(COUNT_LIVE) == 0
    assert "freed" in store("%runs")


def test_one_name_that_is_kept_keeps_what_it_reads(store, write):
    write("s.py", NODES)
    store("%run s.py", "f = use")
    write("s.py", "pass")
    store("%run s.py")
    assert store.value("len(f())") == 100
    assert store.value(COUNT_LIVE) == 101
    store("del f")
    assert store.value(COUNT_LIVE) == 0


def test_a_value_is_free_in_the_statement_after_its_deletion(store, write):
    write("s.py", "class Thing: pass\nthing = Thing()")
    store("%run s.py", "watch = weakref.ref(thing)")
    assert store("del thing; print(watch())") == "None\n"


def test_a_value_is_free_in_the_statement_after_its_rebinding(store, write):
    write("s.py", "class Thing: pass\nthing = Thing()\ndef use(): return thing")
    store("%run s.py", "watch = weakref.ref(thing)")
    assert store("thing = 2; print(watch(), use())") == "None 2\n"


def test_ports_are_free_before_a_rerun(session, write):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    write("s.py", f"""\
        import socket
        class Server:
            def __init__(self):
                self.socket, self.me = socket.socket(), self
                self.socket.bind(("127.0.0.1", {port}))
                self.socket.listen()
        server = Server()
        print("listening")
        """)
    session("import gc", "gc.disable()")
    for _ in range(3):
        assert session("%run s.py") == "listening\n"


@pytest.mark.skipif(SANITIZED, reason="the sanitizer quarantines what is freed: it stays resident")
def test_the_memory_of_a_run_is_free_before_its_rerun(session, write):
    write("s.py", """\
        data = bytearray(b"x" * 64) * (1 << 20)
        def use(): return data
        print([line.split()[1] for line in open("/proc/self/status") if "VmHWM" in line][0])
        """)
    peaks = [int(session("%run s.py")) for _ in range(3)]
    assert peaks[2] < 1.15 * peaks[0]


def test_keep_holds_the_previous_run_until_this_one_has_succeeded(store, write):
    write("s.py", NODES + "print(sum(r() is not None for r in store.live))")
    assert store("%run s.py") == "101\n"
    assert store("%run --keep s.py") == "202\n"
    assert store.value(COUNT_LIVE) == 101
    write("s.py", "1 / 0")
    store("%run -k s.py")
    assert store.value("len(nodes), len(use())") == (100, 100)
    assert "--keep" not in store("%run -k s.py")
    assert "--keep" in store("%run s.py")
    assert "NameError" in store("nodes")


def test_results_that_a_failing_rerun_gave_up_are_pointed_out(session, write):
    write("s.py", "result = 1")
    session("%run s.py")
    write("s.py", "1 / 0")
    assert session("%run s.py").splitlines()[-1] == (
        f"What the previous run of {session.folder}/s.py left was released before this one; "
        "%run --keep keeps it until a run succeeds.")
    assert "--keep" not in session("%run s.py")


def test_del_at_the_prompt_finalizes_at_once_with_the_globals_there(store, write):
    write("s.py", FINALIZED.format(run=1) + FAREWELL)
    store("%run s.py")
    assert store("del thing; print('next')") == (
        "del 1 Thing named\nfarewell 1 named\nfinalize 1 named\nnext\n")
    assert store("hidden.pop();") == "del 1 Thing hidden\n"


def test_a_rerun_finalizes_what_the_run_before_left(store, write):
    write("s.py", FINALIZED.format(run=1) + "print('start')")
    assert store("%run s.py") == "start\n"
    write("s.py", FINALIZED.format(run=2) + "print('start')")
    first, last = store("%run s.py").split("start\n")
    assert sorted(first.splitlines()) == [
        "del 1 Thing hidden", "del 1 Thing named", "finalize 1 named"]
    assert last == ""


def test_reset_finalizes_once(store, write):
    write("s.py", FINALIZED.format(run=1))
    store("%run s.py")
    assert sorted(store("%reset -f").splitlines()) == [
        "del 1 Thing hidden", "del 1 Thing named", "finalize 1 named"]
    assert store("thing").endswith("NameError: name 'thing' is not defined\n")
    assert store.end() == (0, "")


def test_the_end_of_the_session_finalizes_once_each_with_its_own_globals(store, write):
    write("s.py", FINALIZED.format(run=1) + FAREWELL)
    store("%run s.py", "first = thing, hidden")
    write("s.py", FINALIZED.format(run=2) + FAREWELL)
    store("%run s.py")
    status, written = store.end()
    assert status == 0
    assert sorted(written.splitlines()) == sorted(
        line.format(run) for run in (1, 2) for line in (
            "del {} Thing hidden", "del {} Thing named", "farewell {} named",
            "finalize {} named"))


def test_a_finalize_function_of_a_run_holds_it_until_its_object_goes(store, write):
    write("s.py", FINALIZED.format(run=1) + FAREWELL)
    store("%run s.py")
    assert store("%reset -f") == ""
    status, written = store.end()
    assert (status, sorted(written.splitlines())) == (
        0, ["del 1 Thing hidden", "del 1 Thing named", "farewell 1 named", "finalize 1 named"])


def test_what_a_finalizer_revives_is_used_with_its_globals(store, write):
    write("s.py", """\
        import store
        NAME = "phoenix"
        class Thing:
            def __del__(self):
                store.revived = self
            def name(self):
                return NAME, Thing is type(self)
        thing = Thing()
        thing.me = thing
        """)
    store("%run s.py")
    write("s.py", "pass")
    store("%run s.py")
    assert store.value("store.revived.name()") == ("phoenix", True)


def test_a_weak_reference_s_callback_is_called_with_its_globals(store, write):
    write("s.py", """\
        import store, weakref
        NAME = "callback"
        class Thing: pass
        thing = Thing()
        store.watch = weakref.ref(thing, lambda ref: print(NAME, ref() is None))
        """)
    store("%run s.py")
    assert store("del thing; print('next')") == "callback True\nnext\n"


REPORTS = """\
import atexit, os, signal, sys, threading
RUN, argv = {run!r}, sys.argv
atexit.register(lambda: print("atexit", RUN, argv[1]))
go = threading.Event()
def report(kind):
    go.wait()
    print(kind, RUN, argv[1])
thread = threading.Thread(target=report, args=["thread"])
timer = threading.Timer(0.01, report, ["timer"])
thread.start(), timer.start()
import store
store.live.append((go, thread, timer))
"""
HANDLER = """\
signal.signal(signal.SIGUSR1, lambda *_: print("signal", RUN, argv[1]))
"""


def test_timers_threads_handlers_and_exit_functions_see_their_own_run(store, write):
    for run in "ABC":
        write("s.py", REPORTS.format(run=run) + (HANDLER if run == "A" else ""))
        written = store(f"%run s.py argument-{run}")
        assert written.count("left threads") == written.count("\n") == (run != "A")
    for number, run in enumerate("ABC"):
        store(f"event, *both = store.live[{number}]")
        assert sorted(store("event.set(); [t.join() for t in both];").splitlines()) == [
            f"thread {run} argument-{run}", f"timer {run} argument-{run}"]
    store("import os, signal")
    assert store("os.kill(os.getpid(), signal.SIGUSR1)") == "signal A argument-A\n"
    assert store.end() == (0, "".join(f"atexit {r} argument-{r}\n" for r in "CBA"))


def test_an_error_s_frames_live_until_the_next_run(store, write):
    write("bad.py", """\
        import store, weakref
        class Big: pass
        def fail():
            local = Big()
            store.live.append(weakref.ref(local))
            1 / 0
        fail()
        """)
    write("good.py", "pass")
    store("%run bad.py")
    assert store.value(COUNT_LIVE) == 1
    assert "bad.py\", line 6, in fail" in store("%tb")
    store("%run bad.py")
    assert store.value(COUNT_LIVE) == 1
    write("other.py", (store.folder / "bad.py").read_text())
    store("%run other.py")
    assert store.value(COUNT_LIVE) == 1
    store("%run good.py")
    assert store.value(COUNT_LIVE) == 0


def test_a_thousand_runs_cost_no_memory(session, write):
    write("s.py", "class A:\n  def f(self): return A\nobjects = [A() for _ in range(100)]\n")
    session("import gc", "run = get_ipython().run_line_magic",
            "for _ in range(300): run('run', 's.py')")
    before = session.value("len(gc.get_objects())")
    session("for _ in range(700): run('run', 's.py')")
    assert session.value("len(gc.get_objects())") < before + 100
