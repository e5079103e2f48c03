"""Modules, packages, folders and zip files for %run: as `python3` runs them (design P8, step 1)."""
import os
import re
import zipfile

import pytest

from conftest import Session

STATE = """\
import sys
main = sys.modules["__main__"]
print(__name__, __doc__, repr(__package__), __spec__, __builtins__, __annotations__, __cached__)
print(type(__loader__), getattr(__loader__, "name", None), __file__)
print(sorted(k for k in globals() if k.startswith("__")), type(main), main.__dict__ is globals())
print(sys.argv, sys.path[0], sys.path.count(sys.path[0]))
print(sys._getframe().f_code.co_filename, __spec__.has_location, "runner" in sys.modules)
"""
ADDRESS = re.compile(r"0x[0-9a-f]+")


def zipped(folder, name, **files):
    with zipfile.ZipFile(folder / name, "w") as file:
        for member, text in files.items():
            file.writestr(member.replace("__slash__", "/") + ".py", text)


@pytest.fixture
def project(write, program):
    """A folder with one target of each kind, each of which says what it sees."""
    write("tool.py", '"""Its documentation."""\n' + STATE)
    write("pkg/__init__.py", """\
        import sys
        main = sys.modules['__main__']
        print('pkg', __name__, sys.argv, sys.path[0], sorted(vars(main)), main.__loader__)
        """)
    write("pkg/__main__.py", STATE + "from . import beside\nprint(beside.__name__)\n")
    write("pkg/part.py", STATE + "from .beside import BESIDE\nfrom pkg import beside as b\n"
                                 "print(BESIDE, b.BESIDE is BESIDE)\n")
    write("pkg/beside.py", "BESIDE = [__name__]\n")
    write("pkg/sub/__init__.py", "")
    write("pkg/sub/__main__.py", STATE + "from ..beside import BESIDE\n")
    write("app/__main__.py", STATE + "import near; print(near.__file__)\n")
    write("app/near.py", "")
    (program.folder / "link").symlink_to("app")
    zipped(program.folder, "app.pyz", __main__=STATE + "import near; print(near.__file__)\n",
           near="")
    return program.folder


KINDS = ["-m tool", "-m tool a '' -k --keep -m x", "-mtool -i", "-m pkg", "-m pkg a", "-m pkg.part",
         "-m pkg.sub x", "-m pkg.__main__", "app", "app/ a -e", "./app", "{folder}/app", "link",
         "app.pyz a 'b c'", "./app.pyz", "{folder}/app.pyz"]


@pytest.mark.parametrize("target", KINDS)
def test_a_target_sees_what_python3_shows_it_in_both_runs(session, python, project, target):
    target = target.format(folder=project)
    shell = python.__class__("/bin/sh", python.folder)
    expected = ADDRESS.sub("", shell.output("-c", f"exec '{python.path}' {target}"))
    assert ADDRESS.sub("", session(f"%run {target}")) == expected
    again = "".join(line for line in expected.splitlines(True) if not line.startswith("pkg pkg"))
    assert ADDRESS.sub("", session(f"%run {target}")) == again


@pytest.mark.parametrize("target", KINDS)
def test_the_prompt_s_state_is_as_it_was(session, project, target):
    session("import sys; prompt = sys.modules['__main__']; state = sys.argv[:], sys.path[:]")
    session(f"%run {target.format(folder=project)}")
    assert session.value("sys.modules['__main__'] is prompt, state == (sys.argv, sys.path)") == (
        True, True)


NAMES = "X = [{}]\nclass C:\n    def get(self): return X\ndef get(): return X\n"
MADE = {"-m tool": "tool.py", "-m pkg": "pkg/__main__.py", "-m pkg.part": "pkg/part.py",
        "app": "app/__main__.py", "app.pyz": None}


@pytest.fixture
def make(project, write):
    """make(TARGET, TEXT) changes what is executed as the target."""
    write("pkg/__init__.py", "")

    def make(target, text):
        if MADE[target] is None:
            zipped(project, "app.pyz", __main__=text)
        else:
            write(MADE[target], text)

    return make


