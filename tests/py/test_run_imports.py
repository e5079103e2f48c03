"""What scripts import: siblings, now and later (promise P8)."""
LAZY = """\
def lazy():
    import sibling
    return sibling.name
"""


def test_a_sibling_is_imported_lazily_after_the_script_has_left(session, write):
    write("sub/s.py", LAZY)
    write("sub/sibling.py", "name = 'of sub'")
    session("import sys", "%run sub/s.py")
    assert session.value("lazy()") == "of sub"
    assert session.value(f"'{session.folder}/sub' in sys.path") is False


def test_a_sibling_is_imported_lazily_after_another_run(session, write):
    write("sub/s.py", LAZY)
    write("sub/sibling.py", "name = 'of sub'")
    write("other/t.py", "import unlike")
    write("other/unlike.py", "")
    session("%run sub/s.py", "%run other/t.py", "%cd other")
    assert session.value("lazy()") == "of sub"


def test_each_script_s_functions_find_their_own_siblings(session, write):
    for folder in ("one", "two"):
        write(f"{folder}/{folder}_script.py", LAZY.replace("lazy", f"lazy_{folder}"))
        write(f"{folder}/sibling.py", f"name = 'of {folder}'")
        session(f"%run {folder}/{folder}_script.py")
    session("import sys")
    assert session.value("lazy_one(), sys.modules.pop('sibling') and lazy_two()") == (
        "of one", "of two")


def test_a_sibling_s_own_lazy_import_finds_its_siblings(session, write):
    write("sub/s.py", "from sibling import deeper")
    write("sub/sibling.py", "def deeper():\n    import third\n    return third.name\n")
    write("sub/third.py", "name = 'third'")
    session("%run sub/s.py")
    assert session.value("deeper()") == "third"


def test_the_prompt_does_not_find_a_script_s_siblings(session, write):
    write("sub/s.py", LAZY)
    write("sub/sibling.py", "name = 1")
    session("%run sub/s.py")
    assert "No module named 'sibling'" in session("import sibling")


def test_a_thread_and_a_callback_of_a_script_find_its_siblings(session, write):
    write("sub/s.py", LAZY + "import threading\nfound = []\n"
          "thread = threading.Thread(target=lambda: (go.wait(), found.append(lazy())))\n"
          "go = threading.Event()\nthread.start()\n")
    write("sub/sibling.py", "name = 'of sub'")
    session("%run sub/s.py", "go.set(); thread.join()")
    assert session.value("found, list(map(lambda f: f(), [lazy]))") == (["of sub"], ["of sub"])


def test_a_sibling_shadows_the_library_as_in_python3(session, write, python):
    write("sub/s.py", "import colorsys\nprint(colorsys.__file__)\n"
                      "def lazy():\n    import sndhdr\n    return sndhdr.name\n")
    write("sub/colorsys.py", "")
    write("sub/sndhdr.py", "name = 'mine'")
    assert session("%run sub/s.py") == python.output("sub/s.py")
    assert session.value("lazy()") == "mine"


def test_the_current_folder_is_not_searched_for_a_script_elsewhere(session, write, python):
    write("sub/s.py", "try:\n    import near\nexcept ImportError as e:\n    print(e)\n")
    write("near.py", "")
    assert session("%run sub/s.py") == python.output("sub/s.py") == "No module named 'near'\n"
    assert session("import near") == ""


def test_a_module_edited_in_the_session_keeps_its_identity_for_the_prompt(session, write):
    write("helper.py", "number = 1")
    write("s.py", "import helper")
    session("import helper as mine", "%run s.py", "%run s.py")
    assert session.value("mine is helper") is True
