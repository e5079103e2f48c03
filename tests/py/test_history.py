"""The history: what it keeps, who shares it, and what can't hurt it."""
import contextlib
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import textwrap

import pytest
from conftest import ENTER, Program, Session, Shell

PLACE = ".local/share/mainspring/history.sqlite"


@pytest.fixture
def file(program):
    """Where the history is; nobody has made it yet."""
    return program.folder / PLACE


def rows(file, query, *values):
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return database.execute(query, values).fetchall()


def inputs(file):
    return [text for text, in rows(file, "SELECT typed FROM inputs ORDER BY id")]


def neighbours(file):
    """The names in the history's folder, less what SQLite keeps beside a file that is in use."""
    return {entry.name for entry in file.parent.iterdir()} - {f"{file.name}-wal", f"{file.name}-shm"}


@pytest.fixture
def older(start, file):
    """Two sessions that are over; returns nothing."""
    for cells in (["a = 1", "b = a + 1", "!true"], ["c = 3", "c"]):
        session = start(Session)
        session(*cells)
        assert session.end() == (0, "")


# What is kept

def test_what_one_session_typed_another_one_reads(older, session):
    assert session("%history ~2/1-3") == "a = 1\nb = a + 1\n!true\n"
    assert session("%history -n 1/2") == " 1/2: b = a + 1\n"
    assert session("%history -t ~2/3") == "get_ipython().system('true')\n"


def test_the_file_is_the_users_alone_and_records_what_ran(session, write, file):
    write("s.py", "print('hi')\n")
    session("x = 1", "%run s.py a 'b c'")
    assert file.stat().st_mode & 0o777 == 0o600
    assert inputs(file) == ["x = 1", "%run s.py a 'b c'"]
    (path, arguments, text, status), = rows(
        file, "SELECT path, arguments, text, status FROM runs JOIN sources USING (sha256)")
    assert path == str(session.folder / "s.py")
    assert (arguments, text, status) == ("['s.py', 'a', 'b c']", "print('hi')\n", "ok")
    digest = subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout
    assert rows(file, "SELECT sha256 FROM runs") == [(digest.split()[0],)]


def test_a_cell_that_never_ended_is_there(start, file):
    session = start(Session)
    session.process.stdin.write(b"import os; os.abort()\n")
    session.process.stdin.flush()
    session._read("(?!)")
    assert session.process.wait() == -signal.SIGABRT
    assert inputs(file) == ["import os; os.abort()"]


def test_cells_that_begin_with_a_blank_are_not_kept(session, write, file):
    write("s.py", "")
    session("x = 1")
    session.number += 2
    session.process.stdin.write(b" secret = 2\n %run s.py\n")
    session.process.stdin.flush()
    session._read(r"In \[4\]: ")
    assert session("secret") == "Out[4]: 2\n"
    assert inputs(file) == ["x = 1", "secret"]
    assert session("%history") == "x = 1\nsecret\n%history\n"
    assert rows(file, "SELECT count(*) FROM runs") == [(0,)]


def test_outputs_are_stored_when_asked_for(start, file):
    session = start(Session)
    session("41")
    session("get_ipython().history_manager.db_log_output = True", "6 * 7")
    session.end()
    assert rows(file, "SELECT line, text FROM outputs") == [(3, "42")]
    assert start(Session)("%history -o ~1/") == (
        "41\nget_ipython().history_manager.db_log_output = True\n6 * 7\n42\n")


@pytest.mark.parametrize("how", ["", "off the list"])
def test_no_file_is_made_where_none_is_wanted(start, program, file, how):
    session = start(Session, env={"MAINSPRING_HISTORY": how} if not how else {"HOME": ""})
    assert session("x = 1", "%history") == "x = 1\n%history\n"
    assert session("%history ~1/") == ""
    assert session.end() == (0, "")
    assert not file.exists()


def test_the_environment_names_another_file(start, program):
    session = start(Session, env={"MAINSPRING_HISTORY": "own.sqlite"})
    session("import os; os.mkdir('d'); os.chdir('d')", "y = 2")
    session.end()
    assert inputs(program.folder / "own.sqlite")[1] == "y = 2"