@pytest.mark.parametrize("target", MADE)
def test_what_was_kept_of_a_run_goes_on_with_its_own_values_and_source(session, make, target):
    make(target, NAMES.format(1))
    session("import inspect, pickle, sys", f"%run {target}", "old, kept = get, C()")
    label = session.value("old.__globals__['__spec__'].origin")
    make(target, "# longer than it was\n" + NAMES.format(2))
    session(f"%run {target}")
    assert session.value("old(), get(), kept.get(), C().get()") == ([1], [2], [1], [2])
    assert session.value("old.__code__.co_filename") == f"{label} <run 1>"
    stem = {"-m pkg": "pkg", "-m pkg.part": "part", "-m tool": "tool"}.get(target, "app")
    assert session.value("old.__module__, type(kept).__module__") == (f"{stem} <run 1>",) * 2
    assert session.value("inspect.getsource(old), inspect.getsource(get)") == (
        "def get(): return X\n",) * 2
    assert session.value("inspect.getsourcelines(old)[1], inspect.getsourcelines(get)[1]") == (4, 5)
    assert session.value("type(pickle.loads(pickle.dumps(kept))) is type(kept)") is True


@pytest.mark.parametrize("target", MADE)
def test_what_was_not_kept_is_freed_before_the_next_run(session, make, target):
    make(target, "class Big:\n    def __del__(self): print('freed')\nbig = Big()\n"
                 "def hold(): return big\nprint('started')\n")
    assert session(f"%run {target}") == "started\n"
    assert session(f"%run {target}") == "freed\nstarted\n"
    assert [row.split()[5] for row in session.runs()] == ["freed", "alive"]
    assert session("del big, hold, Big") == "freed\n"
    assert [row.split()[5] for row in session.runs()] == ["freed", "freed"]


@pytest.mark.parametrize("target", MADE)
def test_a_run_is_freed_at_the_cost_of_a_script_s(session, make, write, target):
    def full_collections(target):
        session(f"%run {target}", "before = full()", *[f"%run {target}"] * 3)
        return session.value("full() - before")

    make(target, "def f(): pass\n")
    write("s.py", "def f(): pass\n")
    session("import gc", "full = lambda: gc.get_stats()[2]['collections']")
    assert full_collections("s.py") == full_collections(target)


def test_a_package_can_keep_the_main_module_that_it_sees(session, python, write):
    write("pkg/__init__.py", "import __main__\n__main__.given = 1\n")
    write("pkg/part.py", "import pkg, sys\n"
                         "print(given, pkg.__main__ is sys.modules['__main__'], __name__)")
    assert session("%run -m pkg.part") == python.output("-m", "pkg.part") == "1 True __main__\n"


@pytest.mark.parametrize("target", MADE)
def test_names_are_live_both_ways(session, make, target):
    make(target, "n = 0\ndef inc():\n    global n\n    n += 1\n")
    session(f"%run {target}", "inc(); inc()")
    assert session.value("n") == 2
    session("n = 10", "inc()")
    assert session.value("n") == 11


@pytest.mark.parametrize("target", MADE)
def test_an_unchanged_text_is_not_compiled_again(session, make, target):
    make(target, NAMES.format(1))
    session(f"%run {target}", "old = get.__code__", f"%run {target}")
    assert session.value("get.__code__ is old") is True


def test_a_run_is_matched_by_the_file_it_executes(session, write, project):
    write("app/__main__.py", "class Big:\n    def __del__(self): print('freed')\nbig = Big()\n")
    session("%run app")
    for target in ("link/", "app/__main__.py", "-m app"):
        assert session(f"%run {target}") == "freed\n"


def test_a_folder_without_a_main_hides_no_script_beside_it(session, write):
    write("model.py", "print('script')")
    write("model/results.csv", "")
    assert session("%run model") == "script\n"
    assert "model/: has no __main__.py" in session("%run model/")
    write("model/__main__.py", "print('folder')")
    assert session("%run model") == "folder\n"


