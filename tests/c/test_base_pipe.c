#include "base/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "testing.h"

static void
close_both(const Pipe *p)
{
    assert_int_equal(close(p->ends[0]), 0);
    assert_int_equal(close(p->ends[1]), 0);
}

static void
a_pipe_that_is_whole_stays(void **state)
{
    Pipe p = { 0 };
    assert_false(pipe_has(&p, 0));
    assert_int_equal(pipe_open(&p), 0);
    const Pipe before = p;
    assert_int_equal(pipe_open(&p), 0);
    assert_memory_equal(&p, &before, sizeof p);
    close_both(&p);
}

static void
what_others_have_in_its_place_is_left_alone(void **state)
{
    Pipe p = { 0 };
    assert_int_equal(pipe_open(&p), 0);
    int number = p.ends[1];
    close_both(&p);
    int other = open("/dev/null", O_WRONLY);
    assert_int_equal(dup2(other, number), number);
    assert_false(pipe_has(&p, 1));
    assert_int_equal(pipe_open(&p), 0);
    assert_true(pipe_has(&p, 0) && pipe_has(&p, 1));
    assert_int_equal(write(number, "x", 1), 1);  // it is open
    close_both(&p);
    if (other != number && other != p.ends[0] && other != p.ends[1])
        (void)close(other);
    (void)close(number);
}

static void
without_descriptors_there_is_none(void **state)
{
    struct rlimit before;
    Pipe p = { 0 };
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    const struct rlimit none = { .rlim_max = before.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int r = pipe_open(&p);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(r, -EMFILE);
    assert_false(pipe_has(&p, 0) || pipe_has(&p, 1));
    assert_int_equal(pipe_open(&p), 0);
    close_both(&p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pipe_that_is_whole_stays),
        cmocka_unit_test(what_others_have_in_its_place_is_left_alone),
        cmocka_unit_test(without_descriptors_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
