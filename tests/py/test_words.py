"""The words that src/input/words.c finds are exactly those of the real bash."""
import os
import random
import subprocess

import pytest

LINES = 2000
FILES = ["a.c", "b.c", "A.c", "c10.txt", "c9.txt", ".hidden.c", "sp ace.txt", "br[1].c",
         "*star", "back\\slash", "-dash", "qu'ote", "dir/x.c", "dir/.y", "dir/z.txt",
         "dir2/x.c", "dir2/sub/x.c", ".dot/x.c", "a=b.c", "~tilde"]
# No file's name has a character outside of ASCII: glibc's fnmatch() lets `?` match one of its
# bytes too, bash does not.
PLAIN = ["a", "b.c", "dir", "/", "dir/", "x", "-", "--", "--opt=", "-m", ".", "..", "./", "=",
         ":", "~", "~/", "~root", "~nobody-at-all", "é", "a#", "name=", "x+=", "!", "^", "]", ","]
GLOBS = ["*", "?", "[a-c]", "[!a]", "[^a]", "[", "*.c", "*.txt", "*/", ".*", "*/*.c", "[[:upper:]]",
         "[]a]", "[a", "**", "dir*/x.c", "?.c"]
QUOTED = list("ab*?[] .~#=:!-") + ["\\\\", "é", "dir/"]
ESCAPED = list("ab*?[] \\'\"~#-$") + ["\n"]


def piece(rng):
    """One stretch of a word: as it is, a pattern, in quotes or behind a backslash."""
    kind = rng.choice("pppggsdb")
    if kind == "p":
        return rng.choice(PLAIN)
    if kind == "g":
        return rng.choice(GLOBS)
    if kind == "b":
        return "\\" + rng.choice(ESCAPED)
    inside = "".join(rng.choice(QUOTED) for _ in range(rng.randrange(4)))
    if kind == "s":
        return "'" + inside + rng.choice(["", '"', "\\"]) + "'"
    return '"' + inside + rng.choice(["", "'", '\\"', "\\\\", "\\$", "\\n", "\\\n"]) + '"'


def line(rng):
    words = ["".join(piece(rng) for _ in range(rng.choice([1, 1, 2, 2, 3, 4])))
             for _ in range(rng.randrange(6))]
    end = rng.choice(["", "", "", " ", " # it's a \"remark *"])
    return rng.choice(["", " "]) + rng.choice([" ", "  ", "\t"]).join(words) + end


def records(output):
    fields = iter(output.decode("utf-8", "surrogateescape").split("\0")[:-1])
    return [[next(fields) for _ in range(int(count))] for count in fields]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in FILES:
        path = tmp_path / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path / "files")
    monkeypatch.setenv("HOME", str(tmp_path / "h*me"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return tmp_path


def ask_bash(lines, folder):
    script = folder / "script.bash"
    script.write_text("words() { printf '%s\\0' \"$#\" \"$@\"; }\n"
                      + "".join(f"words {one}\n" for one in lines))
    env = {**os.environ, "BASH_ENV": ""}
    return records(subprocess.run(["bash", "--norc", str(script)], env=env, check=True,
                                  stdout=subprocess.PIPE).stdout)


def ask_us(lines):
    text = "".join(one + "\0" for one in lines).encode()
    return records(subprocess.run([os.environ["MAINSPRING_WORDS"]], input=text, check=True,
                                  stdout=subprocess.PIPE).stdout)


def test_words_are_those_of_bash(folder):
    rng = random.Random(20)
    lines = [line(rng) for _ in range(LINES)]
    for one, theirs, ours in zip(lines, ask_bash(lines, folder), ask_us(lines), strict=True):
        assert ours == theirs, one


@pytest.mark.parametrize("one", [
    'p.py --opt="*.txt" *.txt', "p.py -- -dash *", "p.py '' \"\" a''", "-m pkg *.c",
    "p.py ~/x ~root '~' \\~", "p.py sp\\ ace.txt 'br[1].c' br\\[1].c", "p.py *.nothing",
    "p.py .* */.*", "p.py a=~:~/x:~root b", "p.py # comment '"])
def test_the_lines_of_every_day(folder, one):
    assert ask_us([one]) == ask_bash([one], folder)
