"""obj?, obj??, wildcards: what the prompt says of an object."""

CELLS = b'''\
def f(x, y=2):
    "what f does"
    return x

%s
'''


def said(program, line):
    done = program.run("-i", "-q", input=CELLS % line.encode())
    return done.stdout.decode() + done.stderr.decode()


def test_a_question_mark_shows_signature_type_and_docstring(program):
    text = said(program, "f?")
    assert "Signature: f(x, y=2)" in text
    assert "Type:      function" in text
    assert "Docstring: what f does" in text
    assert "return x" not in text


def test_two_question_marks_show_the_source(program):
    assert '    "what f does"\n    return x\n' in said(program, "f??")


def test_the_source_of_an_older_run_is_the_text_that_ran(program):
    script = program.folder / "s.py"
    script.write_text("def g():\n    return 'old text'\n")
    lines = ["%run s.py", "old = g", "open('s.py', 'w').write('x = 1\\n')", "%run s.py", "old??"]
    done = program.run("-i", "-q", input="\n".join(lines).encode())
    assert "return 'old text'" in done.stdout.decode()


def test_wildcards_list_the_names(program):
    text = said(program, "str.is*r?")
    assert "str.isalnum" not in text and "str.islower" in text


def test_a_magic_explains_itself(program):
    assert "FILE [ARGUMENTS]" in said(program, "%run?")


def test_an_unknown_name_is_one_line(program):
    text = said(program, "nosuch?")
    assert "no object nosuch" in text and "Traceback" not in text
