"""Each everyday cell, 50 times in one session: the references of the process settle.

A debug interpreter alone counts them (`make leaks`).  What a session keeps on purpose, its
history and the texts of its cells, is taken away before each count.
"""
import pytest

from conftest import Session

BATCHES, CELLS = 5, 10
FREED_RUNS = 200  # of so many the ledger keeps the facts: RUN_LEDGER_FREED

COUNTING = """\
import gc, linecache, re, sys
HISTORY = re.compile(r"_i?\\d+")
prompt = sys.modules["__main__"].__dict__

def count():
    prompt["Out"].clear()
    del prompt["In"][1:]
    for name in [name for name in prompt if HISTORY.fullmatch(name)]:
        del prompt[name]
    for name in [name for name in linecache.cache if name.startswith("<cell ")]:
        del linecache.cache[name]
    for _ in range(3):
        gc.collect()
    return sys.gettotalrefcount()
"""

FILES = {
    "counting.py": COUNTING,
    "s.py": "import json\nclass Node:\n    def __init__(self):\n        self.itself = self\n"
            "def function(x=1):\n    return node, x\nnode, values = Node(), [1, 2]\n",
    "fails.py": "import s\nvalue = {}\ndef f():\n    return value['missing']\nf()\n",
    "broken.py": "x = (\n",
    "exits.py": "import sys\nsys.exit(3)\n",
    "main.py": "import s, dataclasses\n@dataclasses.dataclass\nclass Point:\n    x: int = 0\n"
               "if __name__ == '__main__':\n    point = Point(1)\n    print(s.function())\n",
    "hostile.py": "import io, sys\nsys.stdout = io.StringIO()\nsys.excepthook = None\n",
}

EVERYDAY = [
    "pass",
    "x = 1",
    "[1, 2, 3]",
    "'a' * 1000;",
    "print('text')",
    "import json, os.path",
    "from json import dumps as to_text",
    "def f(a, b=2):\n    return a + b",
    "class C:\n    def method(self):\n        return __class__",
    "for i in range(3):\n    j = i",
    "[y for y in range(10) if y % 2]",
    "lambda: x",
    "f'{1 + 1} {\"text\"!r}'",
    "1 / 0",
    "missing",
    "1 +",
    "raise ValueError('text') from KeyError()",
    "raise KeyboardInterrupt",
    "import asyncio; await asyncio.sleep(0)",
    "async def main():\n    return 1",
    "!true",
    "lines = !echo text",
    "%time sum(range(10))",
    "%%time\nsum(range(10))",
    "%who",
    "%whos",
    "%pwd",
    "%cd -q .",
    "%lsmagic",
    "%no_such_magic",
    "len?",
    "json.dumps?",
    "_",
    "%run s.py",
    "%run -i s.py",
    "%run -n s.py",
    "%run --keep s.py",
    "%run fails.py",
    "%run broken.py",
    "%run exits.py",
    "%run main.py 1 'two words'",
    "%run hostile.py",
    "%run no_such_file.py",
    "%runs",
    "get_ipython().run_cell('2 + 2', silent=True)",
]


@pytest.fixture
def counted(program, start, write):
    if program.output("-c", "import sys; print(hasattr(sys, 'gettotalrefcount'))") != "True\n":
        pytest.skip("only a debug interpreter counts references: make leaks")
    for name, text in FILES.items():
        write(name, text)
    session = start(Session)
    session("import counting")
    return session


def growth(counted, cell):
    """How many references more there are after each batch of cells."""
    if cell.startswith("%run "):
        counted(f"for _ in range({FREED_RUNS + CELLS}):\n    {cell}")
    counts = []
    for _ in range(BATCHES + 1):
        counted(*[cell] * CELLS)
        counts.append(int(counted("print(counting.count())")))
    return [after - before for before, after in zip(counts, counts[1:])]


@pytest.mark.parametrize("cell", EVERYDAY)
def test_the_references_settle_while_a_cell_is_repeated(counted, cell):
    grown = growth(counted, cell)
    # One reference for each cell is a leak; what settles late shows in some batches only.
    assert min(grown) < CELLS // 2, f"{cell!r} leaves references behind: {grown}"


def test_one_reference_that_each_cell_leaves_behind_is_seen(counted):
    counted("kept = []")
    assert min(growth(counted, "kept.append(None)")) >= CELLS // 2
