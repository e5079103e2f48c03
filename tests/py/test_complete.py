"""What a line could go on with, by get_ipython().complete(): from live objects, without running
their code."""
import os
import zipfile

import pytest

from conftest import CTRL_C


def matches(session, line, cursor=None):
    place = "" if cursor is None else f", {cursor}"
    return session.value(f"get_ipython().complete({line!r}, {line!r}{place})[1]")


def test_attributes_of_live_objects(session):
    session("import os")
    assert matches(session, "os.pa") == ["pardir", "path", "pathconf", "pathconf_names", "pathsep"]
    assert session.value("get_ipython().complete('', 'x = os.path.jo', 14)") == ("jo", ["join"])


def test_names_of_the_prompt_come_before_builtins_and_keywords(session):
    session("print_all = 1", "priority = 2")
    assert matches(session, "x = pri") == ["print_all", "priority", "print"]
    assert "while" in matches(session, "x = 1; wh")


def test_private_names_wait_for_their_underscore(session):
    session("""
        class A:
            shown = 1
            _hidden = 2
        """)
    assert matches(session, "A.") == ["mro", "shown"] or matches(session, "A.") == ["shown"]
    assert matches(session, "A._hi") == ["_hidden"]
    assert "__init__" in matches(session, "A.__in")


HOSTILE = """
    calls = []
    class Meta(type):
        def __getattribute__(cls, name):
            calls.append(('meta', name))
            return type.__getattribute__(cls, name)
        def __repr__(cls):
            calls.append('metarepr')
            return 'x'
    class Hostile(metaclass=Meta):
        __slots__ = ('slot', '__dict__')
        def __init__(self):
            self.own = {'k': [self]}
            self.slot = 'text'
        @property
        def prop(self):
            calls.append('prop')
            return 'text'
        def method(self, first, *, second=2): pass
        def __getattr__(self, name):
            calls.append(name)
        def __getattribute__(self, name):
            calls.append(name)
            return object.__getattribute__(self, name)
        def __repr__(self):
            calls.append('repr')
            return 'x'
        __str__ = __repr__
        def __call__(self, argument):
            calls.append('call')
        def __getitem__(self, key):
            calls.append('item')
        def __len__(self):
            calls.append('len')
            return 1
        def __bool__(self):
            calls.append('bool')
            return True
        def __eq__(self, other):
            calls.append('eq')
        def __hash__(self):
            calls.append('hash')
            return 1
    """


@pytest.mark.parametrize("line, expected", [
    ("h.", ["method", "own", "prop", "slot"]),
    ("h.pro", ["prop"]),
    ("h.prop.", []),
    ("h.nothing.", []),
    ("h.own['k'][0].sl", ["slot"]),
    ("h.slot.upp", ["upper"]),
    ("h().", []),
    ("h[0].", []),
    ("h['", []),
    ("h.method(sec", ["second="]),
    ("h(arg", ["argument="]),
    ("hosts['", []),
    ("hosts[h].", []),
    ("Hostile.met", ["method"]),
    ("Hostile(", None),
    ("h", None),
])
def test_nothing_of_the_users_is_run(session, write, line, expected):
    write("hostile.py", HOSTILE)
    session("%run hostile.py", "h = Hostile()", "hosts = {h: h}", "calls.clear()")
    found = matches(session, line)
    assert session.value("calls") == []
    if expected is not None:
        assert found == expected


def test_a_hostile_dir_is_heard_and_changes_nothing(session):
    session("""
        class Raises:
            own = 1
            def __dir__(self): raise RuntimeError('no')
        """, """
        class Junk:
            own = 1
            def __dir__(self): return [1, None, 'extra', self]
        """, """
        class Number:
            own = 1
            def __dir__(self): return 7
        """, "r, j, n = Raises(), Junk(), Number()")
    assert matches(session, "r.") == ["own"]
    assert matches(session, "n.") == ["own"]
    assert matches(session, "j.") in (["own"], ["extra", "own"])
    assert session("1 + 1").endswith("2\n")


def test_a_dir_that_sleeps_for_ever_ends(session):
    session("import time", """
        class Slow:
            own = 1
            def __dir__(self):
                time.sleep(10 ** 6)
        """, "s = Slow()")
    assert matches(session, "s.") == ["own"]


