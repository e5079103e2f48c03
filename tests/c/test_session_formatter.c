#include "session/formatter.h"

#include "testing_session.h"

static int
prepare(void **state)
{
    if (testing_session_start(state) < 0)
        return -1;
    testing_execute("class Point:\n"
                    "    x = 3\n"
                    "def write(point, printer, cycle):\n"
                    "    with printer.group(1, \"P(\", \")\"):\n"
                    "        printer.text(\"x=\")\n"
                    "        printer.pretty(point.x)\n"
                    "plain = lambda: ip.display_formatter.formatters[\"text/plain\"]\n"
                    "def refused(function, *args):\n"
                    "    try: function(*args)\n"
                    "    except (KeyError, TypeError, ValueError) as e: return type(e)\n");
    return 0;
}

static void
a_printer_is_found_for_a_class_and_those_below_it(void **state)
{
    testing_execute("plain().for_type(Point, write)\n"
                    "class Below(Point): pass");
    testing_check("plain()(Below()) == 'P(x=3)'");
    testing_check("plain().lookup(Point()) is write");
}

static void
a_class_that_need_not_be_there_is_known_by_name(void **state)
{
    testing_execute("plain().for_type('test.Point', write)");
    testing_check("plain()(Point()) == 'P(x=3)'");
    testing_check("plain().pop('test.Point') is write");
    testing_check("plain().deferred_printers == {}");
}

static void
what_is_not_registered_is_a_key_error(void **state)
{
    testing_check("refused(plain().lookup, Point()) is KeyError");
    testing_check("refused(plain().pop, Point) is KeyError");
    testing_check("refused(plain().for_type, Point, 5) is TypeError");
    testing_check("refused(plain().for_type, 'Point', write) is ValueError");
    testing_check("plain().pop(Point, None) is None");
}

static void
what_is_formatted_is_what_would_be_shown(void **state)
{
    testing_execute("plain().for_type(int, lambda v, p, c: p.text(hex(v)))");
    testing_check("ip.display_formatter.format(255) == ({'text/plain': '0xff'}, {})");
    testing_check("ip.display_formatter.format(255, exclude=['text/plain']) == ({}, {})");
}

/* Each is a piece of what extensions and cells do. */
static const char *const texts[] = {
    "plain().for_type(Point, write)\n"
    "plain().lookup_by_type(Point)\n"
    "plain().pop(Point)",
    "plain().for_type_by_name('test', 'Point', write)\n"
    "plain().for_type('test.Point')",
    "ip.display_formatter.format([1], include=['text/plain'])",
    "ip.display_formatter.active_types",
};

TORTURED_TEXTS_TESTS(texts)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(a_printer_is_found_for_a_class_and_those_below_it),
        SESSION_TEST(a_class_that_need_not_be_there_is_known_by_name),
        SESSION_TEST(what_is_not_registered_is_a_key_error),
        SESSION_TEST(what_is_formatted_is_what_would_be_shown),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, prepare, testing_session_stop);
}
