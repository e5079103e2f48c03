"""%why, %retained, %leaks, %runs N and the module `mainspring`: what holds an object."""
import json

import pytest

MEGABYTE = 1 << 20
RUN = """\
    class Thing:
        pass
    def work():
        return Thing
    data = bytearray(1 << 20)
"""


@pytest.fixture
def held(session, write):
    """held(CELLS) runs a script, lets the cells keep something of it, and runs another text of
    it: what %why says of the first run."""

    def held(*cells):
        write("s.py", RUN)
        session("%run s.py", *cells)
        write("s.py", RUN + "    again = 1\n")
        session("%run s.py")
        return session("%why run 1")

    return held


def first_line(text):
    return text.splitlines()[0]


def test_a_name_at_the_prompt_holds_a_run(held):
    assert held("old = work") == (
        "old.__globals__  (a name at the prompt)\n"
        "    old           function\n"
        "    .__globals__  dict\n")


def test_a_run_that_nothing_holds_is_freed(held):
    assert held() == "run 1 is freed\n"


def test_a_logging_handler_holds_a_run(held):
    answer = held(
        "import logging",
        "class Mine(logging.Formatter): pass",
        "logging.root.addHandler(logging.StreamHandler())",
        "logging.root.handlers[0].formatter = Mine()",
        "logging.root.handlers[0].formatter.work = work",
        "del logging")
    assert first_line(answer) == (
        "logging.root.handlers[0].formatter.work.__globals__  (a module)")


def test_an_output_holds_a_run(held):
    assert first_line(held("work")) == "Out[2].__globals__  (an output that is kept)"


def test_the_last_error_holds_its_frames(session):
    session("class Thing: pass", """\
        def fail():
            big = Thing()
            global ref
            ref = weakref.ref(big)
            1 / 0
        """, "import weakref", "fail()")
    assert first_line(session("%why ref()")) == (
        "sys.last_value.__traceback__.tb_next.tb_frame.f_locals['big']  "
        "(the last error; %tb --free lets go of it)")
    session("%tb --free")
    assert session.value("ref() is None")


def test_a_frame_that_was_asked_keeps_nothing_by_that(session):
    session("import mainspring, weakref", "class Thing: pass", """\
        def look():
            thing = Thing()
            ref = weakref.ref(thing)
            why = mainspring.why(thing).expression
            del thing
            return why, ref() is None
        """)
    assert session.value("look()") == ("thing", True)


@pytest.mark.parametrize("cells, expression", [
    (["import functools", "@functools.lru_cache\ndef cached(): return work",
      "_ = cached(); del _"], "cached<its cache>.__globals__"),
    (["def outer(inner): return lambda: inner", "kept = outer(work)"],
     "kept.__closure__[0].cell_contents.__globals__"),
    (["class Mine: pass", "Mine.method = work"], "Mine.method.__globals__"),
    (["thing = type('T', (), {'m': work})()", "kept = thing.m", "del thing"],
     "kept.__func__.__globals__"),
    (["import atexit", "_ = atexit.register(work); del _", ], "work.__globals__"),
    (["import signal", "_ = signal.signal(signal.SIGUSR1, work); del _"],
     "signal.getsignal(signal.SIGUSR1).__globals__"),
    (["import json as other", "other.work = work", "del other"], "json.work.__globals__"),
    (["kept = {(1, 'a'): [None, work]}"], "kept[(1, 'a')][1].__globals__"),
    (["class Slotted: __slots__ = 'a'", "kept = Slotted()", "kept.a = work"],
     "kept.a.__globals__"),
    (["import functools", "kept = functools.partial(work, 1)"], "kept.func.__globals__"),
    (["import collections", "kept = collections.deque([1, work])"], "kept[1].__globals__"),
    (["kept = (lambda f: (yield f))(work)", "_ = next(kept); del _"],
     "kept.gi_frame.f_locals['f'].__globals__"),
    (["kept = property(work)"], "kept.fget.__globals__"),
    (["kept = frozenset([work])"], "kept<an element>.__globals__"),
    (["kept = map(work, [])"], "kept<inside map>.__globals__"),
])
def test_a_hop_is_named_as_python_writes_it(held, cells, expression):
    assert first_line(held(*cells)).split("  (")[0] == expression


