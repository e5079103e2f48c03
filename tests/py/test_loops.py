"""Event loops: tasks, timers and windows go on while the prompt waits, on a terminal and on a pipe."""
import os
import select
import signal
import time

import pytest

from conftest import CTRL_C, SHELL_TIMEOUT, Session, Shell

# What the cells below use.  A task that waits for something of the test's never depends on time.
TOOLS = """\
    import asyncio, contextvars, os, signal, sys, threading, time

    async def tick(name, count=3):
        for number in range(1, count + 1):
            print(name, number)
            await asyncio.sleep(0.01)
        return name

    def say(text):
        print(text, flush=True)

    async def fail():
        raise ValueError('it is bro' 'ken')

    async def last():
        try:
            print('began', flush=True)
            await asyncio.get_running_loop().create_future()
        finally:
            print('can' 'celled', flush=True)

    async def hear(name):
        opened = os.open(name, os.O_RDONLY | os.O_NONBLOCK)
        read = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().add_reader(opened, lambda: read.done() or read.set_result(os.read(opened, 99)))
        print('heard', (await read).decode())
        asyncio.get_running_loop().remove_reader(opened)
        os.close(opened)

    def hold(name):
        '''A callback that goes on until the file is there.'''
        print('hold' 'ing', flush=True)
        while not os.path.exists(name):
            time.sleep(0.01)
        print('let ' 'go', flush=True)
"""


@pytest.fixture
def tools(write):
    write("tools.py", TOOLS)


class Piped:
    """A session on a pipe whose output comes at any time."""

    def __init__(self, session):
        self.session = session
        self.text = ""
        self.folder = session.folder
        session.number += 1
        self.line("from tools import *")
        self.wait(f"In [{session.number}]: ")

    def line(self, text):
        self.session.process.stdin.write((text + "\n").encode())
        self.session.process.stdin.flush()

    def wait(self, *texts):
        """Wait until all the texts were written since the beginning; all that was."""
        deadline = time.monotonic() + SHELL_TIMEOUT
        output = self.session.process.stdout
        while not all(text in self.text for text in texts):
            if not select.select([output], [], [], max(0, deadline - time.monotonic()))[0]:
                pytest.fail(f"no {texts} within {SHELL_TIMEOUT} s in:\n{self.text}")
            part = os.read(output.fileno(), 1 << 16).decode()
            if not part:
                pytest.fail(f"ended without {texts}:\n{self.text}")
            self.text += part
        return self.text


class Typed:
    """A session on a terminal."""

    def __init__(self, shell, folder):
        self.shell = shell
        self.folder = folder
        self.line = shell.line
        self.wait = shell.wait
        self.line("from tools import *")
        self.wait("In [2]: ")


def at_prompt(start, *options):
    shell = start(Shell, *options)
    shell.wait("In [1]: ")
    return shell


@pytest.fixture(params=["edited", "simple", "pipe"])
def prompt(request, start, tools, program):
    if request.param == "pipe":
        return Piped(start(Session))
    options = ["--simple-prompt"] if request.param == "simple" else []
    return Typed(at_prompt(start, *options), program.folder)


@pytest.fixture
def typed(start, tools, program):
    return Typed(at_prompt(start, "--simple-prompt"), program.folder)


def test_a_task_goes_on_while_the_prompt_waits(prompt):
    prompt.line("t = asyncio.create_task(tick('tock')); await asyncio.sleep(0)")
    prompt.wait("tock 1", "tock 2", "tock 3")
    prompt.line("print('it says', await t)")
    prompt.wait("it says tock")


def test_without_await_the_session_s_loop_is_the_current_one(prompt):
    prompt.line("t = asyncio.get_event_loop().create_task(tick('tock'))")
    prompt.wait("tock 3")
    prompt.line("print(asyncio.ensure_future(tick('again')).get_loop() is t.get_loop())")
    prompt.wait("True", "again 3")
    prompt.line("async def same(): return asyncio.get_running_loop() is t.get_loop()\n")
    prompt.line("print('same:', await same())")
    prompt.wait("same: True")


