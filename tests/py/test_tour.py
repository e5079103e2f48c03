"""The tour runs to its end and shows what it says."""
from conftest import ROOT

KEY_LINES = [
    "   old(100) = 110   price(100) = 150.0",
    "   model <run 1> | model.py <run 1> | __main__",
    "   def price(x): ... from the text that ran",
    "   the function counted: 2",
    "   and goes on from what we assigned: 11",
    "   tables alive: 1",
    "   and after del, as the name is one for both of us: 0",
]


def test_the_tour_shows_what_it_says(program):
    shown = program.output(ROOT / "examples" / "tour.ipy").splitlines()
    assert [line for line in KEY_LINES if line not in shown] == []
    assert shown.count("   listening") == 3


def test_the_tour_lists_its_runs_and_which_of_them_are_alive(program):
    shown = program.output(ROOT / "examples" / "tour.ipy").splitlines()
    table = shown[shown.index("6. What was run, and what is alive of it.") + 2:][:6]
    assert [line.split()[5:7] for line in table] == [
        ["freed", "model.py"], ["alive", "model.py"], ["alive", "counter.py"],
        ["freed", "server.py"], ["freed", "server.py"], ["freed", "server.py"],
    ]
