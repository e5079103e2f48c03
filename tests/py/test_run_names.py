"""Names that the prompt and the runs share (design promise P5)."""
import pytest

COUNTER = """\
counter = 0
def inc():
    global counter
    counter += 1
def use():
    return cfg
def forget():
    global counter
    del counter
"""


@pytest.fixture
def counter(session, write):
    """A session that has run COUNTER."""
    write("s.py", COUNTER)
    assert session("%run s.py") == ""
    return session


def test_a_function_s_global_shows_at_the_prompt(counter):
    assert counter("inc(); inc(); counter") == "Out[2]: 2\n"


def test_names_are_in_step_after_an_error_as_well(counter):
    assert "ZeroDivisionError" in counter("inc(); 1 / 0")
    assert counter.value("counter") == 1


def test_an_assignment_at_the_prompt_reaches_the_function(counter):
    counter("counter = 40; inc(); inc()")
    assert counter.value("counter") == 42


def test_a_name_made_at_the_prompt_is_lent_to_code_that_reads_it(counter):
    assert "NameError: name 'cfg' is not defined" in counter("use()")
    assert counter("cfg = 'x'; use()") == "Out[3]: 'x'\n"
    assert counter("cfg = 'y'; use()") == "Out[4]: 'y'\n"
    assert "NameError" in counter("del cfg; use()")


@pytest.mark.parametrize("binding", [
    "import json as cfg", "def cfg(): pass", "class cfg: pass", "for cfg in 'ab': pass",
    "with open('/dev/null') as cfg: pass", "(cfg := 5)"])
def test_a_name_is_lent_however_it_was_bound(counter, binding):
    counter(binding)
    assert counter("use() is cfg") == "Out[3]: True\n"


def test_a_name_that_the_prompt_had_before_the_run_is_not_lent(session, write):
    session("cfg = 'before'")
    write("s.py", COUNTER + "try:\n    use()\nexcept NameError as e:\n    print(e)\n")
    assert session("%run s.py") == "name 'cfg' is not defined\n"
    assert "NameError" in session("use()")


def test_only_what_the_code_reads_is_lent(counter):
    counter("cfg = 1", "unrelated = 2")
    assert counter.value("'unrelated' in use.__globals__") is False


def test_a_name_is_lent_to_the_latest_run_alone(counter, write):
    write("other.py", "def use_too():\n    return cfg\n")
    counter("%run other.py", "cfg = 'late'")
    assert counter.value("use_too()") == "late"
    assert "NameError" in counter("use()")


def test_deleting_a_name_at_the_prompt_deletes_it_for_the_function(counter):
    assert "NameError: name 'counter' is not defined" in counter("del counter; inc()")


def test_a_global_that_a_function_deletes_is_gone_at_the_prompt(counter):
    assert "NameError: name 'counter' is not defined" in counter("forget(); counter")


def test_a_global_that_a_function_makes_appears_at_the_prompt(session, write):
    write("s.py", "def make():\n    global made\n    made = 'here'\n")
    session("%run s.py")
    assert session("make(); made") == "Out[2]: 'here'\n"


def test_where_both_changed_the_prompt_wins(counter):
    counter("counter = [inc(), 'typed'][1]")
    assert counter.value("counter, inc.__globals__['counter']") == ("typed", "typed")


def test_inside_one_statement_the_function_has_its_own_names(counter):
    counter("for i in range(3): inc()")
    assert counter.value("counter") == 3


def test_an_equal_value_at_another_address_is_a_change(session, write):
    write("s.py", "data = []\ndef get():\n    return data\n")
    session("%run s.py")
    assert session("data = []; data is get()") == "Out[2]: True\n"


def test_rapid_rebinding_never_loses_a_change(counter):
    for number in range(50):
        counter("for i in range(1000): counter = object()")
        counter(f"counter = {number} * 1000; inc()")
        assert counter.value("counter") == number * 1000 + 1


def test_another_script_takes_the_link_and_the_first_keeps_its_value(counter, write):
    write("other.py", "counter = 'other'\ndef look():\n    return counter\n")
    counter("inc()", "%run other.py")
    assert counter.value("counter") == "other"
    counter("inc(); inc()")
    assert counter.value("counter, inc.__globals__['counter']") == ("other", 3)
    counter("counter = 'typed'")
    assert counter.value("look(), inc.__globals__['counter']") == ("typed", 3)


def test_a_rerun_retracts_what_the_script_no_longer_makes(session, write):
    write("s.py", "def old_helper():\n    return 1\n")
    session("%run s.py")
    write("s.py", "def new_helper():\n    return 2\n")
    session("%run s.py")
    assert session.value("new_helper()") == 2
    assert "NameError: name 'old_helper' is not defined" in session("old_helper")


