"""The command line: what python3 does with it, mainspring does (design promise P8)."""
import os
import re
import signal
import subprocess
import textwrap
import zipfile

import pytest

PRINT_STATE = """\
import sys
print(__name__, __spec__ and __spec__.name, globals().get("__file__"), __package__)
print(sys.argv, sys.orig_argv, sys.path, sys.flags, sys.warnoptions, sys._xoptions)
print(sys.executable, sys._base_executable, sys.prefix, sys.base_prefix, sys.exec_prefix)
print(sys.stdout.encoding, sys.stdout.line_buffering, sys.stdout.write_through)
print(sorted(globals()), type(__loader__).__name__)
print(hasattr(sys, "ps1"), sys.dont_write_bytecode, sorted(sys.modules))
"""


@pytest.fixture
def same(program, python):
    """same(ARGUMENTS) runs both, demands that they agree and returns what they did.

    `ignoring` is a pattern of what may differ in the output, such as times.
    """

    def same(*arguments, ignoring=None, **options):
        expected = python.run(*arguments, **options)
        found = program.run(*arguments, **options)
        for done in (expected, found):
            done.args = arguments
            if ignoring:
                done.stdout = re.sub(ignoring, b"", done.stdout)
                done.stderr = re.sub(ignoring, b"", done.stderr)
        assert vars(found) == vars(expected)
        return found

    return same


EXITS = {
    "end": ("pass", 0),
    "exception": ("1 / 0", 1),
    "exit 0": ("raise SystemExit(0)", 0),
    "exit none": ("raise SystemExit", 0),
    "exit 3": ("import sys; sys.exit(3)", 3),
    "exit 256": ("import sys; sys.exit(256)", 0),
    "exit negative": ("import sys; sys.exit(-1)", 255),
    "exit big": ("import sys; sys.exit(2 ** 80)", 255),
    "exit text": ("import sys; sys.exit('no more')", 1),
    "exit object": ("import sys; sys.exit([1, 2])", 1),
    "exit true": ("import sys; sys.exit(True)", 1),
    "os._exit": ("import os; os._exit(7)", 7),
    "quit": ("quit(4)", 4),
    "abort": ("import os; os.abort()", -signal.SIGABRT),
    "in thread": ("import threading\nthreading.Thread(target=lambda: 1 / 0).start()", 0),
    "atexit": ("import atexit\natexit.register(print, 'bye')\nraise SystemExit(5)", 5),
    "atexit fails": ("import atexit\natexit.register(lambda: 1 / 0)", 0),
    "hook": ("import sys\nsys.excepthook = lambda *e: print('hook', e[1])\n1 / 0", 1),
    "interrupt": ("raise KeyboardInterrupt", -signal.SIGINT),
    "group": ("raise ExceptionGroup('both', [ValueError(1), TypeError(2)])", 1),
    "syntax": ("x = (1,\ny = 2", 1),
    "indent": ("if 1:\nx = 2", 1),
    "closed stdout": ("import os\nos.close(1)\nprint('lost')", 120),
}


@pytest.mark.parametrize("code, status", EXITS.values(), ids=EXITS)
def test_a_script_ends_as_python3_ends_it(same, write, code, status):
    thread = rb"Thread-\d+|0x[0-9a-f]+"
    assert same(write("s.py", code), ignoring=thread).returncode == status


@pytest.mark.parametrize("code, status", EXITS.values(), ids=EXITS)
def test_code_ends_as_python3_ends_it(same, code, status):
    assert same("-c", code, ignoring=rb"Thread-\d+|0x[0-9a-f]+").returncode == status


@pytest.mark.parametrize("code, status", EXITS.values(), ids=EXITS)
def test_a_program_on_standard_input_ends_as_python3_ends_it(same, code, status):
    done = same(input=code.encode(), ignoring=rb"Thread-\d+|0x[0-9a-f]+")
    assert done.returncode == status


@pytest.mark.parametrize(
    "arguments",
    [
        ["s.py"],
        ["s.py", "a", "-b", "--no-banner", "-Z", ""],
        ["./s.py", "x"],
        ["folder/t.py"],
        ["folder"],
        ["folder/", "a"],
        ["app.zip", "a"],
        ["-m", "s", "a", "-c"],
        ["-m", "package", "a"],
        ["-m", "package.part"],
        ["-mpackage.part", "--version"],
        ["--", "s.py", "a"],
        ["link.py"],
    ],
    ids=" ".join,
)
def test_a_program_sees_what_python3_shows_it(same, write, program, arguments):
    for name in ("s.py", "folder/t.py", "folder/__main__.py", "package/__main__.py",
                 "package/part.py"):
        write(name, PRINT_STATE)
    write("package/__init__.py", "")
    with zipfile.ZipFile(program.folder / "app.zip", "w") as file:
        file.writestr("__main__.py", PRINT_STATE)
    (program.folder / "link.py").symlink_to("folder/t.py")
    assert same(*arguments).returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [["-c", PRINT_STATE], ["-c", PRINT_STATE, "a", "-m"], ["-Bc", PRINT_STATE],
     ["-c" + PRINT_STATE], ["-"], ["-", "a", "-c"], []],
    ids=["c", "c arguments", "cluster", "joined", "dash", "dash arguments", "piped"],
)
def test_code_and_standard_input_see_what_python3_shows_them(same, arguments):
    assert same(*arguments, input=PRINT_STATE.encode()).returncode == 0