def test_nothing_is_loaded_or_opened_before_the_first_cell(program, start, file):
    assert program.output("-c", "print('sqlite' in open('/proc/self/maps').read())") == "False\n"
    session = start(Session)
    maps = pathlib.Path(f"/proc/{session.process.pid}/maps").read_text()
    assert "sqlite" not in maps and not file.exists()


def test_scripts_and_commands_leave_no_history(program, write, file):
    write("s.ipy", "x = 1\n%history\n")
    assert program.output("s.ipy") == ""
    program.output("-c", "%history")
    assert not file.exists()


# Magics

def test_ranges_of_this_session_and_of_earlier_ones(older, session):
    session("d = 4", "e = 5", "f = 6")
    assert session("%history 1-2") == "d = 4\ne = 5\n"
    assert session("%history 1:2") == "d = 4\n"
    assert session("%history 2-") == "e = 5\nf = 6\n%history 1-2\n%history 1:2\n%history 2-\n"
    assert session("%history -n 3 ~2/1 1") == "   3: f = 6\n 1/1: a = 1\n   1: d = 4\n"
    assert session("%history ~2/2-~1/1") == "b = a + 1\n!true\nc = 3\n"
    assert session("%history 99/ ~9/") == ""


def test_the_latest_of_all_sessions(older, session):
    session("d = 4")
    assert session("%history -l 3") == "c = 3\nc\nd = 4\n"
    assert session("%hist -nl 2") == "   1: d = 4\n   2: %history -l 3\n"


def test_a_search_goes_over_all_sessions(older, session):
    session("c = 30")
    assert session("%history -g c =") == " 2/1: c = 3\n   1: c = 30\n"
    assert session("%history -l 2 -g c = 3") == " 2/1: c = 3\n   1: c = 30\n"
    assert session("%history -g c = ~1/") == ""
    assert session("%history 1-2 -g c =") == "   1: c = 30\n   2: %history -g c =\n"
    session("c = 30")
    assert session("%history -u -g c = 3").count("c = 30\n") == 1


def test_prompts_numbers_and_outputs(session):
    session("x = 1", "def f():\n    return 2", "f()")
    assert session("%history -po 1-3") == (
        ">>> x = 1\n>>> def f():\n...     return 2\n... \n>>> f()\n2\n")
    assert session("%history -n 2") == "   2:\ndef f():\n    return 2\n"


def test_history_goes_to_a_file(session):
    session("x = 1", "%history -f out.txt 1")
    assert (session.folder / "out.txt").read_text() == "x = 1\n"
    assert session("%history -f no/out.txt").startswith("UsageError: %history: no/out.txt: No such")


def test_inputs_are_executed_again(older, session):
    session("x = 1", "x += 1", "x")
    assert session("%rerun 2-3") == (
        "=== Executing: ===\nx += 1\nx\n=== Output: ===\nOut[4]: 3\n")
    assert "x += 1" in session("%rerun -g x +=")
    assert session("x") == "Out[6]: 4\n"
    session("%rerun ~2/1-2")
    assert session("b") == "Out[8]: 2\n"
    assert session("%rerun 99").startswith("UsageError: %rerun: there are no such inputs")
    assert session("%rerun 10").startswith("UsageError: %rerun: that is this very input")


def test_a_rerun_passes_over_reruns(session):
    session("n = 0", "n += 1", "%rerun", "rerun_all = 5", "%rerun")
    assert session.value("n") == 2
    session("n += 1", "%rerun", "%rerun", "rerun", "%rerun -l 3")
    assert session.value("n") == 7
    assert "there are no such inputs" in session("%rerun 0")


def test_what_is_searched_for_is_taken_as_typed(session):
    session("d = {'k': [1]}", "d['k'][0]", "s = 'a\\tb'", "s  == \"don't\" # no")
    assert session("%history -g d['k'][0]") == "   2: d['k'][0]\n"
    assert session("%history -g 'a\\tb'") == "   3: s = 'a\\tb'\n"
    assert session("%history -g s  == \"don't\" # -n") == "   4: s  == \"don't\" # no\n"
    assert session("%history -g don't -l 1 1-4") == "   4: s  == \"don't\" # no\n"
    session("d['k'][:1]")
    assert session("%rerun -g d['k'][:") == (
        "=== Executing: ===\nd['k'][:1]\n=== Output: ===\nOut[10]: [1]\n")