def test_ctrl_c_ends_a_slow_dir(shell, write):
    write("slow.py", "import time\nclass Slow:\n    def __dir__(self):\n        while True:\n"
                     "            try: print('asked'); time.sleep(10 ** 6)\n            finally: print('left')\n")
    shell.line("from slow import *")
    shell.wait("In [2]: ")
    shell.line("s = Slow(); x = get_ipython().complete('', 's.')")
    shell.wait("asked")
    shell.keys(CTRL_C)
    shell.wait("left", "In [3]: ")


def test_from_import_of_imported_and_other_modules(session, write):
    write("helper.py", "raise SystemExit('imported')\nimport os.path as p, sys\nfrom a import (b as c,\n"
                       " d)\nasync def one(): pass\nclass Two:\n    inner = 1\nTHREE: int = 3\n"
                       "if True:\n    four = 4\nfive, six = 5, 6\n")
    assert "getcwd" in matches(session, "from os import ")
    assert matches(session, "from helper import ") == ["THREE", "Two", "c", "d", "one", "p", "sys"]
    assert matches(session, "from os import path, getcw") == ["getcwd", "getcwdb"]
    assert matches(session, "from nosuch import ") == []
    assert matches(session, "from os imp") == ["import"]
    assert session.value("'helper' in __import__('sys').modules") is False


def test_modules_on_the_path(session, write):
    write("alone_one.py", "")
    write("alone_pack/__init__.py", "x = 1")
    write("alone_pack/inner.py", "raise SystemExit")
    write("alone_pack/deep/__init__.py", "")
    write("alone_data/readme.txt", "")
    with zipfile.ZipFile(session.folder / "z.zip", "w") as archive:
        archive.writestr("alone_zipped.py", "found = 1")
        archive.writestr("alone_zippack/__init__.py", "")
        archive.writestr("alone_zippack/part.py", "")
    session("import sys", "sys.path.append('z.zip')")
    assert matches(session, "import alone_") == [
        "alone_one", "alone_pack", "alone_zippack", "alone_zipped"]
    assert matches(session, "import alone_pack.") == ["deep", "inner"]
    assert matches(session, "from alone_pack import ") == ["deep", "inner", "x"]
    assert matches(session, "from alone_zipped import ") == ["found"]
    assert matches(session, "import alone_zippack.") == ["part"]
    assert "_thread" in matches(session, "import _thr")
    assert "path" in matches(session, "import os.")
    write("alone_later.py", "")
    assert matches(session, "import alone_l") == ["alone_later"]


def test_dict_keys(session):
    session("""d = {'one': {'in ner': 1}, "it's": 2, 'two': 3, 4: 5, b'x': 6, ('a', 1): 7}""")
    assert matches(session, "d['") == ["'a'", "'it\\'s'", "'one'", "'two'"]
    assert matches(session, 'd["i') == ['"it\'s"']
    assert matches(session, "d['one']['") == ["'in ner'"]
    assert matches(session, "d[")[:6] == ["'a'", "'it\\'s'", "'one'", "'two'", "4", "b'x'"]
    assert session.value("""get_ipython().complete('', "d['tw']", 5)""") == ("'tw'", ["'two'"])
    for name in matches(session, "d['")[1:]:  # the first is an item of a tuple
        assert session.value(f"d[{name}] is not None") is True


def test_dict_keys_of_every_type_that_can_be_written(session):
    session("d = {b'by': 1, 2.5: 2, None: 3, True: 4, -3: 5, float('inf'): 6, 'text': 7}")
    offered = matches(session, "d[")
    assert set(offered[:4]) == {"'text'", "-3", "2.5", "b'by'"}
    assert {"None", "True"} <= set(offered) and "inf" not in offered
    assert matches(session, "d[b'") == ["b'by'"]
    assert matches(session, 'd[b"b') == ['b"by"']
    assert matches(session, "d['") == ["'text'"]


