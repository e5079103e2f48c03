"""obj?, obj??, wildcards: what the prompt says of an object."""
import pytest

from conftest import Shell

CELLS = b'''\
def f(x, y=2):
    "what f does"
    return x

%s
'''


def said(program, line):
    done = program.run("-i", "-q", input=CELLS % line.encode())
    return done.stdout.decode() + done.stderr.decode()


def test_a_question_mark_shows_signature_type_and_docstring(program):
    text = said(program, "f?")
    assert "Signature: f(x, y=2)" in text
    assert "Type:      function" in text
    assert "Docstring: what f does" in text
    assert "return x" not in text


def test_two_question_marks_show_the_source(program):
    assert '    "what f does"\n    return x\n' in said(program, "f??")


def test_the_source_of_an_older_run_is_the_text_that_ran(program):
    script = program.folder / "s.py"
    script.write_text("def g():\n    return 'old text'\n")
    lines = ["%run s.py", "old = g", "open('s.py', 'w').write('x = 1\\n')", "%run s.py", "old??"]
    done = program.run("-i", "-q", input="\n".join(lines).encode())
    assert "return 'old text'" in done.stdout.decode()


def test_wildcards_list_the_names(program):
    text = said(program, "str.is*r?")
    assert "str.isalnum" not in text and "str.islower" in text


def test_a_magic_explains_itself(program):
    assert "FILE [ARGUMENTS]" in said(program, "%run?")


def test_an_unknown_name_is_one_line(program):
    text = said(program, "nosuch?")
    assert "no object nosuch" in text and "Traceback" not in text


def test_a_question_mark_alone_tells_what_there_is(session):
    text = session("?")
    assert "len??" in text and "%lsmagic" in text and text == session("%pinfo")


@pytest.mark.parametrize("line", ["f?", "?f", "%pinfo f", "get_ipython().run_line_magic('pinfo', 'f')"])
def test_a_question_mark_on_either_side(program, line):
    assert "Docstring: what f does" in said(program, line)


@pytest.mark.parametrize("line", ["f??", "??f", "%pinfo2 f"])
def test_two_question_marks_on_either_side(program, line):
    assert "    return x\n" in said(program, line)


def test_values_lengths_and_classes(session):
    session("""
        class C:
            'what C is'
            def __init__(self, a, *, b=1):
                'how C is made'
            def __len__(self): return 12
        """, "c = C(1)")
    text = session("C?")
    assert "Signature: C(a, *, b=1)\n" in text and "Type:      type\n" in text
    assert "Docstring: what C is\n" in text and "how C is made\n" in text
    text = session("c?")
    assert "Type:      C\n" in text and "Length:    12\n" in text and "<__main__.C object" in text
    assert "    def __len__(self): return 12\n" in session("c??")
    assert "File:      <cell " in session("C?")
    assert "Value:     [0, 1, 2, 3, 4, 5, … (1000)]\n" in session("x = list(range(1000))", "x?")
    assert "Length:    1000\n" in session("x?")
    assert "File:" in session("import json", "json?")


def test_the_source_of_a_frozen_module_is_that_of_its_file(session):
    text = session("import os", "os.path.join??")
    assert "posixpath.py\n" in text and "def join(a, *p):" in text


def test_a_property_is_told_of_and_not_run(session):
    session("""
        class C:
            @property
            def prop(self):
                'what prop is'
                raise SystemExit('run')
        """, "c = C()")
    text = session("c.prop?")
    assert "Type:      property\n" in text and "what prop is" in text
    assert "raise SystemExit('run')" in session("c.prop??")
    assert session("1 + 1").endswith("2\n")


def test_hostile_objects_leave_fields_out(session):
    session("import time", """
        class Hostile:
            __doc__ = 3
            def __len__(self): time.sleep(10 ** 6)
            def __repr__(self): time.sleep(10 ** 6)
            def __call__(self): pass
            @property
            def __signature__(self): raise SystemExit
            @property
            def __wrapped__(self): raise KeyError
            @property
            def __name__(self): raise KeyError
            @property
            def __class__(self): raise KeyError
        """, "h = Hostile()")
    text = session("h?")
    assert "Type:      Hostile\n" in text and "its repr takes too long" in text
    assert "Traceback" not in text and "Length" not in text
    assert session("1 + 1").endswith("2\n")


def test_what_needs_evaluation_is_evaluated(session):
    session("def f(): return {'k': [1, 2]}")
    assert "Type:      list\n" in session("%pinfo f()['k']")
    assert session("%pinfo f()['x']") == "no object f()['x']\n"


def test_wildcards_of_the_prompt_builtins_and_magics(session):
    session("my_error = 1")
    assert session("my_*?") == "my_error\n"
    assert "ZeroDivisionError\n" in session("*Error?")
    assert "%runs\n" in session("%run*?") and "%who\n" not in session("%run*?")
    assert session("nothing_*?") == "no name matches nothing_*\n"


@pytest.mark.parametrize("magic, words", [("%run", ["[ARGUMENTS]", "-d under pdb"]),
                                          ("%time", ["STATEMENT", "Also for a cell"]),
                                          ("xmode", ["Verbose"])])
def test_magics_explain_themselves_in_short_lines(session, magic, words):
    text = session(f"{magic}?")
    assert all(word in text for word in words)
    assert max(map(len, text.splitlines()[1:])) <= 80


def test_source_has_colours_on_a_terminal_alone(start, write):
    write("s.py", "def f():\n    return 'text'\n")
    shell = start(Shell)
    shell.wait("In [1]: ")
    shell.line("%run s.py")
    shell.wait("In [2]: ")
    shell.line("f??")
    shell.wait("return 'text'", "In [3]: ")
    row = next(y for y, text in enumerate(shell.text().split("\n")) if "return 'text'" in text)
    assert shell.screen.buffer[row][4].fg == "d787d7"


def test_long_texts_are_paged_on_a_terminal_alone(start, write, session):
    write("s.py", "def f():\n" + "".join(f"    x = {i}\n" for i in range(100)))
    pager = write("pager", "#!/bin/sh\nwc -l > paged.txt\necho was pa''ged\n")
    (session.folder / pager).chmod(0o755)
    shell = start(Shell, env={"PAGER": "./pager"})
    shell.wait("In [1]: ")
    shell.line("%run s.py")
    shell.wait("In [2]: ")
    shell.line("f??")
    shell.wait("was paged", "In [3]: ")
    assert int((session.folder / "paged.txt").read_text()) > 100
    shell.line("f?")
    shell.wait("Signature: f()", "In [4]: ")
    assert shell.text().count("was paged") == 1
    assert "    x = 99\n" in session("%run s.py", "f??")


def test_less_is_the_pager_where_no_other_is_named(start, write):
    write("s.py", "def f():\n" + "".join(f"    x = {i}\n" for i in range(100)))
    shell = start(Shell)
    shell.wait("In [1]: ")
    shell.line("%run s.py")
    shell.wait("In [2]: ")
    shell.line("f??")
    shell.wait("x = 10")
    shell.keys(" ")
    shell.wait("x = 50")
    shell.keys("q")
    shell.wait("In [3]: ")
    shell.line("6 * 7")
    shell.wait("42")
    assert "KeyboardInterrupt" not in shell.text()