def test_quotes_make_one_name_of_a_file(session):
    session("x = 1", '%save "a b" 1', "%load 'a b.py'", "%history -f 'c d.txt' 1")
    assert (session.folder / "a b.py").read_text() == "# coding: utf-8\nx = 1\n"
    assert (session.folder / "c d.txt").read_text() == "x = 1\n"
    assert session("%load 'a b.py'").endswith("x = 1\n")


def test_a_url_is_loaded(session, write):
    write("s.py", "x = 'é'\n")
    session("import functools, http.server, threading",
            "h = functools.partial(http.server.SimpleHTTPRequestHandler, directory='.')",
            "h.log_message = lambda *_: None",
            "http.server.SimpleHTTPRequestHandler.log_message = lambda *_: None",
            "server = http.server.HTTPServer(('127.0.0.1', 0), h)",
            "threading.Thread(target=server.serve_forever, daemon=True).start()")
    place = session.value("'http://127.0.0.1:%d' % server.server_port")
    assert session(f"%load {place}/s.py") == f"# %load {place}/s.py\nx = 'é'\n"
    assert session(f"%load {place}/none.py").startswith(
        f"UsageError: %load: {place}/none.py: HTTP Error 404")
    session("server.shutdown()", "server.server_close()")
    assert "Connection refused" in session(f"%load {place}/s.py")


def test_a_rerun_stops_at_the_first_error(session):
    session("x = 0", "1 / 0", "x = 1")
    assert "ZeroDivisionError" in session("%rerun 2-3")
    assert session("x = 0", "%rerun 2-3", "x") == "Out[7]: 0\n"


def test_recalled_texts_are_offered(session):
    session("x = 'kept'", "y = 2", "y")
    assert session("%recall 1-2") == "x = 'kept'\ny = 2\n"
    assert session("%recall x") == "kept\n"
    assert session("%recall") == "2\n"
    assert session("%rep y =") == "y = 2\n"
    assert session("%recall nothing at all").startswith("UsageError: %recall: no input is nothing")


def test_files_inputs_and_objects_are_loaded(session, write):
    write("m.py", "def f():\n    return 1\n\n\ndef g():\n    return 2\n")
    session("x = 1")
    assert session("%load m.py").startswith("# %load m.py\ndef f():\n    return 1\n")
    assert session("%load -s g m") == "# %load -s g m\ndef g():\n    return 2\n"
    assert session("%load -r 1-2 m.py") == "# %load -r 1-2 m.py\ndef f():\n    return 1\n"
    assert session("%load 1") == "# %load 1\nx = 1\n"
    session("%run m.py")
    assert session("%load f") == "# %load f\ndef f():\n    return 1\n"
    assert session("%load -s h m.py").startswith("UsageError: %load: nothing there is named h")
    assert session("%load -r x m.py").startswith("UsageError: %load: -r needs lines")
    assert session("%load gone.py").startswith("UsageError: %load: gone.py is no file, no name")


def test_inputs_are_saved_to_files(session):
    session("x = 1", "!true")
    assert session("%save out 1-2").startswith(
        "The following commands were written to file `out.py`:\nx = 1\n")
    assert (session.folder / "out.py").read_text() == (
        "# coding: utf-8\nx = 1\nget_ipython().system('true')\n")
    session("%save -r out 1-2", "%save -a out 1")
    assert (session.folder / "out.ipy").read_text() == "# coding: utf-8\nx = 1\n!true\n"
    assert (session.folder / "out.py").read_text().endswith("system('true')\nx = 1\n")
    session("%save -f out 1")
    assert (session.folder / "out.py").read_text() == "# coding: utf-8\nx = 1\n"
    assert session("%save no/out 1").startswith("UsageError: %save: no/out.py: No such file")
    assert session("%save out 77").startswith("UsageError: %save: there are no inputs 77")


