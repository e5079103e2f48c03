"""Helper modules that were edited since they were imported: the next %run imports them afresh."""
import os
import re
import shutil
import subprocess
import textwrap

import pytest


class Session:
    """Cells typed into a session, with files written between them by the cells themselves."""

    def __init__(self, program):
        self.program = program
        self.folder = program.folder
        self.cells = []

    def write(self, name, text):
        """Write a file now, or when the session gets here."""
        text = textwrap.dedent(text)
        self.cells.append(f"__import__('pathlib').Path({name!r}).write_text({text!r});")

    def type(self, *cells):
        self.cells.extend(cells)

    def run(self, **options):
        cells = "\n".join(self.cells) + "\n"
        done = self.program.run("-q", "--no-banner", "-i", input=cells.encode(), **options)
        self.out = re.sub(r"^( +\.\.\.: |In \[\d+\]: )+", "", done.stdout.decode(), flags=re.M)
        self.out = [line for line in self.out.splitlines() if line]
        self.err = done.stderr.decode().removesuffix("\n")  # of the end of the input
        self.reloaded = re.findall(r"^reloaded: (.*)$", self.err, flags=re.M)
        assert done.returncode == 0, done
        return self


@pytest.fixture
def session(program):
    session = Session(program)
    session.write("main.py", "import a\nprint('saw', a.value())\n")
    return session


def chain(session):
    session.write("a.py", "import b\ndef value(): return b.VALUE\n")
    session.write("b.py", "VALUE = 1\n")


def test_a_helper_of_a_helper_is_seen_by_the_next_run(session):
    chain(session)
    session.type("%run main.py")
    session.write("b.py", "VALUE = 22\n")
    session.type("%run main.py")
    session.run()
    assert session.out == ["saw 1", "saw 22"]
    assert session.reloaded == ["a, b"]
    assert session.err == "reloaded: a, b\n"


def test_nothing_is_reloaded_and_identity_stays_when_nothing_changed(session):
    chain(session)
    session.type("%run main.py", "import sys; one = sys.modules['a'], sys.modules['b']",
                 "%run main.py", "print(one == (sys.modules['a'], sys.modules['b']))")
    session.run()
    assert session.out == ["saw 1", "saw 1", "True"]
    assert session.err == ""


def test_touching_a_file_or_writing_the_same_text_changes_nothing(session):
    chain(session)
    session.type("%run main.py", "import os, sys; one = sys.modules['b']",
                 "os.utime('b.py', (1, 1))", "%run main.py")
    session.write("b.py", "VALUE = 1\n")
    session.type("%run main.py", "print(sys.modules['b'] is one)")
    session.run()
    assert session.out[-1] == "True"
    assert session.err == ""


def test_modules_that_do_not_import_what_changed_keep_their_identity(session):
    chain(session)
    session.write("c.py", "import json, _heapq\n")
    session.write("main.py", "import a, c, json, _heapq\nprint('saw', a.value())\n")
    session.type("import sys", "names = ['c', 'json', '_heapq']", "%run main.py",
                 "one = [sys.modules[n] for n in names]")
    session.write("b.py", "VALUE = 2\n")
    session.type("%run main.py", "print(one == [sys.modules[n] for n in names])")
    session.run()
    assert session.out == ["saw 1", "saw 2", "True"]
    assert session.reloaded == ["a, b"]


@pytest.mark.parametrize("statement, use", [
    ("from b import VALUE", "VALUE"),
    ("from b import VALUE as other", "other"),
    ("from b import *", "VALUE"),
    ("from b import f\nVALUE = f()\ndel f", "VALUE"),
    ("from b import f", "f()"),
    ("from b import C", "C.value"),
    ("from b import instance", "instance.value"),
    ("import b as other", "other.VALUE"),
    ("class K:\n    from b import VALUE", "K.VALUE"),
    ("try:\n    import b\nexcept ImportError:\n    b = None", "b.VALUE"),
    ("import importlib\nb = importlib.import_module('b')", "b.VALUE"),
    ("if True:\n    from b import f as g", "g()"),
])
def test_whatever_way_a_helper_imports_it_sees_the_new_text(session, statement, use):
    text = ("VALUE = {0}\ndef f(): return {0}\nclass C:\n    value = {0}\ninstance = C()\n")
    session.write("a.py", f"{statement}\ndef value(): return {use}\n")
    session.write("b.py", text.format(1))
    session.type("%run main.py")
    session.write("b.py", text.format(2))
    session.type("%run main.py")
    session.run()
    assert session.out == ["saw 1", "saw 2"]
    assert session.reloaded == ["a, b"]


