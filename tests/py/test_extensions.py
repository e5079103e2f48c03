"""Extensions written for IPython: loading them, and what they ask of get_ipython()."""
import importlib.util
import re

import pytest

GREETER = '''\
"""Greets; in the idiom of IPython's documentation."""
GREETING = "hello"


def greet(line):
    """Greet somebody."""
    print(GREETING, line)
    return len(line)


def count(line, cell):
    print(line, len(cell.split()))


def both(line, cell=None):
    print("line" if cell is None else "cell", line)


def load_ipython_extension(ipython):
    ipython.register_magic_function(greet, "line")
    ipython.register_magic_function(count, magic_kind="cell", magic_name="lines")
    ipython.register_magic_function(both, "line_cell")


def unload_ipython_extension(ipython):
    print("unloading")
'''

# What the decorators of IPython.core.magic leave behind, without them.
NOTES = '''\
class NoteMagics:
    registered = True
    magics = {"line": {"note": "note", "notes": "show"}, "cell": {"note": "note"}}

    def __init__(self, shell=None):
        self.shell = shell
        self.kept = []
        tables, self.magics = self.magics, {}
        for kind, names in tables.items():
            self.magics[kind] = {name: getattr(self, method) for name, method in names.items()}

    def note(self, line, cell=""):
        "Keep a note."
        self.kept.append(line + cell.rstrip())
        self.shell.user_ns["latest"] = self.kept[-1]

    def show(self, line):
        return self.kept


def load_ipython_extension(ip):
    ip.register_magics(NoteMagics)
'''

TIMER = '''\
"""Tells how long each cell took, as ipython-autotime does."""
import time


class Timer:
    def start(self, *args):
        self.began = time.monotonic()

    def stop(self, result):
        what = "failed" if result.error_in_exec else "ended"
        print(f"cell {result.execution_count} {what}:", result.info.raw_cell.strip(),
              0 <= time.monotonic() - self.began < 60)


timer = Timer()


def load_ipython_extension(ip):
    timer.start()
    ip.events.register("pre_run_cell", timer.start)
    ip.events.register("post_run_cell", timer.stop)


def unload_ipython_extension(ip):
    ip.events.unregister("pre_run_cell", timer.start)
    ip.events.unregister("post_run_cell", timer.stop)
'''


@pytest.fixture
def ext(session, write):
    """A session in a folder with the three extensions."""
    write("greeter.py", GREETER)
    write("notes.py", NOTES)
    write("timer.py", TIMER)
    return session


def one_line(text):
    return text.count("\n") == 1 and "Traceback" not in text


def shown(session, *cells):
    """The text of what the last of the cells displays."""
    found = re.fullmatch(r"Out\[\d+\]: (.*)\n", session(*cells), re.S)
    return found and found[1]


def without_ipython(session):
    return session.value("[m for m in __import__('sys').modules if m.split('.')[0] == 'IPython']") == []


# Loading

def test_an_extension_of_the_current_folder_registers_magics(ext):
    assert ext("%load_ext greeter") == ""
    assert ext("%greet you") == "hello you\nOut[2]: 3\n"
    assert ext("%%lines a\nx\ny\n") == "a 2\n"
    assert ext("%both x") == "line x\n"
    assert ext("%%both y\nz\n") == "cell y\n"
    assert without_ipython(ext)


def test_an_extension_written_after_the_start_is_found(session, write):
    session("import importlib")
    write("late.py", "def load_ipython_extension(ip): print('late')")
    assert session("%load_ext late") == "late\n"


def test_an_extension_in_a_package_is_found(session, write):
    write("pack/__init__.py", "")
    write("pack/ext.py", "def load_ipython_extension(ip): print('inner')")
    assert session("%load_ext pack.ext") == "inner\n"


