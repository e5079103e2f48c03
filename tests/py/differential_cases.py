"""Scripts that none of us wrote, and what to run them with.

One case a line, as a shell would read it: a script of the standard library or of Debian's
python3.11-examples, its arguments, and perhaps `< FILE` for its input.  All run in a folder
that holds the script, what it imports from beside it (BESIDE) and SAMPLES.  What a case prints
depends on nothing but the interpreter; test_differential.py skips a script that it lacks.
"""
import gzip
import io
import pathlib
import pickle
import shlex
import tarfile
import zipfile

EXAMPLES = pathlib.Path("/usr/share/doc/python3.11/examples")

BESIDE = {
    "examples/scripts/findnocoding.py": ["pysource.py"],
}

CASES = """
this.py
__hello__.py
keyword.py
calendar.py 2024
calendar.py 2024 2
calendar.py -t html 2024
calendar.py -L
calendar.py 2024 13
calendar.py --help
base64.py -e sample.txt
base64.py -d sample.b64
base64.py -t
base64.py -e < sample.txt
base64.py
base64.py -x
json/tool.py sample.json
json/tool.py --sort-keys < sample.json
json/tool.py --compact sample.json
json/tool.py --json-lines sample.txt
json/tool.py --help
json/tool.py missing.json
tokenize.py sample.py
tokenize.py -e sample.py
tokenize.py broken.py
tokenize.py < sample.py
ast.py sample.py
ast.py -m eval < expression.txt
ast.py --include-attributes -i 1 sample.py
ast.py broken.py
dis.py sample.py
dis.py < sample.py
dis.py broken.py
zipfile.py -l sample.zip
zipfile.py -t sample.zip
zipfile.py -e sample.zip out
zipfile.py -c new.zip sample.py sample.txt
zipfile.py
zipfile/__main__.py -t sample.zip
tarfile.py -l sample.tar
tarfile.py -v -t sample.tar
tarfile.py -e sample.tar out
tarfile.py -v -c new.tar sample.py sample.txt
tarfile.py -l sample.txt
trace.py --listfuncs raises.py
trace.py --trace raises.py
trace.py --count -C cover raises.py
trace.py
inspect.py json
inspect.py --details json
inspect.py json:dumps
inspect.py nothing_here
textwrap.py
quopri.py -t sample.txt
quopri.py -d sample.qp
quopri.py < sample.txt
quopri.py -x
difflib.py
getopt.py -a -b one --alpha=two three
getopt.py --gamma
gzip.py sample.txt
gzip.py -d sample.txt.gz
heapq.py
html/__init__.py
pprint.py extra
py_compile.py sample.py
py_compile.py broken.py
py_compile.py - < names.txt
pyclbr.py sample.py
pickle.py sample.pickle
pickle.py -t
pickletools.py sample.pickle
pickletools.py -a -m sample.pickle
pickletools.py -t
pickletools.py missing.pickle
platform.py
platform.py terse
profile.py --help
profile.py missing.py
cProfile.py --help
cProfile.py
pstats.py < stats.txt
pdb.py
pdb.py --help
pdb.py sample.py < pdb.txt
pdb.py missing.py
pydoc.py
pydoc.py keyword
pydoc.py sample
pydoc.py -k
runpy.py
runpy.py sample
runpy.py raises
runpy.py nothing_here
shlex.py < sample.txt
shlex.py sample.py
site.py --help
site.py --user-base
sndhdr.py sample.txt
imghdr.py sample.txt
symtable.py
sysconfig.py --generate-posix-vars-none
tabnanny.py sample.py
tabnanny.py -v tabs.py
tabnanny.py
timeit.py --help
timeit.py -x
timeit.py 1/0
uu.py sample.txt
uu.py -d sample.uu
uu.py -x
warnings.py
webbrowser.py
webbrowser.py -x
zipapp.py app -o app.pyz -m sample:main
zipapp.py --info app.pyz
zipapp.py --help
compileall.py -q app
compileall.py -l app
compileall.py missing
filecmp.py app app2
fileinput.py sample.txt names.txt
fileinput.py < sample.txt
mailcap.py
mimetypes.py sample.txt sample.json
mimetypes.py -e text/html
mimetypes.py -x
netrc.py
code.py < code.txt
code.py -q < code.txt
codeop.py
codecs.py
cgi.py
cgitb.py
doctest.py
doctest.py doctests.py
doctest.py doctests.txt
doctest.py -v doctests.txt
unittest/__main__.py tests.py
ctypes/util.py
dbm/__init__.py sample.txt missing
encodings/rot_13.py < sample.txt
distutils/fancy_getopt.py
venv/__init__.py
ensurepip/__init__.py --version
lib2to3/pgen2/token.py
sre_constants.py
fractions.py
statistics.py
graphlib.py
enum.py
dataclasses.py
typing.py
types.py
functools.py
contextlib.py
collections/__init__.py
abc.py
decimal.py
_pydecimal.py
datetime.py
argparse.py
optparse.py
configparser.py
copy.py
traceback.py
linecache.py
threading.py
queue.py
sched.py
subprocess.py
asyncio/base_events.py
email/message.py
xml/dom/minidom.py
xml/etree/ElementTree.py
logging/__init__.py
concurrent/futures/thread.py
importlib/util.py
urllib/parse.py
http/client.py
poplib.py
telnetlib.py -x
cmd.py
bdb.py
rlcompleter.py
aifc.py missing
sqlite3/__main__.py --help
tomllib/_parser.py
re/_compiler.py
test/test_bisect.py
test/test_heapq.py
test/test_textwrap.py
test/test_string.py
test/test_struct.py
test/test_shlex.py
test/test_keyword.py
test/test_dataclasses.py
test/test_dataclasses/__init__.py
test/test_typing.py
test/test_graphlib.py
test/test_base64.py
test/test_bool.py
test/test_class.py
test/test_closure.py
test/test_contextlib.py
test/test_difflib.py
test/test_fnmatch.py
test/test_fractions.py
test/test_genericalias.py
test/test_getopt.py
test/test_global.py
test/test_html.py
test/test_ipaddress.py
test/test_isinstance.py
test/test_listcomps.py
test/test_metaclass.py
test/test_pprint.py
test/test_property.py
test/test_reprlib.py
test/test_scope.py
test/test_slice.py
test/test_super.py
test/test_textwrap.py -v
test/test_userdict.py
test/test_with.py
examples/demo/beer.py
examples/demo/beer.py 5
examples/demo/eiffel.py
examples/demo/hanoi.py
examples/demo/markov.py -x
examples/demo/queens.py
examples/demo/queens.py 6
examples/demo/queens.py -n 8
examples/demo/vector.py
examples/demo/rpython.py
examples/freeze/bkfile.py
examples/freeze/hello.py
examples/freeze/flag.py
examples/freeze/checkextensions.py
examples/freeze/makeconfig.py
examples/freeze/parsesetup.py
examples/freeze/freeze.py
examples/i18n/msgfmt.py messages.po
examples/i18n/msgfmt.py --help
examples/i18n/msgfmt.py missing.po
examples/i18n/pygettext.py --help
examples/i18n/pygettext.py -x
examples/i18n/makelocalealias.py --help
examples/iobench/iobench.py --help
examples/ccbench/ccbench.py --help
examples/importbench/importbench.py --help
examples/clinic/clinic.py --help
examples/clinic/clinic.py --converters
examples/clinic/clinic.py sample.c
examples/gdb/libpython.py
examples/tz/zdump.py
examples/tz/zdump.py sample.txt
examples/msi/generate_md5.py
examples/unicode/comparecodecs.py
examples/unicode/gencodec.py
examples/unicode/listcodecs.py encodings
examples/unittestgui/unittestgui.py
examples/peg_generator/data/cprog.py
examples/peg_generator/pegen/first_sets.py
examples/peg_generator/pegen/grammar.py
examples/peg_generator/pegen/sccutils.py
examples/scripts/abitype.py < sample.c
examples/scripts/analyze_dxp.py
examples/scripts/byext.py .
examples/scripts/byteyears.py
examples/scripts/checkpip.py -x
examples/scripts/cleanfuture.py -v sample.py
examples/scripts/combinerefs.py sample.txt
examples/scripts/copytime.py
examples/scripts/crlf.py crlf.txt
examples/scripts/db2pickle.py -x
examples/scripts/deepfreeze.py --help
examples/scripts/diff.py -n sample.txt other.txt
examples/scripts/diff.py -u missing other.txt
examples/scripts/diff.py --help
examples/scripts/dutree.py missing
examples/scripts/eptags.py sample.py
examples/scripts/finddiv.py sample.py
examples/scripts/finddiv.py -l sample.py
examples/scripts/findlinksto.py nothing .
examples/scripts/findnocoding.py app
examples/scripts/fixcid.py sample.c
examples/scripts/fixdiv.py sample.txt
examples/scripts/fixheader.py sample.h
examples/scripts/fixnotice.py sample.txt
examples/scripts/fixps.py sample.py
examples/scripts/freeze_modules.py --help
examples/scripts/generate_opcode_h.py
examples/scripts/generate_stdlib_module_names.py
examples/scripts/generate_token.py
examples/scripts/get-remote-certificate.py
examples/scripts/google.py
examples/scripts/gprof2html.py
examples/scripts/highlight.py sample.py
examples/scripts/highlight.py -a sample.py
examples/scripts/highlight.py -c sample.py
examples/scripts/highlight.py -l sample.py
examples/scripts/ifdef.py -DONE sample.h
examples/scripts/import_diagnostics.py
examples/scripts/lfcr.py crlf.txt
examples/scripts/linktree.py app copy
examples/scripts/lll.py .
examples/scripts/mailerdaemon.py missing
examples/scripts/make_ctype.py
examples/scripts/md5sum.py sample.txt
examples/scripts/md5sum.py -l sample.txt sample.json
examples/scripts/md5sum.py < sample.txt
examples/scripts/md5sum.py -z
examples/scripts/mkreal.py sample.txt
examples/scripts/ndiff.py sample.txt other.txt
examples/scripts/ndiff.py -q sample.txt other.txt
examples/scripts/ndiff.py -x
examples/scripts/nm2def.py
examples/scripts/objgraph.py -x
examples/scripts/parse_html5_entities.py --help-none
examples/scripts/parseentities.py < entities.txt
examples/scripts/pathfix.py -i /usr/bin/python3 sample.py
examples/scripts/pathfix.py
examples/scripts/pdeps.py sample.py app/inner.py
examples/scripts/pep384_macrocheck.py
examples/scripts/pickle2db.py -x
examples/scripts/pindent.py -c < sample.py
examples/scripts/pindent.py -d < sample.py
examples/scripts/ptags.py sample.py
examples/scripts/pysource.py
examples/scripts/reindent-rst.py sample.txt
examples/scripts/reindent.py -d -v sample.py
examples/scripts/reindent.py < tabs.py
examples/scripts/reindent.py -x
examples/scripts/rgrep.py a sample.txt
examples/scripts/rgrep.py "[" sample.txt
examples/scripts/smelly.py
examples/scripts/stable_abi.py --help
examples/scripts/startuptime.py
examples/scripts/suff.py sample.py sample.txt crlf.txt
examples/scripts/summarize_stats.py --help
examples/scripts/texi2html.py sample.texi out
examples/scripts/umarshal.py
examples/scripts/untabify.py -t 4 tabs.py
examples/scripts/update_file.py
examples/scripts/update_file.py --create new.txt sample.txt
examples/scripts/which.py sh
examples/scripts/which.py nothing-here
examples/scripts/win_add2path.py
"""

