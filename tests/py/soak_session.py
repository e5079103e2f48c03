"""What test_soak.py's session calls between the scripts that it %runs."""
import gc
import json
import os
import sys
import typing

import differential_session
from differential_session import PROMPT, before

noted = open(os.path.join(differential_session.plan["captured"], "results"), "w")
runs = 0
before_all = set(PROMPT) | {"soak_session"}


def after(number, run):
    """Note how the run ended, outside of this process."""
    global runs
    differential_session.after(number, run)
    for result in differential_session.results:
        del result["new"], result["names"]
        print(json.dumps(result), file=noted)
    differential_session.results.clear()
    runs += 1


def forget():
    """Delete the names at the prompt: which runs have some when we count is chance."""
    for name in set(PROMPT) - before_all:
        del PROMPT[name]


def count():
    """Note what is alive; the names were deleted in the cell before."""
    for clear in getattr(typing, "_cleanups", ()):  # what it caches holds classes of scripts
        clear()
    for _ in range(2):
        gc.collect()
    print(json.dumps({"runs": runs, "objects": len(gc.get_objects()), "modules": len(sys.modules),
                      "alive": [name for name in sys.modules if name.endswith(">")]}), file=noted)


def finish():
    noted.close()