def test_a_class_of_magics_is_instantiated_with_the_shell(ext):
    ext("%load_ext notes", "%note one", "%%note two\nthree\n")
    assert shown(ext, "%notes") == "['one', 'twothree']"
    assert ext.value("latest") == "twothree"
    assert ext.value("type(get_ipython().magics_manager.registry['NoteMagics']).__name__") == "NoteMagics"
    assert without_ipython(ext)


def test_loading_twice_is_one_line(ext):
    text = ext("%load_ext greeter", "%load_ext greeter")
    assert one_line(text) and "already loaded" in text


def test_no_such_module_is_one_line(session):
    text = session("%load_ext nosuch")
    assert one_line(text) and "no module named nosuch" in text


def test_a_module_that_is_no_extension_is_one_line(session):
    text = session("%load_ext json")
    assert one_line(text) and "json has no load_ipython_extension" in text


def test_no_name_is_one_line(session):
    assert one_line(session("%load_ext")) and one_line(session("%load_ext a b"))


def test_a_missing_ipython_is_named_in_one_line(session, write):
    write("needy.py", "from IPython.core.magic import Magics\n")
    text = session("import sys; sys.modules['IPython'] = None", "%load_ext needy")
    assert one_line(text) and "needy imports IPython" in text and "not installed" in text


def test_what_an_extension_lacks_itself_has_its_traceback(session, write):
    write("lacking.py", "import nosuch\n")
    text = session("%load_ext lacking")
    assert "lacking.py" in text and "No module named 'nosuch'" in text


def test_an_extension_that_fails_to_load_leaves_no_magics(session, write):
    write("half.py", """\
        def load_ipython_extension(ip):
            ip.register_magic_function(len, 'line', 'half')
            raise ValueError("halfway")
        """)
    assert "ValueError: halfway" in session("%load_ext half")
    assert "no magic %half" in session("%half")
    assert "ValueError: halfway" in session("%load_ext half")


def test_unloading_takes_the_magics_along(ext):
    assert ext("%load_ext greeter", "%unload_ext greeter") == "unloading\n"
    assert "no magic %greet" in ext("%greet you")
    assert "no magic %%lines" in ext("%%lines\nx\n")
    text = ext("%unload_ext greeter")
    assert one_line(text) and "not loaded" in text


def test_an_extension_that_cannot_unload_stays(ext):
    text = ext("%load_ext notes", "%unload_ext notes")
    assert one_line(text) and "notes has no unload_ipython_extension" in text
    assert ext("%note x") == ""


def test_reloading_takes_the_present_text(ext, write):
    ext("%load_ext greeter")
    write("greeter.py", GREETER.replace('"hello"', '"good evening"'))
    assert ext("%reload_ext greeter") == "unloading\n"
    assert "good evening you" in ext("%greet you")


def test_reloading_loads_what_is_not_loaded(ext):
    assert ext("%reload_ext greeter", "%greet x").startswith("hello x")


def test_the_extension_manager_answers_as_ipythons(ext):
    assert ext.value("get_ipython().extension_manager.load_extension('greeter')") is None
    assert ext.value("get_ipython().extension_manager.load_extension('greeter')") == "already loaded"
    assert ext.value("get_ipython().extension_manager.load_extension('json')") == "no load function"
    assert ext.value("get_ipython().extension_manager.loaded") == {"greeter"}
    assert ext.value("get_ipython().extension_manager.unload_extension('json')") == "not loaded"


# Registered magics

def test_a_registered_magic_takes_part_in_automagic(ext):
    ext("%load_ext greeter")
    assert ext("greet all of you").startswith("hello all of you\n")
    assert "SyntaxError" in ext("greet = 1", "greet all of you")


def test_a_registered_magic_is_listed_and_explained(ext):
    ext("%load_ext greeter")
    text = ext("%lsmagic")
    assert "%greet\n    Greet somebody.\n" in text and "%%lines\n" in text
    text = ext("%greet?")
    assert "Greet somebody." in text and "greeter.py" in text
    assert "print(GREETING, line)" in ext("greet??")


