"""Run every test that meson knows and say last how many passed and how many failed.

usage: python3 tools/run_tests.py MESON BUILD_FOLDER [OPTION...]     (the folder is up to date;
the options are those of meson test)

A test that speaks TAP counts once for each of its points, any other once.  One that fails
beyond its points (a crash, a time-out, a missing point) counts as one failure more.
"""
import json
import os
import pathlib
import re
import subprocess
import sys

TAP_PLAN = re.compile(r"^1\.\.\d+", re.M)
TAP_POINT = re.compile(r"^(not )?ok\b(.*)", re.M)
GOOD = {"OK", "EXPECTEDFAIL", "SKIP"}


def count(test):
    """How many points of one test passed and failed; skipped ones are neither."""
    output = test.get("stdout", "")
    good = test["result"] in GOOD
    if not TAP_PLAN.search(output):
        return int(good and test["result"] != "SKIP"), int(not good)
    points = [failed for failed, rest in TAP_POINT.findall(output)
              if not re.search(r"#\s*(skip|todo)", rest, re.I)]
    failed = sum(map(bool, points))
    return len(points) - failed, failed or int(not good)


def main(meson, build, *options):
    log = pathlib.Path(build, "meson-logs", "testlog.json")
    log.unlink(missing_ok=True)
    patience = ["--timeout-multiplier", "6"] if "ASAN_OPTIONS" in os.environ else []
    status = subprocess.call(
        [meson, "test", "-C", build, "--no-rebuild", "--print-errorlogs", *patience, *options])
    if not log.exists():
        return status or 1
    results = [count(json.loads(line)) for line in log.read_text().splitlines()]
    passed, failed = map(sum, zip(*results))
    print(f"{passed} passed, {failed} failed")
    return status or int(failed > 0 or passed == 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
