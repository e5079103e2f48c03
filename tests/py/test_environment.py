"""Which python3 the binary stands for: virtual environments, active or around it."""
import os
import shutil
import subprocess

import pytest

from conftest import Program

PRINT_STATE = """\
import os, sys
print(sys.executable, os.path.realpath(sys._base_executable), sys.prefix, sys.base_prefix, sys.exec_prefix)
print(sys.path, sys.argv, sys.orig_argv, sys.flags)
try:
    import only_here
    print(only_here)
except ImportError as error:
    print(error)
import site, sysconfig
print(site.PREFIXES, site.ENABLE_USER_SITE, sysconfig.get_paths())
"""


@pytest.fixture
def environment(python, request):
    """The python3 of a fresh virtual environment that has a module of its own."""
    folder = python.folder / "env"
    python.output("-m", "venv", "--without-pip", *getattr(request, "param", []), folder)
    active = Program(folder / "bin" / "python3", python.folder)
    packages = active.output("-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
    with open(os.path.join(packages.strip(), "only_here.py"), "w"):
        pass
    return active


@pytest.fixture
def folder(environment):
    return environment.folder / "env"


def rewrite(config, old, new):
    text = config.read_text()
    assert old in text
    config.write_text(text.replace(old, new))


def assert_stands_for(program, python, *options, env=None):
    found = program.run(*options, "-c", PRINT_STATE, "a", env=env)
    expected = python.run(*options, "-c", PRINT_STATE, "a", env=env)
    assert (found.stdout, found.stderr) == (expected.stdout, expected.stderr)
    assert found.returncode == expected.returncode == 0
    return found.stdout.decode()


@pytest.mark.parametrize("environment", [[], ["--system-site-packages"], ["--copies"]],
                         indirect=True, ids=lambda options: " ".join(options) or "plain")
@pytest.mark.parametrize("option", ["-u", "-I", "-E", "-s", "-S", "-P"])
def test_an_active_environment_is_used_as_its_own_python3_uses_it(
        program, environment, folder, option):
    shown = assert_stands_for(program, environment, option, env={"VIRTUAL_ENV": str(folder)})
    assert shown.startswith(f"{folder}/bin/python3 ")
    assert ("No module" in shown) == (option == "-S")


def test_python_path_comes_before_the_environment(program, environment, folder):
    env = {"VIRTUAL_ENV": str(folder), "PYTHONPATH": "/nowhere"}
    assert "['', '/nowhere'," in assert_stands_for(program, environment, env=env)


def test_scripts_modules_and_workers_see_the_active_environment(program, environment, folder):
    (program.folder / "s.py").write_text(PRINT_STATE)
    env = {"VIRTUAL_ENV": str(folder)}
    for arguments in (["s.py"], ["-m", "s"], ["-"]):
        assert (program.output(*arguments, env=env, input=PRINT_STATE.encode())
                == environment.output(*arguments, env=env, input=PRINT_STATE.encode()))
    worker = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import only_here'])"
    assert program.output("-c", worker, env=env) == ""


@pytest.mark.parametrize(
    "change, reason",
    [
        (lambda folder: rewrite(folder / "pyvenv.cfg", "version = 3.", "version = 2."),
         "it is for Python 2."),
        (lambda folder: rewrite(folder / "pyvenv.cfg", "version = ", "edition = "),
         "its pyvenv.cfg names no version"),
        (lambda folder: (folder / "pyvenv.cfg").unlink(), "it has no pyvenv.cfg"),
        (lambda folder: (folder / "bin" / "python3").unlink(), "it has no bin/python3 that runs"),
    ],
    ids=["version", "no version", "no pyvenv.cfg", "no python3"],
)
def test_an_environment_that_is_not_ours_is_said_and_not_used(
        program, python, folder, change, reason):
    change(folder)
    done = program.run("-c", PRINT_STATE, "a", env={"VIRTUAL_ENV": str(folder)})
    assert (done.returncode, done.stdout) == (0, python.run("-c", PRINT_STATE, "a").stdout)
    line = done.stderr.decode()
    assert line.startswith(f"mainspring: the environment {folder} is not used: {reason}")
    assert line.count("\n") == 1


@pytest.fixture
def another_build(program, python):
    """The home of another Python of our version, whose library does not suit us."""
    version = python.output("-c", "import sys; print('%d.%d' % sys.version_info[:2])").strip()
    library = program.folder / "another" / "lib" / f"python{version}"
    (library / "lib-dynload").mkdir(parents=True)
    (library / "os.py").write_text("raise ImportError('the library of another build')")
    home = program.folder / "another" / "bin"
    home.mkdir()
    return home


@pytest.mark.parametrize("option", ["-u", "-I", "-E"])
def test_an_environment_of_another_build_lends_its_packages_to_our_library(
        program, python, environment, folder, another_build, option):
    expected = environment.output(option, "-c", PRINT_STATE, "a")
    home = os.path.dirname(python.path)
    rewrite(folder / "pyvenv.cfg", f"home = {home}", f"home = {another_build}")
    env = {"VIRTUAL_ENV": str(folder)}
    assert program.output(option, "-c", PRINT_STATE, "a", env=env) == expected


def test_an_empty_variable_is_no_environment(program, python):
    assert_stands_for(program, python, env={"VIRTUAL_ENV": ""})


@pytest.fixture
def installed(program, environment, folder):
    """The binary, linked into the environment's bin/."""
    path = folder / "bin" / "mainspring"
    path.symlink_to(program.path)
    return Program(path, program.folder)


def test_an_environment_that_it_is_installed_in_is_used(installed, environment):
    assert_stands_for(installed, environment)
    assert_stands_for(installed, environment, "-I")


def test_the_active_environment_wins_over_the_one_around(installed, python, folder):
    other = python.folder / "other"
    python.output("-m", "venv", "--without-pip", other)
    shown = installed.output("-c", PRINT_STATE, env={"VIRTUAL_ENV": str(other)})
    assert shown.startswith(f"{other}/bin/python3 ")


@pytest.mark.parametrize("command", ["mainspring s.py", "./env/bin/mainspring s.py",
                                     "cd env/bin; ./mainspring ../../s.py", "./script"])
def test_the_environment_around_is_found_however_it_is_started(installed, folder, command):
    (installed.folder / "s.py").write_text("import sys; print(sys.prefix)")
    script = installed.folder / "script"
    script.write_text(f"#!{installed.path}\nimport sys; print(sys.prefix)")
    script.chmod(0o755)
    done = subprocess.run(["/bin/sh", "-c", command], cwd=installed.folder, capture_output=True,
                          env=installed.environment(PATH=f"{folder}/bin:/usr/bin:/bin"))
    assert (done.stdout.decode(), done.stderr) == (f"{folder}\n", b"")


def test_a_link_to_it_from_outside_leads_into_the_environment(program, environment, folder):
    path = folder / "bin" / "mainspring"
    shutil.copy(program.path, path)
    link = program.folder / "mainspring"
    link.symlink_to(path)
    assert_stands_for(Program(link, program.folder), environment)


def test_its_environment_is_left_alone_where_the_version_differs(installed, python, folder):
    rewrite(folder / "pyvenv.cfg", "version = 3.", "version = 2.")
    done = installed.run("-c", PRINT_STATE, "a")
    assert done.stdout == python.run("-c", PRINT_STATE, "a").stdout
    assert done.stderr.count(b"\n") == 1
