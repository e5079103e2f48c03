"""%prun: a statement or a cell under the profiler, with the options of `%run -p`."""
import pstats

import pytest
from test_run_options import rows

WORK = "def work(n):\n    return sum(map(abs, range(n)))"


@pytest.fixture
def work(session):
    session(WORK)
    return session


def test_a_statement_is_profiled_in_the_prompt_s_names(work):
    written = work("%prun made = work(3)")
    assert "<cell 1>:1(work)" in rows(written) and "Ordered by: internal time" in written
    assert "mainspring" not in written
    assert work.value("made") == 3


def test_a_cell_is_profiled_with_options_on_its_line(work):
    written = work("%%prun -l 1 -s cumulative\na = work(1)\nb = work(2)")
    assert rows(written) == ["<profiled>:1(<module>)"] or len(rows(written)) == 1
    assert "Ordered by: cumulative time" in written
    assert work.value("a, b") == (0, 1)


def test_a_profile_is_saved_and_returned_and_nothing_is_shown(work):
    written = work("%prun -qr -T 'a profile.txt' -Dp.prof work(-1)")
    assert written.startswith("profile for pstats: p.prof\nprofile as text: a profile.txt\nOut[2]: <pstats.")
    assert "work" in (work.folder / "a profile.txt").read_text()
    assert pstats.Stats(str(work.folder / "p.prof")).total_calls > 2


def test_a_statement_may_begin_with_a_minus_and_hold_quotes_and_options(work):
    assert "1(work)" in work("%prun -q -- -work(2)") + work("%prun -- -work(2)")
    assert work("%prun -q text = ' -s a \"b '", "text") == "Out[5]: ' -s a \"b '\n"


def test_awaiting_is_profiled(session):
    session("import asyncio")
    assert "asyncio" in session("%prun await asyncio.sleep(0)")


def test_an_error_comes_after_the_profile(work):
    written = work("%prun work('x')")
    assert 0 < written.index("function calls") < written.index("TypeError")
    assert work("%prun raise KeyboardInterrupt").rstrip().endswith("KeyboardInterrupt")
    assert work("1 + 1").endswith(": 2\n")


@pytest.mark.parametrize("line, message", [
    ("", "which statement?"), ("-q", "which statement?"), ("-z work(1)", "unknown option -z"),
    ("-t work(1)", "unknown option -t"), ("-l", "-l needs a value"), ("-l 'a work(1)", "a quote is not closed"),
    ("-s bogus work(1)", "-s: no sort key 'bogus'"), ("- work(1)", "an option is a letter behind -"),
])
def test_bad_input_is_one_line_and_nothing_runs(work, line, message):
    written = work(f"%prun {line}")
    assert written.startswith("UsageError: %prun: ") and message in written and written.count("\n") == 1