def test_a_file_is_overwritten_only_after_asking(shell):
    shell.line("x = 1")
    shell.wait("In [2]: ")
    shell.line("%save out 1")
    shell.wait("In [3]: ")
    shell.line("%save out 1-2")
    shell.wait("Overwrite (y/[N])?")
    shell.line("n")
    shell.wait("nothing was written", "In [4]: ")


def test_a_macro_is_executed_by_its_name(session):
    session("x = 1", "x + 41")
    assert session("%macro m 1-2").startswith("Macro `m` created.")
    assert session("m") == "Out[4]: 42\n"
    assert session("m.value") == "Out[5]: 'x = 1\\nx + 41\\n'\n"
    assert session("str(m) + '!'") == "Out[6]: 'x = 1\\nx + 41\\n!'\n"
    assert session("%save kept m").startswith("The following")
    assert session("%macro 1m 1").startswith("UsageError: %macro: 1m is no name")


@pytest.fixture
def editing(start, write, program):
    """A session whose editor replaces 1 by 2."""
    write("editor", "#!/bin/sh\nsed -i 's/1/2/' \"$1\"\n")
    os.chmod(program.folder / "editor", 0o755)
    return start(Session, env={"EDITOR": f"{program.folder}/editor",
                                "TMPDIR": str(program.folder)})


def test_what_was_edited_is_executed(editing, write):
    write("m.py", "x = 1\n")
    session = editing
    assert session("%edit m.py", "x") == "Out[2]: 2\n"
    session("y = 1", "%edit 3")
    assert session("y") == "Out[5]: 2\n"
    session("z = 'x = 1 + 1'", "%edit -x z")
    assert session("x") == "Out[8]: 2\n"
    session("x = 0", "%edit -p")
    assert session("x") == "Out[11]: 4\n"
    session("%macro -q again 3", "%edit again")
    assert session("again.value") == "Out[14]: 'y = 2\\n'\n"


def test_the_files_that_were_edited_are_the_users_alone_and_go_with_the_session(editing, program):
    editing("y = 1", "%edit 1", "x = 1", "%edit 3")
    files = list(program.folder.glob("mainspring-edit-*.py"))
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600, 0o600]
    files[0].unlink()
    assert editing.end() == (0, "")
    assert list(program.folder.glob("mainspring-edit-*.py")) == []


def test_an_editor_that_fails_executes_nothing(start, program):
    session = start(Session, env={"EDITOR": "false", "VISUAL": "", "TMPDIR": str(program.folder)})
    assert session("%edit").startswith(
        "UsageError: %edit: false ended with status 1: nothing is executed")


@pytest.mark.parametrize("line, reason", [
    ("%history x", "x is no range such as"),
    ("%history -z", "unknown option -z"),
    ("%history -f", "-f needs a value"),
    ("%history 1/-9999/", "1/-9999/ is about too many sessions"),
    ("%history 'x", "a quote is not closed at column 1"),
    ("%rerun -l x", "x is no range such as"),
    ("%history -l x", "x is no range such as"),
    ("%macro", "which name?"),
    ("%macro m", "which inputs?"),
    ("%save", "to which file?"),
    ("%load", "load what?"),
    ("%edit -p", "nothing was edited yet"),
])
def test_what_is_typed_wrongly_is_one_line(session, line, reason):
    written = session(line)
    assert reason in written and written.count("\n") == 1, written


def test_a_range_that_ends_where_it_begins_is_empty(older, session):
    ranges = "[get_ipython().history_manager.get_range(n, 1, stop) for n in (0, -1) for stop in (1, 0, -1)]"
    assert session.value(f"sum(map(list, {ranges}), [])") == []