FLAGS = [
    "-b", "-bb", "-B", "-d", "-E", "-I", "-O", "-OO", "-P", "-q", "-R", "-s", "-S", "-t", "-u",
    "-sES", "-Bu", "-OOI", "-Wignore", "-W error", "-W error::BytesWarning -W ignore", "-bWerror",
    "-X dev", "-Xdev", "-X utf8", "-X utf8=0", "-X faulthandler", "-X a=b -X c",
    "-X int_max_str_digits=1000", "-X frozen_modules=off", "-X pycache_prefix=/nowhere",
    "-X warn_default_encoding", "-X tracemalloc=3", "-X no_debug_ranges",
    "--check-hash-based-pycs always", "--check-hash-based-pycs never", "-BuES -Wdefault -Xdev",
]


@pytest.mark.parametrize("flags", FLAGS)
def test_the_options_of_the_interpreter_do_what_they_do_in_python3(same, flags):
    assert same(*flags.split(), "-c", PRINT_STATE).returncode == 0


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONPATH": "/nowhere:there"},
        {"PYTHONOPTIMIZE": "2"},
        {"PYTHONDONTWRITEBYTECODE": "1"},
        {"PYTHONUNBUFFERED": "1"},
        {"PYTHONWARNINGS": "error,ignore::DeprecationWarning"},
        {"PYTHONDEVMODE": "1"},
        {"PYTHONUTF8": "1", "LANG": "C"},
        {"PYTHONUTF8": "0", "LANG": "C"},
        {"PYTHONCOERCECLOCALE": "0", "LC_ALL": "", "LANG": "C"},
        {"PYTHONCOERCECLOCALE": "warn", "LC_ALL": "", "LANG": "C"},
        {"LC_ALL": "POSIX"},
        {"PYTHONIOENCODING": "latin-1:replace"},
        {"PYTHONHASHSEED": "0"},
        {"PYTHONNOUSERSITE": "1"},
        {"PYTHONSAFEPATH": "1"},
        {"PYTHONVERBOSE": ""},
        {"PYTHONINSPECT": "1"},
        {"PYTHONSTARTUP": "startup.py"},
    ],
    ids=lambda variables: " ".join("=".join(pair) for pair in variables.items()),
)
@pytest.mark.parametrize("isolation", ["", "-E", "-I"])
def test_the_environment_does_what_it_does_in_python3(same, write, variables, isolation):
    write("startup.py", "print('startup')")
    write("s.py", PRINT_STATE)
    assert same(*isolation.split(), "s.py", env=variables).returncode == 0


