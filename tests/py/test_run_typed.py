"""`.ipy` files and notebooks: executed as if typed, with arguments of their own (design 3, step 1)."""
import json

import pytest

from conftest import Session

STATE = "import sys\nprint(sys.argv)\n"


@pytest.fixture
def notebook(write):
    """notebook(NAME, CELLS) makes a notebook; a cell is code, or (type, text)."""

    def notebook(name, *cells, **members):
        cells = [cell if isinstance(cell, tuple) else ("code", cell) for cell in cells]
        made = [{"cell_type": kind, "metadata": {}, "source": text} for kind, text in cells]
        return write(name, json.dumps({"cells": made, "nbformat": 4, "metadata": {}} | members))

    return notebook


@pytest.fixture(params=["ipy", "ipynb"])
def typed(request, write, notebook):
    """typed(TEXT) makes a file of either kind."""

    def typed(text):
        return write("t.ipy", text) if request.param == "ipy" else notebook("t.ipynb", text)

    return typed


def test_it_has_arguments_as_a_script_has(session, typed):
    name = typed(STATE + "del sys.argv[1:]")
    session("import sys; state = sys.argv, sys.argv[:]")
    for _ in range(2):
        assert session(f"%run ./{name} a '' --b") == f"['./{name}', 'a', '', '--b']\n"
    assert session.value("sys.argv is state[0], sys.argv == state[1]") == (True, True)


def test_arguments_are_put_back_after_an_error(session, typed):
    name = typed("import sys\nsys.argv = None\n1 / 0")
    session("import sys; state = sys.argv")
    assert session(f"%run {name} a").endswith("ZeroDivisionError: division by zero\n")
    assert session.value("sys.argv is state") is True


def test_it_executes_at_the_prompt(session, typed):
    name = typed("%cd .\nfiles = !echo one\nif given:\n    made = files\n")
    session("given = True", f"%run {name}")
    assert session.value("list(made)") == ["one"]


def test_it_runs_as_a_program(program, typed):
    name = typed(STATE + "x = !echo shell\nprint(x[0])\n")
    assert program.output(name, "a", "-b") == f"[{name!r}, 'a', '-b']\nshell\n"
    name = typed("print('first')\n1 / 0\nprint('never')")
    done = program.run(name)
    assert (done.returncode, done.stdout) == (1, b"first\n")
    assert done.stderr.count(b"ZeroDivisionError") == 1


def test_it_runs_before_the_prompt(start, typed):
    session = start(Session, typed(STATE + "x = 1"), "a")
    assert session.started.endswith(", 'a']\n")
    assert session.value("x") == 1


def test_the_code_cells_of_a_notebook_run_in_order(session, notebook):
    notebook("n.ipynb", ("markdown", "1 / 0"), ["x = 1\n", "y = [x]\n", "y"], ("raw", "1 / 0"),
             "%%time\ny.append(2)", "", "from __future__ import annotations\ndef f(a: undefined): y\n")
    assert "2" not in session("%run n.ipynb").partition("time")[0]
    assert session.value("x, y") == (1, [1, 2])
    assert session.value("__import__('inspect').getsource(f)") == "def f(a: undefined): y\n"


def test_a_notebook_ends_at_the_first_error_which_names_the_cell(session, notebook):
    notebook("n.ipynb", "x = 1\n", ("markdown", "text"), "def f():\n    1 / 0\n\nf()", "x = 2")
    written = session("%run n.ipynb")
    assert written.count("Traceback") == written.count("ZeroDivisionError") == 1
    assert '  File "n.ipynb <cell 2>", line 4, in <module>\n    f()\n' in written
    assert session.value("x") == 1
    notebook("n.ipynb", "x = (")
    written = session("%run n.ipynb")
    assert written.count("SyntaxError") == 1 and '"n.ipynb <cell 1>", line 1' in written


def test_a_notebook_of_an_old_format_runs(session, write):
    cells = [{"cell_type": "code", "input": ["x = ", "1"]}, {"cell_type": "heading", "source": "h"}]
    write("old.ipynb", json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}]}))
    assert session("%run old.ipynb") == ""
    assert session.value("x") == 1


@pytest.mark.parametrize("text, words", [
    (b"", "Expecting value"), (b"{", "Expecting property name"), (b"[]", "it has no cells"),
    (b"{}", "it has no cells"), (b'{"cells": 1}', "it has no cells"), (b"[" * 99999, "recursion"),
    (b'{"cells": [{"cell_type": "code"}]}', "a code cell has no text"),
    (b'{"cells": [{"cell_type": "code", "source": [1]}]}', "str"),
    (b'{"cells": [], "metadata": {"language_info": {"name": "R"}}}', "its language is R"),
    (b'{"cells": [1, null], "\xff": 1}', "byte 0xff at line 1 is not utf-8"),
])
def test_what_is_no_notebook_is_refused_in_one_line(program, session, write, text, words):
    write("bad.ipynb", text)
    written = session("%run bad.ipynb")
    assert written.startswith("UsageError: %run: bad.ipynb: ") and written.count("\n") == 1
    assert words in written
    done = program.run("bad.ipynb")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == written.replace("UsageError: %run", "mainspring")


def test_a_notebook_without_cells_is_nothing_to_do(session, notebook):
    notebook("n.ipynb")
    assert session("%run n.ipynb") == ""
