"""What test_soak.py's session calls between the scripts that it %runs."""
import gc
import json
import os
import sys

import differential_session
from differential_session import before

STEP = 100
noted = open(os.path.join(differential_session.plan["captured"], "results"), "w")
runs = 0


def after(number, run):
    """Note how the run ended, outside of this process; and what is alive, now and then."""
    global runs
    differential_session.after(number, run)
    for result in differential_session.results:
        del result["new"], result["names"]
        print(json.dumps(result), file=noted)
    differential_session.results.clear()
    runs += 1
    if runs % STEP == 0:
        for _ in range(2):
            gc.collect()
        print(json.dumps({"runs": runs, "objects": len(gc.get_objects()),
                          "modules": len(sys.modules)}), file=noted)


def finish():
    noted.close()