SAMPLES = {
    "sample.py": '''\
"""A module to look at."""
from __future__ import annotations
import os.path

LIMIT = 3


class Account:
    """Holds money."""

    rate = 0.5

    def __init__(self, owner, balance=0):
        self.owner, self.balance = owner, balance

    def grow(self, years: int) -> float:
        for _ in range(years):
            self.balance += self.balance * self.rate / LIMIT
        return self.balance


def main():
    account = Account("ann", 100)
    print(account.owner, round(account.grow(2), 3), [x ** 2 for x in range(LIMIT)])


if __name__ == "__main__":
    main()
''',
    "raises.py": "def fail(n):\n    return 1 // n\n\n\nprint('before')\nfail(0)\n",
    "broken.py": "def f(:\n    return (1,\n",
    "tabs.py": "if 1:\n\tx = 1\n\tif x:\n\t\ty = 2\nelse:\n        z = 3\n",
    "doctests.py": '"""\n>>> 1 + 1\n2\n>>> twice(2)\n5\n"""\n\n\ndef twice(x):\n    return 2 * x\n',
    "doctests.txt": "A text.\n\n>>> sorted({3, 1})\n[1, 3]\n>>> 1 / 0\nTraceback (most recent call last):\nZeroDivisionError: division by zero\n",
    "tests.py": "import unittest\n\n\nclass T(unittest.TestCase):\n    def test_one(self):\n"
                "        self.assertEqual(1, 1)\n\n    def test_two(self):\n"
                "        self.assertEqual(1, 2)\n",
    "sample.txt": "The quick brown fox\njumps over the l\xe4zy dog = 100%.\n\n  It's \"here\" and there.\n",
    "other.txt": "The quick red fox\njumps over the l\xe4zy dog = 100%.\n  It's \"here\" and there.\nThe end.\n",
    "crlf.txt": "one\r\ntwo\r\n",
    "names.txt": "sample.py\ntabs.py\n",
    "expression.txt": "a + b[1:2] ** f(*c, d=3)\n",
    "sample.json": '{"b": [1, 2.5, null, true], "a": {"x": "\\u00e9\\n"}}\n',
    "sample.b64": "aGVsbG8gd29ybGQK\n",
    "sample.qp": "caf=C3=A9 =3D tea=\n and more\n",
    "sample.uu": "begin 644 out.txt\n%:&5L;&\\`\n`\nend\n",
    "sample.c": "#include <stdio.h>\n/*[clinic input]\n[clinic start generated code]*/\n"
                "static int size = 3 / 2;\nint main(void) { return size; }\n",
    "sample.h": "#ifdef ONE\nint one;\n#else\nint other;\n#endif\n",
    "messages.po": 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
                   'msgid "yes"\nmsgstr "oui"\n',
    "entities.txt": '<!ENTITY nbsp   CDATA "&#160;" -- no-break space -->\n',
    "sample.texi": "\\input texinfo\n@setfilename sample.info\n@node Top\n@chapter One\nText.\n@bye\n",
    "stats.txt": "help\nstrip\nquit\n",
    "pdb.txt": "where\nstep\nnext\nlist\np 6 * 7\ncontinue\nquit\n",
    "code.txt": "x = 6\nprint(x * 7)\n1 / 0\ndef f():\n    return x\n\nf()\nexit(3)\n",
    "app/inner.py": "import sample\nVALUE = 7 // 2\n",
    "app/sample.py": "def main():\n    print('app')\n",
    "app2/inner.py": "VALUE = 8\n",
}


def arrange(line):
    """A case's script, arguments and the name of its input, or None."""
    words = shlex.split(line)
    if words[-2:-1] == ["<"]:
        return words[0], words[1:-2], words[-1]
    return words[0], words[1:], None


def write_samples(folder):
    """Put SAMPLES and some archives of them in `folder`."""
    for name, text in SAMPLES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    (folder / "sample.pickle").write_bytes(
        pickle.dumps({"a": [1, 2.5, None], "b": {"c": (b"d", True)}}, 4))
    (folder / "sample.txt.gz").write_bytes(
        gzip.compress(SAMPLES["sample.txt"].encode(), mtime=0))
    with zipfile.ZipFile(folder / "sample.zip", "w") as archive:
        for name in ("sample.py", "sample.txt"):
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), SAMPLES[name])
    with zipfile.ZipFile(folder / "app.pyz", "w") as archive:
        archive.writestr(zipfile.ZipInfo("__main__.py", (2020, 1, 1, 0, 0, 0)), "print('pyz')\n")
    with tarfile.open(folder / "sample.tar", "w") as archive:
        for name in ("sample.py", "sample.txt"):
            data = SAMPLES[name].encode()
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(data), 1577836800
            archive.addfile(member, io.BytesIO(data))
