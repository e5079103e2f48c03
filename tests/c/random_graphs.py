"""Random object graphs for test_heap_random.c.

A graph is some runs, each a namespace that its carrier holds as a run's loader holds it, and
objects of every kind that refers to others, made by those runs and tangled.  Some are needed from
outside: by a list, by a frame, by a thread's frame, by a weak dictionary's key.
"""
import collections
import contextvars
import functools
import gc
import itertools
import random
import types
import weakref

outside = []      # what the user keeps
frames = []       # suspended generators that nobody but this list holds
carriers = []     # weak references
called = collections.Counter()  # finalizers, by object


class Carrier:
    pass


class Plain:
    pass


class Slotted:
    __slots__ = ("one", "two", "__weakref__")


class Final:
    """Its finalizer does one of the things that finalizers do."""
    number = itertools.count()

    def __init__(self, act):
        self.act, self.number = act, next(Final.number)

    def __del__(self):
        called[self.number] += 1
        if self.act == "revive":
            outside.append(self)
        elif self.act == "release" and outside:
            outside.pop(0)
        elif self.act == "make":
            self.made = [self]


SOURCE = """
def function(extra=None):
    return one, two, extra
def closure(value):
    def inner():
        return value, one
    return inner
def generate(value):
    local = value
    yield local
    yield one, two
async def wait(value):
    await pause(value)
class Class:
    def method(self):
        return one
    @classmethod
    def make(cls):
        return cls()
    @functools.cached_property
    def cached(self):
        return two
class Derived(Class):
    pass
class Bare(Exception):
    pass
def fail(local):
    raise Bare(local)
"""


@types.coroutine
def pause(value):
    yield value


def make_run(code=compile(SOURCE, "<graph>", "exec")):
    namespace = {"__name__": "graph", "functools": functools, "pause": pause}
    carrier = Carrier()
    carrier.namespace = namespace
    namespace["__loader__"] = carrier
    namespace["one"] = namespace["two"] = None
    exec(code, namespace)
    carriers.append(weakref.ref(carrier))
    return namespace


def failed(run, value):
    try:
        run["fail"](value)
    except Exception as error:
        return error


def started(generator):
    next(generator)
    return generator


def waiting(coroutine):
    coroutine.send(None)
    return coroutine


def context(value):
    made = contextvars.Context()
    made.run(contextvars.ContextVar("v").set, value)
    return made


MAKERS = [
    lambda pick, run, rnd: [pick(), pick()],
    lambda pick, run, rnd: (pick(), pick()),
    lambda pick, run, rnd: {"a": pick(), "b": pick()},
    lambda pick, run, rnd: {1: 2, "x": pick()},
    lambda pick, run, rnd: set(),
    lambda pick, run, rnd: collections.deque([pick()]),
    lambda pick, run, rnd: collections.OrderedDict(a=pick()),
    lambda pick, run, rnd: types.SimpleNamespace(a=pick()),
    lambda pick, run, rnd: types.MappingProxyType({"a": pick()}),
    lambda pick, run, rnd: types.CellType(pick()),
    lambda pick, run, rnd: Plain(),
    lambda pick, run, rnd: Slotted(),
    lambda pick, run, rnd: Final(rnd.choice(["note", "note", "revive", "release", "make"])),
    lambda pick, run, rnd: run["function"],
    lambda pick, run, rnd: run["closure"](pick()),
    lambda pick, run, rnd: run["Class"],
    lambda pick, run, rnd: run["Derived"],
    lambda pick, run, rnd: run["Bare"],
    lambda pick, run, rnd: run["Bare"](pick()),
    lambda pick, run, rnd: run["Derived"](),
    lambda pick, run, rnd: run["Class"]().method,
    lambda pick, run, rnd: run["Class"].make,
    lambda pick, run, rnd: started(run["generate"](pick())),
    lambda pick, run, rnd: waiting(run["wait"](pick())),
    lambda pick, run, rnd: functools.partial(run["function"], pick()),
    lambda pick, run, rnd: functools.lru_cache(run["function"]),
    lambda pick, run, rnd: functools.wraps(run["function"])(lambda *a: run),
    lambda pick, run, rnd: itertools.chain([pick()], [pick()]),
    lambda pick, run, rnd: iter([pick()]),
    lambda pick, run, rnd: map(run["function"], [pick()]),
    lambda pick, run, rnd: staticmethod(run["function"]),
    lambda pick, run, rnd: property(run["function"]),
    lambda pick, run, rnd: types.ModuleType("made"),
    lambda pick, run, rnd: type("Made", (run["Class"],), {"attribute": pick()}),
    lambda pick, run, rnd: context(pick()),
    lambda pick, run, rnd: weakref.WeakValueDictionary(),
]


