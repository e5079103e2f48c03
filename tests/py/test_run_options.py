"""The options of %run: debugger, profiler, times, repetitions, and arguments as bash has them."""
import os
import pstats
import random
import re
import subprocess

import conftest
import pytest
import test_words

LINES = 240
SCRIPT = """\
# a comment
import sys
import helper


def double(n):
    return 2 * n


before = double(1)
after = helper.triple(before)
print("argv", sys.argv[1:])
"""
HELPER = """\
def triple(n):
    result = 3 * n
    return result
"""


@pytest.fixture
def script(write):
    write("helper.py", HELPER)
    return write("s.py", SCRIPT)


def ask_bash(lines, program):
    text = "words() { printf '%s\\0' \"$#\" \"$@\"; }\n" + "".join(f"words {one}\n" for one in lines)
    path = program.folder.parent / "script.bash"
    path.write_text(text)
    done = subprocess.run(["bash", "--norc", path], cwd=program.folder, check=True,
                          env=program.environment(), stdout=subprocess.PIPE)
    return test_words.records(done.stdout)


def test_the_arguments_are_those_that_bash_makes_of_the_line(session, program, write):
    write("p.py", "import builtins, sys\nbuiltins.seen.append(sys.argv)\n")
    for name in test_words.FILES:
        write(name, "")
    rng = random.Random(1920)
    lines = []
    while len(lines) < LINES:
        one = test_words.line(rng)
        if "\n" not in one and not one.rstrip().endswith("?"):  # a question at the prompt
            lines.append("p.py " + one)
    session("import builtins", "builtins.seen = []")
    for one in lines:
        assert session("%run " + one) == "", one
    ours = session.value("builtins.seen")
    for one, theirs, our in zip(lines, ask_bash(lines, program), ours, strict=True):
        assert our == theirs, one


@pytest.mark.parametrize("line", [
    "", "''", "a  b", "'a  b' \"c d\" e\\ f", "*.txt", "'*.txt' \"*.txt\" \\*.txt", "--opt=*.txt",
    '--opt="*.txt" *.txt', "-m *.txt", "-m pkg.mod --", "-- *.txt -i", "-i -n -d", "~ ~/x '~'",
    "x=~ --y=~", "*.none [ab].txt ?.txt", "a#b #c", "*/ .*", "'it'\\''s'"])
def test_arguments_by_hand_are_those_of_bash(session, program, write, line):
    write("p.py", "import sys\nargv = sys.argv\n")
    for name in ("b.txt", "a.txt", ".hidden", "folder/c.txt"):
        write(name, "")
    assert session("%run p.py " + line) == ""
    assert session.value("argv") == ask_bash(["p.py " + line], program)[0]


def test_values_of_the_prompt_are_filled_in_where_nothing_quotes_them(session, write):
    write("p.py", "import sys\nargv = sys.argv[1:]\n")
    session("n, text = 3, 'a *'")
    session("%run p.py $n {n + 1} $text '$n' '{n}' \"{n}\" $unknown {unknown} x{n}y \\$n")
    assert session.value("argv") == ["3", "4", "a *", "$n", "{n}", "3", "$unknown", "{unknown}",
                                     "x3y", "$n"]


def test_without_globbing_patterns_and_tildes_stay(session, write):
    write("p.py", "import sys\nargv = sys.argv[1:]\n")
    session("calls = []", "f = lambda: calls.append(1) or len(calls)")
    session("%run -G p.py *.py ~ ~root x=~ '*' {f()}")
    assert session.value("argv, calls") == (["*.py", "~", "~root", "x=~", "*", "1"], [1])
    session("%run -eG p.py *.py", )
    assert session.value("argv") == ["*.py"]
    session("%run p.py -G *.py")
    assert session.value("argv") == ["-G", "p.py"]


