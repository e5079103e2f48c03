"""get_ipython() and what libraries ask of it."""
import pytest


def test_the_shell_is_a_builtin_and_is_this_one(session, write):
    assert session.value("get_ipython() is get_ipython(), __IPYTHON__") == (True, True)
    write("s.py", """\
        shell = get_ipython()
        from builtins import get_ipython as get
        same = get() is shell
        """)
    session("%run s.py")
    assert session.value("same, shell is get_ipython()") == (True, True)


def test_its_class_has_the_name_that_libraries_look_for(session):
    assert session.value("type(get_ipython()).__name__, get_ipython().__class__.__name__") == (
        "TerminalInteractiveShell",) * 2


def test_user_ns_is_the_prompt_s(session):
    session("ip = get_ipython(); x = 1", "ip.user_ns['y'] = x + 1")
    assert session.value("y, ip.user_ns is globals(), ip.user_global_ns is globals()") == (
        2, True, True)


def test_execution_count_is_the_prompt_s(session):
    assert session("get_ipython().execution_count") == "Out[1]: 1\n"
    assert session("get_ipython().execution_count") == "Out[2]: 2\n"


def test_run_cell_executes_and_tells(session):
    session("ip = get_ipython()", "r = ip.run_cell('a = 6\\na * 7')")
    assert session.value("r.success, r.result, r.error_in_exec, r.raise_error(), a") == (
        True, 42, None, None, 6)
    assert "ZeroDivisionError" in session("r = ip.run_cell('b = 1\\n1 / 0\\nc = 1')")
    assert session.value("r.success, type(r.error_in_exec).__name__, b, 'c' in globals()") == (
        False, "ZeroDivisionError", 1, False)
    assert "ZeroDivisionError" in session("r.raise_error()")


def test_run_cell_reports_a_syntax_error(session):
    written = session("r = get_ipython().run_cell('x = (')")
    assert "SyntaxError" in written
    assert session.value("r.success") is False


def test_run_cell_keeps_the_input_only_when_asked(session):
    session("ip = get_ipython(); count = ip.execution_count", "ip.run_cell('kept = 1');")
    assert session.value("len(In), In[-1]") == (4, "print(repr((len(In), In[-1])))")
    session.number += 1
    session("ip.run_cell('kept = 2', store_history=True);")
    assert session.value("'kept = 2' in In") is True


def test_run_cell_silent_shows_nothing(session):
    assert session("r = get_ipython().run_cell('6 * 7', silent=True)") == ""


def test_run_cell_transforms_its_text(session, write):
    write("s.py", "made = 'by run'")
    assert session("get_ipython().run_cell('%run s.py\\nx = !echo out\\nmade, x');") .endswith(
        "('by run', ['out'])\n")


@pytest.mark.parametrize("call, result", [
    ("run_line_magic('pwd', '')", "os.getcwd()"),
    ("run_line_magic('time', '6 * 7')", "42"),
    ("run_cell_magic('time', '', '6 * 7')", "42"),
    ("getoutput('echo a; echo b')", "['a', 'b']"),
    ("ev('6 * 7')", "42"),
    ("ex('made = 5')", "None"),
    ("push({'pushed': 1})", "None"),
])
def test_its_methods_return_what_ipython_s_do(session, call, result):
    session("import os", f"value = get_ipython().{call}")
    assert session.value(f"value == {result}") is True


def test_push_binds_names_at_the_prompt(session):
    session("ip = get_ipython()", "ip.push({'a': 1, 'b': 2})",
            "def f():\n    c = d = e = 3\n    ip.push('c d')\n    ip.push(['e'])", "f()")
    assert session.value("a, b, c, d, e") == (1, 2, 3, 3, 3)
    assert "KeyError" in session("ip.push('no_such_name')")


def test_pushed_names_reach_the_latest_run(session, write):
    write("s.py", "value = 1\ndef get():\n    return value, cfg\n")
    session("%run s.py", "get_ipython().push({'value': 2, 'cfg': 3})")
    assert session.value("get()") == (2, 3)


def test_system_runs_on_our_output_and_keeps_the_status(session):
    assert session("get_ipython().system('echo out; exit 3')") == "out\n"
    assert session.value("_exit_code") == 3


def test_reset_deletes_the_names(session):
    session("x = 1", "get_ipython().reset()")
    assert "NameError" in session("x")


def test_showtraceback_shows_the_exception_being_handled(session):
    written = session("try:\n    1 / 0\nexcept ZeroDivisionError:\n"
                      "    get_ipython().showtraceback()\n    print('on')")
    assert "ZeroDivisionError: division by zero\n" in written and "on\n" in written


def test_an_unknown_magic_is_refused_in_one_line(session):
    assert session("get_ipython().run_line_magic('nonsense', '')").count("\n") == 1
    assert session("get_ipython().run_cell_magic('nonsense', '', '')").count("\n") == 1


def test_an_unknown_member_is_an_attribute_error(session):
    assert "AttributeError" in session("get_ipython().no_such_member")
    assert session.value("hasattr(get_ipython(), 'kernel')") is False


def test_another_thread_may_ask(session):
    session("import threading; found = []",
            "t = threading.Thread(target=lambda: found.append(get_ipython().ev('6 * 7')))",
            "t.start(); t.join()")
    assert session.value("found") == [42]


def test_a_shell_that_outlives_its_session_refuses(session):
    session("import builtins", "class Last:\n    def __init__(self): self.shell = get_ipython()\n"
            "    def __del__(self):\n        try:\n            self.shell.ev('1')\n"
            "        except RuntimeError as e:\n            print(e)", "builtins.last = Last()")
    assert session.end() == (0, "the session has ended\n")