def test_other_programs_ask_the_history_manager(older, session):
    manager = "get_ipython().history_manager"
    session("d = 4")
    assert session.value(f"list({manager}.get_range(-2, 1, 3))") == [
        (1, 1, "a = 1"), (1, 2, "b = a + 1")]
    assert session.value(f"list({manager}.get_range(0, 1, 2))") == [(0, 1, "d = 4")]
    assert session.value(f"list({manager}.get_range_by_str('1 ~2/3', raw=False))") == [
        (0, 1, "d = 4"), (1, 3, "get_ipython().system('true')")]
    assert session.value(f"list({manager}.get_tail(2))")[1][1] == 4
    assert session.value(f"list({manager}.get_tail(1, include_latest=True))")[0][1] == 6
    assert session.value(f"list({manager}.search('c*', n=1))") == [(2, 2, "c")]
    assert session.value(f"{manager}.session_number") == 3
    assert session.value(f"{manager}.input_hist_raw[:2]") == ["", "d = 4"]
    assert session.value(f"{manager}.get_last_session_id(), {manager}.enabled") == (3, True)
    assert session.value(f"{manager}.get_session_info(1)[3]") == 3
    assert session("_ = get_ipython().history_manager.get_session_info(99)").endswith(
        "ValueError: there is no session 99\n")


# Several sessions, and children

def test_sessions_side_by_side_share_the_file(start, file):
    first, second = start(Session), start(Session)
    for i in range(10):
        assert first(f"a = {i}") == second(f"b = {i}") == ""
    assert sorted(inputs(file)) == sorted(f"{n} = {i}" for i in range(10) for n in "ab")
    assert rows(file, "SELECT session, count(*) FROM inputs GROUP BY 1") == [(1, 10), (2, 10)]
    assert first("%history -g b = 7") == " 2/8: b = 7\n"
    assert first.end() == second.end() == (0, "")


def test_sessions_that_make_the_file_at_once_share_it(program, file):
    command = [program.path, "-i", "-q"]
    started = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, cwd=program.folder,
                                env=program.environment()) for _ in range(4)]
    for one in started:
        one.stdin.write(b"x = 1\ny = 2\n")
        one.stdin.close()
    assert [one.wait() for one in started] == [0] * 4
    assert sorted(inputs(file)) == ["x = 1"] * 4 + ["y = 2"] * 4
    assert rows(file, "SELECT count(DISTINCT session) FROM inputs") == [(4,)]


def test_a_forked_child_leaves_it_alone(start, write, file):
    session = start(Session)
    session("import os", """
        if (child := os.fork()) == 0:
            get_ipython().run_cell('in_child = 1', store_history=True)
            print(get_ipython().history_manager.get_tail.__self__ is not None)
        else:
            os.waitpid(child, 0)
        """)
    assert session("after = 1") == ""
    assert session.end() == (0, "")
    assert [text.split("\n")[0] for text in inputs(file)] == [
        "import os", "if (child := os.fork()) == 0:", "after = 1"]


def test_a_script_that_closes_all_descriptors_costs_nothing(start, write, file):
    write("daemon.py", "import os\nos.closerange(3, 256)\nlog = open('log', 'w+')\n")
    session = start(Session)
    session("x = 1", "%run daemon.py", "y = 2", "z = 3")
    assert session.value("log.read()") == ""
    session.end()
    assert inputs(file)[:4] == ["x = 1", "%run daemon.py", "y = 2", "z = 3"]
    assert (session.folder / "log").read_bytes() == b""


def test_descriptors_that_are_closed_again_and_again_cost_nothing(start, file):
    session = start(Session)
    session("import os")
    for i in range(40):
        assert session(f"x = {i}; os.closerange(3, 256)") == ""
    assert session.end() == (0, "")
    assert inputs(file) == ["import os", *(f"x = {i}; os.closerange(3, 256)" for i in range(40))]


def test_a_file_that_is_deleted_is_made_again(start, file):
    session = start(Session)
    session("x = 1")
    shutil.rmtree(file.parent)
    assert session("y = 2") == ""
    assert inputs(file) == ["x = 1", "y = 2"]
    assert session.end() == (0, "")


def test_a_file_that_is_deleted_again_and_again_has_each_input_once(start, file):
    session = start(Session)
    cells = [f"x = {i}" for i in range(12)]
    for cell in cells:
        session(cell)
        for entry in file.parent.iterdir():
            entry.unlink()
    assert session("y = 1", "y = 2") == ""
    assert inputs(file) == [*cells, "y = 1", "y = 2"]