def test_a_helper_that_imports_in_a_function_alone_keeps_its_identity(session):
    session.write("a.py", "def value():\n    import b\n    return b.VALUE\n")
    session.write("b.py", "VALUE = 1\n")
    session.type("%run main.py", "import sys; one = sys.modules['a']")
    session.write("b.py", "VALUE = 2\n")
    session.type("%run main.py", "print(one is sys.modules['a'])")
    session.run()
    assert session.out == ["saw 1", "saw 2", "True"]
    assert session.reloaded == ["b"]


def test_an_edit_in_the_same_second_and_of_the_same_size_is_seen_each_time(session):
    chain(session)
    for value in range(2, 10):
        session.type("%run main.py")
        session.write("b.py", f"VALUE = {value}\n")
    session.type("%run main.py")
    session.run()
    assert session.out == [f"saw {value}" for value in range(1, 10)]


def test_stale_bytecode_with_the_time_and_size_of_the_source_is_not_believed(session):
    chain(session)
    session.type("import os", "same = lambda: os.utime('b.py', (1e9, 1e9))", "same()",
                 "%run main.py")
    session.write("b.py", "VALUE = 2\n")
    session.type("same()", "%run main.py")
    session.run()
    assert session.out == ["saw 1", "saw 2"]


def test_stale_bytecode_of_another_process_is_not_believed_by_the_first_run(session):
    folder = session.folder
    chain(session)
    session.cells.pop()
    (folder / "b.py").write_text("VALUE = 1\n")
    os.utime(folder / "b.py", (1e9, 1e9))
    subprocess.run(["/usr/bin/python3", "-c", "import b"], cwd=folder, check=True,
                   env={"PATH": "/usr/bin:/bin"})
    assert list(folder.glob("__pycache__/b.*.pyc"))
    (folder / "b.py").write_text("VALUE = 2\n")
    os.utime(folder / "b.py", (1e9, 1e9))
    session.type("%run main.py")
    session.run()
    assert session.out == ["saw 2"]


def test_a_helper_imported_at_the_prompt_and_edited_before_the_first_run(session):
    chain(session)
    session.type("import b")
    session.write("b.py", "VALUE = 2\n")
    session.type("%run main.py", "print(b.VALUE)")
    session.run()
    assert session.out == ["saw 2", "1"]
    assert session.reloaded == ["b"]


def test_a_helper_that_was_edited_while_the_script_ran_is_stale_afterwards(session):
    chain(session)
    session.write("main.py", """\
        import a, pathlib
        print('saw', a.value())
        pathlib.Path('b.py').write_text(f'VALUE = {a.value() + 1}\\n')
        """)
    session.type("%run main.py", "%run main.py", "%run main.py")
    session.run()
    assert session.out == ["saw 1", "saw 2", "saw 3"]


def test_a_deleted_helper_stays_as_it_is(session):
    chain(session)
    session.type("%run main.py", "import os; os.remove('b.py')", "%run main.py")
    session.run()
    assert session.out == ["saw 1", "saw 1"]
    assert session.err == ""


def test_a_helper_deleted_and_written_again_is_fresh(session):
    chain(session)
    session.type("%run main.py", "import os; os.remove('b.py')", "%run main.py")
    session.write("b.py", "VALUE = 2\n")
    session.type("%run main.py")
    session.run()
    assert session.out == ["saw 1", "saw 1", "saw 2"]


def test_helpers_that_import_each_other(session):
    session.write("a.py", "import b\nX = 1\ndef value(): return b.value()\n")
    session.write("b.py", "import a\ndef value(): return a.X\n")
    session.type("%run main.py")
    session.write("a.py", "import b\nX = 2\ndef value(): return b.value()\n")
    session.type("%run main.py")
    session.run()
    assert session.out == ["saw 1", "saw 2"]
    assert session.reloaded == ["a, b"]