def test_taking_the_current_loop_warns_of_nothing(start, tools):
    session = start(Session, "-c", "", env={"PYTHONWARNINGS": "error"})
    assert session("import asyncio", "asyncio.get_event_loop().is_running()") == "Out[2]: False\n"


def test_a_task_that_fails_is_reported_and_the_prompt_goes_on(prompt):
    prompt.line("asyncio.get_event_loop().create_task(fail()); None")
    prompt.wait("Task exception was never retrieved", "raise ValueError('it is bro' 'ken')",
                "ValueError: it is broken")
    prompt.line("print(6 * 7)")
    prompt.wait("42")


def test_a_callback_that_fails_is_reported_and_the_others_go_on(prompt):
    prompt.line("loop = asyncio.get_event_loop(); loop.call_soon(lambda: 1 / 0); "
                "loop.call_soon(print, 'the o' 'ther'); None")
    prompt.wait("Exception in callback", "ZeroDivisionError: division by zero", "the other")


def test_the_user_s_exception_handler_is_asked(session, tools):
    session("from tools import *")
    session("asyncio.get_event_loop().set_exception_handler(lambda loop, c: print('mine', c['exception']))")
    assert "mine it is broken" in session("asyncio.ensure_future(fail()); await asyncio.sleep(0.01); "
                                          "import gc; _ = gc.collect()")


def test_timers_come_in_their_order(prompt):
    prompt.line("loop = asyncio.get_event_loop(); loop.call_later(0.05, print, 'se' 'cond'); "
                "loop.call_later(0.01, print, 'fi' 'rst'); None")
    written = prompt.wait("first", "second")
    assert written.index("first") < written.index("second")


def test_gather_across_cells(prompt):
    prompt.line("a = asyncio.ensure_future(tick('one')); b = asyncio.ensure_future(tick('two'))")
    prompt.wait("one 1", "two 1")
    prompt.line("print(await asyncio.gather(a, b))")
    prompt.wait("['one', 'two']")


def test_readers_are_heard_while_the_prompt_waits(prompt):
    os.mkfifo(prompt.folder / "fifo")
    prompt.line("t = asyncio.ensure_future(hear('fifo'))")
    with open(prompt.folder / "fifo", "w") as fifo:
        fifo.write("this")
        fifo.flush()
        prompt.wait("heard this")


def test_a_thread_wakes_the_loop_of_an_idle_prompt(prompt):
    os.mkfifo(prompt.folder / "fifo")
    prompt.line("loop = asyncio.get_event_loop(); threading.Thread(target=lambda: loop.call_soon_threadsafe("
                "print, 'read', open('fifo').read()), daemon=True).start()")
    (prompt.folder / "fifo").write_text("this")
    prompt.wait("read this")


def test_processes_through_asyncio(prompt):
    prompt.line("p = await asyncio.create_subprocess_exec('cat', stdin=-1, stdout=-1); "
                "t = asyncio.ensure_future(p.communicate(b'meow'))")
    prompt.line("print('cat says', (await t)[0], p.returncode)")
    prompt.wait("cat says b'meow' 0")


def test_signals_through_asyncio(typed):
    typed.line("asyncio.get_event_loop().add_signal_handler(signal.SIGUSR1, print, 'so si' 'gnaled')")
    typed.line("import os; print('p' 'id', os.getpid())")
    typed.wait("pid ")
    os.kill(typed.shell.pid, signal.SIGUSR1)
    typed.wait("so signaled")
    typed.line("print('still', asyncio.get_event_loop().remove_signal_handler(signal.SIGUSR1))")
    typed.wait("still True")


def test_ctrl_c_cancels_the_awaited_cell_and_the_loop_lives_on(typed):
    typed.line("t = asyncio.ensure_future(tick('tock', 10 ** 6)); await last()")
    typed.wait("began", "tock 3")
    typed.shell.keys(CTRL_C)
    screen = typed.wait("cancelled", "KeyboardInterrupt", "In [3]: ")
    assert 'File "<cell 2>", line 1' in screen
    assert "runners.py" not in screen and "CancelledError" not in screen
    typed.line("print('done:', t.done()); _ = t.cancel()")
    typed.wait("done: False", "In [4]: ")
    typed.line("await tick('after')")
    typed.wait("after 3", "Out[4]: 'after'")


