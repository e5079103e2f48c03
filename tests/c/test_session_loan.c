#include "session/loan.h"

#include <sys/stat.h>
#include <unistd.h>

#include "testing_session.h"

static int ends[2];
static SessionGate gate;
static SessionLoan loan;

static int
start(void **state)
{
    return pipe(ends) < 0 ? -1 : testing_session_start(state);
}

/* Whether descriptor 0 and the C library's `stdin` lead to the same as the descriptors. */
static bool
leads_to(int zero, int in)
{
    struct stat a, b, c, d;
    return fstat(STDIN_FILENO, &a) == 0 && fstat(zero, &b) == 0 && a.st_ino == b.st_ino
           && fstat(fileno(stdin), &c) == 0 && fstat(in, &d) == 0 && c.st_ino == d.st_ino
           && S_ISFIFO(a.st_mode) == S_ISFIFO(b.st_mode);
}

/* Have a pipe as standard input, and a hook called. */
static int
enter(void)
{
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    if (session_gate_open(&gate, ends, 1) < 0)
        return -1;
    session_loan_watch(session);
    session->waits++;
    session_loan_enter(session, &loan, &gate);
    return 0;
}

static void
leave(void)
{
    session_loan_leave(session, &loan);
    session->waits--;
    session_gate_close(&gate);
}

static void
it_leads_to_the_gate_until_the_hook_is_over(void **state)
{
    FILE *before = stdin;
    assert_int_equal(enter(), 0);
    assert_true(leads_to(gate.fd, gate.fd));
    assert_false(leads_to(ends[0], ends[0]));
    leave();
    assert_true(leads_to(ends[0], ends[0]));
    assert_ptr_equal(stdin, before);
}

/* For the tests' Python: what descriptor 0 is. */
static void
define(void)
{
    testing_execute("import io, stat, subprocess\n"
                    "def is_pipe(): return stat.S_ISFIFO(os.fstat(0).st_mode)\n");
}

static void
what_asks_has_it_until_it_goes_on(void **state)
{
    define();
    assert_int_equal(enter(), 0);
    testing_execute("class In(io.StringIO):\n"
                    "    def readline(self, *a): seen.append(is_pipe()); return 'x\\n'\n"
                    "seen, sys.stdin = [is_pipe()], In()\n"
                    "input()\nseen.append(is_pipe())\nsys.stdin = sys.__stdin__");
    testing_check("seen == [False, True, False]");
    testing_execute("seen = [subprocess.call(['test', '-p', '/dev/stdin']), is_pipe()]");
    testing_check("seen == [0, False]");
    testing_execute("seen = [os.system('test -p /dev/stdin'), is_pipe()]");
    testing_check("seen == [0, False]");
    leave();
    testing_check("is_pipe()");
}

static void
a_forked_child_keeps_it(void **state)
{
    define();
    assert_int_equal(enter(), 0);
    testing_execute("pid = os.fork()\nif pid == 0: os._exit(10 + is_pipe())\n"
                    "status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])");
    testing_check("(status, is_pipe()) == (11, False)");
    leave();
}

static void
a_wait_within_has_it_to_its_end(void **state)
{
    define();
    assert_int_equal(enter(), 0);
    SessionLoan *outer = session_loan_pause(session);
    testing_check("is_pipe()");
    session_loan_go_on(session, outer);
    testing_check("not is_pipe()");
    leave();
}

static int
lend_once(void)
{
    if (enter() < 0)
        return -1;
    SessionLoan *outer = session_loan_pause(session);
    session_loan_go_on(session, outer);
    leave();
    return 0;
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(lend_once);
    assert_true(leads_to(ends[0], ends[0]));
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    NO_REFLEAK_TORTURED(lend_once);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(it_leads_to_the_gate_until_the_hook_is_over),
        SESSION_TEST(what_asks_has_it_until_it_goes_on),
        SESSION_TEST(a_forked_child_keeps_it),
        SESSION_TEST(a_wait_within_has_it_to_its_end),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, start, testing_session_stop);
}
