"""Exact lifetimes on real code: each script is run three times, and what is left is counted.

No test collects anything itself, and the interpreter's own collector is switched off: what goes
goes at a boundary of the session.  A script puts what it makes into `store.watch()`.
"""
import textwrap

import pytest

from conftest import Session

STORE = """\
import gc, weakref
live, registry, released = [], [], []
def watch(*things):
    live.extend(map(weakref.ref, things))
def alive():
    return sum(ref() is not None for ref in live)
def collect(phase, info):
    gc.collect()
"""

# Name: the script, of which each run watches one thing; how many are alive after three runs;
# what a user does at the prompt to be rid of the rest; and how many are alive then.  Those of the
# last run are at the prompt.
CASES = {
    "a cycle without functions": ("""\
        class Thing: pass
        thing = Thing(); thing.me = [thing]
        """, 1, "", 1),
    "cyclic data and nothing else": ("""\
        import array
        data = [array.array('d', [0])]; data.append(data)
        store.watch(data[0])
        """, 1, "", 1),
    "numpy data": ("""\
        import numpy
        data = numpy.zeros(1000)
        views = [data[::2], numpy.array([data, None], dtype=object)]
        store.watch(data)
        def mean(): return data.mean()
        """, 1, "", 1),
    "a pandas frame": ("""\
        import pandas
        frame = pandas.DataFrame({'a': range(5)})
        groups = {name: part for name, part in frame.groupby('a')}
        frame.attrs['rows'] = lambda: len(frame)
        store.watch(frame)
        """, 1, "", 1),
    "a figure with a callback": ("""\
        from matplotlib.figure import Figure
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        figure = Figure(); FigureCanvasAgg(figure)
        figure.subplots().plot([1, 2])
        figure.canvas.mpl_connect('draw_event', lambda event: figure)
        figure.canvas.draw()
        store.watch(figure)
        """, 1, "", 1),
    "a figure that pyplot keeps": ("""\
        import matplotlib; matplotlib.use('agg')
        from matplotlib import pyplot
        figure, axes = pyplot.subplots()
        figure.canvas.mpl_connect('draw_event', lambda event: figure)
        store.watch(figure)
        """, 3, "pyplot.close('all')", 1),
    "a handler of logging": ("""\
        import logging
        class Thing(logging.Handler):
            def emit(self, record): store.released.append(NUMBER)
        thing = Thing()
        logging.getLogger('kept').addHandler(thing)
        logging.getLogger('kept').warning('go')
        """, 3, "logging.getLogger('kept').handlers.clear()", 1),
    "a cached function": ("""\
        import functools
        class Thing: pass
        thing = Thing()
        @functools.lru_cache
        def function(x): return thing
        function(1)
        class Lazy:
            @functools.cached_property
            def value(self): return thing, self
        lazy = Lazy(); lazy.value
        """, 1, "", 1),
    "a generic function": ("""\
        import functools
        class Thing: pass
        thing = Thing()
        @functools.singledispatch
        def function(x): return x
        @function.register
        def _(x: Thing): return thing
        function(thing)
        """, 1, "", 1),
    "a dataclass": ("""\
        import dataclasses
        @dataclasses.dataclass(order=True)
        class Thing:
            parent: object = None
            names: list = dataclasses.field(default_factory=list)
        thing = Thing(); thing.parent = thing
        """, 1, "", 1),
    "an enum": ("""\
        import enum
        class Thing(enum.Enum):
            ONE = 1
            def other(self): return Thing.ONE
        store.watch(Thing)
        """, 1, "", 1),
    "an enum without functions": ("""\
        import enum
        class Thing(enum.IntFlag):
            ONE = 1
        store.watch(Thing)
        """, 1, "", 1),
    "abstract classes": ("""\
        import abc, collections.abc
        class Base(abc.ABC):
            @abc.abstractmethod
            def go(self): ...
        class Thing(Base):
            def go(self): return Base
        collections.abc.Sequence.register(Thing)
        thing = Thing(), isinstance(Thing(), Base), isinstance(3, Base)
        store.watch(Thing)
        """, 1, "", 1),
    "a pending task": ("""\
        import asyncio, logging
        logging.getLogger('asyncio').disabled = True  # it says that a task was pending
        class Thing: pass
        async def wait(thing):
            await asyncio.get_running_loop().create_future()
        loop = asyncio.new_event_loop()
        thing = Thing()
        task = loop.create_task(wait(thing))
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
        """, 1, "", 1),
    "threads": ("""\
        import threading
        class Thing: pass
        thing = Thing()
        go = threading.Event()
        def work():
            go.wait(); store.released.append((NUMBER, type(thing).__name__))
        thread = threading.Thread(target=work, daemon=True); thread.start()
        store.registry.append((go.set, thread.join))
        """, 3, "for go, join in store.registry: go(), join()\n\nstore.registry.clear()", 1),
    "timers": ("""\
        import threading
        class Thing: pass
        thing = Thing()
        timer = threading.Timer(3600, lambda: thing); timer.daemon = True; timer.start()
        store.registry.append((timer.cancel, timer.join))
        """, 3, "for go, join in store.registry: go(), join()\n\nstore.registry.clear()", 1),
    "a pool of processes": ("""\
        import multiprocessing, warnings
        warnings.simplefilter('ignore')
        class Thing: pass
        thing = Thing()
        def work(x): return x + 1
        with multiprocessing.get_context('fork').Pool(1) as pool:
            assert pool.map(work, [1]) == [2]
        """, 1, "", 1),
    "a database with callbacks": ("""\
        import sqlite3
        class Thing: pass
        thing = Thing()
        database = sqlite3.connect(':memory:')
        database.create_function('f', 0, lambda: id(thing))
        database.execute('select f()').fetchone()
        store.registry.append(database.close)
        """, 3, "for close in store.registry: close()\n\nstore.registry.clear()", 1),
    "callbacks from C": ("""\
        import ctypes
        class Thing: pass
        thing = Thing()
        callback = ctypes.CFUNCTYPE(ctypes.c_int)(lambda: len(str(thing)))
        callback()
        """, 1, "", 1),
    "a finalizer with a function of the run": ("""\
        import weakref
        class Thing: pass
        thing = Thing()
        def bye(): store.released.append(NUMBER)
        finalizer = weakref.finalize(thing, bye)
        store.registry.append(finalizer.detach)
        """, 3, "for detach in store.registry: detach()\n\nstore.registry.clear()", 1),
    "suspended generators": ("""\
        class Thing: pass
        def generate(thing):
            yield thing
            yield mine
        async def wait(thing):
            await thing
        thing = Thing()
        mine = generate(thing); next(mine)
        never = generate(never := thing)
        """, 1, "", 1),
    "kept exceptions": ("""\
        class Thing: pass
        def fail():
            thing = Thing()
            store.watch(thing)
            thing.error = None
            1 / 0
        try: fail()
        except Exception as e: error = e
        """, 1, "", 1),
    "a class that another module has": ("""\
        class Thing:
            def method(self): return thing
        thing = Thing()
        store.registry.append(Thing)
        """, 3, "store.registry.clear()", 1),
    "a key of a weak dictionary": ("""\
        import weakref
        class Thing: pass
        thing = Thing()
        store.registry[:] = store.registry or [weakref.WeakKeyDictionary()]
        store.registry[0][thing] = NUMBER
        """, 1, "", 1),
    "a key of a weak dictionary that its value leads to": ("""\
        import weakref
        class Thing: pass
        thing = Thing()
        store.registry[:] = store.registry or [weakref.WeakKeyDictionary()]
        store.registry[0][thing] = lambda: thing
        """, 3, "store.registry.clear()", 1),
    "a context variable": ("""\
        import contextvars
        class Thing: pass
        thing = Thing()
        variable = contextvars.ContextVar('variable')
        context = contextvars.copy_context()
        context.run(variable.set, [thing, context])
        """, 1, "", 1),
    "its own module": ("""\
        import sys
        class Thing: pass
        thing = Thing()
        me = sys.modules['__main__']
        frame = sys._getframe()
        """, 1, "", 1),
    "a deleted loader": ("""\
        class Thing: pass
        thing = Thing()
        def use(): return thing
        del __loader__, __spec__
        """, 1, "", 1),
}


