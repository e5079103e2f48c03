"""Cause 2: one namespace kept for each script keeps everything the scripts ever made."""
import gc
import weakref

SCRIPT = "table = set(range(1000))"  # think of a gigabyte

prompt = {}  # the names the user sees
kept = {}    # the shell's: script -> namespace, so that nothing it made breaks
made = []    # weak references: they tell what is alive, and keep nothing


def run(script):
    namespace = kept.setdefault(script, {"__name__": "__main__"})
    namespace.clear()
    exec(SCRIPT, namespace)
    prompt.update(table=namespace["table"])
    made.append(weakref.ref(namespace["table"]))


def alive():
    gc.collect()
    return sum(table() is not None for table in made)


for number in range(20):
    run("same.py")
print("one script, 20 runs:", alive(), "table alive")
assert alive() == 1

for number in range(20):
    run(f"script_{number}.py")
print("20 scripts, a run each:", alive() - 1, "tables more, and one name at the prompt")
assert alive() == 21

del prompt["table"]
print("after del of that name:", alive(), "tables alive")
assert alive() == 21

kept.clear()
print("after the shell forgot the namespaces:", alive(), "alive")
assert alive() == 0