def test_a_write_ahead_log_that_is_deleted_costs_nothing(start, file):
    session, other = start(Session), start(Session)
    session("x = 1")
    for ending in ("-wal", "-shm"):
        file.with_name(file.name + ending).unlink()
    session("x = 2")
    other("y = 1")
    session("x = 3")
    assert session.end() == other.end() == (0, "")
    kept = inputs(file)
    assert sorted({*kept}) == ["x = 1", "x = 2", "x = 3", "y = 1"]


def test_a_link_to_a_file_that_is_not_there_yet_is_followed(start, file):
    file.parent.mkdir(parents=True)
    file.symlink_to(file.parent.parent / "elsewhere")
    session = start(Session)
    assert session("x = 1") == ""
    assert session.end() == (0, "")
    assert file.is_symlink() and inputs(file) == ["x = 1"]
    assert file.stat().st_mode & 0o777 == 0o600


# Faults: what can't be written is kept, nothing waits, and nothing is renamed

KEPT = "it is kept in memory until it can be saved\n"


@contextlib.contextmanager
def locked(file):
    """The history while another program has it for itself."""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def test_a_locked_file_is_written_when_it_is_free(older, start, file):
    session = start(Session)
    with locked(file):
        assert session("d = 4") == f"history: {file} is locked by another program; {KEPT}"
        assert session("e = 5") == ""
        assert session("%history 1-2") == "d = 4\ne = 5\n"
        assert "d = 4" not in inputs(file)
        assert session("%history -l 2") == "e = 5\n%history 1-2\n"
    assert session("f = 6") == "history: all of it is saved again\n"
    assert inputs(file)[-5:] == ["d = 4", "e = 5", "%history 1-2", "%history -l 2", "f = 6"]
    assert session.end() == (0, "")
    assert neighbours(file) == {"history.sqlite"}


def test_a_file_that_stays_locked_is_told_of_at_the_end(older, start, file):
    session = start(Session)
    with locked(file):
        session("d = 4", "e = 5")
        assert session.end() == (
            0, f"history: 2 inputs of this session could not be saved: {file} is locked by "
               "another program\n")
    assert len(inputs(file)) == 5 and neighbours(file) == {"history.sqlite"}


def test_a_file_locked_for_reading_too_is_one_line(older, start, file):
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        session = start(Session)
        assert session("x = 1") == f"history: {file} is locked by another program; {KEPT}"
        assert session("%history ~1/") == (
            f"UsageError: %history: {file} is locked by another program\n")
        assert session("%history 1") == "x = 1\n"


@pytest.fixture
def powerless(program, tmp_path):
    """The binary without root's right to write to everything."""
    if os.geteuid() != 0:
        return program
    wrapper = tmp_path / "powerless"
    wrapper.write_text(f"#!/bin/sh\nexec setpriv --bounding-set -all -- {program.path} \"$@\"\n")
    wrapper.chmod(0o755)
    return Program(wrapper, program.folder)


@pytest.mark.parametrize("folder_too", [False, True])
def test_a_read_only_file_is_read_and_left(older, powerless, file, folder_too):
    before = file.read_bytes()
    file.chmod(0o400)
    if folder_too:
        file.parent.chmod(0o500)
    session = Session(powerless)
    try:
        assert session("d = 4") == f"history: {file} can't be written; {KEPT}"
        assert session("%history ~2/1") == "a = 1\n"
        assert session("%history -l 2") == "d = 4\n%history ~2/1\n"
        status, said = session.end()
    finally:
        session.stop()
        file.parent.chmod(0o700)
    assert (status, said) == (0, "history: 3 inputs of this session could not be saved: "
                                 f"{file} can't be written\n")
    assert file.read_bytes() == before and neighbours(file) == {"history.sqlite"}