def test_a_registered_magic_replaces_a_native_one_until_it_is_unloaded(session, write):
    write("mine.py", """\
        def load_ipython_extension(ip):
            ip.register_magic_function(lambda line: print("mine", line), magic_name="pwd")
        def unload_ipython_extension(ip): pass
        """)
    assert session("%load_ext mine", "%pwd x") == "mine x\n"
    assert session("%lsmagic").count("%pwd") == 1
    assert str(session.folder) in session("%unload_ext mine", "%pwd")


def test_a_variable_does_not_replace_a_magic(session):
    assert str(session.folder) in session("def pwd(line): print('shadow')\n", "%pwd")


def test_the_line_is_expanded_unless_the_magic_says_otherwise(session):
    session("def show(line): print(line)\n", "x = 5", "ip = get_ipython()",
            "ip.register_magic_function(show)")
    assert session("%show $x {x + 1}") == "5 6\n"
    assert session("show._ipython_magic_no_var_expand = True", "%show $x") == "$x\n"


def test_a_magic_can_ask_for_the_local_names(session):
    session("def names(line, local_ns): print(sorted(local_ns)[-1] in local_ns)\n",
            "names.needs_local_scope = True", "get_ipython().register_magic_function(names)")
    assert session("%names") == "True\n"


def test_what_a_magic_raises_has_its_traceback(session):
    session("def bad(line): return 1 / 0\n", "get_ipython().register_magic_function(bad)")
    text = session("%bad")
    assert "in bad" in text and "ZeroDivisionError" in text


def test_the_tables_hold_native_magics_as_callables(session):
    session("tables = get_ipython().magics_manager.magics")
    assert session.value("sorted(tables)") == ["cell", "line"]
    assert session.value("tables['line']['pwd']('')") == str(session.folder)
    assert session.value("get_ipython().find_line_magic('pwd') is tables['line']['pwd']") is True
    assert session.value("get_ipython().find_magic('pwd').__name__") == "pwd"
    assert session.value("get_ipython().find_magic('nosuch')") is None
    assert session.value("get_ipython().find_cell_magic('time') is not None") is True
    assert session.value("get_ipython().find_cell_magic('pwd')") is None
    assert session.value("get_ipython().magics_manager.lsmagic() is tables") is True


def test_the_tables_can_be_changed_by_hand(session):
    session("lines = get_ipython().magics_manager.magics['line']",
            "lines['pwd'] = lines['dir'] = lambda line: 'by hand'")
    assert shown(session, "%pwd") == "'by hand'"
    assert shown(session, "%dir") == "'by hand'"
    session("del lines['pwd'], lines['dir']")
    assert str(session.folder) in session("%pwd")
    assert "no magic %dir" in session("%dir")


def test_an_alias_calls_what_has_the_name_then(session):
    session("ip = get_ipython()", "ip.magics_manager.register_alias('where', 'pwd')",
            "ip.magics_manager.register_alias('t', 'time', 'cell')")
    assert str(session.folder) in session("%where")
    assert "Wall time" in session("%%t\nx = 1\n")
    session("ip.register_magic_function(lambda line: line, magic_name='pwd')",
            "ip.magics_manager.register_alias('w', 'pwd', magic_params='-a')")
    assert shown(session, "%w b") == "'-a b'"
    session("ip.magics_manager.register_alias('loop', 'loop')")
    assert "RecursionError" in session("%loop")


def test_define_magic_gives_the_shell(session):
    session("get_ipython().define_magic('old', lambda self, line: self is get_ipython())")
    assert shown(session, "%old") == "True"


def test_a_wrong_registration_is_refused(session):
    assert "ValueError" in session("get_ipython().register_magic_function(len, 'page')")
    assert "TypeError" in session("get_ipython().register_magic_function(3, magic_name='x')")
    assert "no `magics` table" in session("get_ipython().register_magics(object())")


# Events