def test_items_of_keys_that_are_tuples(session):
    session("d = {('a', 1, 'x'): 1, ('a', 1, 'y'): 1, ('a', 2, 'z'): 1, ('b',): 1, 'c': 1, (): 1}")
    assert matches(session, "d['") == ["'a'", "'b'", "'c'"]
    assert matches(session, "d['a', ")[:2] == ["1", "2"]
    assert matches(session, "d['a', 1, '") == ["'x'", "'y'"]
    assert matches(session, 'd["a", 2, "z') == ['"z"']
    assert matches(session, "d['a', True, '") == matches(session, "d[len('a'), '") == []


def test_a_percent_sign_alone_is_for_magics(session):
    assert {"run", "time", "why"} <= set(matches(session, "%")) and "print" not in matches(session, "%")
    assert set(matches(session, "%%")) < set(matches(session, "%"))


def test_relative_imports_offer_nothing_at_the_prompt(session):
    assert matches(session, "from .") == matches(session, "from ..o") == []


def test_keys_of_those_who_say_what_theirs_are(session):
    session("""
        class Table:
            def _ipython_key_completions_(self):
                return ['left', 'right', 3]
        """, "t = Table()", "t.instance = 1")
    assert matches(session, "t['le") == ["'left'"]
    assert matches(session, "t['") == ["'left'", "'right'"]


def test_fields_of_numpy_and_columns_of_pandas(session):
    if "Error" in session("import numpy as np, pandas as pd"):
        pytest.skip("no numpy or no pandas for this interpreter")
    session("a = np.zeros(2, dtype=[('width', int), ('height', float)])",
            "plain = np.zeros(2)",
            "df = pd.DataFrame({'weight': [1], 'wing span': [2], 3: [3]})",
            "series = pd.Series([1], index=['only'])")
    assert matches(session, "a['") == ["'height'", "'width'"]
    assert matches(session, "a[0]['") == ["'height'", "'width'"]
    assert matches(session, "a['width'].argma") == matches(session, "plain.argma") == ["argmax"]
    assert matches(session, "df['weight'].cums") == matches(session, "df.weight.cums") == ["cumsum"]
    assert matches(session, "df['none'].") == matches(session, "a['none'].") == []
    assert matches(session, "plain['") == []
    assert matches(session, "df['w") == ["'weight'", "'wing span'"]
    assert matches(session, 'df["wing') == ['"wing span"']
    assert matches(session, "series['o") == ["'only'"]
    assert matches(session, "np.arang") == ["arange"]
    assert matches(session, "df.grou") == ["groupby"]
    assert matches(session, "df.values.shap") == []  # that would be a copy
    assert matches(session, "df.index.is_uni") == ["is_unique"]
    assert matches(session, "df.columns.str.low") == ["lower"]
    assert matches(session, "df.dtypes.inde") == ["index"]


def test_labels_of_pandas(session):
    if "Error" in session("import pandas as pd"):
        pytest.skip("no pandas for this interpreter")
    session("df = pd.DataFrame({'weight': [1], 'name': ['x']}, index=['only'])", "s = df['name']")
    assert matches(session, "df.loc['") == matches(session, "df.at['") == ["'only'"]
    assert matches(session, "df.loc['only', 'w") == ["'weight'"]
    assert matches(session, "df.loc[:, 'w") == matches(session, "df.loc[df.weight > 0, 'w") == ["'weight'"]
    assert matches(session, "s.loc['o") == ["'only'"]
    assert matches(session, "s.loc['only', 'o") == []
    assert matches(session, "s.str.upp") == matches(session, "df.name.str.upp") == ["upper"]
    assert matches(session, "df.weight.str.upp") == []


def test_parameters(session):
    session("import functools", "def f(alpha, beta=1, /, gamma=2, *rest, delta, **more): pass", """
        class C:
            def __init__(self, alpha, *, other=1): pass
            def m(self, mine): pass
            @classmethod
            def k(cls, klass): pass
            @staticmethod
            def s(stat): pass
        """, """
        @functools.wraps(f)
        def wrapped(*args, **options): pass
        """, "c = C(1)", "p = functools.partial(f, 1, 2)")
    assert matches(session, "f(")[:2] == ["delta=", "gamma="]
    assert matches(session, "f(1, ga") == ["gamma="]
    assert matches(session, "f(1 + ga") == []
    assert matches(session, "wrapped(ga") == ["gamma="]
    assert matches(session, "p(ga") == ["gamma="]
    assert matches(session, "C(oth") == ["other="] and matches(session, "C(sel") == []
    assert matches(session, "c.m(mine") == ["mine="] and matches(session, "C.m(sel") == ["self="]
    assert matches(session, "c.k(kl") == ["klass="] and matches(session, "c.s(sta")[0] == "stat="
    assert matches(session, "sorted(x, rev")[0] == "reverse="
    assert matches(session, "x = 'a'.split(maxs") == ["maxsplit="]