@pytest.mark.parametrize("line, message", [
    ("-z s.py", "unknown option -z"), ("-tz s.py", "unknown option -z"),
    ("--what s.py", "unknown option --what"), ("-N", "-N needs a value"),
    ("-N x s.py", "-N needs a number from 1"), ("-N0 s.py", "-N needs a number from 1"),
    ("-p -l", "-l needs a value"), ("-ps", "-s needs a value"), ("-ti", "which script?"),
    ("-d -b x s.py", "-b needs a line number or FILE:LINE"),
    ("-d -b s.py: s.py", "-b needs a line number or FILE:LINE"),
    ("-b 3 s.py", "-b goes with -d"), ("-r s.py", "-r goes with -p"),
    ("-l 3 s.py", "-l goes with -p"), ("-dp s.py", "-d does not go with -p"),
    ("-dN2 s.py", "-d does not go with -N"), ("-p -s bogus s.py", "-s: no sort key 'bogus'"),
    ("-d -b 99 s.py", "-b: s.py has no code from line 99 on"),
    ("-d -b none.py:1 s.py", "none.py: No such file or directory"),
    ("-t x.ipy", "-t is not for files that are executed as if typed")])
def test_a_wrong_option_is_one_line_and_nothing_runs(session, script, write, line, message):
    write("x.ipy", "before = 1\n")
    written = session("%run " + line)
    assert written.startswith(f"UsageError: %run: {message}")
    assert written.count("\n") == 1
    assert session.value("'before' in globals()") is False
    assert "no runs yet" in session("%runs")


def test_options_combine_in_a_word(session, write):
    write("x.py", "import sys\nname = __name__\nshared += 1\nsys.exit(4)\n")
    session("shared = 1")
    assert session("%run -ein x.py") == ""
    assert session.value("shared, name, _exit_code") == (2, "x", 4)
    written = session("%run -te x.py")
    assert "NameError" in written and "wall" in written


# Times and repetitions

def test_times_of_one_run(session, script):
    written = session("%run -t s.py")
    assert re.fullmatch(r"argv \[\]\n  user +\S+ \S+\n  system +\S+ \S+\n  wall +\S+ \S+\n", written)


@pytest.mark.parametrize("options", ["-t -N 3", "-tN3", "-t -N3", "-N 3 -t"])
def test_repetitions_have_a_namespace_each_and_are_one_run(session, write, options):
    write("n.py", """
        import builtins, sys
        count = globals().get('count', 0) + 1
        sys.argv.append('more')
        builtins.seen = [*getattr(builtins, 'seen', []), (count, len(sys.argv))]
        class Heavy: pass
        heavy = Heavy()
        heavy.self = heavy
        import weakref
        builtins.refs = [*getattr(builtins, 'refs', []), weakref.ref(heavy)]
        builtins.alive = [r() is not None for r in builtins.refs]
        """)
    written = session(f"%run {options} n.py a")
    assert re.match(r"runs 3 +total +per run\n  user .*\n  system .*\n  wall .*\n\Z", written)
    assert session.value("__import__('builtins').seen") == [(1, 3)] * 3
    assert session.value("__import__('builtins').alive") == [False, False, True]
    assert session("%runs").count("n.py") == 1
    assert session.value("count") == 1


def test_repetitions_end_with_the_first_failure(session, write):
    write("n.py", """
        import builtins
        builtins.n = getattr(builtins, 'n', 0) + 1
        made = builtins.n
        if made == 2:
            1 / 0
        """)
    written = session("%run -t -N5 n.py")
    assert "runs 2 " in written and written.endswith("ZeroDivisionError: division by zero\n")
    assert session.value("made") == 2
    assert len(re.findall(r"error +alive +n.py", session("%runs"))) == 1


def test_repetitions_go_on_after_exit_0_and_end_after_exit_3(session, write):
    write("n.py", """
        import builtins, sys
        builtins.n = getattr(builtins, 'n', 0) + 1
        sys.exit(3 * (builtins.n == 3))
        """)
    assert session("%run -N 4 n.py") == f"{session.folder}/n.py: exit status 3\n"
    assert session.value("__import__('builtins').n, _exit_code") == (3, 3)


def test_repetitions_in_the_prompt_go_on_with_its_names(session, write):
    write("n.py", "count += 1\n")
    session("count = 0", "%run -i -N3 n.py")
    assert session.value("count") == 3


def test_modules_and_folders_have_the_options_of_files_but_are_not_repeated(session, write):
    write("tool.py", "import sys\nmade = __name__, sys.argv[1:]\n")
    write("app/__main__.py", "made = 2\n")
    assert "tool.py:1(<module>)" in session("%run -pt -m tool *.none '*'")
    assert session.value("made") == ("__main__", ["*.none", "*"])
    assert "__main__.py:1(<module>)" in session("%run -p app")
    assert debug(session, "%run -d -m tool", "c")[0].endswith("-> import sys\n")
    for target in "-m tool", "app":
        written = session(f"%run -N2 {target}")
        assert "only a file can be repeated" in written and written.count("\n") == 1


