"""Scripts that run scripts, themselves among them, and threads that do (A 18)."""
RUN = "get_ipython().run_line_magic('run', {})"

RECURSIVE = """\
import sys
level = int(sys.argv[1])
mine = sys.modules["__main__"]
argv = sys.argv
def world():
    return level, argv, sys.modules["__main__"] is mine, mine.__dict__ is globals()
if level < 3:
    get_ipython().run_line_magic("run", f"s.py {level + 1}")
print(*world())
assert sys.argv is argv
"""


def test_a_script_that_runs_itself_has_a_world_at_each_level(session, write):
    write("s.py", RECURSIVE)
    assert session("%run s.py 1") == "".join(
        f"{level} ['s.py', '{level}'] True True\n" for level in (3, 2, 1))
    assert session.value("level, argv") == (1, ["s.py", "1"])
    assert session.value("world()[:2]") == (1, ["s.py", "1"])


def test_the_inner_runs_of_a_recursion_are_freed(session, write):
    write("s.py", RECURSIVE)
    session("%run s.py 1")
    rows = session.runs()
    assert ["freed" in row for row in rows] == [False, True, True]


def test_an_outer_script_goes_on_with_its_own_state(session, write):
    write("outer.py", """\
        import sys
        name = "outer"
        main, argv, path = sys.modules["__main__"], sys.argv, sys.path[:]
        get_ipython().run_line_magic("run", "sub/inner.py x")
        print(name, sys.modules["__main__"] is main, sys.argv is argv, sys.path == path)
        """)
    write("sub/inner.py", "import sys\nname = inner_only = 'inner'\n"
                          "print(name, sys.argv, sys.path[0])")
    assert session("%run outer.py") == (
        f"inner ['sub/inner.py', 'x'] {session.folder}/sub\nouter True True True\n")
    assert session.value("name, inner_only") == ("outer", "inner")


def test_an_error_in_an_inner_script_is_the_inner_one_s(session, write):
    write("outer.py", f"{RUN.format(repr('inner.py'))}\nprint('outer goes on')")
    write("inner.py", "1 / 0")
    written = session("%run outer.py")
    assert written.count("Traceback") == 1
    assert "ZeroDivisionError" in written and "outer goes on" in written
    write("inner.py", "import sys; sys.exit(3)")
    assert session("%run outer.py") == f"{session.folder}/inner.py: exit status 3\nouter goes on\n"


def test_a_thread_runs_a_script_beside_the_prompt(session, write):
    write("outer.py", f"""\
        import sys, threading
        name = "outer"
        main = sys.modules["__main__"]
        thread = threading.Thread(target=lambda: {RUN.format(repr("inner.py a"))})
        thread.start()
        thread.join()
        print(name, sys.modules["__main__"] is main, sys.argv)
        """)
    write("inner.py", "import sys\nname = 'inner'\n"
                      "print(name, sys.modules['__main__'].__dict__ is globals(), sys.argv)")
    assert session("%run outer.py") == "inner True ['inner.py', 'a']\nouter True ['outer.py']\n"
    assert session.value("name") == "outer"


def test_scopes_that_leave_in_another_order_restore_the_prompt(session, write):
    write("slow.py", "import sys\nmine = sys.argv[1]\nstarted[mine].set()\nleave[mine].wait()\n"
                     "ended = mine, sys.argv[1]\n".replace("started", "events.started").replace(
                         "leave", "events.leave").replace("import sys", "import events, sys"))
    write("events.py", "import threading\n"
                       "started, leave = ({k: threading.Event() for k in 'ab'} for _ in 'xy')\n")
    session("import events, sys, threading; state = sys.argv, sys.path[:]",
            "main = sys.modules['__main__']",
            f"run = lambda k: {RUN.format('f' + repr('slow.py {k}'))}",
            "threads = {k: threading.Thread(target=run, args=k) for k in 'ab'}",
            "for k in 'ab': threads[k].start(); events.started[k].wait()")
    session("for k in 'ab': events.leave[k].set(); threads[k].join()")
    assert session.value("sys.modules['__main__'] is main, state == (sys.argv, sys.path)") == (
        True, True)
    assert session.value("mine") == "b"


def test_many_threads_run_scripts_at_once(session, write):
    write("s.py", "import sys\nn = int(sys.argv[1])\ntotal = sum(range(n))\n"
                  "def get():\n    return n, total\n"
                  "import store\nstore.kept.append(get)\n")
    write("store.py", "kept = []")
    session("import store, sys, threading; main = sys.modules['__main__']",
            f"def work(n):\n    for i in range(10): {RUN.format('f' + repr('s.py {n * 10 + i}'))}",
            "threads = [threading.Thread(target=work, args=[n]) for n in range(6)]",
            "switch = sys.getswitchinterval(); sys.setswitchinterval(1e-5)",
            "for t in threads: t.start()", "for t in threads: t.join()",
            "sys.setswitchinterval(switch)")
    assert session.value("sys.modules['__main__'] is main, len(store.kept)") == (True, 60)
    assert session.value("sorted(f()[1] == sum(range(f()[0])) for f in store.kept)[0]") is True


def test_a_script_deletes_its_own_loader_and_is_run_again(session, write):
    write("s.py", "del __loader__, __spec__, __builtins__\ndef f():\n    return len('abc')\n")
    for _ in range(3):
        assert session("%run s.py") == ""
    assert session.value("f()") == 3


def test_a_cell_runs_a_script_in_a_loop(session, write):
    write("s.py", "import sys; print(sys.argv[1:], end=' ')")
    assert session("for i in range(3):\n    %run s.py {i} $i") == (
        "['0', '0'] ['1', '1'] ['2', '2'] ")