def test_cells_are_timed_until_the_extension_is_unloaded(ext):
    assert ext("%load_ext timer") == "cell 1 ended: %load_ext timer True\n"
    assert shown(ext, "1 + 1") == "2\ncell 2 ended: 1 + 1 True".replace("[3]", "[2]")
    assert ext("1 / 0").endswith("cell 3 failed: 1 / 0 True\n")
    ext("%unload_ext timer")
    assert shown(ext, "1 + 1") == "2"
    assert without_ipython(ext)


def test_all_events_come_in_order_and_callbacks_may_take_nothing(session):
    session("seen = []", "events = get_ipython().events")
    session("events.register('pre_execute', lambda: seen.append('pre'))",
            "events.register('pre_run_cell', lambda: seen.append('pre cell'))",
            "events.register('post_execute', lambda: seen.append('post'))",
            "events.register('post_run_cell', lambda: seen.append('post cell'))")
    session("seen.clear()", "1")
    assert session.value("seen[2:6]") == ["pre", "pre cell", "post", "post cell"]
    session("seen.clear(); r = get_ipython().run_cell('2', silent=True)")
    assert session.value("seen[:2]") == ["pre", "post"]


def test_info_and_result_tell_of_the_cell(session):
    session("kept = []", "get_ipython().events.register('pre_run_cell', kept.append)",
            "get_ipython().events.register('post_run_cell', kept.append)",
            "kept.clear()", "6 * 7")
    assert session.value("[kept[1].raw_cell, kept[1].store_history, kept[1].silent, "
                         "kept[1].shell_futures, kept[1].cell_id]") == ["6 * 7\n", True, False, True, None]
    assert session.value("[kept[2].result, kept[2].success, kept[2].execution_count]") == [42, True, 5]
    assert session.value("kept[2].info is kept[1]") is True


def test_a_callback_that_fails_is_told_of_and_the_session_goes_on(session):
    session("def fails(info): raise ValueError('bad callback')\n",
            "get_ipython().events.register('pre_run_cell', fails)")
    text = session("print('on')")
    assert text.startswith("error in the pre_run_cell callback <function fails")
    assert "ValueError: bad callback\n" in text and text.endswith("on\n")


def test_a_callback_is_registered_once_and_unregistered(session):
    session("def tick(): print('tick')\n", "events = get_ipython().events",
            "events.register('post_execute', tick)")
    assert session("events.register('post_execute', tick)") == "tick\n"
    assert session("events.unregister('post_execute', tick)") == ""
    assert "ValueError" in session("events.unregister('post_execute', tick)")
    assert "KeyError" in session("events.register('no_event', tick)")
    assert "TypeError" in session("events.register('post_execute', 3)")
    session("get_ipython().register_post_execute(tick)")
    assert session("1;") == "tick\n"
    assert session("events.trigger('post_execute')") == "tick\ntick\n"


# Transformers

def test_lines_are_transformed_before_and_after(session):
    session("ip = get_ipython()",
            "def dollars(lines): return [line.replace('$$', 'print(1)') for line in lines]\n",
            "def calls(lines): return [line.replace('print', 'repr') for line in lines]\n",
            "ip.input_transformers_cleanup.append(dollars)")
    assert session("$$") == "1\n"
    assert shown(session, "ip.input_transformers_post.append(calls)", "$$") == "'1'"
    session("ip.input_transformers_post = []", "ip.input_transformers_cleanup.remove(dollars)")
    assert "SyntaxError" in session("$$")


def test_a_tree_is_transformed(session):
    session("""\
        import ast
        """, """\
        class Double(ast.NodeTransformer):
            def visit_Constant(self, node):
                return ast.Constant(node.value * 2)
        """, "get_ipython().ast_transformers.append(Double())")
    assert shown(session, "21") == "42"