def test_ctrl_c_at_the_prompt_raises_nothing_in_a_callback(typed):
    typed.line("asyncio.get_event_loop().call_soon(hold, 'stop'); None")
    typed.wait("holding")
    typed.shell.keys(CTRL_C)
    typed.shell.wait_until(lambda screen: "^C" in screen, "^C")
    (typed.folder / "stop").touch()
    screen = typed.wait("let go", "KeyboardInterrupt")
    assert "Traceback" not in screen
    typed.line("print(6 * 7)")
    typed.wait("42")


def test_ctrl_c_again_gets_out_of_a_callback_that_never_ends(typed):
    typed.line("asyncio.get_event_loop().call_soon(hold, 'never'); None")
    typed.wait("holding")
    while "KeyboardInterrupt" not in typed.shell.text():
        pressed = typed.shell.text().count("^C")
        typed.shell.keys(CTRL_C)
        typed.shell.wait_until(lambda screen: screen.count("^C") > pressed or "KeyboardInterrupt" in screen, "^C")
    typed.line("print(6 * 7)")
    typed.wait("42")


def test_ctrl_c_at_an_idle_prompt_with_a_loop(typed):
    typed.line("t = asyncio.ensure_future(last())")
    typed.wait("began", "In [3]: ")
    typed.shell.keys("half a li" + CTRL_C)
    typed.wait("KeyboardInterrupt")
    typed.line("print('done:', t.done())")
    typed.wait("done: False")


def test_asyncio_run_in_a_cell_and_in_a_script(session, write, tools):
    write("s.py", "from tools import *\nprint(asyncio.run(tick('run')))\n")
    session("from tools import *; loop = asyncio.get_event_loop(); t = loop.create_future()")
    for _ in range(2):
        assert session("%run s.py") == "run 1\nrun 2\nrun 3\nrun\n"
        assert session("_ = asyncio.run(tick('cell', 1))") == "cell 1\n"
    assert session.value("asyncio.get_event_loop() is loop and not t.done()") is True
    assert session("loop.call_soon(t.set_result, 5); await t").endswith(": 5\n")


def test_a_script_has_a_current_loop_of_its_own(session, write, tools):
    write("s.py", """
        import asyncio, warnings
        warnings.simplefilter('ignore')
        loop = asyncio.get_event_loop()
        print(loop.run_until_complete(asyncio.sleep(0, 'ran')))
        loop.close()
    """)
    session("from tools import *; mine = asyncio.get_event_loop()")
    assert session("%run s.py", "%run s.py") == "ran\n"
    assert session.value("asyncio.get_event_loop() is mine and not mine.is_closed()") is True


def test_a_coroutine_may_run_a_script_that_uses_asyncio(session, write, tools):
    write("inner.py", "from tools import *\nprint(asyncio.run(tick('inner', 1)))\n")
    write("outer.py", """
        from tools import *
        async def main():
            get_ipython().run_line_magic('run', 'inner.py')
            return await tick('outer', 1)
        print(asyncio.run(main()))
    """)
    assert session("%run outer.py") == "inner 1\ninner\nouter 1\nouter\n"
    session("async def inner(): get_ipython().run_line_magic('run', 'inner.py')")
    assert session("await inner()") == "inner 1\ninner\n"
    assert session("import asyncio; await asyncio.sleep(0, 'goes on')").endswith(": 'goes on'\n")


def test_context_variables_are_shared_by_cells_that_await_and_others(session, tools):
    session("from tools import *; v = contextvars.ContextVar('v')", "_ = v.set(1)")
    session("async def change(value): old = v.get(); v.set(value); return old")
    assert session("await change(2)") == "Out[4]: 1\n"
    session("v.set(3); await asyncio.sleep(0)", "x = v.get()", "await asyncio.sleep(0); token = v.set(4)")
    assert session.value("(x, v.get())") == (3, 4)