def test_a_thread_holds_its_variables(session):
    session("import threading, queue, weakref", "class Job: pass",
            "asked, answered = queue.Queue(), queue.Queue()", """\
        def serve():
            job = Job()
            answered.put(weakref.ref(job))
            asked.get()
        """, "thread = threading.Thread(target=serve, name='server', daemon=True)",
            "thread.start()", "ref = answered.get()")
    assert first_line(session("%why ref()")) == (
        "job  (thread 'server', serve() at <cell 4>, line 4)")
    session("asked.put(1)", "thread.join()")
    assert session.value("ref() is None")


def test_what_nobody_shows_is_said_to_be_held_by_c_code(held):
    answer = held("import sqlite3", "base = sqlite3.connect(':memory:')",
                  "base.create_function('work', 0, work)", "del sqlite3")
    assert first_line(answer) == "<function>.__globals__  (held by the stack or by C code)"


def test_a_finalizer_of_weakref_is_named(held):
    answer = held("import weakref", "class Mine: pass", "mine = Mine()",
                  "weakref.finalize(mine, work).atexit = False", "del weakref")
    assert first_line(answer) == (
        "weakref.finalize._registry[<weakref.finalize>].func.__globals__  (a module)")


def test_a_value_of_the_question_alone_is_held_by_nobody(session):
    session("class Thing: pass")
    assert session("%why Thing()") == "nothing holds it but this question\n"


def test_no_code_of_the_users_is_called(session):
    session("""\
        class Loud:
            called = []
            def __repr__(self): self.called.append('repr')
            def __eq__(self, other): self.called.append('eq')
            def __hash__(self): return 1
            def __getattr__(self, name): self.called.append(name)
            def __sizeof__(self): self.called.append('sizeof')
            @property
            def thing(self): self.called.append('property')
        """, "a = {Loud(): [Loud()]}; x = [a]; Loud.called.clear()")
    assert first_line(session("%why next(iter(a.values()))[0]")) == (
        "a[<Loud>][0]  (a name at the prompt)")
    session("%retained a")
    assert session.value("Loud.called") == []


def test_chains_are_there_for_machines_and_pictures(session):
    session("x = {'k': [1.5]}")
    assert json.loads(session("%why --json x['k']")) == {
        "type": "list", "where": "a name at the prompt", "expression": "x['k']",
        "hops": [{"text": "x", "type": "dict", "note": ""},
                 {"text": "['k']", "type": "list", "note": ""}]}
    assert session("%why --dot x['k']") == (
        'digraph chain {\n    node [shape=box]\n'
        '    0 [label="a name at the prompt", shape=plaintext]\n'
        '    1 [label="x\\ndict"]\n    0 -> 1\n'
        '    2 [label="[\'k\']\\nlist"]\n    1 -> 2\n}\n')


def test_retained_is_what_would_go(session):
    session("inner = bytearray(1 << 20)", "outer = [inner, bytearray(1 << 20)]")
    both = json.loads(session("%retained --json outer"))
    assert MEGABYTE <= both["retained"] < MEGABYTE + 1000
    session("del inner")
    both = json.loads(session("%retained --json outer"))
    assert (2 * MEGABYTE <= both["retained"] < 2 * MEGABYTE + 1000, both["objects"]) == (True, 3)
    assert session("%retained outer") == "2.1 MB, 3 objects\n"


def test_arrays_count_with_their_data(session):
    if "ModuleNotFoundError" in session("import numpy"):
        pytest.skip("this interpreter has no numpy")
    session("a = [numpy.zeros(1 << 20, dtype='u1')]")
    assert MEGABYTE <= json.loads(session("%retained --json a"))["retained"] < MEGABYTE + 1000


def test_a_run_retains_its_names_at_the_prompt_and_not_what_the_user_keeps(session, write):
    write("s.py", RUN)
    session("%run s.py")
    assert json.loads(session("%retained --json run 1"))["retained"] > MEGABYTE
    session("mine = data")
    assert json.loads(session("%retained --json run 1"))["retained"] < MEGABYTE


def test_leaks_lists_what_is_alive_since_the_mark(session, write):
    write("s.py", RUN)
    session("%run s.py", "old = work")
    assert session("%leaks --mark") == "%leaks is about the runs from run 2 on\n"
    assert session("%leaks") == "no run since the mark is alive\n"
    write("s.py", RUN + "    more = bytearray(1 << 21)\n")
    session("%run s.py", "older = work")
    write("s.py", RUN)
    session("%run s.py")
    rows = json.loads(session("%leaks --json"))
    assert [(row["run"], row["state"]) for row in rows] == [(2, "held"), (3, "alive")]
    assert rows[0]["holder"] == "older.__globals__  (a name at the prompt)"
    assert rows[0]["retained"] > 3 * MEGABYTE
    text = session("%leaks").splitlines()
    assert text[0] == " run  state        retained  script: held by"
    assert text[1].split()[:4] == ["2", "held", "3.1", "MB"]