def test_a_tree_transformer_that_fails_is_unregistered(session):
    session("""\
        class Bad:
            def visit(self, node):
                raise ValueError("no")
        """, "get_ipython().ast_transformers.append(Bad())")
    text = session("21")
    assert "failed and is unregistered: ValueError: no" in text and text.endswith("]: 21\n")
    assert shown(session, "22") == "22"


# Display

def test_a_printer_for_a_type_makes_the_text(session):
    session("plain = get_ipython().display_formatter.formatters['text/plain']",
            "old = plain.for_type(int, lambda n, p, cycle: p.text(f'int {n}'))")
    assert session.value("old") is None
    assert shown(session, "6 * 7") == "int 42"
    assert shown(session, "True") == "int True"
    assert session.value("get_ipython().display_formatter.format(1)") == ({"text/plain": "int 1"}, {})
    session("f = plain.pop(int)")
    assert shown(session, "6 * 7") == "42"


def test_a_printer_is_registered_for_a_type_that_is_not_imported(session):
    session("plain = get_ipython().display_formatter.formatters['text/plain']",
            "plain.for_type_by_name('fractions', 'Fraction', "
            "lambda f, p, cycle: p.text(f'{f.numerator} over {f.denominator}'))",
            "from fractions import Fraction")
    assert shown(session, "Fraction(1, 2)") == "1 over 2"


def test_a_printer_groups_and_nests(session):
    session("""\
        class Pair:
            pass
        """, """\
        def print_pair(pair, p, cycle):
            if cycle:
                return p.text("...")
            with p.group(1, "<", ">"):
                p.pretty(1)
                p.text(",")
                p.breakable()
                p.pretty(pair)
                p.break_()
                p.text("end")
        """, "get_ipython().display_formatter.formatters['text/plain'].for_type(Pair, print_pair)")
    assert shown(session, "Pair()") == "\n<1, ...\n end>"


def test_the_formatter_for_text_can_be_replaced(session):
    session("formatters = get_ipython().display_formatter.formatters",
            "formatters['text/plain'] = lambda value: None if value == 1 else 'own'")
    assert session("1") == ""
    assert shown(session, "2") == "own"


def test_other_mime_types_are_accepted_and_not_shown(session):
    session("formatters = get_ipython().display_formatter.formatters",
            "r = formatters['text/html'].for_type(int, lambda n: f'<b>{n}</b>')")
    assert shown(session, "1") == "1"
    assert session.value("formatters['text/html'](1)") == "<b>1</b>"


# Exceptions

def test_exceptions_of_some_classes_have_a_handler(session):
    session("def handle(ip, type, value, traceback, tb_offset=None): print('handled', value)\n",
            "get_ipython().set_custom_exc((LookupError,), handle)")
    assert session("{}[1]") == "handled 1\n"
    assert "ZeroDivisionError" in session("1 / 0")
    session("get_ipython().set_custom_exc((), None)")
    assert "KeyError: 1" in session("{}[1]")
    assert "TypeError" in session("get_ipython().set_custom_exc(KeyError, handle)")


def test_a_handler_that_fails_is_unset(session):
    session("def handle(ip, type, value, traceback, tb_offset=None): raise ValueError('worse')\n",
            "get_ipython().set_custom_exc((KeyError,), handle)")
    text = session("{}[1]")
    assert text.index("ValueError: worse") < text.index("KeyError: 1")
    assert "worse" not in session("{}[1]")


def test_showtraceback_takes_what_ipythons_takes(session):
    session("""\
        def outer():
            return 1 / 0
        """, """\
        def f(**options):
            try:
                outer()
            except ZeroDivisionError:
                get_ipython().showtraceback(**options)
        """)
    text = session("f()")
    assert "in f" in text and "in outer" in text
    assert "in f" not in session("f(tb_offset=1)")
    assert "in f" in session("f(filename='x', running_compiled_code=True)")
    assert session("f(exception_only=True)").strip() == "ZeroDivisionError: division by zero"
    assert session("e = KeyError('given')",
                   "get_ipython().showtraceback((type(e), e, None))") == "KeyError: 'given'\n"


