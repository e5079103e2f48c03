"""pickle, typing and dataclasses find the world of the run that a class is from (P1, P2)."""
import pytest

CLASSES = """\
import copy, enum, pickle
EDITION = "{edition}"
class P:
    def __init__(self, x):
        self.x = x
    def edition(self):
        return EDITION
    class Inner:
        pass
class Color(enum.Enum):
    RED = "{edition}"
def function():
    return EDITION
def round_trip(value):
    return pickle.loads(pickle.dumps(value))
"""

HINTS = """\
from __future__ import annotations
import dataclasses, typing
class Kind:
    edition = "{edition}"
@dataclasses.dataclass
class Node:
    kind: Kind
    below: list[Node] = dataclasses.field(default_factory=list)
    def find(self, kind: Kind) -> typing.Optional[Node]: ...
class Row(typing.NamedTuple):
    kind: Kind
class Options(typing.TypedDict):
    kind: Kind
def hints(value):
    return typing.get_type_hints(value)
"""


@pytest.fixture
def pickled(session, write):
    write("s.py", CLASSES.format(edition="first"))
    session("import pickle, sys",
            "trip = lambda value, *args: pickle.loads(pickle.dumps(value, *args))",
            "%run s.py")
    return session


@pytest.mark.parametrize("protocol", range(6))
def test_what_a_run_made_is_pickled_from_the_prompt(pickled, protocol):
    assert pickled.value(f"type(trip(P(1), {protocol})) is P, trip(P(7)).x, trip(P) is P,"
                         f"trip(Color.RED) is Color.RED, trip(function) is function") == (
        True, 7, True, True, True)


def test_what_a_run_made_is_pickled_from_its_own_functions(pickled):
    assert pickled.value("type(round_trip(P(1))) is P, round_trip(P.Inner) is P.Inner,"
                         "round_trip(function) is function") == (True, True, True)


def test_a_script_pickles_while_it_runs(session, write):
    write("s.py", CLASSES.format(edition="running") + """\
print(type(round_trip(P(1))) is P, round_trip(Color.RED) is Color.RED, round_trip(P).__module__)
""")
    assert session("%run s.py") == "True True __main__\n"


def test_a_pickle_is_loaded_in_another_session_that_ran_the_script(pickled, program):
    pickled("pickle.dump([P(5), Color.RED, function], open('data', 'wb'))")
    assert program.output("-c", "%run s.py\nprint([getattr(i, 'x', i) for i in "
                                "pickle.load(open('data', 'rb'))][0])") == "5\n"


def test_after_an_edited_rerun_an_old_instance_finds_its_old_class(pickled, write):
    pickled("p, red, f, Inner, Old = P(3), Color.RED, function, P.Inner, P")
    write("s.py", CLASSES.format(edition="second"))
    pickled("%run s.py")
    assert pickled.value("Old is P, type(trip(p)) is Old, trip(p).x, trip(p).edition(),"
                         "trip(red) is red, trip(f) is f, f(), trip(Inner) is Inner") == (
        False, True, 3, "first", True, True, "first", True)
    assert pickled.value("type(trip(P(4))) is P, P(4).edition(), trip(Color.RED).value") == (
        True, "second", "second")


def test_an_old_class_says_which_run_it_is_from(pickled, write):
    pickled("p, red, f, Inner, Old = P(3), Color.RED, function, P.Inner, P")
    write("s.py", CLASSES.format(edition="second"))
    pickled("%run s.py")
    assert pickled.value("Old.__module__, f.__module__, Inner.__module__, Old.edition.__module__,"
                         "type(red).__module__, P.__module__") == (
        *["s <run 1>"] * 5, "__main__")
    assert pickled.value("repr(Old), repr(P)") == ("<class 's <run 1>.P'>", "<class '__main__.P'>")


def test_the_view_of_an_old_run_shows_its_module_and_goes_with_it(pickled, write):
    pickled("Old = P")
    write("s.py", CLASSES.format(edition="second"))
    pickled("%run s.py")
    assert pickled.value("[k for k in sys.modules if '<run' in k]") == ["s <run 1>"]
    pickled("view = sys.modules['s <run 1>']")
    assert pickled.value("view.__name__, view.__file__, view.EDITION, view.P is Old,"
                         "view.__dict__ is Old.edition.__globals__") == (
        "s <run 1>", f"{pickled.folder}/s.py <run 1>", "first", True, True)
    pickled("del Old, view")
    assert pickled.value("[k for k in sys.modules if '<run' in k]") == []


