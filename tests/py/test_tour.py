"""The tour runs to its end and shows what it says."""
import re

from conftest import ROOT

KEY_LINES = [
    "   old(100) = 110   price(100) = 150.0",
    "   model <run 1> | model.py <run 1> | __main__",
    "   def price(x): ... from the text that ran",
    "   the function counted: 2",
    "   and goes on from what we assigned: 11",
    "   price: 10", "   price: 30",
    "   the module that did not change is the same: ['run', 'run']",
    "   tables alive: 1",
    "   and after del, as the name is one for both of us: 0",
]


def test_the_tour_shows_what_it_says(program):
    done = program.run(ROOT / "examples" / "tour.ipy")
    assert (done.returncode, done.stderr) == (0, b"reloaded: prices, rates\n"), done
    shown = done.stdout.decode().splitlines()
    assert [line for line in KEY_LINES if line not in shown] == []
    assert shown.count("   listening") == 3


def test_the_tour_lists_its_runs_and_which_of_them_are_alive(program):
    shown = program.run(ROOT / "examples" / "tour.ipy").stdout.decode()
    table = re.findall(r"^ +\d+  \d\d:.*", shown, re.M)
    assert [line.split()[5:7] for line in table] == [
        ["freed", "model.py"], ["alive", "model.py"], ["alive", "counter.py"],
        ["freed", "server.py"], ["freed", "server.py"], ["freed", "server.py"],
        ["freed", "shop.py"], ["freed", "shop.py"],
    ]
