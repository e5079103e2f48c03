"""Each magic, and what it says when it is called wrongly: one line."""
import re

import pytest

RUNS_HEADER = " run  started     elapsed    status       state   script"


@pytest.mark.parametrize("cell", [
    "%nonsense", "%cd no_such_folder", "%cd -", "%env NO_SUCH_VARIABLE", "%run", "%reset nonsense",
    "%reset 'open", "%%nonsense", "%%run s.py\nbody", "%run -Z x", "%runs nonsense",
])
def test_a_wrong_call_is_one_line_and_the_session_goes_on(session, cell):
    written = session(cell)
    assert written.count("\n") == 1, written
    assert "Traceback" not in written
    assert session("1 + 1") == "Out[2]: 2\n"


def test_runs_lists_what_was_run(session, write):
    assert session("%runs").count("\n") == 1
    write("ok.py", "def f(): pass")
    write("bad.py", "1 / 0")
    write("out.py", "raise SystemExit(3)")
    session("%run ok.py a 'b c'", "%run bad.py", "%run out.py", "keep = f", "%run ok.py")
    assert session("%runs").startswith(RUNS_HEADER + "\n")
    row = re.compile(r" +(\d+)  \d\d:\d\d:\d\d +(\d+\.\d{3}) s  (\w+) +(\w+) +(.*)")
    assert [row.fullmatch(r).group(1, 3, 4, 5) for r in session.runs()] == [
        ("1", "ok", "held", "ok.py a b c"), ("2", "error", "freed", "bad.py"),
        ("3", "exit", "freed", "out.py"), ("4", "ok", "alive", "ok.py")]


def test_who_lists_the_users_names(session, write):
    assert session("%who") == "no names at the prompt\n"
    write("s.py", "from_script = 1")
    session("b = 1; a = 'x'; _hidden = 1; import os", "%run s.py", "a")
    assert session("%who").split() == ["a", "b", "from_script", "os"]
    assert session("%who int").split() == ["b", "from_script"]
    assert session("%who int str module").split() == ["a", "b", "from_script", "os"]
    assert session("%who float") == "no names of that type at the prompt\n"


def test_whos_shows_type_and_value_and_runs_no_code_of_the_users(session):
    session("class Loud:\n    def __repr__(self): print('repr!'); return 'x'\n"
            "    def __len__(self): print('len!'); return 1")
    session("number, text, rows, loud = 5, 'a' * 100, [1, 2, 3], Loud()")
    rows = {row.split()[0]: row.split(None, 2)[1:] for row in session("%whos").splitlines()}
    assert rows == {"Loud": ["type"], "loud": ["Loud"], "number": ["int", "5"],
                    "rows": ["list", "n=3"], "text": ["str", "'" + "a" * 46 + "..."]}
    assert session("%whos int").split() == ["number", "int", "5"]


def test_reset_deletes_what_the_user_made_and_frees_it(session, write):
    write("s.py", "class A: pass\na = A()\na.me = a\n")
    session("import gc; gc.disable()", "%run s.py", "import weakref, builtins",
            "builtins.watch = weakref.ref(a)", "x = a; x;", "x")
    assert session("%reset -f") == ""
    session("import gc; gc.collect();", "del gc")
    assert session.value("watch(), [n for n in globals() if n in ('a', 'A', 'x', 'weakref')],"
                         "len(Out)") == (None, [], 0)
    assert "%run s.py" in session.value("In[2]")
    assert session("get_ipython() is not None; 6 * 7") == f"Out[{session.number - 1}]: 42\n"


def test_reset_asks_where_somebody_is_there_to_ask(shell):
    shell.line("x = 'still ' 'here'")
    shell.wait("In [2]: ")
    shell.line("%reset")
    shell.wait("(y/[n])?")
    shell.line("n")
    shell.wait("In [3]: ")
    shell.line("x")
    shell.wait("'still here'")
    shell.line("%reset")
    shell.wait("In [4]: ", "(y/[n])?")
    shell.line("y")
    shell.wait("In [5]: ")
    shell.line("x")
    shell.wait("name 'x' is not defined")


def test_reset_of_a_part(session):
    session("x = 5", "x")
    session("%reset out")
    assert session.value("len(Out), x, '_2' in globals()") == (0, 5, False)
    session("%reset in")
    assert session.value("len(In), set(In[:-1])") == (session.number, {""})


def test_time_shows_times_and_has_the_value(session):
    written = session("%time sum(range(1000))")
    assert re.fullmatch(r"CPU times: user .*, sys: .*, total: .*\nWall time: .*\n"
                        r"Out\[1\]: 499500\n", written)
    assert session("%time x = 5").count("\n") == 2
    assert session.value("x") == 5
    assert "y * 2" not in session("%%time\ny = 4\ny * 2")
    assert session.value("y") == 4
    assert session("value = %time 6 * 7").count("\n") == 2
    assert session.value("value") == 42


def test_time_shows_the_error_of_its_statement(session):
    written = session("%time 1 / 0")
    assert "ZeroDivisionError" in written and "mainspring" not in written


@pytest.mark.parametrize("line", ["%pwd", "%cd .", "%cd -", "%ls x", "%run s.py", "%load s.py", "%save s 1",
                                  "%run -m s", "%run *.py", "%prun -T s 1", "!ls x"])
