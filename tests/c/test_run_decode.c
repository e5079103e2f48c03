#include "run/decode.h"

#include <string.h>

#include "py/exc.h"
#include "testing_python.h"

static PyObject *path;
static const char *bytes;
static bool refused;

static int
start(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    path = testing_text("/f/s.py");
    return 0;
}

static int
stop(void **state)
{
    Py_CLEAR(path);
    return testing_stop(state);
}

static PyObject *
decode(const char *text)
{
    refused = false;
    return run_decode(path, text, strlen(text), 1, &refused);
}

static void
decodes_to(const char *text, const char *expected)
{
    AUTO_DECREF PyObject *decoded = decode(text);
    assert_non_null(decoded);
    assert_string_equal(PyUnicode_AsUTF8(decoded), expected);
}

static void
source_is_decoded_as_it_says(void **state)
{
    decodes_to("x = '\u00e9'", "x = '\u00e9'");
    decodes_to("\xef\xbb\xbfx", "x");
    decodes_to("# coding: latin-1\n'\xe9'", "# coding: latin-1\n'\u00e9'");
}

static void
is_refused(const char *text, PyObject *type, const char *place)
{
    AUTO_DECREF PyObject *decoded = decode(text);
    assert_null(decoded);
    assert_true(refused);
    assert_true(PyErr_ExceptionMatches(type));
    AUTO_DECREF PyObject *error = exc_take();
    AUTO_DECREF PyObject *message = PyObject_Str(error);
    assert_non_null(strstr(PyUnicode_AsUTF8(message), place));
}

static void
what_is_no_text_is_refused_with_its_place(void **state)
{
    is_refused("x = 1\n'\xff'", PyExc_ValueError, "line 2");
    is_refused("# coding: nowhere\n", PyExc_LookupError, "nowhere");
    AUTO_DECREF PyObject *nul = run_decode(path, "a\0b", 3, 1, &refused);
    assert_null(nul);
    testing_raised(PyExc_ValueError);
}

static int
decode_again(void)
{
    AUTO_DECREF PyObject *decoded = decode(bytes);
    return decoded == NULL ? -1 : 0;
}

static int
refuse_again(void)
{
    AUTO_DECREF PyObject *decoded = decode(bytes);
    if (decoded != NULL || !PyErr_ExceptionMatches(PyExc_ValueError))
        return -1;
    PyErr_Clear();
    return 0;
}

static void
survives_every_failed_allocation(void **state)
{
    bytes = "# coding: latin-1\n'\xe9'";
    TORTURE(decode_again);
    bytes = "x = 1\n'\xff'";
    TORTURE(refuse_again);
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    bytes = "# coding: latin-1\n'\xe9'";
    NO_REFLEAK_TORTURED(decode_again);
    bytes = "x = 1\n'\xff'";
    NO_REFLEAK_TORTURED(refuse_again);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(source_is_decoded_as_it_says),
        cmocka_unit_test(what_is_no_text_is_refused_with_its_place),
        cmocka_unit_test(survives_every_failed_allocation),
        cmocka_unit_test(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
