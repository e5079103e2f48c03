"""The scripts of docs/lifetimes.md show what the page says, with or without the shell."""
import pytest
from conftest import ROOT

FOLDER = ROOT / "examples" / "lifetimes"
KEY_LINES = {
    "clearing": [
        "cleared: price(book) raises NameError: name 'RATE' is not defined",
        "second run: price(book) = 150.0 from the same function, and no error",
        "second run: book == book is False",
    ],
    "hoarding": [
        "one script, 20 runs: 1 table alive",
        "20 scripts, a run each: 20 tables more, and one name at the prompt",
        "after del of that name: 21 tables alive",
        "after the shell forgot the namespaces: 0 alive",
    ],
    "cycle": [
        "a script of data alone: freed at once is True",
        "with one function: freed at once is False",
        "100 such runs, counting references only: 100 alive",
        "after gc.collect(): 0 alive",
    ],
    "teardown": [
        "module gone, Python 3.4 and later: (': ', 3)",
        "module gone, before Python 3.4: (None, None)",
        "__del__ at exit: LIMIT is 3",
        "__del__ at exit, with a hook in sys: LIMIT is None",
    ],
    "true_module": [
        "in sys.modules['__main__']: {'pickle': True, 'typing': True, 'inspect': True,"
        " 'dataclasses': ['next']}",
    ],
    "way_out": [
        "old(100), price(100): 110 150",
        "alive: [True, True]",
        "nothing kept, 50 runs later: 1 alive",
    ],
}


@pytest.fixture(params=["python", "program"])
def interpreter(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("name", KEY_LINES)
def test_an_example_runs_and_prints_what_the_page_says(interpreter, name):
    printed = interpreter.output(FOLDER / f"{name}.py").splitlines()
    assert [line for line in KEY_LINES[name] if line not in printed] == []


def test_each_example_is_tested_and_in_the_page():
    page = (ROOT / "docs" / "lifetimes.md").read_text()
    for path in FOLDER.glob("*.py"):
        assert path.stem in KEY_LINES
        assert f"examples/lifetimes/{path.name}" in page


@pytest.mark.parametrize("name", KEY_LINES)
def test_the_page_shows_lines_that_the_example_prints(python, name):
    page = (ROOT / "docs" / "lifetimes.md").read_text()
    assert [line for line in KEY_LINES[name] if f"    {line}\n" not in page] == []


def test_an_example_also_runs_in_the_session(program):
    session = f"%run {FOLDER}/way_out.py\n%run {FOLDER}/clearing.py\n"
    done = program.run("-", input=session.encode())
    assert b"nothing kept, 50 runs later: 1 alive" in done.stdout, done
    assert b"book == book is False" in done.stdout, done