def test_an_error_and_an_exit_are_reported_as_a_script_s(session, write):
    write("tool.py", "made = 1\ndef f():\n    1 / 0\nif made: f()\n")
    written = session("%run -m tool")
    assert written.startswith("Traceback") and written.count("Traceback") == 1
    assert 'tool.py", line 3, in f\n    1 / 0' in written and "runpy" not in written
    assert session.value("made") == 1
    write("tool.py", "import sys; sys.exit(3)")
    assert session("%run -m tool") == f"{session.folder}/tool.py: exit status 3\n"
    assert session("%run -e -m tool") == session("%run -em tool") == ""
    assert session.value("_exit_code") == 3


def test_a_syntax_error_leaves_the_last_run_alone(session, write):
    write("tool.py", "value = 1")
    session("%run -m tool")
    write("tool.py", "value = (")
    written = session("%run -m tool")
    assert "SyntaxError" in written and "Traceback" not in written
    assert session.value("value") == 1


@pytest.mark.parametrize("target, words", [
    ("-m nothing", ["No module named nothing"]),
    ("-m nothing.part", ["No module named nothing"]),
    ("-m pkg.nothing", ["No module named pkg.nothing"]),
    ("-m pkg.nothing.part", ["No module named pkg.nothing"]),
    ("-m bare", ["No module named bare.__main__; 'bare' is a package and cannot be directly"]),
    ("-m spaces", ["spaces", "cannot be directly executed"]),
    ("-m tool.part", ["No module named tool.part; 'tool' is not a package"]),
    ("-m tool.py", ["No module named tool.py", "without its .py"]),
    ("-m ''", ["the name of a module is needed"]), ("-m .tool", ["the name of a module"]),
    ("-m", ["which module?"]), ("-e -m", ["which module?"]),
    ("-m sys", ["No code object available for sys"]),
    ("empty", ["empty: has no __main__.py"]), ("empty.zip", ["empty.zip: has no __main__.py"]),
    ("-", ["standard input is the prompt's"]),
    ("made.pyc", ["made.pyc: compiled code, not Python source"]),
    ("-i app", ["app: -i is for files"]), ("-i app.pyz", ["-i is for files"]),
    ("-i -m tool", ["tool: -i is for files"]),
])
def test_what_can_not_be_run_is_one_line(session, write, project, target, words):
    write("pkg/__init__.py", "")
    write("bare/__init__.py", "")
    write("tool.py", "if __name__ == '__main__': print('executed')")
    write("spaces/part.py", "")
    write("made.pyc", b"\xa7\r\r\n\0\0\0\0")
    (project / "empty").mkdir()
    zipped(project, "empty.zip", other="")
    written = session(f"%run {target}")
    assert written.count("\n") == 1 and written.startswith("UsageError: "), written
    for word in words:
        assert word in written
    assert session("%runs").startswith("no runs yet")


def test_a_package_that_can_not_be_imported_says_why_and_the_session_goes_on(session, write):
    write("pkg/part.py", "print('executed')")
    write("pkg/__init__.py", "def f(): raise ValueError('not now')\nf()")
    written = session("%run -m pkg.part")
    assert "in f\n" in written and written.endswith("ValueError: not now\n")
    write("pkg/__init__.py", "import no_such_helper")
    assert session("%run -m pkg.part").endswith(
        "ModuleNotFoundError: No module named 'no_such_helper'\n")
    write("pkg/__init__.py", "raise SystemExit(3)")
    assert session("%run -m pkg.part") == "exit status 3 before the module could be executed\n"
    write("pkg/__init__.py", "raise KeyboardInterrupt")
    assert session("%run -m pkg.part").endswith("KeyboardInterrupt\n")
    write("pkg/__init__.py", "")
    assert session("%run -m pkg.part") == "executed\n"