def tie(a, b, rnd):
    """Have `a` refer to `b`, in a way that `a` has."""
    if isinstance(a, (list, collections.deque)):
        a.append(b)
    elif isinstance(a, dict):
        a[rnd.choice("abc")] = b
    elif isinstance(a, types.CellType):
        a.cell_contents = b
    elif isinstance(a, Slotted):
        setattr(a, rnd.choice(["one", "two"]), b)
    elif isinstance(a, BaseException):
        a.args = (b,)
    elif isinstance(a, types.FunctionType):
        a.__defaults__ = (b,)
    elif isinstance(a, set):
        try:
            a.add(b)
        except TypeError:
            pass
    elif hasattr(a, "__dict__") and not isinstance(a, (types.MethodType, property, staticmethod)):
        try:
            setattr(a, rnd.choice("abc"), b)
        except (AttributeError, TypeError):
            pass


def callback(run, rnd):
    """A weak reference's callback: a function of the run, or of nobody."""
    return run["function"] if rnd.random() < 0.5 else None


def build(seed, strays):
    """Make a graph.  Returns its namespaces, which nothing but the graph itself holds then, and
    a list of objects to be suspected.  With `strays` those are all objects, and any may be garbage
    that leads to a run while no run leads to it; without, each is its run's, and the list has
    what is held from outside, which a finalizer may let go of.
    """
    rnd = random.Random(seed)
    runs = [make_run() for _ in range(rnd.randint(1, 4))]
    objects = []

    def pick():
        return rnd.choice(objects) if objects and rnd.random() < 0.9 else rnd.choice(runs)

    for _ in range(rnd.randint(0, 25)):
        run = rnd.choice(runs)
        objects.append(rnd.choice(MAKERS)(pick, run, rnd))
        if strays and rnd.random() < 0.1:
            objects.append(failed(run, pick()))  # its frames lead to this one, and to `objects`
        if not strays:
            run.setdefault("made", []).append(objects[-1])
    for _ in range(rnd.randint(0, 40)):
        if objects:
            tie(rnd.choice(objects), pick(), rnd)
    for run in runs:
        for name in ("one", "two"):
            if objects and rnd.random() < 0.7:
                run[name] = rnd.choice(objects)
    for _ in range(rnd.randint(0, 3)):
        if objects:
            try:
                run = rnd.choice(runs)
                run["watch"] = weakref.ref(rnd.choice(objects), callback(run, rnd))
            except TypeError:
                pass
    for _ in range(rnd.choice([0, 0, 1, 2])):
        if objects:
            hold(rnd, rnd.choice(objects))
    if rnd.random() < 0.3:
        gc.collect()  # all is old
    if rnd.random() < 0.1:
        gc.freeze()
    return runs, objects if strays else list(outside)


def in_frame(value):
    yield
    return value


def hold(rnd, value):
    """Something outside needs the object."""
    if rnd.random() < 0.5:
        outside.append(value)
    else:
        frames.append(started(in_frame(value)))


def alive():
    """Which of the runs are alive, as a tuple of booleans."""
    return tuple(ref() is not None for ref in carriers)


def collect_all():
    """What the collector of the whole heap leaves, when it finds nothing more."""
    gc.unfreeze()
    while True:
        before = alive(), len(outside)
        gc.collect()
        if (alive(), len(outside)) == before:
            return before[0]


def clear():
    """Forget the graph.  Whether no finalizer was called twice."""
    once = all(count == 1 for count in called.values())
    while outside or frames:
        outside.clear()
        frames.clear()
        gc.collect()
    carriers.clear()
    called.clear()
    gc.collect()
    return once