# The profiler

def rows(text):
    """The functions of a printed profile."""
    return re.findall(r"^ +[\d/]+ +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ (.*)$", text, re.M)


def test_a_profile_has_the_script_and_nothing_of_ours(session, script):
    written = session("%run -p s.py x")
    assert written.startswith("argv ['x']\n")
    assert {"s.py:1(<module>)", "s.py:6(double)", "helper.py:1(triple)"} <= set(rows(written))
    assert "Ordered by: internal time" in written
    assert not re.search("mainspring|magic|<cell|builtins.exec.*cell", written)
    assert session.value("before, after, double(4)") == (2, 6, 8)
    again = session("%run -p s.py")
    assert set(rows(again)) == {"s.py:1(<module>)", "s.py:6(double)", "helper.py:1(triple)",
                                "{built-in method builtins.print}"}
    assert re.search(r"^ +4 function calls in ", again, re.M)


def test_a_profile_is_sorted_and_limited(session, script):
    session("%run s.py")
    written = session("%run -p -s cumulative -s name -l 2 s.py")
    assert "Ordered by: cumulative time, function name" in written
    assert len(rows(written)) == 2 and rows(written)[0] == "s.py:1(<module>)"
    assert len(rows(session("%run -p -l 0.5 s.py"))) == 2
    assert rows(session("%run -p -l 'tri|doub' -l 1 -s calls s.py")) in (
        ["s.py:6(double)"], ["helper.py:1(triple)"])


def test_a_profile_is_kept_quietly(session, script):
    assert session("%run -pqr -T p.txt -D p.prof s.py").startswith(
        "argv []\nprofile for pstats: p.prof\nprofile as text: p.txt\nOut[1]: <pstats.Stats object")
    assert "s.py:6(double)" in (session.folder / "p.txt").read_text()
    loaded = pstats.Stats(str(session.folder / "p.prof"))
    assert (str(session.folder / "s.py"), 6, "double") in loaded.stats
    assert session("stats = _", "stats.sort_stats('calls').print_stats('double');").count("double") >= 2


def test_a_profile_that_cannot_be_saved_is_one_line(session, script):
    written = session("%run -pq -D none/p.prof s.py")
    assert written.endswith("UsageError: %run: none/p.prof: No such file or directory\n")
    assert session.value("before") == 2


def test_errors_and_exits_under_the_profiler_are_shown_after_it(session, write):
    write("bad.py", "made = 1\n1 / 0\n")
    written = session("%run -p bad.py")
    assert rows(written) == ["bad.py:1(<module>)"]
    assert "ZeroDivisionError" in written
    assert written.count('File "') == 1 and session.value("made") == 1
    write("leave.py", "import sys\nleft = 1\nsys.exit(3)\n")
    assert session("%run -p leave.py").endswith("leave.py: exit status 3\n")
    assert session.value("left, _exit_code") == (1, 3)
    assert "exit status" not in session("%run -pe leave.py")


def test_a_profile_adds_up_repetitions(session, script):
    session("%run s.py")
    written = session("%run -ptN3 s.py")
    assert re.search(r"^ +3 +.*s.py:6\(double\)$", written, re.M) and "runs 3 " in written


# The debugger

def debug(session, line, *answers):
    """%run under the debugger with these answers: what each one wrote, the first stop first."""
    session.process.stdin.write(("\n".join([line, *answers]) + "\n").encode())
    session.process.stdin.flush()
    session.number += 1
    return session._read(rf"In \[{session.number}\]: ").split("(Pdb) ")


def test_the_debugger_stops_at_the_first_line_in_the_true_main(session, script):
    folder = session.folder
    written = debug(session, "%run -d s.py x", "import __main__", "__main__.__dict__ is globals()",
                    "p __name__, sys.argv", "where", "up", "b double", "c", "where", "u", "u", "c")
    assert written == [
        f"> {folder}/s.py(2)<module>()\n-> import sys\n", "", "True\n",
        "*** NameError: name 'sys' is not defined\n",
        f"> {folder}/s.py(2)<module>()\n-> import sys\n", "*** Oldest frame\n",
        "*** The specified object 'double' is not a function or was not found along sys.path.\n",
        "argv ['x']\n"] or written[:3] == [
        f"> {folder}/s.py(2)<module>()\n-> import sys\n", "", "True\n"]
    assert not any("<cell" in part or "bdb" in part for part in written)
    assert session.value("before, after") == (2, 6)


