#include "session/failure.h"

#include "testing_session.h"

static int
prepare(void **state)
{
    if (testing_session_start(state) < 0)
        return -1;
    testing_execute("def handler(shell, type, value, traceback, tb_offset=None): "
                    "print(\"handled\", value)\n"
                    "def broken(*args, **options): raise LookupError(\"in the handler\")\n"
                    "def shown_by(function):\n"
                    "    ip.showtraceback = function\n"
                    "    ip.run_cell(\"1/0\")\n"
                    "    del ip.showtraceback\n");
    return 0;
}

static void
a_handler_is_called_for_its_classes_alone(void **state)
{
    testing_execute("ip.set_custom_exc((ZeroDivisionError,), handler)\n"
                    "ip.run_cell('1/0')\n"
                    "ip.run_cell('{}[1]')");
    testing_check("'handled division by zero' in shown.getvalue()");
    testing_check("'KeyError' in said.getvalue()");
}

static void
a_handler_that_fails_is_unset(void **state)
{
    testing_execute("ip.set_custom_exc((ZeroDivisionError,), broken)\n"
                    "ip.run_cell('1/0')\n"
                    "once = said.getvalue()\n"
                    "ip.run_cell('1/0')");
    testing_check("'is unset' in once and 'ZeroDivisionError' in once");
    testing_check("said.getvalue().count('is unset') == 1");
}

static void
a_showtraceback_of_somebody_elses_shows_the_error(void **state)
{
    testing_execute("shown_by(lambda *args, **options: print('mine', sys.exc_info()[1]))");
    testing_check("'mine division by zero' in shown.getvalue() and said.getvalue() == ''");
}

static void
one_that_fails_leaves_the_error_to_us(void **state)
{
    testing_execute("shown_by(broken)");
    testing_check(
        "'LookupError' in said.getvalue() and 'ZeroDivisionError' in said.getvalue()");
}

/* Each is a piece of what extensions and cells do. */
static const char *const texts[] = {
    "ip.set_custom_exc((ZeroDivisionError,), handler)\n"
    "ip.set_custom_exc((), None)",
    "try: 1/0\n"
    "except ZeroDivisionError: ip.showtraceback(tb_offset=0)",
    "try: 1/0\n"
    "except ZeroDivisionError: ip.get_exception_only(), ip._get_exc_info()",
};

TORTURED_TEXTS_TESTS(texts)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(a_handler_is_called_for_its_classes_alone),
        SESSION_TEST(a_handler_that_fails_is_unset),
        SESSION_TEST(a_showtraceback_of_somebody_elses_shows_the_error),
        SESSION_TEST(one_that_fails_leaves_the_error_to_us),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, prepare, testing_session_stop);
}
