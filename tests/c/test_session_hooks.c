#include "session/hooks.h"

#include "testing_session.h"

static int
prepare(void **state)
{
    if (testing_session_start(state) < 0)
        return -1;
    testing_execute(
        "class Odd:\n"
        "    def __repr__(self): raise LookupError(\"no repr\")\n"
        "def error():\n"
        "    try: 1 / 0\n"
        "    except ZeroDivisionError as e: return e\n"
        "def args(**given): return types.SimpleNamespace(**given)\n"
        "unraisable = lambda object: sys.unraisablehook(args(exc_value=error(), "
        "err_msg=None, object=object))\n"
        "import threading, _thread\n");
    return 0;
}

static void
an_exception_is_shown_with_its_traceback(void **state)
{
    testing_execute("e = error()\n"
                    "sys.excepthook(type(e), e, e.__traceback__)\n"
                    "del e");
    testing_check(
        "'ZeroDivisionError' in said.getvalue() and 'Traceback' in said.getvalue()");
}

static void
what_is_no_exception_is_refused(void **state)
{
    testing_execute("try: sys.excepthook(None, None, None)\n"
                    "except TypeError as e: refusal = str(e)");
    testing_check("'no exception' in refusal");
}

static void
a_thread_that_ends_with_one_is_named_and_systemexit_is_none(void **state)
{
    testing_execute(
        "threading.excepthook(args(exc_value=error(), thread=threading.current_thread()))\n"
        "once = said.getvalue()\n"
        "threading.excepthook(args(exc_value=SystemExit(), thread=None))");
    testing_check("'Exception in thread MainThread:' in once and said.getvalue() == once");
}

static void
an_object_that_can_not_be_shown_is_left_out(void **state)
{
    testing_execute("unraisable(Odd())");
    testing_check("said.getvalue().startswith('Exception ignored in:')");
}

/* Each is a piece of what extensions and cells do. */
static const char *const texts[] = {
    "e = error()\n"
    "sys.excepthook(type(e), e, e.__traceback__)\n"
    "del e",
    "unraisable(5)",
    "threading.excepthook(args(exc_value=error(), thread=None))",
};

TORTURED_TEXTS_TESTS(texts)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(an_exception_is_shown_with_its_traceback),
        SESSION_TEST(what_is_no_exception_is_refused),
        SESSION_TEST(a_thread_that_ends_with_one_is_named_and_systemexit_is_none),
        SESSION_TEST(an_object_that_can_not_be_shown_is_left_out),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, prepare, testing_session_stop);
}
