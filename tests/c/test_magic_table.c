#include "magic/table.h"

#include <string.h>

#include "testing_session.h"

static const char *magic_name;
static const char *magic_line;

/* That it was called wrongly is what some are to say. */
static int
call_magic(void)
{
    AUTO_DECREF PyObject *value = testing_magic(magic_name, magic_line);
    if (value != NULL || !PyErr_ExceptionMatches(session->usage_error))
        return value == NULL ? -1 : 0;
    PyErr_Clear();
    return 0;
}

typedef struct Called {
    const char *name;
    const char *line;
} Called;

static const Called called[] = {
    { "who", "" },
    { "who", "int str" },
    { "whos", "" },
    { "lsmagic", "" },
    { "pwd", "" },
    { "cd", "nowhere" },
    { "env", "HOME" },
    { "env", "TESTING=1" },
    { "xmode", "Context" },
    { "xmode", "Plain" },
    { "tb", "" },
    { "tb", "--free" },
    { "runs", "" },
    { "reset", "in out" },
    { "reset", "-f" },
    { "psearch", "p*" },
    { "pinfo", "who" },
    { "time", "1 + 1" },
    { "load_ext", "nowhere" },
    { "unload_ext", "nowhere" },
    { "cd", "-" },
};

/* A script that ends holds nothing; the ledger remembers some facts of each run. */
static const Called runs[] = {
    { "run", "s.py a '*' $px" }, { "run", "-t -N2 s.py" }, { "run", "-p -q s.py" },
    { "run", "nowhere.py" },     { "run", "-z s.py" },
};

static void
names_are_in_alphabetical_order_and_found(void **state)
{
    for (size_t i = 0; magic_table[i] != NULL; i++) {
        const char *name = magic_table[i]->name;
        assert_ptr_equal(magic_find(session, name, strlen(name)), magic_table[i]);
        if (i > 0)
            assert_true(strcmp(magic_table[i - 1]->name, name) < 0);
    }
}

static void
with(const Called *c, void (*test)(const char *name, TestingFunction function))
{
    testing_write("s.py", "x = 1\n");
    testing_execute("p.update(px=1, pword='word', plist=[1], os=os, pf=lambda: 0)");
    magic_name = c->name;
    magic_line = c->line;
    test(c->name, call_magic);
}

static void
each_survives_every_failed_allocation(void **state)
{
    for (size_t i = 0; i < COUNT_OF(called); i++)
        with(&called[i], testing_torture);
    for (size_t i = 0; i < COUNT_OF(runs); i++)
        with(&runs[i], testing_torture);
}

/* The ledger is full of runs like it: it forgets one for each that it adds. */
static void
run_without_leak(const char *name, TestingFunction function)
{
    for (int i = 0; i <= RUN_LEDGER_FREED; i++)
        assert_int_equal(function(), 0);
    testing_no_refleak(name, function);
}

static void
none_leaks_a_reference_when_it_fails(void **state)
{
    for (size_t i = 0; i < COUNT_OF(called); i++)
        with(&called[i], testing_no_refleak_tortured);
    for (size_t i = 0; i < COUNT_OF(runs); i++)
        with(&runs[i], run_without_leak);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(names_are_in_alphabetical_order_and_found),
        SESSION_TEST(each_survives_every_failed_allocation),
        SESSION_TEST(none_leaks_a_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, testing_session_start, testing_session_stop);
}