@pytest.mark.parametrize(
    "arguments, status",
    [
        (["-W", "error", "-c", "import warnings; warnings.warn('now')"], 1),
        (["-W", "nonsense", "-c", "pass"], 0),
        (["-O", "-c", "assert False, __debug__"], 0),
        (["-c", "assert False"], 1),
        (["-bb", "-c", "str(b'')"], 1),
        (["-m", "no_such_module"], 1),
        (["-m", "this"], 0),
        (["-m", "xml"], 1),
        (["-c", "print(hash('x'))"], 0),
        (["-X", "utf8=3", "-c", "pass"], 1),
        (["-X", "int_max_str_digits=3", "-c", "pass"], 1),
        (["-X", "showrefcount", "-c", "pass"], 0),
        (["--check-hash-based-pycs", "sometimes", "-c", "pass"], 2),
        (["--help-env"], 0),
        (["--help-xoptions"], 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_invocation_says_and_returns_what_python3_does(same, arguments, status):
    done = same(*arguments, env={"PYTHONHASHSEED": "5"})
    assert done.returncode == status


@pytest.mark.parametrize("variable", ["PYTHONHOME", "PYTHONPLATLIBDIR"])
def test_a_failed_start_prints_the_interpreter_s_own_message(same, variable):
    address = rb"0x[0-9a-f]+"
    done = same("-c", "pass", env={variable: "/nowhere"}, ignoring=address)
    assert done.returncode == 1
    assert b"Fatal Python error" in done.stderr


def test_the_import_trace_names_what_python3_imports(same):
    done = same("-X", "importtime", "-c", "import json", ignoring=rb" *\d+ \|")
    assert b"json.decoder" in done.stderr


def test_a_first_line_can_be_skipped(same, write):
    script = write("s.bat", b"@python -x \xff \0 %*\nprint('second')\n")
    assert same("-x", script).stdout == b"second\n"


@pytest.mark.parametrize(
    "source, output",
    [
        (b"# -*- coding: latin-1 -*-\nprint(ascii('\xe9'))\n", b"'\\xe9'\n"),
        (b"#!/x\n# vim: set fileencoding=cp1252 :\nprint(ascii('\x80'))\n", b"'\\u20ac'\n"),
        (b"\xef\xbb\xbfprint(ascii('\xc3\xa9'))\n", b"'\\xe9'\n"),
        (b"\xef\xbb\xbf# coding: utf-8\nprint(1)\n", b"1\n"),
        (b"# coding:UTF8\rprint(1)\r", b"1\n"),
        (b"print(1)\n# no declaration here\n# coding: klingon\n", b"1\n"),
        (b"x = 1\n# coding: klingon\nprint(x)\n", b"1\n"),
        (b"# codings: klingon\n\n# coding: klingon\nprint(1)\n", b"1\n"),
        (b"# coding: euc-jp\nprint(ascii('\xa4\xa2'))\n", b"'\\u3042'\n"),
        (b"", b""),
        (b"print(1)", b"1\n"),
        (b"print(1)\r\nprint(2)\r\n", b"1\n2\n"),
    ],
)
def test_a_source_is_decoded_as_python3_decodes_it(same, write, source, output):
    assert same(write("s.py", source)).stdout == output


@pytest.mark.parametrize(
    "source, reason",
    [
        (b"x = 1\n\ny = '\0'\n", "contains a NUL byte at line 3: not Python source"),
        ("print(1)\n".encode("utf-16"), "contains a NUL byte at line 1: not Python source"),
        (b"# coding: klingon\n", "unknown encoding 'klingon' declared at line 1"),
        (b"#!/x\r\n# coding=klingon\r\n", "unknown encoding 'klingon' declared at line 2"),
        (b"# coding: hex\n", "unknown encoding 'hex' declared at line 1"),
        (b"\nx = '\xe9'\n", "byte 0xe9 at line 2 is not utf-8"),
        (b"\xff\xfe", "byte 0xff at line 1 is not utf-8"),
        (b"# coding: ascii\r\rx = '\xe9'\r", "byte 0xe9 at line 3 is not ascii"),
        (b"\xef\xbb\xbf# coding: latin-1\n",
         "declares another encoding than its byte order mark, utf-8"),
        (b"# coding: " + b"x" * 99, "declares an encoding whose name is too long for one"),
        (b"\xef\xbb\xbf# \xff\n", "byte 0xff at line 1 is not utf-8"),
    ],
)
def test_a_file_that_is_no_source_is_refused_in_one_line(program, write, source, reason):
    done = program.run(write("s.py", source))
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == f"mainspring: s.py: {reason}\n"


CODEC_OF_ITS_OWN = """\
import codecs

def decode(data, errors="strict"):
    raise %s

codecs.register(lambda name: codecs.CodecInfo(codecs.ascii_encode, decode, name=name)
                if name == "own" else None)
"""


@pytest.mark.parametrize("trouble", [
    "ValueError('no')", "UnicodeDecodeError('own', b'x' * 9999, 9998, 9999, 'far out')",
    "UnicodeDecodeError('own', b'', 0, 0, 'empty')"])
def test_a_codec_s_own_trouble_is_the_interpreter_s_to_show(same, write, trouble):
    write("usercustomize.py", CODEC_OF_ITS_OWN % trouble)
    user_site = {"PYTHONPATH": "."}
    assert same(write("s.py", "# coding: own\n"), env=user_site).returncode == 1


def test_compiled_code_is_refused_in_one_line(program, write):
    done = program.run(write("s.pyc", b"\xa7\r\r\n\0\0\0\0"))
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"mainspring: s.pyc: compiled code, not Python source\n"


def test_a_missing_file_is_refused_in_one_line(program):
    done = program.run("nothing/s.py")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"mainspring: nothing/s.py: No such file or directory\n"


def test_an_empty_file_name_is_refused_in_one_line(program):
    done = program.run("")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"mainspring: '': an empty file name\n"


def test_a_file_that_cannot_be_read_is_refused_in_one_line(program, write):
    (program.folder / write("s.py", "pass")).chmod(0)
    powerless = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    done = subprocess.run([*(powerless if os.geteuid() == 0 else []), program.path, "s.py"],
                          cwd=program.folder, env=program.environment(), capture_output=True)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"mainspring: s.py: Permission denied\n"


def test_a_zip_file_with_a_head_of_its_own_runs(same, program):
    path = program.folder / "app"
    path.write_bytes(b"#!/usr/bin/env python3\n")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("__main__.py", "print(__file__)\n" * 50)
    assert same("app").returncode == 0


def test_a_directory_without_a_main_is_told_by_the_interpreter(same, program):
    (program.folder / "folder").mkdir()
    assert same("folder").returncode == 1


def test_a_script_can_come_through_a_pipe(same):
    done = same("/dev/stdin", input=b"print(6 * 7)\n")
    assert done.stdout == b"42\n"


@pytest.mark.parametrize(
    "arguments, reason",
    [
        (["-Z"], "unknown option -Z"),
        (["-BZ", "s.py"], "unknown option -Z"),
        (["--bogus", "-c", "pass"], "unknown option --bogus"),
        (["-c"], "option -c needs a value"),
        (["-W"], "option -W needs a value"),
        (["--check-hash-based-pycs"], "option --check-hash-based-pycs needs a value"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_in_the_options_is_one_line(program, arguments, reason):
    done = program.run(*arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == f"mainspring: {reason} (try mainspring --help)\n"


@pytest.mark.parametrize("option", ["-V", "--version", "-VV", "-BV"])
def test_the_version_names_the_interpreter_too(program, python, option):
    version = python.output("-c", "import platform; print(platform.python_version())").strip()
    assert re.fullmatch(rf"mainspring \d+\.\d+\.\d+ \(Python {re.escape(version)}\)\n",
                        program.output(option))


@pytest.mark.parametrize("option", ["-h", "-?", "--help", "-Vh"])
def test_the_help_names_every_option_that_python3_has(program, python, option):
    found = program.output(option)
    own = python.output("--help")
    letters = set(re.findall(r"^(-\w)\b", own, re.M))
    assert {"-c", "-m", "-W", "-X"} <= letters
    assert not [letter for letter in letters if not re.search(rf"{letter}\b", found)]


def test_help_to_a_full_disk_fails(mainspring):
    with open("/dev/full", "w") as full:
        done = subprocess.run([mainspring, "--help"], stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert done.stderr == b"mainspring: stdout: No space left on device\n"


def test_our_own_options_leave_no_trace_in_the_program(program):
    done = program.output("--no-banner", "-u", "--no-config", "-c",
                          "import sys; print(sys.argv, sys.orig_argv[1:3])", "--no-color")
    assert done == "['-c', '--no-color'] ['-u', '-c']\n"


def test_the_executable_is_a_python_for_workers(program):
    code = """\
    import subprocess, sys
    subprocess.run([sys.executable, '-u', '-c', 'import sys; print(sys.version_info[:2])'])
    print(sys.version_info[:2])
    """
    first, second = program.output("-uc", textwrap.dedent(code)).splitlines()
    assert first == second


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
def test_multiprocessing_works_from_a_script(same, write, method):
    script = write("s.py", f"""\
        import multiprocessing

        def square(x):
            return x * x

        if __name__ == "__main__":
            multiprocessing.set_start_method({method!r})
            with multiprocessing.Pool(2) as pool:
                print(pool.map(square, range(5)))
        """)
    assert same(script).stdout == b"[0, 1, 4, 9, 16]\n"


def test_ctrl_c_kills_a_script_as_it_kills_python3(same, write):
    script = write("s.py", """\
        import os, signal, time
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(60)
        """)
    done = same(script)
    assert done.returncode == -signal.SIGINT
    assert done.stderr.endswith(b"KeyboardInterrupt\n")


def test_a_closed_reader_is_a_broken_pipe(program, python):
    code = "import sys\nprint(flush=True)\nsys.stdin.read()\nfor i in range(100000): print(i)"
    ends = []
    for one in (program, python):
        child = subprocess.Popen([one.path, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, env=one.environment())
        child.stdout.readline()
        child.stdout.close()
        child.stdin.close()  # not before: what is lost depends on when
        ends.append((child.stderr.read(), child.wait(60)))
        child.stderr.close()
    assert ends[0] == ends[1]


def test_standard_streams_that_are_closed_change_nothing(mainspring, python):
    for path in (mainspring, python.path):
        done = subprocess.run(["/bin/sh", "-c", '"$0" -c "raise SystemExit(9)" <&- >&- 2>&-', path],
                              env=python.environment())
        assert done.returncode == 9