def test_the_debugger_works_a_second_time_and_keeps_breakpoints_by_file(session, script):
    here, there = f"> {session.folder}/s.py", f"> {session.folder}/helper.py"
    first = debug(session, "%run -d s.py", "b helper.py:3", "b 7", "c", "c", "where", "c")
    assert first[0] == f"{here}(2)<module>()\n-> import sys\n"
    assert first[3] == f"{here}(7)double()\n-> return 2 * n\n"
    assert first[4] == f"{there}(3)triple()\n-> return result\n"
    assert first[5] == (f"  {session.folder}/s.py(11)<module>()\n-> after = helper.triple(before)\n"
                        f"{there}(3)triple()\n-> return result\n")
    assert first[6] == "argv []\n"
    second = debug(session, "%run -d s.py", "b", "c", "p n", "c", "p result", "cl 2", "c")
    assert second[0] == first[0] and second[1].count("keep yes") == 2
    assert (second[2], second[3]) == (first[3], "1\n")
    assert (second[4], second[5]) == (first[4], "6\n")
    third = debug(session, "%run -d s.py", "c", "c")
    assert third[1:] == [first[4], "argv []\n"]
    assert session("%run s.py") == "argv []\n"


@pytest.mark.parametrize("stop, place", [
    ("-b 7", "s.py(7)double()"), ("-b7", "s.py(7)double()"), ("-b 8", "s.py(10)<module>()"),
    ("-b s.py:7", "s.py(7)double()"), ("-b helper.py:2", "helper.py(2)triple()"),
    ("-b helper:3", "helper.py(3)triple()"), ("-b {__import__('os').getcwd()}/helper.py:2",
                                              "helper.py(2)triple()")])
def test_the_first_stop_is_where_it_is_asked_for_and_only_once(session, script, stop, place):
    written = debug(session, f"%run -d {stop} s.py", "b", "c")
    assert written[0].splitlines()[-2] == f"> {session.folder}/{place}"
    assert written[1:] == ["", "argv []\n"]
    assert debug(session, "%run -d s.py", "c")[1:] == ["argv []\n"]


def test_a_first_stop_that_is_not_reached_is_gone(session, script, write):
    write("unused.py", "x = 1\n")
    assert debug(session, "%run -d -b unused.py:1 s.py") == ["argv []\n"]
    assert debug(session, "%run -d s.py", "b", "c")[1] == ""


def test_a_file_beside_the_script_may_have_the_first_stop(session, write):
    write("sub/s.py", SCRIPT)
    write("sub/helper.py", HELPER)
    written = debug(session, "%run -d -b helper.py:2 sub/s.py", "c")
    assert f"> {session.folder}/sub/helper.py(2)triple()\n" in written[0]


@pytest.mark.parametrize("leave", ["q", "quit", "exit"])
def test_quitting_ends_the_script_and_says_nothing(session, script, leave):
    written = debug(session, "%run -d -b 11 s.py", leave)
    assert written[-1] == ""
    assert session.value("before, 'after' in globals()") == (2, False)
    assert "interrupted" in session("%runs")
    assert session("__import__('sys').gettrace()") == ""
    assert session("%run s.py") == "argv []\n"


def test_restart_is_another_run_of_what_the_file_says_now(session, script):
    edited = SCRIPT.replace('"argv"', '"ARGV"')
    written = debug(session, "%run -d s.py a", "b 11", "c", "import pathlib",
                    f"pathlib.Path('s.py').write_text({edited!r}) and None",
                    "restart", "c", "restart 1 '2 3'", "c", "c")
    # From 3.13 on pdb warns at the first command after an edit: of the text that runs till then.
    written[5] = re.sub(r"\A\*\*\* WARNING: .* was edited, .*\n", "", written[5])
    assert written[5] == f"restarting s.py a\n> {session.folder}/s.py(2)<module>()\n-> import sys\n"
    assert written[6] == f"> {session.folder}/s.py(11)<module>()\n-> after = helper.triple(before)\n"
    assert written[7].startswith("restarting s.py 1 2 3\n")
    assert written[9] == "ARGV ['1', '2 3']\n"
    runs = session("%runs")
    assert runs.count("freed") == 2 and runs.count("interrupted") == 2 and runs.count("alive") == 1


