"""What test_soak.py's session of very many runs executes, in a module of its own.

The scripts of the plan are run in turn, with their output thrown away; per tenth of the runs it is
noted what is alive.
"""
import gc
import io
import json
import os
import sys

LINES = json.loads(os.environ["SOAK_LINES"])
RUNS = int(os.environ["SOAK_RUNS"])


def alive():
    for _ in range(2):
        gc.collect()
    return {"objects": len(gc.get_objects()),
            "runs": sum(name.endswith(">") for name in sys.modules)}


def main(run):
    out, err = sys.stdout, sys.stderr
    counts = []
    for i in range(RUNS):
        sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
        run("run", LINES[i % len(LINES)])
        sys.stdout, sys.stderr = out, err
        if (i + 1) % (RUNS // 10) == 0:
            counts.append({"after": i + 1} | alive())
    print(json.dumps(counts))