def test_paths_in_strings_and_lines_of_the_shell(session, write):
    write("some folder/file.txt", "")
    write("some.py", "")
    write("some.txt", "")
    write(".hidden", "")
    assert matches(session, "open('so") == ["some folder/", "some.py", "some.txt"]
    assert matches(session, "open('some folder/") == ["some folder/file.txt"]
    assert matches(session, "!cat so") == ["some.py", "some.txt", "some\\ folder/"]
    assert matches(session, "!cat some\\ folder/f") == ["some\\ folder/file.txt"]
    assert matches(session, "x = !cat 'some folder/f") == ["'some folder/file.txt"]
    assert not any(text.startswith("-") for text in matches(session, "%run "))
    assert matches(session, "%run so") == ["some.py", "some\\ folder/"]
    assert matches(session, "run so") == ["some.py", "some\\ folder/"]
    assert matches(session, "%run some.py some.t") == ["some.txt"]
    assert matches(session, "cd so") == ["some\\ folder/"]
    assert matches(session, "!cat .h") == [".hidden"]
    assert matches(session, "!cat ~/some.t") == ["~/some.txt"]
    assert "ls" in matches(session, "!l")


def test_magics_and_their_options(session):
    assert matches(session, "%xm") == ["xmode"] and matches(session, "%%tim") == ["time"]
    assert matches(session, "%xmode Pl") == ["Plain"]
    assert matches(session, "%tb --") == ["--free"]
    assert "-d" in matches(session, "%run -") and "--diff" in matches(session, "%runs --")
    assert matches(session, "%load_ext ast")[0] == "ast"
    session("import os", "text = 'x'")
    assert matches(session, "%time os.getcwd") == ["getcwd", "getcwdb"]
    assert matches(session, "time os.getcwd") == ["getcwd", "getcwdb"]
    assert matches(session, "%who te") == ["text"]
    assert "xmode" in matches(session, "xmo") and matches(session, "x = xmo") == []
    session("get_ipython().register_magic_function(lambda line: None, 'line', 'mine_too')")
    assert matches(session, "%mine") == ["mine_too"]
    session("xmode = [1]")
    assert matches(session, "xmode Pl") == []


def test_symbols(session):
    assert matches(session, "\\alph") == ["\\alpha"]
    assert matches(session, "x = \\alpha") == ["α"]
    assert matches(session, "\\^2") == ["²"] and matches(session, "'\\bbR") == ["ℝ"]
    assert matches(session, "\\GREEK SMALL LETTER ALPHA")[0] == "α"
    assert "\\SNOWMAN" in matches(session, "\\SNOWM")


def test_fuzzy_takes_letters_that_lie_apart(session):
    session("load_the_data = 1")
    assert matches(session, "ltd") == []
    session("get_ipython().fuzzy_completion = True")
    assert matches(session, "ltd")[0] == "load_the_data"


def test_ten_thousand_names(session):
    session("globals().update({f'name_{i:05}': i for i in range(10000)})")
    assert session.value("len(get_ipython().complete('', 'name_', 5)[1])") == 10000
    assert matches(session, "name_0999") == [f"name_{i:05}" for i in range(9990, 10000)]


@pytest.mark.parametrize("arguments", ["", "1", "'a', 2", "'a', 'b', 'c'", "'a', None, 2.5"])
def test_a_wrong_call_is_a_type_error(session, arguments):
    assert "TypeError" in session(f"get_ipython().complete({arguments})")


def test_a_cursor_outside_of_the_line_is_at_its_end(session):
    session("import os")
    assert matches(session, "os.getcwdb", 99) == ["getcwdb"]
    assert session.value("get_ipython().complete('', 'os', -5)[0]") == ""