def test_a_home_where_nothing_can_be_made_is_one_line(powerless, program):
    home = program.folder / "home"
    home.mkdir(mode=0o500)
    session = Session(powerless, env={"HOME": str(home)})
    try:
        place = home / PLACE
        assert session("x = 1") == f"history: {place} can't be made: Permission denied; {KEPT}"
        assert session("%history") == "x = 1\n%history\n"
        assert session.end()[0] == 0
    finally:
        session.stop()
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("damage", ["garbage", "truncated", "another's", "a folder"])
def test_a_broken_file_is_left_as_it_is(older, start, file, damage):
    if damage == "garbage":
        file.write_bytes(b"\x00garbage" * 1000)
    elif damage == "truncated":
        os.truncate(file, file.stat().st_size // 2 + 100)
    elif damage == "another's":
        file.unlink()
        with contextlib.closing(sqlite3.connect(file)) as other:
            other.execute("CREATE TABLE theirs (x)")
    else:
        file.unlink()
        file.mkdir()
    before = None if damage == "a folder" else file.read_bytes()
    session = start(Session)
    said = session("x = 1")
    assert said.startswith(f"history: {file} ") and said.endswith(KEPT) and said.count("\n") == 1
    assert session("y = 2") == ""
    assert session("%history 1-2") == "x = 1\ny = 2\n"
    assert session("%history ~1/").startswith(f"UsageError: %history: {file} ")
    status, said = session.end()
    assert status == 0 and said.startswith("history: 4 inputs of this session could not be saved")
    assert damage == "a folder" or file.read_bytes() == before
    assert neighbours(file) == {"history.sqlite"}


def fill(session, file, reasons):
    """Type long cells until the disk is full; how many were typed without a word about it."""
    for i in range(2000):
        said = session(f"x = '{'x' * 4000}{i}'")
        if said:
            assert said in [f"history: {file} {reason}; {KEPT}" for reason in reasons]
            return i
    pytest.fail("the disk has no end")


def check_full(session, file, *reasons):
    saved = fill(session, file, reasons)
    assert session("y = 6 * 7", "y") == f"Out[{session.number - 1}]: 42\n"
    status, said = session.end()
    assert status == 0 and "could not be saved" in said
    assert len(inputs(file)) >= saved
    assert rows(file, "PRAGMA integrity_check") == [("ok",)]
    assert neighbours(file) == {"history.sqlite"}


def test_a_file_that_may_not_grow_keeps_what_was_saved(program, tmp_path, file):
    wrapper = tmp_path / "limited"
    wrapper.write_text(f"#!/bin/bash\nulimit -f 300\nexec {program.path} \"$@\"\n")
    wrapper.chmod(0o755)
    session = Session(Program(wrapper, program.folder))
    try:
        check_full(session, file, "can't grow: the disk is full",
                   "can't be used: File too large", "can't be used: disk I/O error")
    finally:
        session.stop()


def test_a_full_disk_keeps_what_was_saved(program):
    disk = program.folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", disk]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("needs to mount a small disk")
    try:
        session = Session(program, env={"MAINSPRING_HISTORY": f"{disk}/history.sqlite"})
        try:
            check_full(session, disk / "history.sqlite", "can't grow: the disk is full")
        finally:
            session.stop()
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_kill_at_any_moment_loses_nothing_that_was_saved(program, start, file):
    chance = random.Random(5)
    expected = 0
    for kill in range(12):
        session = start(Session)
        cells = "".join(f"x = {kill}, {i}\n" for i in range(300))
        session.process.stdin.write(cells.encode())
        session.process.stdin.flush()
        seen = chance.randrange(2, 150)
        session._read(rf"In \[{seen}\]: (?s:.*)")  # what is before a prompt is saved
        session.process.kill()
        session.process.wait()
        found = inputs(file)
        mine = [text for text in found if text.startswith(f"x = {kill},")]
        assert mine == [f"x = {kill}, {i}" for i in range(len(mine))]
        assert len(mine) >= seen - 1
        expected += len(mine)
        assert len(found) == expected
    assert rows(file, "PRAGMA integrity_check") == [("ok",)]
    assert neighbours(file) == {"history.sqlite"}


def test_a_polite_end_saves_too(start, file):
    session = start(Session)
    session("x = 1")
    session.process.terminate()
    session._read("(?!)")
    session.process.wait()
    (end,), = rows(file, "SELECT end FROM sessions")
    assert end is not None


def test_the_history_of_a_terminal_is_the_same(start, file):
    shell = start(Shell)
    shell.wait("In [1]: ")
    shell.line("x = 40 + 2")
    shell.wait("In [2]: ")
    shell.keys("x" + ENTER)
    shell.wait("Out[2]: 42")
    assert inputs(file) == ["x = 40 + 2", "x"]


# mainspring history

OTHER = """
    CREATE TABLE sessions (session integer primary key autoincrement, start timestamp,
                           end timestamp, num_cmds integer, remark text);
    CREATE TABLE history (session integer, line integer, source text, source_raw text,
                          PRIMARY KEY (session, line));
    CREATE TABLE output_history (session integer, line integer, output text,
                                 PRIMARY KEY (session, line));
    INSERT INTO sessions VALUES (7, '2020-01-02 10:00:00.123', NULL, NULL, '');
    INSERT INTO history VALUES (7, 1, 'old = 1', 'old = 1');
    INSERT INTO history VALUES (7, 2, 'get_ipython().system(''ls'')', '!ls');
"""


@pytest.fixture
def other(program):
    """IPython's history."""
    path = program.folder / ".ipython/profile_default/history.sqlite"
    path.parent.mkdir(parents=True)
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executescript(textwrap.dedent(OTHER))
    return path


def test_ipythons_history_is_taken_over_once(older, program, start, file, other):
    before = other.read_bytes()
    assert program.output("history", "import") == (
        f"2 inputs of 1 session were taken over from {other}\n")
    assert program.output("history", "import", other) == (
        f"0 inputs of 0 sessions were taken over from {other}, 2 were here already\n")
    assert inputs(file) == ["old = 1", "!ls", "a = 1", "b = a + 1", "!true", "c = 3", "c"]
    assert start(Session)("%history -n ~3/") == " 3/1: old = 1\n 3/2: !ls\n"
    assert other.read_bytes() == before


def test_trim_keeps_the_latest(older, program, file):
    assert program.output("history", "trim", "--keep=2") == f"3 inputs were removed from {file}\n"
    assert inputs(file) == ["c = 3", "c"]
    assert program.output("history", "trim", "--keep=1") == f"1 input was removed from {file}\n"


def test_clear_removes_everything_if_told_twice(older, program, file):
    done = program.run("history", "clear")
    assert done.returncode == 2 and b"needs --yes" in done.stderr
    assert program.output("history", "clear", "--yes") == f"5 inputs were removed from {file}\n"
    assert inputs(file) == []


def test_a_session_goes_on_after_its_history_was_cleared(program, session, file):
    session("x = 1")
    program.output("history", "clear", "--yes")
    assert session("y = 2") == ""
    assert inputs(file) == ["y = 2"]
    assert session("%history 1-2") == "x = 1\ny = 2\n"


@pytest.mark.parametrize("words, reason", [
    ([], "usage: mainspring history"),
    (["bogus"], "unknown command bogus"),
    (["trim", "--keep=x"], "trim takes --keep=N, not --keep=x"),
    (["trim", "--keep"], "trim takes --keep=N, not --keep"),
    (["clear", "all"], "clear takes --yes, not all"),
    (["import", "-x"], "unknown option -x"),
    (["import", "gone"], "gone: No such file or directory"),
    (["import", "/etc/passwd"], "/etc/passwd is damaged, or no history"),
])
def test_a_wrong_command_is_told(program, words, reason):
    done = program.run("history", *words)
    assert done.returncode in (1, 2) and done.stdout == b""
    assert reason in done.stderr.decode(), done


def test_a_broken_history_is_told_by_the_command(program, file):
    file.parent.mkdir(parents=True)
    file.write_bytes(b"garbage" * 100)
    done = program.run("history", "trim")
    assert (done.returncode, done.stderr.decode()) == (
        1, f"mainspring: history: {file} is damaged, or no history\n")
    assert file.read_bytes() == b"garbage" * 100