def test_in_a_folder_that_is_gone_a_line_says_so(session, line):
    session("import os; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')")
    assert "Traceback" not in session(line)
    assert session("6 * 7").endswith(": 42\n")


def test_cd_and_pwd(session):
    (session.folder / "sub" / "a b").mkdir(parents=True)
    here = str(session.folder)
    assert session("%pwd") == f"Out[1]: '{here}'\n"
    assert session("%cd sub") == f"{here}/sub\n"
    assert session("%cd a b") == f"{here}/sub/a b\n"
    assert session("%cd -") == f"{here}/sub\n"
    assert session("%cd ..") == f"{here}\n"
    assert session("%cd 'sub/a b'") == f"{here}/sub/a b\n"
    assert session("folder = '/tmp'", "%cd $folder") == "/tmp\n"
    assert session("%cd") == f"{here}\n"
    assert session.value("_dh[0], _dh[-1], len(_dh)") == (here, here, 8)
    assert here in session("import os; os.getcwd()")


def test_env_shows_and_sets(session):
    assert session("%env HOME") == f"Out[1]: '{session.folder}'\n"
    assert session("%env NEW=a value") == "env: NEW=a value\n"
    assert session("!echo $$NEW") == "a value\n"
    assert session("%env OTHER of words") == "env: OTHER=of words\n"
    session("import os; x = 5", "%env FROM=$x")
    assert session.value("os.environ['FROM'], os.environ['OTHER']") == ("5", "of words")
    session("e = %env")
    assert session.value("e['NEW'], type(e).__name__") == ("a value", "dict")


@pytest.mark.parametrize("line, said", [
    ("%run none.py", "%run: none.py: No such file or directory"),
    ("%env =", "%env: Invalid argument"),
    ("%xdel", "%xdel: which name? (usage: %xdel NAME)")])
def test_what_went_wrong_is_one_line_in_words(session, line, said):
    assert session(line) == f"UsageError: {said}\n"


def test_lsmagic_lists_each_with_its_usage(session):
    written = session("%lsmagic")
    for name in ("run", "runs", "reset", "who", "whos", "time", "cd", "pwd", "env", "lsmagic"):
        assert re.search(rf"^%{name}\b.*\n    \w", written, re.M), name


def test_the_shell_s_everyday_commands(session, write):
    write("file.txt", "its content")
    assert session("%ls").split() == ["file.txt"]
    assert session("%cat file.txt") == "its content"
    session("%mkdir made", "%cp file.txt made/copy.txt", "%mv file.txt moved.txt",
            "name = 'moved.txt'", "%rm $name")
    assert session("ls made") == "copy.txt\n"
    assert "copy.txt" in session("%ll made")
    assert session("%rm made/copy.txt", "%rmdir made", "%ls") == ""
    assert "\x1b[H" in session("import os; os.environ['TERM'] = 'xterm'", "clear")


def test_automagic_and_its_limits(session, write):
    write("s.py", "print('ran')")
    assert session("run s.py") == "ran\n"
    assert session("cd /tmp") == "/tmp\n"
    session("who = 5", "time, ls = 6, 7")
    assert session("who").endswith(": 5\n")
    assert session("time + 1").endswith(": 7\n")
    assert session("ls -1").endswith(": 6\n")
    assert session("%ls -d .") == "./\n"
    assert session("pwd = 8; pwd").endswith(": 8\n")


def test_a_magic_s_line_takes_values_of_the_prompt(session, write):
    write("s.py", "import sys; print(sys.argv)")
    session("name, n = 's.py', 5")
    assert session("%run {name} $n {n * 2} '$n' $nope {nope}") == (
        "['s.py', '5', '10', '$n', '$nope', '{nope}']\n")


@pytest.mark.parametrize("words, argv", [
    ("a 'b c' \"d e\"", ["a", "b c", "d e"]), ("*.txt", ["1.txt", "2.txt"]),
    ("'*.txt'", ["*.txt"]), ("~", ["{home}"]), ("'~'", ["~"]), ("''", [""]),
    ("--opt='*.txt'", ["--opt=*.txt"]), ("nothing-*.x", ["nothing-*.x"]), ("-- -m", ["--", "-m"]),
    (r"a\ b", ["a b"]), ("-k --keep -i", ["-k", "--keep", "-i"]), ("a # c", ["a"]),
])
def test_the_words_of_run(session, write, words, argv):
    write("s.py", "import sys; print(sys.argv[1:])")
    write("1.txt", "")
    write("2.txt", "")
    expected = [a.format(home=session.folder) for a in argv]
    assert session(f"%run s.py {words}") == f"{expected}\n"


def test_an_ipy_script_executes_as_typed(session, write):
    write("t.ipy", "x = 5\n!echo shell $x\n%run s.py\nfor i in range(2):\n    print(i)\n\nx + 1\n")
    write("s.py", "made = 'by the script'")
    assert session("%run t.ipy") == "shell 5\n0\n1\n"
    assert session.value("x, made, len(In)") == (5, "by the script", session.number)
    write("t.ipy", "y = 1\n\n1 / 0\nnever = 1\n")
    written = session("%run t.ipy")
    assert 't.ipy", line 3' in written and "1 / 0" in written
    assert session.value("y, 'never' in globals()") == (1, False)
