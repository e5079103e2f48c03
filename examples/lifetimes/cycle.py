"""Cause 3: a function and its namespace hold each other, so no reference count reaches zero."""
import gc
import time
import weakref

DATA = "table = set(range(1000))\n"
FUNCTION = DATA + "def rows(): return table\n"


def run(script):
    """Run `script` in a new namespace that nothing keeps; a weak reference to its table."""
    namespace = {"__name__": "__main__"}
    exec(script, namespace)
    return weakref.ref(namespace["table"])


gc.disable()
gc.collect()

print("a script of data alone: freed at once is", run(DATA)() is None)
print("with one function: freed at once is", run(FUNCTION)() is None)
assert run(DATA)() is None and run(FUNCTION)() is not None
gc.collect()

tables = [run(FUNCTION) for _ in range(100)]
print("100 such runs, counting references only:", sum(t() is not None for t in tables), "alive")
assert all(t() is not None for t in tables)
gc.collect()
print("after gc.collect():", sum(t() is not None for t in tables), "alive")
assert not any(t() is not None for t in tables)


def collection_ms():
    run(FUNCTION)
    began = time.perf_counter()
    gc.collect()
    return (time.perf_counter() - began) * 1e3


# Why not collect after each run, then?  A full collection visits every object there is.
alone = collection_ms()
others = [[] for _ in range(1_000_000)]
print(f"to collect one small run: {alone:.1f} ms; beside a million lists: {collection_ms():.1f} ms")