def test_a_name_that_the_user_assigned_survives_the_rerun(session, write):
    write("s.py", "result = other = 1\ndef old_helper():\n    return result\n")
    session("%run s.py", "keep = old_helper", "result = 'mine'")
    write("s.py", "pass")
    session("%run s.py")
    assert session.value("keep(), result") == ("mine", "mine")
    assert "NameError" in session("other")


def test_a_rerun_rebinds_a_name_that_the_user_assigned(session, write):
    write("s.py", "result = 1")
    session("%run s.py", "result = 'mine'", "%run s.py")
    assert session.value("result") == 1
    write("s.py", "pass")
    assert "NameError" in session("%run s.py", "result")


def test_an_import_that_the_script_repeats_stays_the_users(session, write):
    session("import json", "number = None")
    write("s.py", "import json, string\nnumber = None")
    session("%run s.py", "%run s.py")
    write("s.py", "pass")
    session("%run s.py")
    assert session.value("json.__name__, number") == ("json", None)
    assert "NameError" in session("string")


def test_a_script_under_another_name_of_its_file_is_the_same_script(session, write):
    write("folder/s.py", "first = 1")
    (session.folder / "link.py").symlink_to("folder/s.py")
    session("%run folder/s.py")
    write("folder/s.py", "second = 2")
    session("%run link.py")
    assert session.value("second") == 2
    assert "NameError" in session("first")


def test_names_made_before_an_error_are_published(session, write):
    write("s.py", "made = 1\n1 / 0\nnever = 2")
    assert "ZeroDivisionError" in session("%run s.py")
    assert session.value("made") == 1
    assert "NameError" in session("never")


def test_the_names_of_the_shell_and_of_the_module_are_not_published(session, write):
    session("shell = get_ipython(); names = In, Out, __name__, exit")
    write("s.py", """\
        _ = __ = ___ = _1 = _i1 = In = Out = exit = quit = "script"
        def get_ipython(): return "script"
        def run(): return "script"
        __all__ = __version__ = "script"
        _private = "published"
        """)
    session("%run s.py")
    assert session.value("[In, Out, __name__, exit] == list(names), get_ipython() is shell") == (
        True, True)
    assert session.value("_private, run()") == ("published", "script")
    assert "NameError" in session("__version__")
    write("t.py", "print('magics still work')")
    assert session("%run t.py") == "magics still work\n"


def test_a_superseded_function_has_its_own_names(counter, write):
    counter("old = inc", "inc()")
    write("s.py", "counter = 'new'\n")
    counter("%run s.py", "old()", "counter = 'typed'", "old()")
    assert counter.value("counter, old.__globals__['counter']") == ("typed", 3)


def test_in_the_prompt_s_own_names(session, write):
    session("cfg = 'prompt'")
    write("s.py", """\
        import sys
        print(cfg, __name__, __file__, sys.modules["__main__"].cfg)
        def made(): return cfg
        """)
    assert session("%run -i s.py") == f"prompt __main__ {session.folder}/s.py prompt\n"
    assert session.value("made(), '__file__' in globals()") == ("prompt", False)
    assert session.value("made.__globals__ is globals()") is True
    write("s.py", "pass")
    session("%run s.py")
    assert session.value("made()") == "prompt"


def test_not_as_main(session, write):
    write("my_script.py", """\
        import sys
        print(__name__, "my_script" in sys.modules, __spec__)
        if __name__ == "__main__":
            print("never")
        made = 1
        """)
    assert session("%run -n my_script.py") == "my_script False None\n"
    assert session.value("made") == 1


def test_not_as_main_leaves_an_imported_module_in_place(session, write):
    write("helper.py", "number = 1")
    session("import helper, json, sys", "%run -n helper.py")
    assert session.value("sys.modules['helper'] is helper, helper.number") == (True, 1)


def test_a_name_that_is_no_identifier_or_no_string_does_no_harm(session, write):
    write("s.py", "globals()['a b'] = 1\nglobals()[5] = 2\nglobals()['ünïcode'] = 3\n")
    assert session("%run s.py") == ""
    assert session.value("globals()['a b'], ünïcode, 5 in globals()") == (1, 3, False)
    assert session("%run s.py") == ""


def test_star_imports_and_many_names_are_published(session, write):
    write("s.py", "from math import *\nglobals().update({f'n{i}': i for i in range(5000)})")
    session("%run s.py")
    assert session.value("round(pi, 2), n0, n4999") == (3.14, 0, 4999)