def test_three_generations_are_told_apart(pickled, write):
    for number, edition in enumerate(("second", "third", "fourth")):
        pickled(f"p{number} = P({number})")
        write("s.py", CLASSES.format(edition=edition))
        pickled("%run s.py")
    assert pickled.value("[(trip(p).edition(), type(trip(p)) is type(p))"
                         " for p in (p0, p1, p2)]") == [
        ("first", True), ("second", True), ("third", True)]


def test_a_class_whose_name_another_script_took_is_still_pickled(pickled, write):
    pickled("p, Old, f = P(1), P, function")
    write("other.py", "class P:\n    pass\nfunction = None\n")
    pickled("%run other.py")
    assert pickled.value("type(trip(p)) is Old, Old.__module__, trip(P()).__class__ is P,"
                         "trip(f) is f, trip(Color.RED) is Color.RED") == (
        True, "s <run 1>", True, True, True)


def test_instances_are_copied_and_kept_in_files(pickled, write):
    pickled("import copy, shelve", "p = P([1])")
    write("s.py", CLASSES.format(edition="second"))
    pickled("%run s.py", "shelf = shelve.open('shelf'); shelf['p'] = p")
    assert pickled.value("copy.deepcopy(p).x, shelf['p'].x, shelf['p'].edition()") == (
        [1], [1], "first")


@pytest.fixture
def hinted(session, write):
    write("s.py", HINTS.format(edition="first"))
    session("import dataclasses, typing", "%run s.py")
    return session


def test_string_annotations_resolve_from_the_prompt_and_from_the_script(hinted):
    for hints in ("typing.get_type_hints", "hints"):
        assert hinted.value(f"{hints}(Node)['kind'] is Kind, {hints}(Node.find)['kind'] is Kind,"
                            f"{hints}(Row)['kind'] is Kind, {hints}(Options)['kind'] is Kind") == (
            True, True, True, True)


def test_string_annotations_of_a_superseded_class_resolve_to_its_own_world(hinted, write):
    hinted("OldNode, OldKind, OldRow = Node, Kind, Row")
    write("s.py", HINTS.format(edition="second"))
    hinted("%run s.py")
    assert hinted.value("[typing.get_type_hints(c)['kind'].edition for c in"
                        " (OldNode, OldNode.find, OldRow, Node, Node.find, Row)]") == [
        "first", "first", "first", "second", "second", "second"]
    assert hinted.value("OldKind.edition, Kind.edition") == ("first", "second")


def test_string_annotations_resolve_in_a_script_that_was_edited_to_lack_them(hinted, write):
    hinted("OldNode = Node")
    write("s.py", "pass")
    hinted("%run s.py")
    assert hinted.value("typing.get_type_hints(OldNode)['kind'].edition") == "first"
    assert hinted.value("dataclasses.asdict(OldNode(1))") == {"kind": 1, "below": []}


def test_dataclasses_are_made_by_superseded_functions(hinted, write):
    write("s.py", "from __future__ import annotations\nimport dataclasses\n"
                  "def make():\n    @dataclasses.dataclass\n    class Made:\n"
                  "        x: dataclasses.InitVar[int]\n        y: int = 5\n    return Made\n")
    hinted("%run s.py", "old = make")
    write("s.py", "pass")
    hinted("%run s.py")
    assert hinted.value("[f.name for f in dataclasses.fields(old())], old()(1).y") == (["y"], 5)


def test_a_class_without_functions_is_told_from_its_successor_though_its_run_is_freed(
        session, write):
    write("s.py", "import enum, pickle\nclass P: pass\nclass E(enum.Enum):\n    A = 1\np = P()\n")
    session("%run s.py", "old, member = p, E.A", "import pickle, sys")
    session("%run s.py")
    assert session.value("type(old).__module__, type(member).__module__") == (
        "s <run 1>", "s <run 1>")
    assert session.value("type(pickle.loads(pickle.dumps(old))) is type(old)")
    assert session.value("pickle.loads(pickle.dumps(member)) is member")
    assert session.value("P.__module__, type(old) is P") == ("__main__", False)
    session("del old, member", "import gc; _ = gc.collect()", "x = 1")
    session("%run s.py")
    assert session.value("[name for name in sys.modules if '<run' in name]") == []
