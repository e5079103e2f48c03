"""The way out, in 30 lines: a module for each run, held by nobody but those who use it."""
import gc
import importlib.machinery
import pathlib
import sys
import tempfile
import types
import weakref


class Runs:
    def __init__(self, prompt):
        self.prompt = prompt
        self.ledger = []  # (path, weak reference to the module), a run each

    def run(self, path):
        self.supersede(path)
        module = types.ModuleType("__main__")
        module.__file__ = path
        # The namespace holds its loader, that the module, that the namespace: they die together.
        module.__loader__ = importlib.machinery.SourceFileLoader("__main__", path)
        module.__loader__.module = module
        self.ledger.append((path, weakref.ref(module)))
        code = compile(module.__loader__.get_data(path), path, "exec", dont_inherit=True)
        session, sys.modules["__main__"] = sys.modules["__main__"], module
        try:
            exec(code, vars(module))
        finally:
            sys.modules["__main__"] = session
            self.prompt.update(self.published(module))

    def supersede(self, path):
        """Take back what the earlier runs of `path` published; what the user bound is his."""
        for module in [ref() for known, ref in self.ledger if known == path]:
            for name, value in self.published(module).items() if module else ():
                if self.prompt.get(name) is value:
                    del self.prompt[name]
        module = value = None
        gc.collect()

    def published(self, module):
        return {name: value for name, value in vars(module).items() if name[:2] != "__"}

    def alive(self):
        return [module() is not None for _, module in self.ledger]


def main(script):
    prompt = {}
    runs = Runs(prompt)
    script.write_text("RATE = 0.1\ndef price(x): return round(x * (1 + RATE))\n")
    runs.run(str(script))
    prompt["old"] = prompt["price"]

    script.write_text("RATE = 0.5\ndef price(x): return round(x * (1 + RATE))\n")
    runs.run(str(script))
    print("old(100), price(100):", prompt["old"](100), prompt["price"](100))
    assert (prompt["old"](100), prompt["price"](100)) == (110, 150)
    print("alive:", runs.alive())
    assert runs.alive() == [True, True]

    del prompt["old"]
    for _ in range(50):
        runs.run(str(script))
    print("nothing kept, 50 runs later:", sum(runs.alive()), "alive")
    assert runs.alive() == [False] * 51 + [True]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(pathlib.Path(folder, "model.py"))