def test_an_import_at_the_prompt_is_no_reason_for_a_warning(session, python, write):
    write("pkg/__init__.py", "")
    write("pkg/part.py", "x = __name__")
    session("import pkg.part")
    assert session("%run -m pkg.part") == ""
    assert session.value("x, pkg.part.x") == ("__main__", "pkg.part")
    write("both/__init__.py", "from . import part")
    write("both/part.py", "")
    # A debug interpreter has runpy from its file, and shows the line.
    warning = re.compile("RuntimeWarning: .*")
    expected = warning.findall(python.run("-m", "both.part").stderr.decode())
    assert len(expected) == 1
    assert warning.findall(session("%run -m both.part")) == expected
    assert session("%run -m both.part") == ""


def test_packages_that_were_edited_are_imported_afresh(session, write):
    write("pkg/__init__.py", "value = 1")
    write("pkg/part.py", "from . import value")
    session("%run -m pkg.part")
    write("pkg/__init__.py", "value = 2")
    assert session("%run -m pkg.part") == "reloaded: pkg\n"
    assert session.value("value") == 2


def test_a_module_can_be_executed_under_its_own_name(session, write):
    write("pkg/__init__.py", "")
    write("pkg/part.py", "name = __name__")
    session("%run -n -m pkg.part")
    assert session.value("name") == "pkg.part"


def test_modules_of_the_standard_library_and_frozen_ones_run(session, write):
    write("x.json", '{"a":1}')
    # It closes its sys.stdout, which the guard tells of.
    assert session("%run -m json.tool --compact x.json").startswith('{"a":1}\n')
    assert session("%run -m __hello__") == session("%run -m __hello__") == "Hello world!\n"


def test_a_module_without_source_runs(session, python, write):
    write("made.py", "import sys\ndef f(): return 1\nprint(__file__, __cached__, sys.argv)\n")
    python.output("-m", "compileall", "-q", "-b", "made.py")
    os.remove(session.folder / "made.py")
    expected = python.output("-m", "made")
    assert session("%run -m made") == session("%run -m made") == expected
    assert session.value("f()") == 1


def test_functions_import_what_lies_beside_them_later(session, write, project):
    for folder in ("one", "two"):
        write(f"{folder}/__main__.py", "def lazy():\n    import lies_beside\n"
                                       "    return lies_beside.__file__\n")
        write(f"{folder}/lies_beside.py", "")
    zipped(project, "lazy.pyz", lies_within="",
           __main__="def late():\n    import lies_within\n    return lies_within.__file__\n")
    session("%run one/", "%run lazy.pyz", "%cd /")
    assert session.value("lazy(), late()") == (
        f"{project}/one/lies_beside.py", f"{project}/lazy.pyz/lies_within.py")


@pytest.mark.parametrize("target, method", [("-m pkg.part", "spawn"), ("-m pkg.part", "fork"),
                                            ("app", "fork"), ("app.pyz", "fork")])
def test_worker_processes_know_the_functions(session, make, target, method):
    make(target, f"""\
import multiprocessing
def square(x): return x * x
if __name__ == "__main__":
    with multiprocessing.get_context({method!r}).Pool(1) as pool:
        print(pool.map(square, range(3)))
""")
    for _ in range(2):
        assert session(f"%run {target}").endswith("[0, 1, 4]\n")


@pytest.mark.parametrize("arguments", [["-m", "tool", "a", "*"], ["-m", "pkg.part"], ["app", "b"],
                                       ["app.pyz"]])
def test_the_command_line_s_i_shows_the_same_and_stays(start, python, project, arguments):
    session = start(Session, *arguments)
    expected = python.output(*arguments)
    assert ADDRESS.sub("", session.started) == ADDRESS.sub("", expected)
    assert session.value("main.__name__") == "__main__"


def test_the_command_line_s_i_stays_after_what_can_not_be_run(start):
    session = start(Session, "-m", "nothing")
    assert session.started == "UsageError: %run: No module named nothing\n"
    assert session.value("1") == 1
