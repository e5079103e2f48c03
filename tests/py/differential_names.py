"""Print, as JSON, the names that each script of a plan leaves in its module under runpy."""
import ast  # the session has it: what ast.py does depends on that
import json
import os
import runpy
import shutil
import sys


def main(plan_path):
    with open(plan_path) as file:
        plan = json.load(file)
    names = []
    for number, case in enumerate(plan["cases"]):
        case["folder"] += "-names"
        answer = os.path.join(plan["captured"], f"{number}.names")
        pid = os.fork()
        if pid == 0:
            in_child(case, answer)
        os.waitpid(pid, 0)
        with open(answer) as file:
            names.append(json.load(file))
        shutil.rmtree(case["folder"])
    json.dump(names, sys.stdout)


def in_child(case, answer):
    shutil.copytree(case["template"], case["folder"])
    os.chdir(case["folder"])
    os.dup2(os.open(case["stdin"], os.O_RDONLY), 0)
    for fd in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), fd)
    sys.argv = [case["script"], *case["argv"]]
    sys.path[0] = case["folder"]
    script = os.path.join(case["folder"], case["script"])
    try:
        assert ast
        left = runpy.run_path(script, run_name="__main__")
    except BaseException as error:
        left = globals_in(error.__traceback__, script)
    with open(answer, "w") as file:
        json.dump(sorted(left), file)
    os._exit(0)


def globals_in(traceback, script):
    """The globals of the script's own frame, empty where it did not compile."""
    while traceback:
        code = traceback.tb_frame.f_code
        if (code.co_filename, code.co_name) == (script, "<module>"):
            return traceback.tb_frame.f_globals
        traceback = traceback.tb_next
    return {}


if __name__ == "__main__":
    main(sys.argv[1])