def test_a_helper_broken_by_an_edit_fails_the_import_until_it_is_repaired(session):
    chain(session)
    session.type("%run main.py")
    session.write("b.py", "VALUE = (\n")
    session.type("%run main.py", "%run main.py")
    session.write("b.py", "VALUE = 3\n")
    session.type("%run main.py")
    session.run()
    assert session.out == ["saw 1", "saw 3"]
    assert session.err.count("SyntaxError") == 2
    assert session.reloaded == ["a, b"]


def test_objects_of_dropped_modules_go_on_working(session):
    session.write("main.py", "import a\nf = a.f\nc = a.C()\n")
    session.write("a.py", "RATE = 1\ndef f(): return RATE\nclass C:\n    def m(self): return f()\n")
    session.type("%run main.py", "old_f, old_c = f, c")
    session.write("a.py", "RATE = 2\ndef f(): return RATE\nclass C:\n    def m(self): return f()\n")
    session.type("%run main.py", "print(old_f(), old_c.m(), f(), c.m())")
    session.run()
    assert session.out == ["1 1 2 2"]


def test_what_only_a_dropped_module_held_is_freed(session):
    text = "class Big: pass\nbig = Big()\nbig.cycle = big\ndef f(): return big\nV = %d\n"
    session.write("main.py", "import a\n")
    session.write("a.py", text % 1)
    session.type("import gc, weakref, sys; gc.disable()", "%run main.py",
                 "r = weakref.ref(sys.modules['a'].big)")
    session.write("a.py", text % 2)
    session.type("%run main.py", "print(r())")
    session.run()
    assert session.out == ["None"]


def package(session, init="", sub="VALUE = 1\n", main="from pkg import sub"):
    session.type("import os; os.makedirs('pkg', exist_ok=True)")
    session.write("pkg/__init__.py", init)
    session.write("pkg/sub.py", sub)
    session.write("pkg/other.py", "")
    session.write("main.py", f"{main}\nimport pkg, pkg.other\nprint('saw', pkg.sub.VALUE)\n")


@pytest.mark.parametrize("main", ["import pkg.sub", "from pkg import sub", "import pkg.sub as s",
                                  "from pkg.sub import VALUE"])
def test_a_module_in_a_package_that_stays(session, main):
    package(session, main=main)
    session.type("%run main.py", "import sys; one = sys.modules['pkg'], sys.modules['pkg.other']")
    session.write("pkg/sub.py", "VALUE = 2\n")
    session.type("%run main.py", "print(one == (sys.modules['pkg'], sys.modules['pkg.other']))")
    session.run()
    assert session.out == ["saw 1", "saw 2", "True"]
    assert session.reloaded == ["pkg.sub"]


@pytest.mark.parametrize("init", ["from .sub import VALUE", "from . import sub",
                                  "from pkg import sub", "import pkg.sub",
                                  "from .sub import *"])
def test_a_package_that_imports_its_module_goes_with_it(session, init):
    package(session, init=init + "\n")
    session.type("%run main.py")
    session.write("pkg/sub.py", "VALUE = 2\n")
    session.type("%run main.py")
    session.run()
    assert session.out == ["saw 1", "saw 2"]
    assert session.reloaded == ["pkg, pkg.other, pkg.sub"]


def test_a_changed_package_takes_its_modules_with_it(session):
    package(session, main="import pkg.sub")
    session.type("%run main.py", "import pkg as old")
    session.write("pkg/__init__.py", "NEW = 1\n")
    session.type("%run main.py", "print(old.sub.VALUE, hasattr(old, 'NEW'))",
                 "import pkg; print(pkg.NEW, pkg.sub is not old.sub)")
    session.run()
    assert session.out == ["saw 1", "saw 1", "1 False", "1 True"]
    assert session.reloaded == ["pkg, pkg.other, pkg.sub"]


@pytest.mark.parametrize("statement", ["from ..low import VALUE", "from .. import low\nVALUE = low.VALUE",
                                       "from pkg.low import VALUE"])
def test_relative_imports_across_packages(session, statement):
    session.type("import os; os.makedirs('pkg/deep')")
    session.write("pkg/__init__.py", "")
    session.write("pkg/deep/__init__.py", "")
    session.write("pkg/low.py", "VALUE = 1\n")
    session.write("pkg/deep/user.py", statement + "\n")
    session.write("main.py", "import pkg.deep.user\nprint('saw', pkg.deep.user.VALUE)\n")
    session.type("%run main.py")
    session.write("pkg/low.py", "VALUE = 2\n")
    session.type("%run main.py")
    session.run()
    assert session.out == ["saw 1", "saw 2"]
    assert session.reloaded == ["pkg.deep.user, pkg.low"]