def test_debug_settings_are_kept(session, tools):
    session("from tools import *", "asyncio.get_event_loop().set_debug(True)")
    assert session("await asyncio.sleep(0, asyncio.get_running_loop().get_debug())").endswith(": True\n")


def test_debug_mode_says_where_a_task_was_made(start, tools):
    session = start(Session, env={"PYTHONASYNCIODEBUG": "1"})
    session("from tools import *", "async def make(): asyncio.create_task(fail())")
    assert "created at (most recent call last):" in session("await make(); await asyncio.sleep(0.01)")


def test_a_loop_that_the_user_closes_is_replaced(session, tools):
    session("from tools import *", "asyncio.get_event_loop().close()")
    assert session("await tick('tock', 1)") == "tock 1\nOut[3]: 'tock'\n"


def test_a_loop_that_lost_its_descriptors_is_given_up(session, tools):
    session("from tools import *; asyncio.get_event_loop().call_later(3600, print)")
    written = session("os.closerange(3, 200)")
    assert "Traceback" not in written
    assert session("print(6 * 7)").endswith("42\n")
    assert session("await asyncio.sleep(0, 'a new one')").endswith(": 'a new one'\n")


def test_what_a_task_changes_of_a_run_shows_at_once(prompt, write):
    write("s.py", "from tools import *\ncount = 0\n"
          "async def work():\n    global count\n    count += 1\n    print('cou' 'nted')\n")
    prompt.line("%run s.py")
    prompt.line("t = asyncio.get_event_loop().create_task(work())")
    prompt.wait("counted")
    prompt.line("print('count is', count)")
    prompt.wait("count is 1")


def test_exit_in_a_task_ends_the_session(session, tools):
    session("from tools import *")
    session.process.stdin.write(b"asyncio.get_event_loop().call_soon(sys.exit, 7); None\n")
    session.process.stdin.flush()
    assert session.process.wait(60) == 7


def test_at_the_end_tasks_are_cancelled(session, tools):
    session("from tools import *", "t = asyncio.ensure_future(last()); await asyncio.sleep(0)")
    assert session.end() == (0, "cancelled\n")


def test_reset_leaves_the_loop_alone(prompt):
    prompt.line("asyncio.get_event_loop().call_later(0.01, print); loop = asyncio.get_event_loop()")
    prompt.line("a = [asyncio.ensure_future(tick('tock', 10 ** 6))]")
    prompt.wait("tock 1")
    prompt.line("%reset -f")
    prompt.line("import asyncio; print('tasks:', len(asyncio.all_tasks(asyncio.get_event_loop())))")
    prompt.wait("tasks: 1")


@pytest.mark.parametrize("fork", ["loop.call_soon(fork)", "fork()"])
def test_a_forked_child_leaves_the_loop_to_its_parent(session, tools, fork):
    session("from tools import *; loop = asyncio.get_event_loop()")
    session("def fork(): pid = os.fork(); say('child' if pid == 0 else f'status {os.waitpid(pid, 0)[1]}')")
    session("t = asyncio.ensure_future(asyncio.sleep(3600)); await asyncio.sleep(0)")
    piped = Piped(session)
    piped.line(f"loop.call_soon(say, 'never twice'); {fork}; loop.call_soon(say, 'nor this'); None")
    piped.wait("child", "status 0", "nor this")
    piped.line("print('pending:', not t.done()); await tick('tock')")
    written = piped.wait("pending: True", "tock 3", "Out[")
    assert written.count("never twice") == written.count("nor this") == written.count("child") == 1
    assert session.end()[0] == 0


def test_nothing_imports_asyncio_before_it_is_needed(session):
    assert session.value("[name for name in ('asyncio', 'selectors', 'socket') "
                         "if name in __import__('sys').modules]") == []


def test_the_session_s_own_prompt_in_a_coroutine(session, tools):
    """A prompt that waits while a loop runs only waits."""
    session("from tools import *", "async def ask(): return get_ipython().run_line_magic('reset', '')")
    session.process.stdin.write(b"await ask()\ny\n")
    session.process.stdin.flush()
    session.number += 1
    session._read(rf"In \[{session.number}\]: ")
    assert session.value("'ask' in dir()") is False


