"""Out is bounded, and the one owner of what it keeps."""
from conftest import Session


def prepare(session, size=None):
    session("import weakref", "made = weakref.WeakSet()")
    session("""
        class Big:
            def __init__(self): made.add(self)
            def __repr__(self): return "Big"
        """)
    if size is not None:
        session(f"get_ipython().cache_size = {size}")


def test_with_room_for_three_the_last_three_are_alive(session):
    prepare(session, 3)
    for _ in range(7):
        assert session("Big()").endswith("Big\n")
    last = session.number - 1
    assert session.value("len(made)") == 3
    assert session.value("sorted(Out)") == [last - 2, last - 1, last]
    assert session.value(f"'_{last - 3}' in globals(), '_{last}' in globals()") == (False, True)
    assert session.value(f"_ is Out[{last}], __ is Out[{last - 1}], ___ is Out[{last - 2}]") == (
        True, True, True)


def test_deleting_from_out_frees_at_once(session):
    prepare(session)
    session("Big()")
    number = session.number - 1
    session(f"del Out[{number}]")
    assert session.value("len(made)") == 0
    assert session.value(f"'_{number}' in globals(), _") == (False, "")


def test_resetting_out_frees_at_once(session):
    prepare(session)
    session("Big()", "Big()", "%reset out")
    assert session.value("len(made), len(Out)") == (0, 0)


def test_a_name_that_the_user_gave_keeps_what_out_forgot(session):
    prepare(session, 1)
    session("Big()", "mine = _", "1", "2")
    assert session.value("len(made)") == 1
    session("del mine")
    session("3", "4")
    assert session.value("len(made)") == 0


def test_large_outputs_push_out_the_older_ones(session):
    session("""
        class Sized(bytearray):
            def __repr__(self): return "Sized"
        """)
    session("'small'", "Sized(100 << 20)")
    assert session.value("len(Out)") == 2
    session("Sized(200 << 20)")
    assert session.value("[type(value).__name__ for value in Out.values()]") == ["Sized"]


def test_a_smaller_cache_takes_effect_at_once(session):
    session("1", "2", "3", "get_ipython().cache_size = 1")
    assert session.value("len(Out)") == 1
    assert "Traceback" in session("get_ipython().cache_size = 'many'")


def test_what_is_shown_is_the_same_with_a_small_cache(start):
    cells = ["'text'", "[1] * 40", "None", "print('x')", "_", "___", "{}", "'end'", "_7"]
    small, plain = start(Session), start(Session)
    small("get_ipython().cache_size = 3"), plain("1;")
    shown = [(small(cell), plain(cell)) for cell in cells]
    assert all(one == other for one, other in shown), shown