def test_showtraceback_can_be_replaced(session):
    session("""\
        def own(type, value, lines):
            print("own", lines[-1], get_ipython()._get_exc_info()[1] is value)
        """, "get_ipython()._showtraceback = own")
    assert session("1 / 0") == "own ZeroDivisionError: division by zero True\n"
    session("get_ipython().showtraceback = lambda *a, **k: print('all mine')")
    assert session("1 / 0") == "all mine\n"
    session("del get_ipython().showtraceback, get_ipython()._showtraceback")
    assert "Traceback" in session("1 / 0")


def test_a_replaced_showtraceback_that_fails_does_not_hide_the_error(session):
    session("get_ipython().showtraceback = lambda: nosuch")
    text = session("1 / 0")
    assert "nosuch" in text and "ZeroDivisionError: division by zero" in text


# Real extensions

needs_rich = pytest.mark.skipif(importlib.util.find_spec("pip._vendor.rich") is None
                                if importlib.util.find_spec("pip") else True, reason="no rich")


def skip_without_ipython(session):
    """Debian's is for Debian's interpreter: another one under test does not have it."""
    if session.value("__import__('importlib.util').util.find_spec('IPython') is None"):
        pytest.skip("the interpreter under test has no IPython")


@needs_rich
def test_rich_shows_tracebacks(session):
    session("from pip._vendor.rich.traceback import install", "r = install()",
            "def f(x): return 1 / x\n")
    text = session("f(0)")
    assert "╭" in text and "<cell 4>:1 in f" in text.replace("  ", " ") or "in f" in text
    assert "ZeroDivisionError: division by zero" in text
    assert "SyntaxError" in session("1 +")
    assert without_ipython(session)


@needs_rich
def test_rich_loads_as_an_extension(session):
    skip_without_ipython(session)
    assert session("%load_ext pip._vendor.rich._extension") == ""
    assert "╭" in session("1 / 0")
    assert "6, 7" in session("[6, 7]")


def test_magics_classes_of_an_installed_ipython_work(session, write):
    skip_without_ipython(session)
    write("decorated.py", """\
        from IPython.core.magic import Magics, line_cell_magic, magics_class

        @magics_class
        class Decorated(Magics):
            @line_cell_magic
            def shout(self, line, cell=None):
                "Shout."
                options, rest = self.parse_options(line, "n:")
                print(rest.upper() * int(options.get("n", 1)), cell)

        def load_ipython_extension(ip):
            ip.register_magics(Decorated)
        """)
    assert session("%load_ext decorated", "%shout -n 2 ab") == "ABAB None\n"


# The rest

def test_a_terminal_has_no_kernel_and_no_configuration(session):
    assert session.value("getattr(get_ipython(), 'kernel', None)") is None
    assert session.value("hasattr(get_ipython(), 'config')") is False
    assert session.value("get_ipython().colors") == "NoColor"


def test_there_is_one_instance(session):
    assert session.value("type(get_ipython()).instance() is get_ipython()") is True
    assert session.value("get_ipython().initialized()") is True
    assert session.value("get_ipython().displayhook is __import__('sys').displayhook") is True
    assert session.value("get_ipython().user_module is __import__('__main__')") is True


def test_attributes_can_be_set(session):
    session("get_ipython().my_extension = 3")
    assert session.value("get_ipython().my_extension") == 3


def test_old_and_small_members_do_what_they_say(session):
    session("x = 3")
    assert str(session.folder) in session("get_ipython().magic('%pwd')")
    assert session.value("get_ipython().var_expand('$x {x}')") == "3 3"
    assert "run_line_magic('pwd', '')" in session.value("get_ipython().transform_cell('%pwd')")
    assert session("get_ipython().set_next_input('y = 4')") == "y = 4\n"
    assert session("get_ipython().enable_gui('tk')") == ""
    assert one_line(session("get_ipython().enable_gui('wx')"))