def need(session, *names):
    """Skip where the interpreter under test has not got a module."""
    for name in names:
        if not session.value(f"bool(__import__('importlib.util').util.find_spec({name!r}))"):
            pytest.skip(f"no {name} for this interpreter")


@pytest.fixture
def windows(start, tools, display):
    """A session on a pipe, with a window that nobody sees."""
    session = start(Session, env={"DISPLAY": display})
    need(session, "tkinter", "_tkinter")
    prompt = Piped(session)
    prompt.line("import tkinter; root = tkinter.Tk()")
    return prompt


def test_a_window_s_callbacks_fire_while_the_prompt_waits(windows):
    windows.line("_ = root.after(1, print, 'fi' 'red')")
    windows.wait("fired")
    windows.line("print(root.winfo_exists())")
    windows.wait("1\n")


def test_tasks_go_on_beside_a_window(windows):
    windows.line("def again(): print('win' 'dow'); _ = root.after(10, again)\n")
    windows.line("again(); t = asyncio.ensure_future(tick('tock', 10 ** 6))")
    windows.wait("window", "tock 1")
    windows.wait("window", "tock 9")


def test_a_window_on_a_terminal_and_ctrl_c(start, tools, program, display):
    shell = start(Shell, env={"DISPLAY": display})
    shell.wait("In [1]: ")
    prompt = Typed(shell, program.folder)
    prompt.line("try: import tkinter; root = tkinter.Tk(); print('open' 'ed')")
    prompt.line("except ImportError: print('open' 'ed not')")
    prompt.line("")
    if "opened not" in prompt.wait("opened"):
        pytest.skip("no tkinter for this interpreter")
    prompt.line("_ = root.after(1, print, 'fi' 'red')")
    prompt.wait("fired")
    shell.keys("half a li" + CTRL_C)
    prompt.wait("KeyboardInterrupt")
    prompt.line("_ = root.after(1, hold, 'stop')")
    prompt.wait("holding")
    shell.keys(CTRL_C)
    (prompt.folder / "stop").touch()
    shell.wait_until(lambda screen: "let go" in screen and screen.count("KeyboardInterrupt") == 2, "both")
    assert "Traceback" not in shell.text()


def test_twisted_ticks_on_the_session_s_loop(prompt):
    need_twisted(prompt)
    prompt.line("from twisted.internet import asyncioreactor, task; "
                "asyncioreactor.install(asyncio.get_event_loop())")
    prompt.line("call = task.LoopingCall(lambda: print('tw' 'isted')); d = call.start(0.01)")
    prompt.wait("twisted")
    prompt.line("call.stop(); t = asyncio.ensure_future(tick('tock'))")
    prompt.wait("tock 3")


def need_twisted(prompt):
    prompt.line("import importlib.util; print('twisted' if importlib.util.find_spec('twisted') else 'noth' 'ing')")
    if "nothing" in prompt.wait("In [3]: "):
        pytest.skip("no twisted for this interpreter")


def test_twisted_s_trial_works_twice_in_one_session(session, write):
    need(session, "twisted")
    write("test_real.py", """
        from twisted.internet import defer, reactor, task
        from twisted.trial import unittest

        class Real(unittest.TestCase):
            def test_that_waits(self):
                waited = defer.Deferred()
                reactor.callLater(0, waited.callback, None)
                return waited.addCallback(self.assertIsNone)

            def test_that_ticks(self):
                ticks = []
                call = task.LoopingCall(lambda: ticks.append(1) or len(ticks) == 3 and call.stop())
                return call.start(0).addCallback(lambda _: self.assertEqual(len(ticks), 3))
    """)
    for _ in range(2):
        written = session("%run -m twisted.trial test_real")
        assert "PASSED (successes=2)" in written and "Traceback" not in written
    assert session.value("__import__('os').getcwd()") == str(session.folder)
    write("test_real.py", "from twisted.trial import unittest\n"
          "class Real(unittest.TestCase):\n    def test_other(self): self.fail('edited')\n")
    assert "FAILED (failures=1)" in session("%run -m twisted.trial test_real")
