"""Errors from the text that ran, in the mode that the user chose."""


def test_context_shows_the_lines_around_each_frame(session, write):
    write("s.py", "# one\n# two\ndef f():\n    # before\n    1 / 0\n    # after\n")
    session("%xmode Context", "%run s.py")
    text = session("f()")
    assert "        4     # before\n" in text
    assert "--->    5     1 / 0\n" in text
    assert "        6     # after\n" in text
    assert text.endswith("ZeroDivisionError: division by zero\n")


def test_context_shows_causes_the_same_way(session):
    session("%xmode Context")
    session("""
        def f():
            try:
                1 / 0
            except ZeroDivisionError as error:
                raise ValueError("outer") from error
        """)
    text = session("f()")
    assert text.count("--->") == 3 and "direct cause" in text


def test_minimal_is_the_last_line(session):
    session("%xmode Minimal")
    assert session("1 / 0") == "ZeroDivisionError: division by zero\n"


def test_an_unknown_mode_is_one_line_and_changes_nothing(session):
    assert session("%xmode Loud").startswith("UsageError: %xmode: no mode Loud")
    assert session("%xmode") == "errors are shown in mode Plain\n"


def test_tb_shows_the_last_error_again_in_any_mode(session):
    session("1 / 0")
    assert session("%tb Minimal") == "ZeroDivisionError: division by zero\n"
    assert '  File "<cell 1>", line 1, in <module>\n' in session("%tb")


def test_tb_free_lets_go_of_what_the_frames_hold(session, write):
    write("s.py", """\
        import weakref, builtins
        class Big: pass
        def fail():
            big = Big()
            builtins.seen = weakref.ref(big)
            raise RuntimeError
        fail()
        """)
    session("%run s.py")
    assert session.value("seen() is None") is False
    session("%tb --free")
    assert session.value("seen() is None") is True
    assert session("%tb") == "no error to show: none since the last run\n"


def test_an_error_in_a_thread_is_shown_from_the_text_that_ran(session, write):
    write("s.py", "import threading\ngo = threading.Event()\ndef work():\n    go.wait()\n"
                  "    raise RuntimeError('late')  # as it ran\n"
                  "t = threading.Thread(target=work)\nt.start()\n")
    session("%run s.py", "thread, gone = t, go")
    write("s.py", "# edited\n" * 20)
    text = session("gone.set(); thread.join()")
    assert "raise RuntimeError('late')  # as it ran" in text


def test_an_error_in_a_finalizer_is_shown_from_the_text_that_ran(session, write):
    write("s.py", "class A:\n    def __del__(self):\n        raise RuntimeError('gone')  # as it ran\n"
                  "a = A()\n")
    session("%run s.py", "mine = a", "del a")
    write("s.py", "# edited\n" * 20)
    text = session("del mine")
    assert "Exception ignored in" in text and "# as it ran" in text


def test_tb_says_how_much_the_frames_hold(session, write):
    write("bad.py", """\
        def inner(data):
            copy, small = bytearray(5 << 20), data[:1]
            1 / 0
        def outer():
            data = bytes(100 << 20)
            try:
                inner(data)
            except ZeroDivisionError:
                raise KeyError("second")
        outer()
        """)
    session("%run bad.py")
    held = "held by 3 frames: at least 105 MB; %tb --free lets go of it\n"
    assert session("%tb").endswith(held) and session("%tb Minimal").endswith(held)
    session("1 / 0")
    assert "held" not in session("%tb")
