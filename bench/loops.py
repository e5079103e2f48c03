"""Pure Python loops: does the embedded interpreter run at the speed of Debian's python3?

Run as a script, by any interpreter, it prints the time of each loop as JSON.
"""
import functools
import json
import subprocess
import time

REPETITIONS = 7  # processes of each interpreter
BEST_OF = 5  # passes over a loop in a process


def nested_loop():
    total = 0
    for i in range(600):
        for j in range(600):
            total += i ^ j
    return total


def function_calls():
    def add(a, b=1):
        return a + b

    total = 0
    for i in range(300_000):
        total = add(total, b=i)
    return total


def list_and_dict():
    squares = [i * i for i in range(100_000)]
    by_rest = {}
    for square in squares:
        by_rest.setdefault(square % 997, []).append(square)
    return sum(len(group) for group in by_rest.values())


def string_building():
    words = []
    for i in range(60_000):
        words.append(f"{i:05d}".replace("0", "o").upper())
    return len(" ".join(words).split())


def method_calls():
    class Counter:
        __slots__ = ("count",)

        def __init__(self):
            self.count = 0

        def step(self, by):
            self.count += by
            return self

    counter = Counter()
    for i in range(200_000):
        counter.step(i).step(-1)
    return counter.count


LOOPS = [nested_loop, function_calls, list_and_dict, string_building, method_calls]


def best_rate(loop):
    """How many times a second `loop` runs, at its best."""
    def once():
        began = time.perf_counter()
        loop()
        return time.perf_counter() - began

    return 1 / min(once() for _ in range(BEST_OF))


def rates(interpreter):
    output = subprocess.run([interpreter, __file__], capture_output=True, text=True, check=True)
    return json.loads(output.stdout)


def figures(shells):
    from figure import Figure, Goal, alternate

    processes = alternate(REPETITIONS, {name: functools.partial(rates, shells[name])
                                        for name in ("mainspring", "python3")})
    return [
        Figure(loop.__name__, "/s",
               {name: [taken[loop.__name__] for taken in each] for name, each in processes.items()},
               Goal(">=", 0.95, "python3"), summary=max)
        for loop in LOOPS
    ]


if __name__ == "__main__":
    print(json.dumps({loop.__name__: best_rate(loop) for loop in LOOPS}))
