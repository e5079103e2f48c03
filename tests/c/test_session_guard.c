#include "session/guard.h"

#include <fcntl.h>
#include <unistd.h>

#include "testing_session.h"

/* What `statements` do to the process, put back. */
static void
guard(const char *statements, bool script)
{
    SessionGuard g;
    session_guard_enter(&g);
    testing_execute(statements);
    session_guard_leave(session, &g, script);
    assert_null(PyErr_Occurred());
}

static void
what_a_script_replaced_is_put_back_and_named(void **state)
{
    guard("hook = sys.excepthook\nsys.excepthook = len\nsys.settrace(lambda *a: None)\n"
          "sys.stdout = io.StringIO()",
          true);
    testing_check("sys.excepthook is hook and sys.gettrace() is None");
    testing_check("sys.stdout is shown");
    testing_check("said.getvalue().startswith('put back after the run: ')");
    testing_check("'sys.excepthook' in said.getvalue() and 'trace' in said.getvalue()");
}

static void
a_cell_may_replace_the_hooks_but_not_ctrl_c(void **state)
{
    guard(
        "import signal\nsys.excepthook = len\nsignal.signal(signal.SIGINT, signal.SIG_IGN)",
        false);
    testing_check("sys.excepthook is len");
    testing_execute("sys.excepthook = hook");
    testing_check("signal.getsignal(signal.SIGINT) is signal.default_int_handler");
    testing_check("said.getvalue() == 'put back after the cell: Ctrl-C\\n'");
}

static void
a_descriptor_is_the_same_file_again(void **state)
{
    guard("null = os.open('/dev/null', os.O_RDONLY); was = os.fstat(0)\n"
          "other = os.open('.', os.O_RDONLY); os.dup2(other, 0)\n"
          "os.close(null); os.close(other)",
          true);
    testing_check("os.path.samestat(os.fstat(0), was)");
    testing_check("'descriptor 0' in said.getvalue()");
}

static void
nothing_is_said_where_nothing_changed(void **state)
{
    guard("pass", true);
    testing_check("said.getvalue() == ''");
}

static int
disturb_and_restore(void)
{
    SessionGuard g;
    session_guard_enter(&g);
    long paused = testing_pause();
    testing_execute("sys.excepthook = len; sys.stdout = io.StringIO()");
    testing_resume(paused);
    session_guard_leave(session, &g, true);
    paused = testing_pause();
    assert_null(PyErr_Occurred());
    testing_execute("sys.excepthook = hook; sys.stdout = shown");
    testing_resume(paused);
    return 0;
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(disturb_and_restore);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    NO_REFLEAK_TORTURED(disturb_and_restore);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(what_a_script_replaced_is_put_back_and_named),
        SESSION_TEST(a_cell_may_replace_the_hooks_but_not_ctrl_c),
        SESSION_TEST(a_descriptor_is_the_same_file_again),
        SESSION_TEST(nothing_is_said_where_nothing_changed),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, testing_session_start, testing_session_stop);
}
