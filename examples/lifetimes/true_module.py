"""Why a dict will not do: the library asks sys.modules['__main__'] who a class is."""
import dataclasses
import inspect
import pathlib
import pickle
import sys
import tempfile
import types
import typing

SCRIPT = """\
from __future__ import annotations
from dataclasses import dataclass
from typing import ClassVar

@dataclass
class Node:
    next: Node | None = None
    count: ClassVar[int] = 0
"""


def answer(question, *arguments):
    try:
        return question(*arguments)
    except Exception as error:
        return type(error).__name__


def ask(Node):
    """What the library says about a class, by who is asked."""
    return {
        "pickle": answer(lambda: type(pickle.loads(pickle.dumps(Node()))) is Node),
        "typing": answer(lambda: "next" in typing.get_type_hints(Node)),
        "inspect": answer(lambda: inspect.getsource(Node).startswith("@dataclass")),
        "dataclasses": [field.name for field in dataclasses.fields(Node)],
    }


def run(path, true_module):
    """Run the file; its class, and what the library says of it before the script ends."""
    module = types.ModuleType("__main__")
    module.__file__ = str(path)
    code = compile(path.read_text(), path, "exec", dont_inherit=True)
    session = sys.modules["__main__"]
    if true_module:
        sys.modules["__main__"] = module
    try:
        exec(code, vars(module))
        return module.Node, ask(module.Node)
    finally:
        sys.modules["__main__"] = session


RIGHT = {"pickle": True, "typing": True, "inspect": True, "dataclasses": ["next"]}

with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder, "node.py")
    path.write_text(SCRIPT)
    _, in_a_dict = run(path, true_module=False)
    old, in_a_module = run(path, true_module=True)

    print("in a namespace alone:", in_a_dict)
    print("in sys.modules['__main__']:", in_a_module)
    assert in_a_module == RIGHT
    assert in_a_dict["pickle"] == "PicklingError" and in_a_dict["typing"] == "NameError"
    assert in_a_dict["inspect"] in ("OSError", False)  # from 3.13 the text of another file
    assert in_a_dict["dataclasses"] == ["next", "count"]  # wrong, and no error

    # The answer holds only as long as the run's module is there.
    print("the same class, after its run:", ask(old))
    assert ask(old)["pickle"] == "PicklingError" and ask(old)["typing"] == "NameError"