def test_a_module_in_a_namespace_package(session):
    session.type("import os; os.makedirs('space')")
    session.write("space/m.py", "VALUE = 1\n")
    session.write("main.py", "from space import m\nprint('saw', m.VALUE)\n")
    session.type("%run main.py", "import sys; one = sys.modules['space']")
    session.write("space/m.py", "VALUE = 2\n")
    session.type("%run main.py", "print(one is sys.modules['space'])")
    session.run()
    assert session.out == ["saw 1", "saw 2", "True"]
    assert session.reloaded == ["space.m"]


def test_two_edits_of_one_helper(session):
    chain(session)
    session.type("%run main.py")
    session.write("b.py", "VALUE = 2\n")
    session.type("%run main.py")
    session.write("b.py", "VALUE = 3\n")
    session.type("%run main.py", "%run main.py")
    session.run()
    assert session.out == ["saw 1", "saw 2", "saw 3", "saw 3"]
    assert session.reloaded == ["a, b", "a, b"]


def test_an_edit_that_was_undone_reloads_nothing(session):
    chain(session)
    session.type("%run main.py")
    session.write("b.py", "VALUE = 2\n")
    session.write("b.py", "VALUE = 1\n")
    session.type("%run main.py")
    session.run()
    assert session.out == ["saw 1", "saw 1"]
    assert session.err == ""


def test_helpers_beside_a_script_in_another_folder(session):
    session.type("import os; os.makedirs('far')")
    session.write("far/main.py", "import a\nprint('saw', a.X)\n")
    session.write("far/a.py", "X = 1\n")
    session.type("%run far/main.py")
    session.write("far/a.py", "X = 2\n")
    session.type("%run far/main.py")
    session.run()
    assert session.out == ["saw 1", "saw 2"]


