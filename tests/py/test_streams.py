"""sys.stdin, sys.stdout and sys.stderr after a script that closed or replaced them."""
import pytest

SCRIPTS = {
    "close": ("import sys\nprint('one')\nsys.stdout.close()", "one\n",
              "put back after the run: sys.stdout\n"),
    "replace": ("import io, sys\nsys.stdout = io.StringIO()\nprint('one')", "",
                "put back after the run: sys.stdout\n"),
    "wrap": ("import io, sys\nsys.stdout = io.TextIOWrapper(sys.stdout.buffer)\nprint('one')",
             "one\n", "put back after the run: sys.stdout\n"),
    "detach": ("import io, sys\nsys.stdout = io.TextIOWrapper(sys.stdout.detach())\nprint('one')",
               "one\n", "put back after the run: sys.stdout\n"),
    "delete": ("import sys\nprint('one')\ndel sys.stdout", "one\n",
               "put back after the run: sys.stdout\n"),
    "none": ("import sys\nprint('one')\nsys.stdout = None", "one\n",
             "put back after the run: sys.stdout\n"),
    "stderr": ("import sys\nprint('one')\nsys.stderr.close()\n1 / 0", "one\n",
               "put back after the run: sys.stderr\n"),
    "stdin": ("import sys\nprint('one')\nsys.stdin.close()", "one\n",
              "put back after the run: sys.stdin\n"),
}


@pytest.mark.parametrize("what", SCRIPTS)
def test_a_script_that_spoils_a_stream_leaves_the_session_its_own(program, what):
    text, output, said = SCRIPTS[what]
    (program.folder / "s.py").write_text(text)
    (program.folder / "session.ipy").write_text(
        "%run s.py\nimport sys\nprint(sys.stdout.name, sys.stdin.name, sys.stdin.read())\n"
        "print(sys.__stdout__.closed, sys.stdin.mode, file=sys.stderr)\n")
    done = program.run("session.ipy", input=b"rest")
    assert (done.returncode, done.stdout.decode()) == (0, output + "<stdout> <stdin> rest\n")
    assert done.stderr.decode().startswith(said)
    assert done.stderr.decode().endswith("False r\n")


def test_a_stream_that_the_user_replaced_stays(program):
    (program.folder / "s.py").write_text("print('kept')")
    (program.folder / "session.ipy").write_text(
        "import io, sys\nsys.stdout = io.StringIO()\n%run s.py\n"
        "sys.stderr.write(sys.stdout.getvalue())\n")
    done = program.run("session.ipy")
    assert (done.stdout, done.stderr) == (b"", b"kept\n")


def test_a_closed_stdout_is_opened_again_after_a_cell(program):
    done = program.run("--no-banner", "-i", input=b"import sys; sys.stdout.close()\nprint('here')\n")
    assert b"here\n" in done.stdout
    assert done.stderr.startswith(b"put back after the cell: sys.stdout\n")