def script(text, number):
    body = textwrap.dedent(text)
    tail = "" if "store.watch" in text else "store.watch(thing)\n"
    return f"import store\nNUMBER = {number}\n{body}{tail}"


@pytest.fixture
def session(start, write):
    write("store.py", STORE)
    session = start(Session)
    assert session("import gc, store; gc.disable()") == ""
    return session


def need(session, *names):
    """Skip where this interpreter does not have a module."""
    for name in names:
        if "Error" in session(f"import {name}"):
            pytest.skip(f"no {name} for this interpreter")


@pytest.mark.parametrize("name", CASES)
def test_what_three_runs_leave(session, write, name):
    text, left, relief, rest = CASES[name]
    need(session, *[name for name in ("numpy", "pandas", "matplotlib") if name in text])
    for number in (1, 2, 3):
        write("s.py", script(text, number))
        assert session("%run s.py") == ""
    assert session.value("store.alive()") == left
    if relief:
        session(*relief.split("\n\n"))
        assert session.value("store.alive()") == rest
    assert session("%reset -f") == ""
    session("import store")
    assert session.value("store.alive()") == 0


def test_threads_and_handlers_that_are_left_have_their_own_run(session, write):
    for case in ("threads", "a handler of logging"):
        session("store.released.clear(); store.registry.clear()")
        for number in (1, 2, 3):
            write("s.py", script(CASES[case][0], number))
            session("%run s.py")
        session("for go, join in store.registry: go(), join()")
        expected = ([(1, "Thing"), (2, "Thing"), (3, "Thing")] if case == "threads"
                    else [1, 1, 2, 1, 2, 3])
        assert session.value("store.released") == expected