def test_runs_shows_one_run(session, write):
    write("s.py", RUN)
    session("%run s.py a b")
    lines = session("%runs 1").splitlines()
    assert lines[0] == "run       1, ok, alive"
    assert lines[1] == "script    s.py a b"
    assert lines[2] == "names     Thing data work"
    assert lines[3].startswith("retained  1.1 MB, ")
    assert lines[4] == "held by   work.__globals__  (a name at the prompt)"
    session("%reset -f")
    assert session("%runs 1").splitlines()[0] == "run       1, ok, freed"


def test_runs_shows_and_compares_sources(session, write):
    write("s.py", "a = 1\n")
    session("%run s.py")
    write("s.py", "a = 2\n")
    session("%run s.py")
    assert session("%runs 1 -s") == "a = 1\n"
    diff = session("%runs --diff 1 2").splitlines()
    assert diff[2:] == ["@@ -1 +1 @@", "-a = 1", "+a = 2"]
    assert session("%runs --diff 2 2") == "the sources are the same\n"


def test_runs_lists_sizes_on_request(session, write):
    write("s.py", RUN)
    assert session("%runs -r") == "no run is alive\n"
    session("%run s.py")
    assert session("%runs -r").splitlines()[1].split()[:4] == ["1", "alive", "1.1", "MB"]


@pytest.mark.parametrize("line, message", [
    ("%why", "%why: what of?"),
    ("%why nosuch", "%why: name 'nosuch' is not defined"),
    ("%why 1 +", "%why: invalid syntax"),
    ("%why run 7", "%why: no run 7"),
    ("%why --xml x", "%why: no option --xml"),
    ("%retained --dot x", "%retained: no option --dot"),
    ("%leaks all", "%leaks: no option all"),
    ("%runs 7", "%runs: no run 7"),
    ("%runs all", "%runs: all is no run's number"),
    ("%runs --diff 1", "%runs: --diff wants the numbers of two runs"),
])
def test_what_is_asked_wrongly_is_one_line(session, line, message):
    answer = session(line)
    assert answer.startswith(f"UsageError: {message}") and answer.count("\n") == 1


def test_the_module_answers_code(session):
    session("import mainspring", "x = {'k': [1.5]}", "chain = mainspring.why(x['k'])")
    assert session.value("chain.expression") == "x['k']"
    assert session.value("[text for text, type, note in chain]") == ["x", "['k']"]
    assert session("chain").endswith(": <Chain x['k']>\n")
    assert session.value("mainspring.retained(x) > 100")
    assert session.value("type(mainspring.graph()).__name__") == "Graph"


def test_a_chain_keeps_nothing_alive(session):
    session("import mainspring, weakref", "class Thing: pass", "t = Thing()",
            "chain = mainspring.why(t)", "ref = weakref.ref(t)", "del t")
    assert session.value("ref() is None")


def test_a_graph_answers_for_every_object(session):
    session("import mainspring", "class Thing: pass", "t = Thing()",
            "t.data = bytearray(1 << 20)", "g = mainspring.graph()")
    assert session.value("g.retained(t) > 1 << 20 and len(g) > 1000")
    assert session.value("g.holder(t.data) is t and g.size(t.data) > 1 << 20")
    assert session.value("any(o is t or o is vars(t) for o in g.referrers(t.data))")
    assert session.value("len(g.largest(3))") == 3
    assert len(json.loads(session("print(g.json(5))"))["largest"]) == 5
    assert session("print(g.dot())").startswith("digraph heap {")
    assert "ValueError: the object is not in the snapshot" in session("g.retained(Thing())")


def test_ctrl_c_ends_long_work(shell):
    shell.line("many = [[i] for i in range(200000)]")
    shell.wait("In [2]: ")
    shell.line("while True: get_ipython().run_line_magic('retained', '--json many')")
    shell.keys("\r")
    shell.wait('{"retained": ')
    shell.keys("\x03")
    shell.wait("KeyboardInterrupt", "In [3]: ")
