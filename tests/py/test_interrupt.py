"""Ctrl-C, again and again: a second one within a second gets out of code that swallows the
first, a third one out of code that swallows everything."""
import pytest

from conftest import CTRL_C

SECOND, THIRD = "Ctrl-C again: leaving by force", "Ctrl-C, third: leaving at the next line"
LOOP = """\
import time
kept = "kept"
while True:
    try:
        print("begun", flush=True)
        {wait}
    except {swallows}:
        pass
"""
WAITS = ["time.sleep(60)", "while True: pass", "import threading; threading.Event().wait()",
         "import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()",
         "import subprocess; subprocess.run(['sleep', '60'])"]


def press_until(shell, *texts, begun="begun", spins=False):
    """Press Ctrl-C as somebody does who wants to get out: again, as long as the code goes on, or
    else sleeps.  On a busy machine a second may pass between two."""
    def is_out(screen):
        return all(text in screen for text in texts)

    shell.wait(begun)
    while not is_out(shell.text()):
        before = shell.text().count(begun)
        if not spins:
            shell.wait_asleep()
        shell.keys(CTRL_C)
        shell.wait_until(lambda screen: is_out(screen) or screen.count(begun) > before, texts)


def works(shell):
    """The prompt is back, with the session as it was."""
    shell.line("1 + 1; print(kept, get_ipython() is not None, 6 * 7)")
    shell.wait("kept True 42")


@pytest.mark.parametrize("wait", WAITS)
def test_the_second_gets_out_of_what_swallows_keyboard_interrupt(shell, write, wait):
    write("s.py", LOOP.format(wait=wait, swallows="KeyboardInterrupt"))
    shell.line("%run s.py")
    press_until(shell, SECOND, "mainspring.Interrupted", "In [2]: ", spins="pass" in wait)
    works(shell)
    shell.line("%runs")
    shell.wait("interrupted")


@pytest.mark.parametrize("swallows", ["BaseException", "(KeyboardInterrupt, BaseException)"])
@pytest.mark.parametrize("wait", WAITS[:3])
def test_the_third_gets_out_of_what_swallows_everything(shell, write, wait, swallows):
    write("s.py", LOOP.format(wait=wait, swallows=swallows))
    shell.line("%run s.py")
    press_until(shell, THIRD, "In [2]: ", spins="pass" in wait)
    works(shell)


def test_the_third_passes_over_finally_and_suppress(shell, write):
    write("s.py", """\
        import contextlib, time
        kept = "kept"
        def hold():
            while True:
                with contextlib.suppress(BaseException):
                    try:
                        print("ready", flush=True)
                        time.sleep(60)
                    finally:
                        hold()
        hold()
        """)
    shell.line("%run s.py")
    press_until(shell, THIRD, "In [2]: ", begun="ready")
    works(shell)


def test_at_the_prompt_too_and_the_next_cell_begins_anew(shell):
    shell.line("import time; kept = 'kept'")
    shell.wait("In [2]: ")
    for number in 2, 3:
        shell.line(f"""exec({f"while True:{chr(10)} try: print('rea' + 'dy{number}'); time.sleep(60){chr(10)} except KeyboardInterrupt: pass"!r})""")
        press_until(shell, f"In [{number + 1}]: ", begun=f"ready{number}")
    assert shell.text().count(SECOND) == 2 and THIRD not in shell.text()
    works(shell)


def test_one_alone_is_keyboard_interrupt_as_ever(shell):
    shell.line("import signal; kept = 'kept'")
    shell.line("signal.getsignal(signal.SIGINT) is signal.default_int_handler")
    shell.wait("Out[2]: True")
    shell.line("print('be' + 'gun'); signal.pause()")
    shell.wait("begun")
    shell.wait_asleep()
    shell.keys(CTRL_C)
    shell.wait("KeyboardInterrupt", "In [4]: ")
    assert SECOND not in shell.text()
    for count in 2, 3:
        shell.keys(CTRL_C)
        shell.wait_count("KeyboardInterrupt", count)
    works(shell)
    assert SECOND not in shell.text()