def test_two_runs_that_hold_each_other_go_together(session, write):
    for name in "ab":
        write(f"{name}.py", f"""\
            import store
            class Thing: pass
            {name}_thing = Thing()
            {name}_held = [{name}_thing]
            store.watch({name}_thing)
            def {name}_use(): return {name}_held
            """)
        session(f"%run {name}.py")
    session("a_held.append(b_use); b_held.append(a_use)")
    session("keep = a_use")
    for name in "ab":
        write(f"{name}.py", "pass")
        session(f"%run {name}.py")
    assert session.value("store.alive()") == 2
    session("del keep")
    assert session.value("store.alive()") == 0


def test_a_value_goes_with_the_name_that_the_user_gave_it(session, write):
    write("s.py", "import store\nclass Node: pass\nnode = Node(); node.me = node\nstore.watch(node)")
    session("%run s.py", "mine = node")
    write("s.py", "pass")
    session("%run s.py")
    assert session.value("store.alive()") == 1
    session("del mine")
    assert session.value("store.alive()") == 0


@pytest.mark.parametrize("cell", [
    "box.clear()", "box.pop();", "def _(): box.clear()\n\n_()", "for x in [1]: box.pop()", "box[:] = []"])
def test_a_run_goes_with_the_cell_that_let_go_of_it_in_any_way(session, write, cell):
    write("s.py", "import store\nclass Node: pass\nnode = Node()\ndef use(): return node\nstore.watch(node)")
    session("%run s.py", "box = [use]")
    write("s.py", "pass")
    session("%run s.py")
    assert session.value("store.alive()") == 1
    session(*cell.split("\n\n"))
    assert session.value("store.alive()") == 0


@pytest.mark.parametrize("setting", [
    "gc.freeze()", "gc.set_threshold(1)", "gc.set_threshold(0)", "gc.enable(); gc.set_threshold(7, 3, 3)",
    "gc.callbacks.append(store.collect)", "gc.set_debug(gc.DEBUG_UNCOLLECTABLE)"])
def test_settings_of_the_collector_make_no_difference(session, write, setting):
    write("s.py", "import gc, store\nclass Node: pass\nnode = Node(); node.me = node\ndef use(): return node\n"
                  f"store.watch(node)\n{setting}\n")
    for _ in range(3):
        session("%run s.py")
    assert session.value("store.alive()") == 1
    session("del node, use, Node", "gc.callbacks.clear()")
    assert session.value("store.alive()") == 0


def test_no_run_is_freed_while_it_executes_or_inside_a_collection(session, write):
    write("inner.py", "import store\nclass Node: pass\nnode = Node(); node.me = node\nstore.watch(node)")
    write("s.py", """\
        import gc, store
        class Last:
            def __del__(self):
                get_ipython().run_line_magic('run', 'inner.py')
        for _ in range(3):
            last = Last(); last.me = last; last = None
            gc.collect()
        def use(): return Last
        assert use() is Last
        """)
    for _ in range(2):
        assert session("%run s.py") == ""
    session("1")
    assert session.value("store.alive()") == 1