def test_modules_outside_of_the_project_are_left_alone(session, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    session.type(f"import sys; sys.path.append({str(elsewhere)!r})")
    session.write(str(elsewhere / "a.py"), "def value(): return 1\n")
    session.type("%run main.py")
    session.write(str(elsewhere / "a.py"), "def value(): return 22\n")
    session.type("%run main.py")
    session.run()
    assert session.out == ["saw 1", "saw 1"]
    assert session.err == ""


@pytest.mark.parametrize("folder", ["site-packages", "lib/dist-packages", "env/src"])
def test_installed_packages_in_the_project_are_left_alone(session, folder):
    session.type(f"import os, sys; os.makedirs({folder!r})", f"sys.path.append({folder!r})")
    session.write(folder + "/a.py", "def value(): return 1\n")
    session.write(os.path.dirname(folder) + "/pyvenv.cfg" if "env" in folder else "x", "")
    session.type("%run main.py")
    session.write(folder + "/a.py", "def value(): return 22\n")
    session.type("%run main.py")
    session.run()
    assert session.out == ["saw 1", "saw 1"]
    assert session.err == ""


def test_a_package_linked_from_an_installation_is_left_alone(session, tmp_path_factory):
    installed = tmp_path_factory.mktemp("lib") / "site-packages"
    installed.mkdir()
    session.write(str(installed / "a.py"), "def value(): return 1\n")
    session.type(f"import os; os.symlink({str(installed / 'a.py')!r}, 'a.py')", "%run main.py")
    session.write(str(installed / "a.py"), "def value(): return 22\n")
    session.type("%run main.py")
    session.run()
    assert session.out == ["saw 1", "saw 1"]


def test_an_extension_module_in_the_project_keeps_its_identity(session):
    import _heapq
    import importlib.machinery
    import sysconfig
    source = next((path for path in map(sysconfig.get_path, ["platstdlib"])
                   for path in __import__("pathlib").Path(path, "lib-dynload").glob("_json*.so")),
                  None)
    if source is None:
        pytest.skip("no shared extension module to copy")
    shutil.copy(source, session.folder)
    session.write("a.py", "import _json, b\ndef value(): return b.VALUE\n")
    session.write("b.py", "VALUE = 1\n")
    session.type("import sys; sys.modules.pop('_json', None);", "%run main.py",
                 "one = sys.modules['_json']")
    session.write("b.py", "VALUE = 2\n")
    session.type("%run main.py", "print(one is sys.modules['_json'])")
    session.run()
    assert session.out == ["saw 1", "saw 2", "True"]
    assert session.reloaded == ["a, b"]


def test_strange_things_in_sys_modules(session):
    chain(session)
    session.write("odd.py", "import sys, b\nsys.modules[__name__] = 'not a module'\n")
    session.write("main.py", "import odd, a\nprint('saw', a.value())\n")
    session.type("import sys, types", "sys.modules['none'] = None",
                 "sys.modules[5] = 'number'", "sys.modules['bare'] = types.ModuleType('bare')",
                 "class Angry:\n    def __getattr__(self, name): raise SystemError(name)\n",
                 "sys.modules['angry'] = Angry()", "%run main.py")
    session.write("b.py", "VALUE = 2\n")
    session.type("%run main.py", "del sys.modules[5]")
    session.run()
    assert session.out == ["saw 1", "saw 2"]
    assert session.reloaded == ["a, b"]


def test_a_module_that_is_being_imported_is_not_dropped(session):
    session.write("a.py", """\
        import pathlib
        pathlib.Path('a.py').write_text('def value(): return 2')
        get_ipython().run_line_magic('run', 'inner.py')
        def value(): return 1
        """)
    session.write("inner.py", "print('inner')\n")
    session.type("%run main.py", "%run main.py")
    session.run()
    assert session.out == ["inner", "saw 1", "saw 2"]
    assert session.reloaded == ["a"]


def test_looking_for_a_module_does_not_forget_what_was_imported(session):
    chain(session)
    session.type("%run main.py")
    session.write("b.py", "VALUE = 2\n")
    session.type("import sys", "s = [f.find_spec('b', None) for f in sys.meta_path]",
                 "%run main.py")
    session.run()
    assert session.out == ["saw 1", "saw 2"]


def test_reload_of_the_users_own_is_noted(session):
    chain(session)
    session.type("%run main.py")
    session.write("b.py", "VALUE = 2\n")
    session.type("import importlib, b; importlib.reload(b); one = b", "%run main.py",
                 "import sys; print(sys.modules['b'] is one)")
    session.run()
    assert session.out == ["saw 1", "saw 2", "True"]
    assert session.err == ""


def test_the_line_comes_before_the_scripts_output(session):
    chain(session)
    session.write("main.py", "import a, sys\nprint('saw', a.value(), file=sys.stderr)\n")
    session.type("%run main.py")
    session.write("b.py", "VALUE = 2\n")
    session.type("%run main.py")
    session.run()
    assert session.err == "saw 1\nreloaded: a, b\nsaw 2\n"


def test_run_in_the_prompts_names_refreshes_too(session):
    chain(session)
    session.type("%run -i main.py")
    session.write("b.py", "VALUE = 2\n")
    session.type("%run -i main.py")
    session.run()
    assert session.out == ["saw 1", "saw 2"]


def test_a_lazy_import_of_a_kept_function_gets_the_new_text(session):
    session.write("main.py", "def late():\n    import b\n    return b.VALUE\n")
    session.write("b.py", "VALUE = 1\n")
    session.type("%run main.py", "print(late())")
    session.write("b.py", "VALUE = 2\n")
    session.type("%run main.py", "print(late())")
    session.run()
    assert session.out == ["1", "2"]


def test_helpers_without_bytecode(session):
    chain(session)
    for value in range(2, 5):
        session.type("%run main.py")
        session.write("b.py", f"VALUE = {value}\n")
    session.type("%run main.py")
    session.run(env={"PYTHONDONTWRITEBYTECODE": "1"})
    assert session.out == ["saw 1", "saw 2", "saw 3", "saw 4"]
    assert not (session.folder / "__pycache__").exists()


def test_another_finder_between_ours_and_the_path_finder_is_asked_first(session):
    session.write("b.py", "VALUE = 1\n")
    session.write("main.py", "import b\nprint('saw', b.VALUE)\n")
    session.type(
        "import sys, importlib.abc, importlib.util",
        "class F(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'b':\n"
        "            return importlib.util.spec_from_loader(name, self)\n"
        "    def create_module(self, spec): pass\n"
        "    def exec_module(self, module): module.VALUE = 'theirs'\n",
        "sys.meta_path.insert(-1, F())", "%run main.py")
    session.run()
    assert session.out == ["saw theirs"]
