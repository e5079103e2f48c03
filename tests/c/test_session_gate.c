#include "session/gate.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "py/ref.h"
#include "testing_python.h"

static int ends[2];

static int
start(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    testing_execute("import _signal");
    return pipe(ends);
}

static void
it_is_ready_once_a_descriptor_is(void **state)
{
    SessionGate g;
    assert_int_equal(session_gate_open(&g, ends, 1), 0);
    session_gate_wait(&g, 0);
    assert_false(session_gate_look(&g));
    assert_int_equal(write(ends[1], "x", 1), 1);
    session_gate_wait(&g, -1);
    assert_true(session_gate_look(&g));
    assert_false(g.signaled);
    session_gate_close(&g);
    char byte;
    assert_int_equal(read(ends[0], &byte, 1), 1);
}

static void
a_signal_ends_the_wait_and_goes_to_who_waited_for_it_before(void **state)
{
    int outer[2];
    assert_int_equal(pipe2(outer, O_NONBLOCK), 0);
    AUTO_DECREF PyObject *number = PyLong_FromLong(outer[1]);
    assert_int_equal(PyDict_SetItemString(testing_namespace(), "outer", number), 0);
    testing_execute("_signal.set_wakeup_fd(outer)\n"
                    "_signal.signal(_signal.SIGUSR1, lambda *a: None)\n");
    SessionGate g;
    assert_int_equal(session_gate_open(&g, ends, 1), 0);
    assert_int_equal(raise(SIGUSR1), 0);
    session_gate_wait(&g, -1);
    assert_false(session_gate_look(&g));
    assert_true(g.signaled);
    session_gate_close(&g);
    char byte = 0;
    assert_int_equal(read(outer[0], &byte, 1), 1);
    assert_int_equal(byte, SIGUSR1);
    testing_check("_signal.set_wakeup_fd(-1) == outer");
    close(outer[0]);
    close(outer[1]);
}

static void
a_wakeup_descriptor_that_was_set_meanwhile_stays(void **state)
{
    SessionGate g;
    assert_int_equal(session_gate_open(&g, ends, 1), 0);
    testing_execute("import os\nfor_signals = os.pipe2(os.O_NONBLOCK)\n"
                    "_ = _signal.set_wakeup_fd(for_signals[1])");
    session_gate_close(&g);
    testing_check("_signal.set_wakeup_fd(-1) == for_signals[1]");
    testing_execute("for each in for_signals: os.close(each)");
}

static void
a_tick_ends_the_wait_once(void **state)
{
    SessionGate g;
    assert_int_equal(session_gate_open(&g, ends, 1), 0);
    session_gate_tick(&g, 0);
    session_gate_wait(&g, -1);
    assert_false(session_gate_look(&g));
    session_gate_tick(&g, -1);
    session_gate_wait(&g, 0);
    assert_false(session_gate_look(&g) || g.signaled);
    session_gate_close(&g);
}

static void
a_file_is_always_ready(void **state)
{
    testing_write("file", "text");
    int fd = open("file", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    SessionGate g;
    assert_int_equal(session_gate_open(&g, &fd, 1), 0);
    session_gate_wait(&g, -1);
    assert_true(session_gate_look(&g));
    session_gate_close(&g);
    close(fd);
}

static int
open_and_close(void)
{
    SessionGate g;
    if (session_gate_open(&g, ends, 1) < 0) {
        assert_int_equal(g.fd, -1);
        return -1;
    }
    session_gate_close(&g);
    return 0;
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(open_and_close);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    NO_REFLEAK_TORTURED(open_and_close);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_ready_once_a_descriptor_is),
        cmocka_unit_test(a_signal_ends_the_wait_and_goes_to_who_waited_for_it_before),
        cmocka_unit_test(a_wakeup_descriptor_that_was_set_meanwhile_stays),
        cmocka_unit_test(a_tick_ends_the_wait_once),
        cmocka_unit_test(a_file_is_always_ready),
        cmocka_unit_test(survives_every_failed_allocation),
        cmocka_unit_test(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, start, testing_stop);
}