def test_a_thread_may_run_scripts_while_the_prompt_does(session, write):
    write("s.py", "import store\nclass Node: pass\nnode = Node(); node.me = node\ndef use(): return node\n"
                  "store.watch(node)\nassert use() is node")
    write("work.py", """\
        import sys, threading
        sys.setswitchinterval(1e-5)
        def work(name):
            open(name, 'w').write(open('s.py').read())
            for _ in range(100):
                get_ipython().run_line_magic('run', name)
        threads = [threading.Thread(target=work, args=[f't{i}.py']) for i in range(3)]
        for t in threads: t.start()
        work('own.py')
        for t in threads: t.join()
        """)
    assert session("%run work.py") == ""
    session("%reset -f", "import store")
    assert session.value("store.alive()") == 0


def test_the_whole_heap_is_collected_for_no_scenario(session, write):
    session("seen = []",
            "gc.callbacks.append(lambda phase, info: seen.append(info['generation']))")
    write("s.py", "import store\nclass Node: pass\nnode = Node(); node.me = node\ndef use(): return node\n"
                  "store.watch(node)")
    for _ in range(5):
        session("%run s.py")
    session("old = use", "%run s.py", "del old", "node = 3", "del use")
    assert session.value("store.alive(), 2 in seen") == (0, False)
    assert "whole heap" not in session("%runs")


def test_a_script_that_keeps_all_objects_counts_as_alive_and_costs_no_more_than_it_took(session, write):
    write("s.py", "import gc, store\nclass Node: pass\nnode = Node()\nstore.watch(node)\n"
                  "def use(): return everything\neverything = gc.get_objects()")
    for _ in range(3):
        session("%run s.py")
    assert session.value("store.alive()") == 1


def test_a_window_with_a_callback_goes_with_its_run(start, write, display):
    write("store.py", STORE)
    session = start(Session, env={"DISPLAY": display, "MPLBACKEND": "TkAgg"})
    session("import gc, store; gc.disable()")
    need(session, "tkinter", "matplotlib")
    write("s.py", """\
        import store
        from matplotlib import pyplot
        figure, axes = pyplot.subplots()
        figure.canvas.mpl_connect('button_press_event', lambda event: axes)
        figure.canvas.draw()
        store.watch(figure)
        """)
    for _ in range(3):
        assert session("%run s.py") == ""
    assert session.value("store.alive()") == 3
    session("pyplot.close('all')")
    assert session.value("store.alive()") == 1
    session("del figure, axes")
    assert session.value("store.alive()") == 0


def test_xdel_lets_go_of_every_name_output_and_error_that_has_the_object(session, write):
    session("class Thing: pass", "thing = Thing(); thing.me = other = thing; store.watch(thing)",
            "thing", "_", "thing.missing")
    session("del thing")
    assert session.value("store.alive()") == 1
    assert session("%xdel other") == ""
    assert session.value("store.alive(), 'other' in globals()") == (0, False)
    assert session("%xdel nothing") == "UsageError: %xdel: no name of yours: nothing (usage: %xdel NAME)\n"


@pytest.mark.parametrize("cell", ["del Out[4]", "%reset out", "Out.clear()", "Out.pop(4);"])
def test_an_output_goes_with_its_cycle(session, cell):
    session("class Thing: pass", "thing = Thing(); thing.me = [thing]; store.watch(thing)", "thing", "del thing")
    assert session.value("store.alive()") == 1
    session(cell)
    assert session.value("store.alive()") == 0


def test_an_output_that_is_one_too_many_goes_with_its_cycle(session):
    session("get_ipython().cache_size = 3", "class Thing: pass", """\
        def make():
            thing = Thing(); thing.me = [thing]; store.watch(thing)
            return thing
        """)
    session(*["make()"] * 7)
    assert session.value("store.alive()") == 3


def test_an_error_goes_with_the_cycles_of_its_frames(session, write):
    write("s.py", """\
        import store
        class Big: pass
        def fail():
            big = Big()
            big.me = big
            store.watch(big)
            try: 1 / 0
            except Exception as e: kept = e; raise
        fail()
        """)
    session("%run s.py", "%run s.py")
    assert session.value("store.alive()") == 1
    session("%tb --free")
    assert session.value("store.alive()") == 0