def test_errors_and_exits_under_the_debugger_end_as_without(session, write):
    write("bad.py", "made = 1\n1 / 0\n")
    written = debug(session, "%run -d bad.py", "c")
    assert session("%run bad.py").startswith(written[1])
    assert "ZeroDivisionError" in written[1] and session.value("made") == 1
    write("leave.py", "import sys\nleft = 1\nsys.exit(3)\n")
    assert debug(session, "%run -d leave.py", "c")[1].endswith("leave.py: exit status 3\n")
    assert session.value("left, _exit_code") == (1, 3)
    assert debug(session, "%run -de leave.py", "c")[1] == ""
    write("stop.py", "raise KeyboardInterrupt\n")
    assert "KeyboardInterrupt" in debug(session, "%run -d stop.py", "c")[1]


def test_stepping_through_an_error_and_over_the_end(session, write):
    write("bad.py", "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    text = str(e)\nlast = 1\n")
    written = debug(session, "%run -d bad.py", *"nnnnnnnnn"[:6], "c")
    assert "ZeroDivisionError: division by zero\n" in written[2]
    assert "--Return--" in written[-2]
    assert session.value("text, last") == ("division by zero", 1)
    assert session("1 + 1").endswith(": 2\n")


def test_a_debugged_run_is_freed_when_it_is_run_again(session, write):
    write("d.py", "class Heavy: pass\nheavy = Heavy()\nheavy.self = heavy\n")
    debug(session, "%run -d d.py", "n", "n", "n", "c")
    session("import weakref", "ref = weakref.ref(heavy)")
    debug(session, "%run -d d.py", "c")
    assert session.value("ref() is None")
    assert "held" not in session("%runs")


def test_an_edit_between_two_debugged_runs_is_no_edit_of_what_runs(session, script, write):
    debug(session, "%run -d s.py", "q")
    os.utime(session.folder / "s.py", (1, 1))
    assert not any("WARNING" in text for text in debug(session, "%run -d s.py", "n", "q"))


def test_in_the_prompt_s_own_names(session, write):
    write("i.py", "count += 1\n")
    session("count = 1")
    assert debug(session, "%run -di i.py", "p count", "count = 5", "c")[1:] == ["1\n", "", ""]
    assert session.value("count") == 6


def test_the_debugger_on_the_terminal(shell, script):
    commands = ["%run -d s.py x", "b double", "b 7", "c", "p 'n', n"]
    for count, command in enumerate(commands, 1):
        shell.line(command)
        shell.wait_count("(Pdb)", count)
    shell.wait("-> import sys", "Breakpoint 1 at", "s.py(7)double()", "('n', 1)")
    shell.line("q")
    shell.wait("In [2]:")
    for count, command in enumerate(["%run -d s.py y", "c"], len(commands) + 1):
        shell.line(command)
        shell.wait_count("(Pdb)", count)
    shell.line("c")
    screen = shell.wait("argv ['y']", "In [3]:")
    assert "Traceback" not in screen and "put back" not in screen
    shell.line("6 * 7")
    shell.wait("Out[3]: 42", "In [4]:")


def test_ctrl_d_leaves_the_debugger_and_ctrl_c_interrupts_the_script(shell, write):
    write("long.py", "import os, time\nos.write(1, b'asleep\\n')\nwhile True:\n    time.sleep(0.01)\n")
    shell.line("%run -d long.py")
    shell.wait("(Pdb)")
    shell.keys(conftest.CTRL_D)
    shell.wait("In [2]:")
    shell.line("%run -d long.py")
    shell.wait("In [2]: %run -d long.py", "\n(Pdb)")
    shell.wait_count("(Pdb)", 2)
    shell.line("c")
    shell.wait("\nasleep")
    shell.keys(conftest.CTRL_C)
    shell.wait_count("(Pdb)", 3)
    assert "Program interrupted" in shell.text()
    shell.line("up")
    shell.wait("*** Oldest frame")
    shell.line("q")
    shell.wait("In [3]:")
    shell.line("6 * 7")
    shell.wait("Out[3]: 42", "In [4]:")
